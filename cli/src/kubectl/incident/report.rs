//! `kubectl landfall incident report`: that a message was sent to the controllers.

use anyhow::ensure;
use jiff::Timestamp;
use landfall_api::{self as api, ReportStage};
use landfall_transfer_law::Language;
use serde_json::{Value, json};

use super::{
    super::{
        Incident,
        harmless::line,
        standing::{Stage, Standing},
    },
    Target,
    step::{After, At, Change, Page, Step, said, since},
};

/// A report that was sent.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    stage: StageFlags,
    /// When it was sent: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = At::read)]
    sent_at: At,
    /// When the controllers received it, if that is known.
    #[arg(long, value_name = "TIME", value_parser = At::read)]
    received_at: Option<At>,
    /// Who sent it: an office, not a person's name.
    #[arg(long, value_name = "OFFICE", value_parser = said)]
    by: Option<String>,
    /// Name of the Notice that proves it.
    #[arg(long, value_name = "NAME")]
    notice: Option<String>,
    /// SHA-256 of its text, in hexadecimal.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    sha256: Option<String>,
    /// Name of the entry [default: first, full, supplement; with a number where there is one of that name].
    #[arg(long = "name", value_name = "NAME", value_parser = said)]
    entry: Option<String>,
    /// Writes it anew where it stands there with something else.
    #[arg(long)]
    replace: bool,
}

/// Which report.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(required = true, multiple = false)]
struct StageFlags {
    /// The first status message (BR-FIRST).
    #[arg(long)]
    first: bool,
    /// The full report (BR-FULL); it counts as the first, too.
    #[arg(long)]
    full: bool,
    /// What became known later (Art. 33(4) GDPR).
    #[arg(long)]
    supplement: bool,
}

impl Report {
    pub(super) fn step(&self, incident: &Incident, page: &Page) -> anyhow::Result<Step> {
        let stage = self.stage.stage();
        let sent_at = self.sent_at.within("--sent-at", incident, page)?;
        let received_at = self.received_at.map(|at| at.within("--received-at", incident, page)).transpose()?;
        ensure!(
            received_at.is_none_or(|received| received >= sent_at),
            "--received-at lies before --sent-at, {}",
            page.instant(sent_at)
        );
        let there = self.there(incident, stage, sent_at);
        ensure!(
            there.is_none_or(|there| there.stage == stage),
            "{}: report {} is of another stage; give this one another --name",
            Page::title(incident),
            line(self.entry.as_deref().unwrap_or_default(), 63)
        );
        let name = there.map_or_else(|| self.free_name(incident, stage), |there| there.name.clone());
        let mut given = json!({ "name": name, "stage": stage });
        // That it was sent just now, said again of one that was sent, is no news.
        let sent_at = there.filter(|_| self.sent_at == At::Now && !self.replace).map_or(sent_at, |there| there.sent_at);
        given["sentAt"] = json!(sent_at);
        for (field, value) in [
            ("receivedAt", received_at.map(|at| json!(at))),
            ("by", self.by.as_ref().map(|by| json!(by))),
            ("noticeRef", self.notice.as_ref().map(|notice| json!(notice))),
            ("sha256", self.sha256.as_ref().map(|digest| json!(digest))),
        ] {
            if let Some(value) = value {
                given[field] = value;
            }
        }
        let before = there.map(serde_json::to_value).transpose()?;
        let contradicts = before.as_ref().is_some_and(|before| contradicts(before, &given));
        if let Some(there) = there.filter(|_| contradicts && !self.replace) {
            let sent = page.instant(there.sent_at);
            let what = format!("report {} says something else already (sent {sent})", line(&there.name, 63));
            return Err(Page::differs(incident, &what));
        }
        let says_all = before.as_ref().is_some_and(|before| says(before, &given));
        let text = Self::told(incident, page, stage, &name, sent_at, says_all);
        Ok(if says_all {
            Step::Nothing(text)
        } else {
            Step::Write { change: Change::Report { name, fields: given }, text }
        })
    }

