//! What a command changes in an Incident, and what it says. Pure.

use anyhow::{bail, ensure};
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::{ReportStage, TriageResult};
use landfall_transfer_law::Language;
use serde_json::Value;

use super::super::{
    Incident,
    cluster::Kubectl,
    harmless::{line, word},
    incidents,
    standing::{STAGES, Stage, Standing},
    words::{self, Words},
};

/// What a command comes to.
#[derive(Debug)]
pub(super) enum Step {
    /// It stands there already.
    Nothing(String),
    /// It is to be written.
    Write {
        change: Change,
        /// What is said once it is.
        text: String,
    },
}

/// A change of `spec`. It is made in the object as the cluster holds it, so that nothing is lost that this version does
/// not know.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// A field gets this value.
    Field(&'static str, Value),
    /// A report of that name gets these fields, or is added with them.
    Report { name: String, fields: Value },
}

/// An instant as a person gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// When the command is carried out.
    Now,
    /// That one.
    Then(Timestamp),
}

/// What a command writes down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    Triage(TriageResult),
    Report(ReportStage),
    Closing,
}

/// For whom and when.
pub(super) struct Page {
    pub(super) words: Words,
    pub(super) zone: TimeZone,
    pub(super) now: Timestamp,
    pub(super) kubectl: Kubectl,
}

impl Change {
    /// The part of `spec` that is written for it, from `spec` as the cluster holds it.
    pub(super) fn applied(&self, spec: &Value) -> Value {
        match self {
            Self::Field(field, value) => serde_json::json!({ *field: value }),
            Self::Report { name, fields } => {
                let mut reports = spec["reports"].as_array().cloned().unwrap_or_default();
                let there = reports.iter_mut().find(|report| report["name"] == name.as_str());
                match (there.and_then(Value::as_object_mut), fields.as_object()) {
                    (Some(report), Some(fields)) => report.extend(fields.clone()),
                    _ => reports.push(fields.clone()),
                }
                serde_json::json!({ "reports": reports })
            }
        }
    }
}

impl At {
    /// Reads `now` or an instant of RFC 3339.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        text.parse().map(Self::Then).map_err(|_| {
            "expected now, or an instant with its zone such as 2026-11-23T12:00:00Z or 2026-11-23T13:00:00+01:00"
                .to_owned()
        })
    }

    /// The instant, not before the breach was known and not in the future.
    pub(super) fn within(self, flag: &str, incident: &Incident, page: &Page) -> anyhow::Result<Timestamp> {
        let known = since(incident);
        let at = match self {
            // Whole seconds, as people write them.
            Self::Now => Timestamp::from_second(page.now.as_second()).unwrap_or(page.now).max(known),
            Self::Then(at) => at,
        };
        ensure!(at <= page.now.max(known), "{flag} {}: it lies in the future", page.instant(at));
        if at < known {
            bail!(
                "{flag} {}: it lies before the breach was known, {}, from which its clocks run; nothing would count by it",
                page.instant(at),
                page.instant(known)
            );
        }
        Ok(at)
    }
}

/// From when the clocks of an Incident run: of one that came back, from its return.
pub(super) fn since(incident: &Incident) -> Timestamp {
    let status = incident.status.as_ref();
    let clock = status.and_then(|status| status.first_report.as_ref().or(status.full_report.as_ref()));
    clock.map_or(incident.spec.first_awareness, |clock| clock.started)
}

/// A text that says something, without what stands around it. What is shown in its place in commands says nothing.
pub(super) fn said(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || ["WHAT", "WHY", "WHY-IT-SUFFICES", "OFFICE"].contains(&text) {
        return Err("expected a text of your own".to_owned());
    }
    Ok(text.to_owned())
}

