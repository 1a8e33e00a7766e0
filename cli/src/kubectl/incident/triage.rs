//! `kubectl landfall incident triage`: records how a person classifies an Incident.

use clap::ValueEnum;
use landfall_api::{self as api, TriageResult};
use landfall_transfer_law::Language;
use serde_json::json;

use super::{
    super::{
        Incident,
        context::{DisplayContext, incident_title},
        sanitize::line,
    },
    Target,
    plan::{Change, Entry, InstantOption, Plan, clocks_start, conflict, next_step, non_empty_text},
};

/// Records the triage of an Incident.
#[derive(Debug, clap::Args)]
pub(super) struct Triage {
    #[command(flatten)]
    pub(super) target: Target,
    /// The result of the triage.
    #[arg(long, value_enum, value_name = "RESULT")]
    result: ResultOption,
    /// The reasons for it.
    #[arg(long, value_name = "TEXT", value_parser = non_empty_text)]
    reasons: String,
    /// The office that decided it, not the name of a person.
    #[arg(long, value_name = "OFFICE", value_parser = non_empty_text)]
    by: String,
    /// When it was decided: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = InstantOption::parse, default_value = "now")]
    at: InstantOption,
    /// Overwrites an earlier triage.
    #[arg(long)]
    replace: bool,
}

/// The result of a triage as it is given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ResultOption {
    /// A breach of the agreement or of an instruction.
    Breach,
    /// A breach that is also a personal data breach (Art. 4(12) GDPR).
    PersonalDataBreach,
    /// No breach. The clocks run until the Incident is closed.
    NoBreach,
}

impl Triage {
    pub(super) fn plan(&self, incident: &Incident, context: &DisplayContext) -> anyhow::Result<Plan> {
        let Self { reasons, by, .. } = self;
        let result = match self.result {
            ResultOption::Breach => TriageResult::Breach,
            ResultOption::PersonalDataBreach => TriageResult::PersonalDataBreach,
            ResultOption::NoBreach => TriageResult::NoBreach,
        };
        let at = self.at.resolve("--at", incident, context)?;
        // A triage from before the Incident recurred is about another breach.
        let existing = incident.spec.triage.as_ref().filter(|existing| existing.at >= clocks_start(incident));
        let same = existing.filter(|existing| {
            let is_same_time = self.at == InstantOption::Now || existing.at == at;
            is_same_time && (existing.result, &existing.reasons, &existing.by) == (result, reasons, by)
        });
        let next = next_step(incident, Entry::Triage(result), context);
        if let Some(api::Triage { at, .. }) = same {
            let known = context
                .text("is already recorded; nothing was changed", "ist bereits eingetragen; nichts wurde geändert");
            return Ok(Plan::Unchanged(format!(
                "{}: {result}, {}, {known}\n{next}",
                incident_title(incident),
                context.instant(*at)
            )));
        }
        if let Some(existing) = existing.filter(|_| !self.replace) {
            let what = format!(
                "already triaged as {} by {}, {}",
                existing.result,
                line(&existing.by, 64),
                context.instant(existing.at)
            );
            return Err(conflict(incident, &what));
        }
        let change = Change::Field("triage", json!({ "result": result, "reasons": reasons, "by": by, "at": at }));
        let done = match context.locale.0 {
            Language::English => format!("recorded {result}, {}", context.instant(at)),
            Language::German => format!("{result} eingetragen, {}", context.instant(at)),
        };
        Ok(Plan::Write { change, text: format!("{}: {done}\n{next}", incident_title(incident)) })
    }
}
