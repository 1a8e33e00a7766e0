//! `kubectl landfall incidents`: breaches, and how their reports stand.

use std::cmp::Reverse;

use comfy_table::Cell;
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::{ConditionStatus, IncidentSpec, condition};

use super::{
    Incident,
    cluster::{Kubectl, Range, Scope},
    harmless::line,
    standing::{STAGES, Stage},
    words::{self, Words},
};
use crate::{
    exit_status::ExitStatus,
    options::FormatOptions,
    output::{Printer, Screen, Table, draw, grid, keep},
};

/// Breaches and how their two reports stand.
#[derive(Debug, clap::Args)]
pub(super) struct Incidents {
    #[command(flatten)]
    format: FormatOptions,
}

/// Incidents as a table; what is due first comes first, what is closed last.
pub(super) struct IncidentTable {
    pub(super) rows: Vec<[String; 8]>,
    pub(super) open: usize,
    pub(super) words: Words,
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) range: Range,
    pub(super) kubectl: Kubectl,
}

impl Incidents {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        let Self { format } = self;
        let cluster = scope.connect().await?;
        let range = scope.range(&cluster);
        let mut incidents = cluster.list::<IncidentSpec>(&range, None).await?;
        let now = Timestamp::now();
        sort(&mut incidents, now);
        let kubectl = cluster.kubectl();
        let table = IncidentTable { rows: Vec::new(), open: 0, words, now, zone: TimeZone::system(), range, kubectl };
        let mut printer = Printer::filling(table, format.format());
        for incident in &incidents {
            printer.print(incident)?;
        }
        printer.finish()?;
        Ok(ExitStatus::Success)
    }
}

/// What is due first comes first, then what is open, then what is closed; of those the latest first.
pub(super) fn sort(incidents: &mut [Incident], now: Timestamp) {
    incidents.sort_by_cached_key(|incident| {
        let due = STAGES.iter().filter_map(|stage| stage.standing(incident, now).due()).min();
        let known = incident.spec.first_awareness.as_second();
        (is_closed(incident), due.is_none(), due, Reverse(known), named(incident))
    });
}

/// Namespace and name of the object.
pub(super) fn named(incident: &Incident) -> (String, String) {
    let metadata = &incident.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

pub(super) fn is_closed(incident: &Incident) -> bool {
    let conditions = incident.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    conditions.iter().any(|it| it.r#type == condition::CLOSED && it.status == ConditionStatus::True)
}

/// When it was closed, or why it is not.
pub(super) fn closed(incident: &Incident, words: Words, zone: &TimeZone) -> String {
    if is_closed(incident) {
        let at = incident.spec.closing.as_ref().map(|closing| words::instant(closing.at, zone));
        return at.unwrap_or_else(|| words.say("closed", "geschlossen").to_owned());
    }
    let conditions = incident.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    let reason = conditions.iter().find(|it| it.r#type == condition::CLOSED).map(|it| it.reason.as_str());
    match reason {
        Some("Returned") => words.say("no, it came back", "nein, wieder aufgetreten"),
        Some("ReportsMissing") => words.say("no, a report is missing", "nein, eine Meldung fehlt"),
        _ => words.say("no", "nein"),
    }
    .to_owned()
}

/// To whom, as far as it is about an edge.
pub(super) fn recipient(incident: &Incident) -> String {
    incident.spec.edge.as_ref().map_or_else(|| "-".to_owned(), |edge| line(&edge.recipient, 36))
}

impl Table for IncidentTable {
    type Row<'a> = Incident;

    fn push(&mut self, incident: &Incident) {
        let Self { rows, open, words, now, zone, .. } = self;
        let (namespace, name) = named(incident);
        let local = |at: Timestamp| words::instant(at, zone);
        let report = |stage: Stage| stage.standing(incident, *now).told(*words, *now, local);
        rows.push([
            line(&format!("{namespace}/{}", incident.spec.agreement_ref.name), 48),
            recipient(incident),
            line(incident.spec.nature.codes.first().map_or("-", String::as_str), 40),
            local(incident.spec.first_awareness),
            report(Stage::First),
            report(Stage::Full),
            closed(incident, *words, zone),
            line(&name, 253),
        ]);
        *open += usize::from(!is_closed(incident));
    }

    fn render(&self, screen: Screen) -> String {
        let Self { rows, open, words, range, kubectl, .. } = self;
        let incidents = if rows.len() == 1 { "Incident" } else { "Incidents" };
        let count = format!("{} {incidents} {}", rows.len(), range.named(*words));
        if rows.is_empty() {
            let all = if *range == Range::All {
                String::new()
            } else {
                format!("\n{}: {}", Range::All.named(*words), kubectl.plugin("incidents -A"))
            };
            return format!("{count}{all}");
        }
        let english =
            ["AGREEMENT", "RECIPIENT", "CAUSE", "KNOWN SINCE", "FIRST REPORT", "FULL REPORT", "CLOSED", "NAME"];
        let german = [
            "VERTRAG",
            "EMPFÄNGER",
            "GRUND",
            "BEKANNT SEIT",
            "ERSTE MELDUNG",
            "VOLLSTÄNDIGE MELDUNG",
            "GESCHLOSSEN",
            "NAME",
        ];
        let mut grid =
            grid(&std::array::from_fn::<_, 8, _>(|column| words.say(english[column], german[column])), screen);
        for row in rows {
            grid.add_row(row.iter().map(Cell::new));
        }
        keep(&mut grid, &[7], screen);
        let next = words.say("What to do by when", "Was bis wann zu tun ist");
        let are_open = words.say("open", "offen");
        format!("{}\n\n{count}, {open} {are_open}\n{next}: {}", draw(&mut grid, screen), kubectl.plugin("deadlines"))
    }
}
