//! `kubectl landfall transfers`: what goes where, and whether it may.

use std::cmp::Reverse;

use anyhow::bail;
use clap::ValueEnum;
use comfy_table::{Attribute, Cell, CellAlignment, Color};
use jiff::Timestamp;
use landfall_api::{TransferCategories, TransferLocation, TransferSpec, TransferStatus};
use landfall_observation::DataCategory;
use landfall_transfer_law::{Certainty, Outcome, Rung};

use super::{
    Transfer,
    cluster::{Kubectl, Range, Scope},
    harmless::{self, line},
    words::Words,
};
use crate::{
    exit_status::ExitStatus,
    options::{FailOn, FormatOptions},
    output::{Printer, Screen, Table, bytes, draw, grid, keep},
};

/// What goes where, and whether it may.
#[derive(Debug, clap::Args)]
pub(super) struct Transfers {
    /// Only these outcomes, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', ignore_case = true, value_name = "OUTCOME")]
    outcome: Vec<Asked>,
    /// Exit with status 1 if a verdict is this bad or worse, whether it is shown or not.
    #[arg(long, value_enum, value_name = "OUTCOME")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: FormatOptions,
}

/// An outcome that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Asked {
    Unlawful,
    Unknown,
    Conditional,
    Permitted,
    NotATransfer,
    IntraEea,
    NotPersonal,
}

/// Transfers as a table, the worst first; without those that carry no personal data or are none, unless they are asked for.
pub(super) struct TransferTable {
    pub(super) rows: Vec<(Option<Outcome>, [String; 9])>,
    pub(super) words: Words,
    pub(super) now: Timestamp,
    pub(super) range: Range,
    pub(super) kubectl: Kubectl,
    pub(super) shows_all: bool,
}

impl Transfers {
    pub(super) async fn run(self, scope: Scope, words: Words) -> anyhow::Result<ExitStatus> {
        let Self { outcome: asked, fail_on, format } = self;
        let cluster = scope.connect().await?;
        let range = scope.range(&cluster);
        let mut transfers = cluster.list::<TransferSpec>(&range, None).await?;
        let judged = transfers.iter().filter(|transfer| is_judged(transfer)).count();
        let gate =
            fail_on.filter(|_| judged == 0).map(|_| unjudged(transfers.len(), &range, &cluster.kubectl(), words));
        let fails = fail_on.is_some_and(|from| transfers.iter().any(|transfer| fails(rank(transfer), from)));
        transfers.retain(|transfer| asked.is_empty() || asked.iter().any(|asked| asked.is(transfer)));
        sort(&mut transfers);
        let table = TransferTable {
            rows: Vec::new(),
            words,
            now: Timestamp::now(),
            range,
            kubectl: cluster.kubectl(),
            shows_all: !asked.is_empty(),
        };
        let mut printer = Printer::filling(table, format.format());
        for transfer in &transfers {
            printer.print(transfer)?;
        }
        printer.finish()?;
        if let Some(reason) = gate {
            bail!(reason);
        }
        Ok(ExitStatus::from_check(!fails))
    }
}

impl Asked {
    fn is(self, transfer: &Transfer) -> bool {
        rank(transfer)
            == match self {
                Self::Unlawful => Outcome::Unlawful,
                Self::Unknown => Outcome::Unknown,
                Self::Conditional => Outcome::Conditional,
                Self::Permitted => Outcome::Permitted,
                Self::NotATransfer => Outcome::NotATransfer,
                Self::IntraEea => Outcome::IntraEea,
                Self::NotPersonal => Outcome::NotPersonal,
            }
    }
}

fn is_judged(transfer: &Transfer) -> bool {
    transfer.status.as_ref().is_some_and(|status| status.outcome.is_some())
}

/// Why there is nothing that a run could fail on, and what to look at.
pub(super) fn unjudged(transfers: usize, range: &Range, kubectl: &Kubectl, words: Words) -> String {
    let place = range.named(words);
    let what = if transfers == 0 {
        words.say("there is no Transfer", "es gibt keinen Transfer").to_owned()
    } else {
        let not_yet = words.say("no Transfer has a verdict yet", "noch kein Transfer hat ein Urteil");
        format!("{not_yet} ({transfers})")
    };
    let next = match range {
        Range::All => "kubectl get agr,tr -A (docs/operator.md)".to_owned(),
        Range::Namespace(_) => kubectl.plugin("transfers -A"),
    };
    format!("--fail-on: {}: {what} {place}; {next}", words.say("nothing was judged", "nichts wurde beurteilt"))
}

