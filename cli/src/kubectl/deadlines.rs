//! `kubectl landfall deadlines`: every clock that runs, and what to do before it runs out.

use clap::ValueEnum;
use jiff::{Timestamp, tz::TimeZone};
use landfall_api::IncidentSpec;
use serde::Serialize;

use super::{
    Incident,
    cluster::{Kubectl, Range, Scope},
    harmless::{line, word},
    incident::report_command,
    incidents,
    standing::{STAGES, Stage, Standing},
    words::{self, Words},
};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::{Printer, Screen, Table},
};

/// Every clock that runs.
#[derive(Debug, clap::Args)]
pub(super) struct Deadlines {
    /// Exit with status 1 if there is such a clock.
    #[arg(long, value_enum, value_name = "CLOCK")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: FormatOptions,
}

/// On which clocks a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// One that has run out.
    Overdue,
}

/// A clock that runs, or has run out without its report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Deadline {
    pub(super) due: Timestamp,
    pub(super) seconds_left: i64,
    pub(super) overdue: bool,
    /// Such as `BR-FIRST`.
    obligation: String,
    namespace: String,
    incident: String,
    agreement: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipient: Option<String>,
    causes: Vec<String>,
    /// The command that shows the draft of what is to be sent.
    draft: String,
    /// The command that records that it was sent.
    record: String,
    #[serde(skip)]
    stage: Stage,
    /// Whether the full report is overdue, too: it counts as the first.
    #[serde(skip)]
    is_covered: bool,
}

/// What is to be done by when.
pub(super) struct DeadlineList {
    pub(super) blocks: Vec<String>,
    pub(super) overdue: usize,
    pub(super) words: Words,
    pub(super) now: Timestamp,
    pub(super) zone: TimeZone,
    pub(super) range: Range,
}

impl Deadlines {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        let Self { fail_on, format } = self;
        let cluster = scope.connect().await?;
        // A deadline in a namespace where nobody looks is a deadline missed.
        let range = if scope.namespace.is_none() { Range::All } else { scope.range(&cluster) };
        let incidents = cluster.list::<IncidentSpec>(&range, None).await?;
        let now = Timestamp::now();
        for incident in incidents.iter().filter(|incident| Stage::First.standing(incident, now) == Standing::NotSaid) {
            let (namespace, name) = incidents::named(incident);
            let known = words::instant(incident.spec.first_awareness, &TimeZone::system());
            diagnostics::warning(format_args!(
                "Incident {} is known since {known}, and the operator has not said when its reports are due; \
                 is it running?",
                line(&format!("{namespace}/{name}"), 320)
            ));
        }
        let deadlines = running(&incidents, &cluster.kubectl(), words, now);
        let list = DeadlineList { blocks: Vec::new(), overdue: 0, words, now, zone: TimeZone::system(), range };
        let mut printer = Printer::filling(list, format.format());
        for deadline in &deadlines {
            printer.print(deadline)?;
        }
        printer.finish()?;
        let fails = fail_on == Some(FailOn::Overdue) && deadlines.iter().any(|deadline| deadline.overdue);
        Ok(ExitStatus::from_check(!fails))
    }
}

/// Every clock that runs, the next due first.
pub(super) fn running(incidents: &[Incident], kubectl: &Kubectl, words: Words, now: Timestamp) -> Vec<Deadline> {
    let of_one = |incident| STAGES.into_iter().filter_map(move |stage| deadline(incident, stage, kubectl, words, now));
    let mut deadlines: Vec<_> = incidents.iter().flat_map(of_one).collect();
    deadlines.sort_by(|a, b| (a.due, &a.namespace, &a.incident).cmp(&(b.due, &b.namespace, &b.incident)));
    deadlines
}

