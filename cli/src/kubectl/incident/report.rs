//! `kubectl landfall incident report`: records that a report was sent to the controllers.

use anyhow::ensure;
use jiff::Timestamp;
use landfall_api::{self as api, ReportStage};
use landfall_transfer_law::Language;
use serde_json::{Value, json};

use super::{
    super::{
        Incident,
        context::{DisplayContext, incident_title},
        report_state::RequiredReport,
        sanitize::line,
    },
    Target,
    plan::{Change, Entry, InstantOption, Plan, clocks_start, conflict, next_step, non_empty_text},
};

/// Records a report as sent.
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    #[command(flatten)]
    pub(super) target: Target,
    #[command(flatten)]
    stage: StageFlags,
    /// When it was sent: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = InstantOption::parse)]
    sent_at: InstantOption,
    /// When the controllers received it, if known.
    #[arg(long, value_name = "TIME", value_parser = InstantOption::parse)]
    received_at: Option<InstantOption>,
    /// The office that sent it, not the name of a person.
    #[arg(long, value_name = "OFFICE", value_parser = non_empty_text)]
    by: Option<String>,
    /// Name of the Notice that proves it.
    #[arg(long, value_name = "NAME")]
    notice: Option<String>,
    /// SHA-256 digest of its text, in hexadecimal.
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    sha256: Option<String>,
    /// Name of the entry [default: first, full or supplement, with a number if that name is taken].
    #[arg(long = "name", value_name = "NAME", value_parser = non_empty_text)]
    entry: Option<String>,
    /// Overwrites an entry with different content.
    #[arg(long)]
    replace: bool,
}

/// Which report it is.
#[derive(Debug, Clone, Copy, clap::Args)]
#[group(required = true, multiple = false)]
struct StageFlags {
    /// The first status message (BR-FIRST).
    #[arg(long)]
    first: bool,
    /// The full report (BR-FULL); it counts as the first, too.
    #[arg(long)]
    full: bool,
    /// Information that became known later (Art. 33(4) GDPR).
    #[arg(long)]
    supplement: bool,
}

impl Report {
    pub(super) fn plan(&self, incident: &Incident, context: &DisplayContext) -> anyhow::Result<Plan> {
        let stage = self.stage.stage();
        let sent_at = self.sent_at.resolve("--sent-at", incident, context)?;
        let received_at = self.received_at.map(|at| at.resolve("--received-at", incident, context)).transpose()?;
        ensure!(
            received_at.is_none_or(|received| received >= sent_at),
            "--received-at is before --sent-at, {}",
            context.instant(sent_at)
        );
        let existing = self.existing(incident, stage, sent_at);
        ensure!(
            existing.is_none_or(|existing| existing.stage == stage),
            "{}: report {} belongs to another stage; choose another --name",
            incident_title(incident),
            line(self.entry.as_deref().unwrap_or_default(), 63)
        );
        let name = existing.map_or_else(|| self.free_name(incident, stage), |existing| existing.name.clone());
        let mut given = json!({ "name": name, "stage": stage });
        // Repeating a command with `--sent-at now` does not change when the report was sent.
        let sent_at =
            existing.filter(|_| self.sent_at == InstantOption::Now && !self.replace).map_or(sent_at, |it| it.sent_at);
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
        let before = existing.map(serde_json::to_value).transpose()?;
        let contradicts = before.as_ref().is_some_and(|before| contradicts(before, &given));
        if let Some(existing) = existing.filter(|_| contradicts && !self.replace) {
            let sent = context.instant(existing.sent_at);
            let what =
                format!("report {} is already recorded with different content (sent {sent})", line(&existing.name, 63));
            return Err(conflict(incident, &what));
        }
        let is_known = before.as_ref().is_some_and(|before| contains(before, &given));
        let text = Self::message(incident, context, stage, &name, sent_at, is_known);
        Ok(if is_known {
            Plan::Unchanged(text)
        } else {
            Plan::Write { change: Change::Report { name, fields: given }, text }
        })
    }

    /// The existing entry that this command is about: the one of the given name, or the one that stops the current clock.
    fn existing<'a>(&self, incident: &'a Incident, stage: ReportStage, sent_at: Timestamp) -> Option<&'a api::Report> {
        let mut reports = incident.spec.reports.iter();
        if let Some(name) = &self.entry {
            return reports.find(|report| report.name == *name);
        }
        let clocks_start = clocks_start(incident);
        reports.find(|report| {
            report.stage == stage
                && match stage {
                    ReportStage::Supplement => report.sent_at == sent_at,
                    ReportStage::FirstStatus | ReportStage::FullReport => report.sent_at >= clocks_start,
                }
        })
    }

    fn free_name(&self, incident: &Incident, stage: ReportStage) -> String {
        let default = match stage {
            ReportStage::FirstStatus => RequiredReport::First.entry_name(),
            ReportStage::FullReport => RequiredReport::Full.entry_name(),
            ReportStage::Supplement => "supplement",
        };
        let base = self.entry.clone().unwrap_or_else(|| default.to_owned());
        let is_free = |name: &String| incident.spec.reports.iter().all(|report| report.name != *name);
        let numbered = (2..).map(|number| format!("{base}-{number}"));
        std::iter::once(base.clone()).chain(numbered).find(is_free).unwrap_or(base)
    }

    fn message(
        incident: &Incident,
        context: &DisplayContext,
        stage: ReportStage,
        name: &str,
        sent_at: Timestamp,
        is_known: bool,
    ) -> String {
        let (name, sent) = (line(name, 63), context.instant(sent_at));
        let what = match stage {
            ReportStage::FirstStatus => RequiredReport::First.title(context.locale),
            ReportStage::FullReport => RequiredReport::Full.title(context.locale),
            ReportStage::Supplement => context.text("supplement", "Nachtrag"),
        };
        let done = match (context.locale.0, is_known) {
            (Language::English, false) => format!("recorded report {name} ({what}), sent {sent}"),
            (Language::English, true) => {
                format!("report {name} ({what}), sent {sent}, is already recorded; nothing was changed")
            }
            (Language::German, false) => format!("Meldung {name} ({what}) eingetragen, versandt {sent}"),
            (Language::German, true) => {
                format!("Meldung {name} ({what}), versandt {sent}, ist bereits eingetragen; nichts wurde geändert")
            }
        };
        let required = match stage {
            ReportStage::FirstStatus => Some(RequiredReport::First),
            ReportStage::FullReport => Some(RequiredReport::Full),
            ReportStage::Supplement => None,
        };
        // The operator decides on the state of the report; whether it is in time can be told now.
        let due = required.and_then(|report| report.state(incident, context.now).due());
        let timely = due.map_or_else(String::new, |due| {
            let how = if sent_at <= due {
                context.text("in time", "rechtzeitig")
            } else {
                context.text("LATE", "VERSPÄTET")
            };
            format!(", {how} ({} {})", context.text("due", "fällig"), context.instant(due))
        });
        format!("{}: {done}{timely}\n{}", incident_title(incident), next_step(incident, Entry::Report(stage), context))
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

/// Whether a field that both objects have differs.
fn contradicts(before: &Value, given: &Value) -> bool {
    fields(given).any(|(field, value)| !before[field].is_null() && before[field] != *value)
}

/// Whether all given fields have these values already.
fn contains(before: &Value, given: &Value) -> bool {
    fields(given).all(|(field, value)| before[field] == *value)
}

fn fields(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

fn digest(text: &str) -> Result<String, String> {
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Ok(text.to_ascii_lowercase()) } else { Err("expected 64 hexadecimal digits".to_owned()) }
}
