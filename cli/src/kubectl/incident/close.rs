//! `kubectl landfall incident close`: what was done, and why that suffices.

use landfall_api::Closing;
use serde_json::json;

use super::{
    super::{Incident, harmless::line},
    Target,
    step::{After, At, Change, Page, Step, said, since},
};

/// The end of an Incident.
#[derive(Debug, clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    pub(super) target: Target,
    /// A measure that was taken; may be given several times.
    #[arg(long = "measures", alias = "measure", required = true, value_name = "TEXT", value_parser = said)]
    measures: Vec<String>,
    /// Why they suffice (BR-DOC).
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reasoning: String,
    /// Who closes it: an office, not a person's name.
    #[arg(long, value_name = "OFFICE", value_parser = said)]
    by: String,
    /// When: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = At::read, default_value = "now")]
    at: At,
    /// Writes it anew where it was closed already.
    #[arg(long)]
    replace: bool,
}

impl Close {
    pub(super) fn step(&self, incident: &Incident, page: &Page) -> anyhow::Result<Step> {
        let Self { measures, reasoning, by, .. } = self;
        let at = self.at.within("--at", incident, page)?;
        // A closing from before it came back closes nothing any more.
        let there = incident.spec.closing.as_ref().filter(|there| there.at >= since(incident));
        let same = there.filter(|there| {
            let is_then = self.at == At::Now || there.at == at;
            is_then && (&there.measures, &there.reasoning, &there.by) == (measures, reasoning, by)
        });
        let next = page.next(incident, After::Closing);
        if let Some(Closing { at, .. }) = same {
            let known = page.say(
                "its closing is written down already; nothing was changed",
                "der Abschluss steht schon da; nichts geändert",
            );
            return Ok(Step::Nothing(format!("{}: {known} ({})\n{next}", Page::title(incident), page.instant(*at))));
        }
        if let Some(there) = there.filter(|_| !self.replace) {
            let what = format!("closed already by {}, {}", line(&there.by, 64), page.instant(there.at));
            return Err(Page::differs(incident, &what));
        }
        let closing = json!({ "measures": measures, "reasoning": reasoning, "by": by, "at": at });
        let done = page.say(
            "measures, and why they suffice, are written down",
            "Maßnahmen, und warum sie genügen, sind eingetragen",
        );
        let text = format!("{}: {done} ({})\n{next}", Page::title(incident), page.instant(at));
        Ok(Step::Write { change: Change::Field("closing", closing), text })
    }
}