impl Page {
    pub(super) fn say(&self, english: &'static str, german: &'static str) -> &'static str {
        self.words.say(english, german)
    }

    pub(super) fn instant(&self, at: Timestamp) -> String {
        words::instant(at, &self.zone)
    }

    /// `Incident NAMESPACE/NAME`.
    pub(super) fn title(incident: &Incident) -> String {
        let (namespace, name) = incidents::named(incident);
        format!("Incident {}", line(&format!("{namespace}/{name}"), 320))
    }

    /// Before what a dry run says.
    pub(super) fn dry(&self) -> &'static str {
        self.say(
            "dry run: the API server takes it, and nothing was written",
            "Probelauf: der API-Server nimmt es an, nichts ist geschrieben",
        )
    }

    /// What is to be done next.
    pub(super) fn next(&self, incident: &Incident, after: After) -> String {
        let (namespace, name) = incidents::named(incident);
        let (namespace, name) = (word(&namespace), word(&name));
        let kubectl = &self.kubectl;
        let counts = |at: Timestamp| at >= since(incident);
        let written = incident.spec.triage.as_ref().filter(|triage| counts(triage.at)).map(|triage| triage.result);
        let triage = if let After::Triage(result) = after { Some(result) } else { written };
        let is_breach = triage != Some(TriageResult::NoBreach);
        let is_closed = after == After::Closing || incident.spec.closing.as_ref().is_some_and(|it| counts(it.at));
        let close = || {
            kubectl.plugin(format_args!(
                "incident close {name} -n {namespace} --measures WHAT --reasoning WHY-IT-SUFFICES --by OFFICE"
            ))
        };
        if is_closed && !is_breach {
            return self.say("nothing is owed any more", "es ist nichts mehr offen").to_owned();
        }
        if !is_breach {
            let until =
                self.say("its clocks run until it is closed, too", "die Fristen laufen, bis er auch geschlossen ist");
            return format!("{until}\n  {}", close());
        }
        let is_sent = |stage: Stage| match after {
            After::Report(ReportStage::FullReport) => true,
            After::Report(ReportStage::FirstStatus) => stage == Stage::First,
            After::Report(ReportStage::Supplement) | After::Triage(_) | After::Closing => false,
        };
        let standing = |stage: Stage| stage.standing(incident, self.now);
        // Of two that are overdue the full one counts as both.
        let is_late = matches!(standing(Stage::Full), Standing::Overdue { .. });
        let is_owed = |stage: &Stage| !is_sent(*stage) && standing(*stage).due().is_some();
        let owed = STAGES.into_iter().find(|stage| is_owed(stage) && (!is_late || *stage == Stage::Full));
        if let Some(stage) = owed {
            let told = standing(stage).told(self.words, self.now, |at| self.instant(at));
            let still = self.say("still to be sent", "noch zu senden");
            return format!(
                "{still}: {}, {told}\n  {}",
                stage.named(self.words),
                report_command(&name, &namespace, stage, kubectl)
            );
        }
        match standing(Stage::First) {
            _ if is_closed => self.say("nothing is owed any more", "es ist nichts mehr offen").to_owned(),
            Standing::NotStarted if triage.is_none() => format!(
                "{}\n  {}",
                self.say(
                    "its clocks start when a person has looked at it",
                    "die Fristen beginnen, wenn ein Mensch es geprüft hat"
                ),
                kubectl.plugin(format_args!(
                    "incident triage {name} -n {namespace} --result breach --reasons WHY --by OFFICE"
                ))
            ),
            Standing::NotStarted | Standing::NotSaid => format!(
                "{}\n  {}",
                self.say("when its reports are due", "wann die Meldungen fällig sind"),
                kubectl.plugin(format_args!("deadlines -n {namespace}"))
            ),
            _ => format!(
                "{}\n  {}",
                self.say("it is open until it is closed", "er ist offen, bis er geschlossen wird"),
                close()
            ),
        }
    }

    /// That `what` stands there and says something else.
    pub(super) fn differs(incident: &Incident, what: &str) -> anyhow::Error {
        anyhow::anyhow!("{}: {what}; nothing was changed. --replace writes it anew", Self::title(incident))
    }

    pub(super) fn language(&self) -> Language {
        self.words.0
    }
}

/// The command that records that a report was sent.
pub(in super::super) fn report_command(name: &str, namespace: &str, stage: Stage, kubectl: &Kubectl) -> String {
    kubectl.plugin(format_args!("incident report {name} -n {namespace} --{} --sent-at now", stage.name()))
}
