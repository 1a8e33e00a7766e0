//! `kubectl landfall deadlines`: the reports that are due, and how to send and record them.

use clap::ValueEnum;
use jiff::Timestamp;
use landfall_api::IncidentSpec;
use serde::Serialize;

use super::{
    Incident,
    cluster::{Kubectl, Range, Scope},
    context::{DisplayContext, incident_title, namespaced_name},
    incident::report_command,
    report_state::{REQUIRED_REPORTS, ReportState, RequiredReport},
    sanitize::{line, shell_word},
};
use crate::{
    cells::time,
    diagnostics,
    exit_status::ExitStatus,
    locale::Locale,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// Lists the reports that are due.
#[derive(Debug, clap::Args)]
pub(super) struct Deadlines {
    /// Exit with status 1 if there is such a deadline.
    #[arg(long, value_enum, value_name = "DEADLINE")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: FormatOptions,
}

/// The deadlines that make a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// One that has passed.
    Overdue,
}

/// The deadline of a report that was not sent yet.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deadline {
    pub(super) due: Timestamp,
    pub(super) seconds_left: i64,
    pub(super) overdue: bool,
    /// The obligation of the agreement, such as `BR-FIRST`.
    obligation: String,
    namespace: String,
    incident: String,
    agreement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    causes: Vec<String>,
    /// The command that shows the draft of the report.
    draft: String,
    /// The command that records the report as sent.
    record: String,
    #[serde(skip)]
    report: RequiredReport,
    /// Whether the full report is overdue, too, and will count as the first.
    #[serde(skip)]
    is_covered: bool,
}

/// Deadlines with the steps to meet them.
pub(super) struct DeadlineList {
    pub(super) blocks: Vec<String>,
    pub(super) overdue: usize,
    pub(super) context: DisplayContext,
    pub(super) range: Range,
}

impl Deadlines {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        let Self { fail_on, format } = self;
        let cluster = scope.connect().await?;
        let context = DisplayContext::local(locale, cluster.kubectl());
        // A deadline must not be missed because its namespace is not the current one.
        let range = if scope.namespace.is_none() { Range::All } else { scope.range(&cluster) };
        let incidents = cluster.list::<IncidentSpec>(&range, None).await?;
        let is_unknown =
            |incident: &&Incident| RequiredReport::First.state(incident, context.now) == ReportState::Unknown;
        for incident in incidents.iter().filter(is_unknown) {
            let known = context.instant(incident.spec.first_awareness);
            diagnostics::warning(format_args!(
                "{} is known since {known}, and the operator has not computed its deadlines yet; is it running?",
                incident_title(incident)
            ));
        }
        let deadlines = deadlines(&incidents, &context);
        let mut printer =
            Printer::with_table(DeadlineList { blocks: Vec::new(), overdue: 0, context, range }, format.format());
        for deadline in &deadlines {
            printer.print(deadline)?;
        }
        printer.finish()?;
        let fails = fail_on == Some(FailOn::Overdue) && deadlines.iter().any(|deadline| deadline.overdue);
        Ok(ExitStatus::from_check(!fails))
    }
}

/// The deadlines of reports that were not sent yet, the earliest first.
pub(super) fn deadlines(incidents: &[Incident], context: &DisplayContext) -> Vec<Deadline> {
    let of_incident =
        |incident| REQUIRED_REPORTS.into_iter().filter_map(move |report| deadline(incident, report, context));
    let mut deadlines: Vec<_> = incidents.iter().flat_map(of_incident).collect();
    deadlines.sort_by(|a, b| (a.due, &a.namespace, &a.incident).cmp(&(b.due, &b.namespace, &b.incident)));
    deadlines
}

