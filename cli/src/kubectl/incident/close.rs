//! `kubectl landfall incident close`: records the measures taken and closes an Incident.

use landfall_api::Closing;
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

/// Closes an Incident.
#[derive(Debug, clap::Args)]
pub(super) struct Close {
    #[command(flatten)]
    pub(super) target: Target,
    /// A measure that was taken; may be repeated.
    #[arg(long = "measures", alias = "measure", required = true, value_name = "TEXT", value_parser = non_empty_text)]
    measures: Vec<String>,
    /// Why the measures suffice (BR-DOC).
    #[arg(long, value_name = "TEXT", value_parser = non_empty_text)]
    reasoning: String,
    /// The office that closes it, not the name of a person.
    #[arg(long, value_name = "OFFICE", value_parser = non_empty_text)]
    by: String,
    /// When it was decided: now, or an instant such as 2026-11-23T12:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = InstantOption::parse, default_value = "now")]
    at: InstantOption,
    /// Overwrites an earlier closing.
    #[arg(long)]
    replace: bool,
}

impl Close {
    pub(super) fn plan(&self, incident: &Incident, context: &DisplayContext) -> anyhow::Result<Plan> {
        let Self { measures, reasoning, by, .. } = self;
        let at = self.at.resolve("--at", incident, context)?;
        // A closing from before the Incident recurred no longer counts.
        let existing = incident.spec.closing.as_ref().filter(|existing| existing.at >= clocks_start(incident));
        let same = existing.filter(|existing| {
            let is_same_time = self.at == InstantOption::Now || existing.at == at;
            is_same_time && (&existing.measures, &existing.reasoning, &existing.by) == (measures, reasoning, by)
        });
        let next = next_step(incident, Entry::Closing, context);
        if let Some(Closing { at, .. }) = same {
            let known =
                context.text("already closed; nothing was changed", "bereits abgeschlossen; nichts wurde geändert");
            return Ok(Plan::Unchanged(format!(
                "{}: {known} ({})\n{next}",
                incident_title(incident),
                context.instant(*at)
            )));
        }
        if let Some(existing) = existing.filter(|_| !self.replace) {
            let what = format!("already closed by {}, {}", line(&existing.by, 64), context.instant(existing.at));
            return Err(conflict(incident, &what));
        }
        let closing = json!({ "measures": measures, "reasoning": reasoning, "by": by, "at": at });
        let done =
            context.text("recorded the measures and why they suffice", "Maßnahmen und deren Begründung eingetragen");
        let text = format!("{}: {done} ({})\n{next}", incident_title(incident), context.instant(at));
        Ok(Plan::Write { change: Change::Field("closing", closing), text })
    }
}
