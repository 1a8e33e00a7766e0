//! The change that a command makes to an Incident, and the message about it. Pure.

use anyhow::{bail, ensure};
use jiff::Timestamp;
use landfall_api::{ReportStage, TriageResult};
use serde_json::Value;

use super::super::{
    Incident,
    cluster::Kubectl,
    context::{DisplayContext, incident_title, namespaced_name},
    report_state::{ReportState, RequiredReport},
    sanitize::shell_word,
};

/// What a command is going to do.
#[derive(Debug)]
pub(super) enum Plan {
    /// Nothing: the Incident already says so.
    Unchanged(String),
    /// Write a change.
    Write {
        change: Change,
        /// The message once it is written.
        text: String,
    },
}

/// A change of `spec`. It is applied to the object as the API server returned it, so that fields which this version does
/// not know are kept.
#[derive(Debug, PartialEq)]
pub(super) enum Change {
    /// Sets a field.
    Field(&'static str, Value),
    /// Sets fields of the report of this name, or adds it.
    Report { name: String, fields: Value },
}

/// An instant as it is given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InstantOption {
    /// The time of the command.
    Now,
    At(Timestamp),
}

/// What a command records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Triage(TriageResult),
    Report(ReportStage),
    Closing,
}

impl Change {
    /// The part of `spec` to write, made from the current `spec`.
    pub(super) fn apply_to(&self, spec: &Value) -> Value {
        match self {
            Self::Field(field, value) => serde_json::json!({ *field: value }),
            Self::Report { name, fields } => {
                let mut reports = spec["reports"].as_array().cloned().unwrap_or_default();
                let existing = reports.iter_mut().find(|report| report["name"] == name.as_str());
                match (existing.and_then(Value::as_object_mut), fields.as_object()) {
                    (Some(report), Some(fields)) => report.extend(fields.clone()),
                    _ => reports.push(fields.clone()),
                }
                serde_json::json!({ "reports": reports })
            }
        }
    }
}

impl InstantOption {
    /// Parses `now` or an instant (RFC 3339).
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        text.parse().map(Self::At).map_err(|_| {
            "expected now, or an instant with its zone such as 2026-11-23T12:00:00Z or 2026-11-23T13:00:00+01:00"
                .to_owned()
        })
    }

    /// The instant, checked: neither before the breach was known nor in the future.
    pub(super) fn resolve(
        self,
        flag: &str,
        incident: &Incident,
        context: &DisplayContext,
    ) -> anyhow::Result<Timestamp> {
        let known = clocks_start(incident);
        let at = match self {
            // In whole seconds, as people write instants.
            Self::Now => Timestamp::from_second(context.now.as_second()).unwrap_or(context.now).max(known),
            Self::At(at) => at,
        };
        ensure!(at <= context.now.max(known), "{flag} {} is in the future", context.instant(at));
        if at < known {
            bail!(
                "{flag} {} is before the breach was known ({}), when its clocks start; it would have no effect",
                context.instant(at),
                context.instant(known)
            );
        }
        Ok(at)
    }
}

/// When the clocks of an Incident start; if it recurred, when it did.
pub(super) fn clocks_start(incident: &Incident) -> Timestamp {
    let status = incident.status.as_ref();
    let clock = status.and_then(|status| status.first_report.as_ref().or(status.full_report.as_ref()));
    clock.map_or(incident.spec.first_awareness, |clock| clock.started)
}

/// A trimmed text, neither empty nor a placeholder of the commands that are suggested.
pub(super) fn non_empty_text(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || ["WHAT", "WHY", "WHY-IT-SUFFICES", "OFFICE"].contains(&text) {
        return Err("expected a text of your own, not a placeholder".to_owned());
    }
    Ok(text.to_owned())
}

/// What to do after `entry` is recorded.
pub(super) fn next_step(incident: &Incident, entry: Entry, context: &DisplayContext) -> String {
    let DisplayContext { locale, now, kubectl, .. } = context;
    let (namespace, name) = namespaced_name(incident);
    let (namespace, name) = (shell_word(&namespace), shell_word(&name));
    // An entry from before the Incident recurred is about another breach.
    let counts = |at: Timestamp| at >= clocks_start(incident);
    let written = incident.spec.triage.as_ref().filter(|triage| counts(triage.at)).map(|triage| triage.result);
    let triage = if let Entry::Triage(result) = entry { Some(result) } else { written };
    let is_breach = triage != Some(TriageResult::NoBreach);
    let is_closed = entry == Entry::Closing || incident.spec.closing.as_ref().is_some_and(|it| counts(it.at));
    let close = || {
        kubectl.plugin(format_args!(
            "incident close {name} -n {namespace} --measures WHAT --reasoning WHY-IT-SUFFICES --by OFFICE"
        ))
    };
    let nothing_due = || context.text("nothing more is due", "es ist nichts mehr zu veranlassen").to_owned();
    if !is_breach {
        let until = context.text(
            "the clocks run until the Incident is closed",
            "die Fristen laufen, bis der Incident abgeschlossen ist",
        );
        return if is_closed { nothing_due() } else { format!("{until}\n  {}", close()) };
    }
    let is_sent = |report: RequiredReport| match entry {
        Entry::Report(ReportStage::FullReport) => true,
        Entry::Report(ReportStage::FirstStatus) => report == RequiredReport::First,
        Entry::Report(ReportStage::Supplement) | Entry::Triage(_) | Entry::Closing => false,
    };
    if let Some(report) = RequiredReport::next_due(incident, *now, is_sent) {
        let state = report.state(incident, *now).in_words(context);
        let still = context.text("still to be sent", "noch zu versenden");
        let command = report_command(&name, &namespace, report, kubectl);
        return format!("{still}: {}, {state}\n  {command}", report.title(*locale));
    }
    let (what, command) = match RequiredReport::First.state(incident, *now) {
        _ if is_closed => return nothing_due(),
        ReportState::NotStarted if triage.is_none() => (
            context.text("the clocks start with the triage", "die Fristen beginnen mit der Prüfung"),
            kubectl.plugin(format_args!(
                "incident triage {name} -n {namespace} --result breach --reasons WHY --by OFFICE"
            )),
        ),
        ReportState::NotStarted | ReportState::Unknown => (
            context.text("when the reports are due", "wann die Meldungen fällig sind"),
            kubectl.plugin(format_args!("deadlines -n {namespace}")),
        ),
        _ => (
            context.text("the Incident stays open until it is closed", "der Incident bleibt bis zum Abschluss offen"),
            close(),
        ),
    };
    format!("{what}\n  {command}")
}

/// The error that `what` is recorded already, with different content.
pub(super) fn conflict(incident: &Incident, what: &str) -> anyhow::Error {
    anyhow::anyhow!("{}: {what}; nothing was changed. --replace overwrites it", incident_title(incident))
}

/// The command that records a report as sent.
pub(in super::super) fn report_command(
    name: &str,
    namespace: &str,
    report: RequiredReport,
    kubectl: &Kubectl,
) -> String {
    kubectl.plugin(format_args!("incident report {name} -n {namespace} --{} --sent-at now", report.entry_name()))
}
