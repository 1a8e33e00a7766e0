//! `kubectl landfall incident triage`: what a person takes a breach for.

use clap::ValueEnum;
use landfall_api::{self as api, TriageResult};
use landfall_transfer_law::Language;
use serde_json::json;

use super::{
    super::{Incident, harmless::line},
    Target,
    step::{After, At, Change, Page, Step, said, since},
};

/// A person's look.
#[derive(Debug, clap::Args)]
pub(super) struct Triage {
    #[command(flatten)]
    pub(super) target: Target,
    /// What it is.
    #[arg(long, value_enum, value_name = "RESULT")]
    result: Verdict,
    /// Why.
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reasons: String,
    /// Who says so: an office, not a person's name.
    #[arg(long, value_name = "OFFICE", value_parser = said)]
    by: String,
    /// When: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = At::read, default_value = "now")]
    at: At,
    /// Writes it anew where somebody has looked already.
    #[arg(long)]
    replace: bool,
}

/// What a person takes it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Verdict {
    /// A breach of agreement or instruction.
    Breach,
    /// A personal-data breach, too (Art. 4(12) GDPR).
    PersonalDataBreach,
    /// No breach. Its clocks run until it is closed, too.
    NoBreach,
}

impl Triage {
    pub(super) fn step(&self, incident: &Incident, page: &Page) -> anyhow::Result<Step> {
        let Self { reasons, by, .. } = self;
        let result = match self.result {
            Verdict::Breach => TriageResult::Breach,
            Verdict::PersonalDataBreach => TriageResult::PersonalDataBreach,
            Verdict::NoBreach => TriageResult::NoBreach,
        };
        let at = self.at.within("--at", incident, page)?;
        // What was looked at before it came back was another breach.
        let there = incident.spec.triage.as_ref().filter(|there| there.at >= since(incident));
        let same = there.filter(|there| {
            let is_then = self.at == At::Now || there.at == at;
            is_then && (there.result, &there.reasons, &there.by) == (result, reasons, by)
        });
        let next = page.next(incident, After::Triage(result));
        if let Some(api::Triage { at, .. }) = same {
            let known = page.say("is written down already; nothing was changed", "steht schon da; nichts geändert");
            return Ok(Step::Nothing(format!(
                "{}: {result:?}, {}, {known}\n{next}",
                Page::title(incident),
                page.instant(*at)
            )));
        }
        if let Some(there) = there.filter(|_| !self.replace) {
            let what = format!(
                "looked at already: {:?}, by {}, {}",
                there.result,
                line(&there.by, 64),
                page.instant(there.at)
            );
            return Err(Page::differs(incident, &what));
        }
        let change = Change::Field("triage", json!({ "result": result, "reasons": reasons, "by": by, "at": at }));
        let done = match page.language() {
            Language::English => format!("wrote down {result:?}, {}", page.instant(at)),
            Language::German => format!("{result:?} eingetragen, {}", page.instant(at)),
        };
        Ok(Step::Write { change, text: format!("{}: {done}\n{next}", Page::title(incident)) })
    }
}