fn deadline(incident: &Incident, report: RequiredReport, context: &DisplayContext) -> Option<Deadline> {
    let DisplayContext { now, kubectl, .. } = context;
    let due = report.state(incident, *now).due()?;
    let (namespace, name) = namespaced_name(incident);
    let IncidentSpec { agreement_ref, edge, nature, .. } = &incident.spec;
    Some(Deadline {
        due,
        seconds_left: due.duration_since(*now).as_secs(),
        overdue: report.is_overdue(incident, *now),
        obligation: report.clock(incident)?.obligation.clone(),
        agreement: agreement_ref.name.clone(),
        recipient: edge.as_ref().map(|edge| edge.recipient.clone()),
        causes: nature.codes.clone(),
        draft: draft_command(&namespace, &name, report, kubectl, context.locale),
        record: report_command(&shell_word(&name), &shell_word(&namespace), report, kubectl),
        namespace,
        incident: name,
        report,
        is_covered: report == RequiredReport::First && RequiredReport::Full.is_overdue(incident, *now),
    })
}

/// The command that shows the draft of a report.
pub(super) fn draft_command(
    namespace: &str,
    incident: &str,
    report: RequiredReport,
    kubectl: &Kubectl,
    locale: Locale,
) -> String {
    let (name, file, code) = (shell_word(&format!("{incident}-reports")), report.draft_file(), locale.code());
    kubectl.command(namespace, format_args!(r"get configmap {name} -o jsonpath='{{.data.{file}\.{code}\.md}}'"))
}

impl Table for DeadlineList {
    type Row<'a> = Deadline;

    fn push(&mut self, deadline: &Deadline) {
        let Self { blocks, overdue, context, .. } = self;
        let context = &*context;
        let DisplayContext { locale, now, .. } = context;
        let Deadline { due, obligation, namespace, incident, agreement, recipient, causes, draft, record, .. } =
            deadline;
        *overdue += usize::from(deadline.overdue);
        let left = time::left(*due, if deadline.overdue { (*now).max(*due) } else { *now }, *locale);
        let recipient = recipient.as_ref().map_or_else(String::new, |to| format!(" → {}", line(to, 64)));
        let mut lines = vec![
            format!("{}  {left}  {} {}", context.instant(*due), line(obligation, 16), deadline.report.title(*locale)),
            format!(
                "  Incident {}{recipient}: {} ({} {})",
                line(&format!("{namespace}/{incident}"), 320),
                line(&causes.join(", "), 80),
                context.text("agreement", "Vertrag"),
                line(agreement, 64)
            ),
        ];
        if deadline.is_covered {
            lines.push(format!(
                "  {}",
                context.text(
                    "The full report is overdue, too. Send that one; it counts as the first.",
                    "Auch die vollständige Meldung ist überfällig. Diese versenden; sie gilt zugleich als erste Meldung.",
                )
            ));
        }
        let send = match deadline.report {
            RequiredReport::First => context.text(
                "Complete the draft and send it to every controller named in it",
                "Den Entwurf vervollständigen und an jeden darin genannten Verantwortlichen senden",
            ),
            RequiredReport::Full => context.text(
                "Complete the draft and send it in text form to every controller named in it",
                "Den Entwurf vervollständigen und in Textform an jeden darin genannten Verantwortlichen senden",
            ),
        };
        let record_it = context.text(
            "Record that it was sent (now, or else the time at which it was sent)",
            "Den Versand eintragen (jetzt, sonst der tatsächliche Zeitpunkt)",
        );
        lines.extend([
            format!("  1. {send}:"),
            format!("     {draft}"),
            format!("  2. {record_it}:"),
            format!("     {record}"),
        ]);
        blocks.push(lines.join("\n"));
    }

    fn render(&self, _screen: Screen) -> String {
        let Self { blocks, overdue, context, range } = self;
        let range = range.in_words(context.locale);
        let deadlines = match blocks.len() {
            1 => context.text("deadline", "Frist"),
            _ => context.text("deadlines", "Fristen"),
        };
        if blocks.is_empty() {
            return format!("0 {deadlines} {range}");
        }
        let late = context.text("overdue", "überfällig");
        let authority = context.text(
            "Do not notify the supervisory authority: only the controller does (BR-AUTH).",
            "Keine Meldung an die Aufsichtsbehörde: sie obliegt allein dem Verantwortlichen (BR-AUTH).",
        );
        format!("{}\n\n{} {deadlines} {range}, {overdue} {late}. {authority}", blocks.join("\n\n"), blocks.len())
    }
}