fn fails(outcome: Outcome, from: FailOn) -> bool {
    let from = match from {
        FailOn::Unknown => Outcome::Unknown,
        FailOn::Unlawful => Outcome::Unlawful,
    };
    outcome >= from
}

/// The worst first.
pub(super) fn sort(transfers: &mut [Transfer]) {
    transfers.sort_by_cached_key(|transfer| (Reverse(rank(transfer)), named(transfer)));
}

/// What was not judged yet is not known.
fn rank(transfer: &Transfer) -> Outcome {
    transfer.status.as_ref().and_then(|status| status.outcome).unwrap_or(Outcome::Unknown)
}

/// Namespace and name of the object.
pub(super) fn named(transfer: &Transfer) -> (String, String) {
    let metadata = &transfer.metadata;
    (metadata.namespace.clone().unwrap_or_default(), metadata.name.clone().unwrap_or_default())
}

impl Table for TransferTable {
    type Row<'a> = Transfer;

    fn push(&mut self, transfer: &Transfer) {
        let TransferSpec { exporter, recipient, endpoint, .. } = &transfer.spec;
        let status = transfer.status.clone().unwrap_or_default();
        let TransferStatus { outcome, reasons, missing, bases, location, categories, volume, last_seen, .. } = &status;
        let endpoint = endpoint.as_ref().map_or_else(String::new, |endpoint| format!(" ({})", line(endpoint, 24)));
        // What speaks against it, else what it lacks, else what carries it.
        let why = reasons.first().map(|reason| reason.code.clone());
        let why = why.or_else(|| {
            missing
                .first()
                .map(|piece| format!("{} {} {}", piece.subject, self.words.say("lacks", "fehlt"), piece.code))
        });
        let why = why.or_else(|| bases.first().cloned()).unwrap_or_else(|| "-".to_owned());
        let dash = || "-".to_owned();
        let cells = [
            line(&exporter.short(), 48),
            format!("{}{endpoint}", line(recipient, 36)),
            outcome.map_or_else(dash, |outcome| outcome.to_string()),
            line(&why, 40),
            location.as_ref().map_or_else(dash, |location| place(location, self.words)),
            categories.as_ref().map_or_else(dash, |known| data(known, self.words)),
            volume.map_or_else(dash, |volume| bytes(volume.bytes_sent)),
            last_seen.map_or_else(dash, |at| self.words.ago(at, self.now)),
            line(&named(transfer).1, 253),
        ];
        self.rows.push((*outcome, cells));
    }

    fn render(&self, screen: Screen) -> String {
        let Self { words, range, kubectl, .. } = self;
        // What stays with the processor, or is nobody's, would hide what is to be looked at.
        let is_none = |outcome| matches!(outcome, Some(Outcome::NotPersonal | Outcome::NotATransfer));
        let is_shown = |outcome: &Option<Outcome>| self.shows_all || !is_none(*outcome);
        let shown: Vec<_> = self.rows.iter().filter(|(outcome, _)| is_shown(outcome)).collect();
        let summary = format!(
            "{}{}",
            self.summary(),
            if shown.len() == self.rows.len() {
                ""
            } else {
                words.say(
                    " (NotATransfer and NotPersonal are not shown: --outcome not-a-transfer,not-personal)",
                    " (NotATransfer und NotPersonal werden nicht gezeigt: --outcome not-a-transfer,not-personal)",
                )
            }
        );
        if shown.is_empty() {
            let all = if *range == Range::All {
                String::new()
            } else {
                format!("\n{}: {}", Range::All.named(*words), kubectl.plugin("transfers -A"))
            };
            return format!("{summary}{all}");
        }
        let english =
            ["EXPORTER", "RECIPIENT", "VERDICT", "WHY", "WHERE", "DATA (HOW KNOWN)", "SENT", "LAST SEEN", "NAME"];
        let german =
            ["EXPORTEUR", "EMPFÄNGER", "URTEIL", "GRUND", "WO", "DATEN (WOHER BEKANNT)", "GESENDET", "ZULETZT", "NAME"];
        let mut grid =
            grid(&std::array::from_fn::<_, 9, _>(|column| words.say(english[column], german[column])), screen);
        if let Some(column) = grid.column_mut(6) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        if screen.colour {
            grid.enforce_styling();
        }
        for (outcome, row) in &shown {
            let mut cells: Vec<_> = row.iter().map(Cell::new).collect();
            cells[2] = Cell::new(&row[2]).fg(shade(*outcome)).add_attribute(Attribute::Bold);
            grid.add_row(cells);
        }
        keep(&mut grid, &[2, 8], screen);
        let why = words.say("Why", "Warum");
        let (_, worst) = shown[0];
        // The workload lives where its Transfer does.
        let namespace = worst[0].split('/').next().unwrap_or_default();
        let next =
            kubectl.plugin(format_args!("explain {} -n {}", harmless::word(&worst[8]), harmless::word(namespace)));
        format!("{}\n\n{summary}\n{why}: {next}", draw(&mut grid, screen))
    }
}