fn deadline(incident: &Incident, stage: Stage, kubectl: &Kubectl, words: Words, now: Timestamp) -> Option<Deadline> {
    let standing = stage.standing(incident, now);
    let due = standing.due()?;
    let overdue = matches!(standing, Standing::Overdue { .. });
    let (namespace, name) = incidents::named(incident);
    let full_is_overdue = matches!(Stage::Full.standing(incident, now), Standing::Overdue { .. });
    Some(Deadline {
        due,
        seconds_left: due.duration_since(now).as_secs(),
        overdue,
        obligation: stage.clock(incident)?.obligation.clone(),
        agreement: incident.spec.agreement_ref.name.clone(),
        recipient: incident.spec.edge.as_ref().map(|edge| edge.recipient.clone()),
        causes: incident.spec.nature.codes.clone(),
        draft: draft(&namespace, &name, stage, kubectl, words),
        record: report_command(&word(&name), &word(&namespace), stage, kubectl),
        namespace,
        incident: name,
        stage,
        is_covered: stage == Stage::First && full_is_overdue,
    })
}

/// The command that shows what is to be sent.
pub(super) fn draft(namespace: &str, name: &str, stage: Stage, kubectl: &Kubectl, words: Words) -> String {
    let (name, file, code) = (word(&format!("{name}-reports")), stage.file(), words.code());
    kubectl.command(namespace, format_args!(r"get configmap {name} -o jsonpath='{{.data.{file}\.{code}\.md}}'"))
}

impl Table for DeadlineList {
    type Row<'a> = Deadline;

    fn push(&mut self, deadline: &Deadline) {
        let Self { blocks, overdue, words, now, zone, .. } = self;
        let Deadline { due, obligation, namespace, incident, agreement, recipient, causes, draft, record, .. } =
            deadline;
        *overdue += usize::from(deadline.overdue);
        let left = words.time_left(*due, if deadline.overdue { (*now).max(*due) } else { *now });
        let about = recipient.as_ref().map_or_else(String::new, |to| format!(" → {}", line(to, 64)));
        let mut lines = vec![
            format!(
                "{}  {left}  {} {}",
                words::instant(*due, zone),
                line(obligation, 16),
                deadline.stage.named(*words)
            ),
            format!(
                "  Incident {}{about}: {} ({} {})",
                line(&format!("{namespace}/{incident}"), 320),
                line(&causes.join(", "), 80),
                words.say("agreement", "Vertrag"),
                line(agreement, 64)
            ),
        ];
        if deadline.is_covered {
            lines.push(format!(
                "  {}",
                words.say(
                    "The full report is overdue, too: send that; it counts as the first.",
                    "Auch die vollständige Meldung ist überfällig: diese senden; sie gilt zugleich als die erste.",
                )
            ));
        }
        let form = match deadline.stage {
            Stage::First => {
                words.say("send it to every controller that it names", "an jeden darin genannten Auftraggeber senden")
            }
            Stage::Full => words.say(
                "send it to every controller that it names, in text form",
                "an jeden darin genannten Auftraggeber in Textform senden",
            ),
        };
        lines.push(format!("  1. {}, {form}:", words.say("Complete the draft", "Entwurf vervollständigen")));
        lines.push(format!("     {draft}"));
        lines.push(format!(
            "  2. {}:",
            words.say(
                "Record that it was sent (now; else write the time at which it really was)",
                "Eintragen, dass sie gesendet ist (jetzt; sonst die Zeit, zu der es wirklich war)",
            )
        ));
        lines.push(format!("     {record}"));
        blocks.push(lines.join("\n"));
    }

    fn render(&self, _screen: Screen) -> String {
        let Self { blocks, overdue, words, range, .. } = self;
        let range = range.named(*words);
        let clocks = match blocks.len() {
            1 => words.say("clock", "Frist"),
            _ => words.say("clocks", "Fristen"),
        };
        if blocks.is_empty() {
            return format!("0 {clocks} {range}");
        }
        let authority = words.say(
            "Never write to the supervisory authority: that is the controller's alone (BR-AUTH).",
            "Nie an die Aufsichtsbehörde schreiben: das ist allein Sache des Auftraggebers (BR-AUTH).",
        );
        let late = words.say("overdue", "überfällig");
        format!("{}\n\n{} {clocks} {range}, {overdue} {late}. {authority}", blocks.join("\n\n"), blocks.len())
    }
}
