//! `kubectl landfall incidents`: breaches and the state of their reports.

use std::cmp::Reverse;

use jiff::Timestamp;
use landfall_api::{ConditionStatus, IncidentSpec, condition};

use super::{
    Incident,
    cluster::{Range, Scope},
    context::{DisplayContext, namespaced_name},
    report_state::{REQUIRED_REPORTS, RequiredReport},
    sanitize::line,
};
use crate::{
    cells::{heading, or_dash},
    exit_status::ExitStatus,
    locale::Locale,
    options::FormatOptions,
    output::{Grid, Printer, Screen, Table},
};

/// Lists breaches and the state of their two reports.
#[derive(Debug, clap::Args)]
pub(super) struct Incidents {
    #[command(flatten)]
    format: FormatOptions,
}

/// Incidents as a table: the earliest deadline first, closed ones last.
pub(super) struct IncidentTable {
    pub(super) rows: Vec<[String; 8]>,
    pub(super) open: usize,
    pub(super) context: DisplayContext,
    pub(super) range: Range,
}

impl Incidents {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        let Self { format } = self;
        let cluster = scope.connect().await?;
        let context = DisplayContext::local(locale, cluster.kubectl());
        let range = scope.range(&cluster);
        let mut incidents = cluster.list::<IncidentSpec>(&range, None).await?;
        sort(&mut incidents, context.now);
        let table = IncidentTable { rows: Vec::new(), open: 0, context, range };
        let mut printer = Printer::with_table(table, format.format());
        for incident in &incidents {
            printer.print(incident)?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

/// The earliest deadline first, then open ones without a deadline, then closed ones; the latest of each first.
pub(super) fn sort(incidents: &mut [Incident], now: Timestamp) {
    incidents.sort_by_cached_key(|incident| {
        let due = REQUIRED_REPORTS.iter().filter_map(|report| report.state(incident, now).due()).min();
        let known = incident.spec.first_awareness.as_second();
        (is_closed(incident), due.is_none(), due, Reverse(known), namespaced_name(incident))
    });
}

pub(super) fn is_closed(incident: &Incident) -> bool {
    let conditions = incident.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    conditions.iter().any(|it| it.r#type == condition::CLOSED && it.status == ConditionStatus::True)
}

/// When it was closed, or why it is still open.
pub(super) fn closed(incident: &Incident, context: &DisplayContext) -> String {
    if is_closed(incident) {
        let at = incident.spec.closing.as_ref().map(|closing| context.instant(closing.at));
        return at.unwrap_or_else(|| context.text("closed", "abgeschlossen").to_owned());
    }
    let conditions = incident.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let reason = conditions.iter().find(|it| it.r#type == condition::CLOSED).map(|it| it.reason.as_str());
    match reason {
        Some("Returned") => context.text("no, it recurred", "nein, erneut aufgetreten"),
        Some("ReportsMissing") => context.text("no, a report is missing", "nein, eine Meldung fehlt"),
        _ => context.text("no", "nein"),
    }
    .to_owned()
}

impl Table for IncidentTable {
    type Row<'a> = Incident;

    fn push(&mut self, incident: &Incident) {
        let Self { rows, open, context, .. } = self;
        let (namespace, name) = namespaced_name(incident);
        let report = |report: RequiredReport| report.state(incident, context.now).in_words(context);
        let IncidentSpec { agreement_ref, edge, nature, first_awareness, .. } = &incident.spec;
        rows.push([
            line(&format!("{namespace}/{}", agreement_ref.name), 48),
            or_dash(edge.as_ref().map(|edge| line(&edge.recipient, 36))),
            line(&or_dash(nature.codes.first()), 40),
            context.instant(*first_awareness),
            report(RequiredReport::First),
            report(RequiredReport::Full),
            closed(incident, context),
            line(&name, 253),
        ]);
        *open += usize::from(!is_closed(incident));
    }

    fn render(&self, screen: Screen) -> String {
        let Self { rows, open, context, range } = self;
        let incidents = if rows.len() == 1 { "Incident" } else { "Incidents" };
        let count = format!("{} {incidents} {}", rows.len(), range.in_words(context.locale));
        if rows.is_empty() {
            return format!("{count}{}", context.list_everywhere(range, "incidents"));
        }
        let headings = heading::headings(
            [
                heading::AGREEMENT,
                heading::RECIPIENT,
                heading::CAUSE,
                heading::KNOWN_SINCE,
                heading::FIRST_REPORT,
                heading::FULL_REPORT,
                heading::CLOSED,
                heading::NAME,
            ],
            context.locale,
        );
        let mut grid = Grid::new(screen, &headings).keep_whole(&[7]);
        for row in rows {
            grid.push(row);
        }
        let next = context.text("What to do, and by when", "Was bis wann zu tun ist");
        let are_open = context.text("open", "offen");
        format!("{}\n\n{count}, {open} {are_open}\n{next}: {}", grid.cut(), context.kubectl.plugin("deadlines"))
    }
}