impl TransferTable {
    fn summary(&self) -> String {
        let Self { rows, words, range, .. } = self;
        let outcomes: Vec<String> = rows
            .iter()
            .map(|(outcome, _)| {
                outcome.map_or_else(|| words.say("not judged", "nicht beurteilt").to_owned(), |it| format!("{it:?}"))
            })
            .collect();
        // Rows of one outcome stand together.
        let counts: Vec<String> =
            outcomes.chunk_by(|a, b| a == b).map(|group| format!("{} {}", group.len(), group[0])).collect();
        let transfers = if rows.len() == 1 { "Transfer" } else { "Transfers" };
        let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
        format!("{} {transfers} {}{counts}", rows.len(), range.named(*words))
    }
}

fn place(location: &TransferLocation, words: Words) -> String {
    let TransferLocation { jurisdictions, anywhere, certainty } = location;
    let mut names: Vec<String> = jurisdictions.iter().map(ToString::to_string).collect();
    if *anywhere {
        names.push(words.say("anywhere", "irgendwo").to_owned());
    }
    if names.is_empty() {
        return words.say("unknown", "unbekannt").to_owned();
    }
    let certainty = match certainty {
        Certainty::Corroborated => words.say("corroborated", "bestätigt"),
        Certainty::Uncorroborated => words.say("attested", "zugesichert"),
        Certainty::Conflict => words.say("CONFLICT", "WIDERSPRUCH"),
        Certainty::Observed => words.say("observed", "beobachtet"),
        Certainty::Hint => words.say("hint", "Hinweis"),
        Certainty::Unknown => words.say("unknown", "unbekannt"),
    };
    format!("{} {certainty}", line(&names.join(" "), 32))
}

fn data(known: &TransferCategories, words: Words) -> String {
    let rung = match known.rung {
        Rung::Seen => words.say("seen", "gesehen"),
        Rung::Held => words.say("held", "gehalten"),
        Rung::Declared => words.say("declared", "erklärt"),
        Rung::Assumed => words.say("assumed", "angenommen"),
        Rung::None => return words.say("none known", "keine bekannt").to_owned(),
    };
    // Two names fit; the rest is in `explain`.
    let short = |category: &DataCategory| category.as_str().rsplit(':').next().unwrap_or_default().to_owned();
    let shown: Vec<_> = known.values.iter().take(2).map(short).collect();
    let more = known.values.len().saturating_sub(2);
    let more = if more == 0 { String::new() } else { format!(" +{more}") };
    format!("{rung}: {}{more}", line(&shown.join(" "), 48))
}

fn shade(outcome: Option<Outcome>) -> Color {
    match outcome {
        Some(Outcome::Unlawful) => Color::Red,
        Some(Outcome::Unknown) | None => Color::Magenta,
        Some(Outcome::Conditional) => Color::Yellow,
        Some(Outcome::Permitted | Outcome::IntraEea) => Color::Green,
        Some(Outcome::NotATransfer | Outcome::NotPersonal) => Color::DarkGrey,
    }
}