    /// The entry that this is about, if it is there: the one of that name, or the one that counts for the clock that runs.
    fn there<'a>(&self, incident: &'a Incident, stage: ReportStage, sent_at: Timestamp) -> Option<&'a api::Report> {
        let mut reports = incident.spec.reports.iter();
        if let Some(name) = &self.entry {
            return reports.find(|report| report.name == *name);
        }
        let since = since(incident);
        reports.find(|report| {
            report.stage == stage
                && match stage {
                    ReportStage::Supplement => report.sent_at == sent_at,
                    ReportStage::FirstStatus | ReportStage::FullReport => report.sent_at >= since,
                }
        })
    }

    fn free_name(&self, incident: &Incident, stage: ReportStage) -> String {
        let usual = match stage {
            ReportStage::FirstStatus => Stage::First.name(),
            ReportStage::FullReport => Stage::Full.name(),
            ReportStage::Supplement => "supplement",
        };
        let usual = self.entry.clone().unwrap_or_else(|| usual.to_owned());
        let is_free = |name: &String| incident.spec.reports.iter().all(|report| report.name != *name);
        let numbered = (2..).map(|number| format!("{usual}-{number}"));
        std::iter::once(usual.clone()).chain(numbered).find(is_free).unwrap_or(usual)
    }

    fn told(
        incident: &Incident,
        page: &Page,
        stage: ReportStage,
        name: &str,
        sent_at: Timestamp,
        is_known: bool,
    ) -> String {
        let (name, sent) = (line(name, 63), page.instant(sent_at));
        let what = match stage {
            ReportStage::FirstStatus => Stage::First.named(page.words),
            ReportStage::FullReport => Stage::Full.named(page.words),
            ReportStage::Supplement => page.say("supplement", "Nachtrag"),
        };
        let done = match (page.language(), is_known) {
            (Language::English, false) => format!("recorded report {name} ({what}), sent {sent}"),
            (Language::English, true) => {
                format!("report {name} ({what}), sent {sent}, is recorded already; nothing was changed")
            }
            (Language::German, false) => format!("Meldung {name} ({what}) eingetragen, gesendet {sent}"),
            (Language::German, true) => {
                format!("Meldung {name} ({what}), gesendet {sent}, ist schon eingetragen; nichts geändert")
            }
        };
        let owed = match stage {
            ReportStage::FirstStatus => Some(Stage::First),
            ReportStage::FullReport => Some(Stage::Full),
            ReportStage::Supplement => None,
        };
        // How it stands is the operator's to say; against which end it counts is known now.
        let due = owed.and_then(|stage| match stage.standing(incident, page.now) {
            Standing::Running { due } | Standing::Overdue { due } => Some(due),
            _ => None,
        });
        let timely = due.map_or_else(String::new, |due| {
            let how = if sent_at <= due { page.say("in time", "rechtzeitig") } else { page.say("LATE", "VERSPÄTET") };
            format!(", {how} ({} {})", page.say("due", "fällig"), page.instant(due))
        });
        format!("{}: {done}{timely}\n{}", Page::title(incident), page.next(incident, After::Report(stage)))
    }
}

impl StageFlags {
    fn stage(self) -> ReportStage {
        match self {
            Self { first: true, .. } => ReportStage::FirstStatus,
            Self { full: true, .. } => ReportStage::FullReport,
            Self { .. } => ReportStage::Supplement,
        }
    }
}

/// Whether a field that both have differs.
fn contradicts(before: &Value, given: &Value) -> bool {
    fields(given).any(|(field, value)| !before[field].is_null() && before[field] != *value)
}

/// Whether everything given stands there.
fn says(before: &Value, given: &Value) -> bool {
    fields(given).all(|(field, value)| before[field] == *value)
}

fn fields(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn digest(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(text.to_ascii_lowercase()) } else { Err("expected 64 hexadecimal digits".to_owned()) }
}
