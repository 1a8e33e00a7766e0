//! `kubectl landfall transfers`: which data goes where, and whether it may.

use std::cmp::Reverse;

use anyhow::bail;
use clap::ValueEnum;
use landfall_api::{TransferCategories, TransferLocation, TransferSpec, TransferStatus};
use landfall_transfer_law::Outcome;

use super::{
    Transfer,
    cluster::{Range, Scope},
    context::{DisplayContext, namespaced_name},
    sanitize::{line, shell_word},
};
use crate::{
    cells::{self, bytes, heading, in_brackets, or_dash, outcome_style, time},
    exit_status::ExitStatus,
    locale::Locale,
    options::{FailOn, FormatOptions},
    output::{Grid, Printer, Screen, Table},
};

/// Lists Transfers with their verdicts, the worst first.
#[derive(Debug, clap::Args)]
pub(super) struct Transfers {
    /// Only these outcomes, separated by commas.
    #[arg(long, value_enum, value_delimiter = ',', ignore_case = true, value_name = "OUTCOME")]
    outcome: Vec<OutcomeOption>,
    /// Exit with status 1 if any verdict is this bad or worse, whether it is shown or not.
    #[arg(long, value_enum, value_name = "OUTCOME")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: FormatOptions,
}

/// An outcome as it is given on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutcomeOption {
    Unlawful,
    Unknown,
    Conditional,
    Permitted,
    NotATransfer,
    IntraEea,
    NotPersonal,
}

/// Transfers as a table, the worst first. What is no transfer or carries no personal data is shown on request only.
pub(super) struct TransferTable {
    pub(super) rows: Vec<(Option<Outcome>, [String; 9])>,
    pub(super) context: DisplayContext,
    pub(super) range: Range,
    pub(super) shows_all: bool,
}

impl Transfers {
    pub(super) async fn run(self, scope: Scope, locale: Locale) -> anyhow::Result<ExitStatus> {
        let Self { outcome: selected, fail_on, format } = self;
        let cluster = scope.connect().await?;
        let context = DisplayContext::local(locale, cluster.kubectl());
        let range = scope.range(&cluster);
        let mut transfers = cluster.list::<TransferSpec>(&range, None).await?;
        let is_any_judged = transfers.iter().any(|transfer| outcome(transfer).is_some());
        let nothing_judged =
            fail_on.filter(|_| !is_any_judged).map(|_| nothing_judged(transfers.len(), &range, &context));
        let fails = fail_on.is_some_and(|from| transfers.iter().any(|transfer| rank(transfer) >= from.threshold()));
        let is_selected = |transfer: &Transfer| selected.iter().any(|option| Outcome::from(*option) == rank(transfer));
        transfers.retain(|transfer| selected.is_empty() || is_selected(transfer));
        sort(&mut transfers);
        let table = TransferTable { rows: Vec::new(), context, range, shows_all: !selected.is_empty() };
        let mut printer = Printer::with_table(table, format.format());
        for transfer in &transfers {
            printer.print(transfer)?;
        }
        printer.finish()?;
        if let Some(reason) = nothing_judged {
            bail!(reason);
        }
        Ok(ExitStatus::from_check(!fails))
    }
}

impl From<OutcomeOption> for Outcome {
    fn from(option: OutcomeOption) -> Self {
        match option {
            OutcomeOption::Unlawful => Self::Unlawful,
            OutcomeOption::Unknown => Self::Unknown,
            OutcomeOption::Conditional => Self::Conditional,
            OutcomeOption::Permitted => Self::Permitted,
            OutcomeOption::NotATransfer => Self::NotATransfer,
            OutcomeOption::IntraEea => Self::IntraEea,
            OutcomeOption::NotPersonal => Self::NotPersonal,
        }
    }
}

fn outcome(transfer: &Transfer) -> Option<Outcome> {
    transfer.status.as_ref().and_then(|status| status.outcome)
}

/// A Transfer that was not judged yet ranks as Unknown.
fn rank(transfer: &Transfer) -> Outcome {
    outcome(transfer).unwrap_or(Outcome::Unknown)
}

/// The worst first.
pub(super) fn sort(transfers: &mut [Transfer]) {
    transfers.sort_by_cached_key(|transfer| (Reverse(rank(transfer)), namespaced_name(transfer)));
}

/// Why `--fail-on` could not be checked, and where to look.
pub(super) fn nothing_judged(transfers: usize, range: &Range, context: &DisplayContext) -> String {
    let place = range.in_words(context.locale);
    let what = if transfers == 0 {
        context.text("there is no Transfer", "es gibt keinen Transfer").to_owned()
    } else {
        let not_yet = context.text("no Transfer has a verdict yet", "noch kein Transfer ist bewertet");
        format!("{not_yet} ({transfers})")
    };
    let next = match range {
        Range::All => "kubectl get agr,tr -A (docs/operator.md)".to_owned(),
        Range::Namespace(_) => context.kubectl.plugin("transfers -A"),
    };
    format!("--fail-on: {}: {what} {place}; {next}", context.text("nothing was judged", "nichts wurde bewertet"))
}

impl Table for TransferTable {
    type Row<'a> = Transfer;

    fn push(&mut self, transfer: &Transfer) {
        let DisplayContext { locale, now, .. } = self.context;
        let TransferSpec { exporter, recipient, endpoint, .. } = &transfer.spec;
        let status = transfer.status.clone().unwrap_or_default();
        let TransferStatus { outcome, reasons, missing, bases, location, categories, volume, last_seen, .. } = &status;
        let endpoint = endpoint.as_ref().map_or_else(String::new, |endpoint| line(endpoint, 24));
        let against = reasons.iter().map(|reason| reason.code.clone());
        let missing = missing.iter().map(|piece| (&piece.subject, &piece.code));
        let why = cells::reasons(against, missing, bases.iter().cloned(), locale);
        let cells = [
            line(&exporter.short(), 48),
            format!("{}{}", line(recipient, 36), in_brackets(&endpoint)),
            or_dash(*outcome),
            line(&or_dash(why.first()), 40),
            or_dash(location.as_ref().map(|location| place(location, locale))),
            or_dash(categories.as_ref().map(|known| data(known, locale))),
            or_dash(volume.map(|volume| bytes(volume.bytes_sent))),
            or_dash(last_seen.map(|at| time::ago(at, now, locale))),
            line(&namespaced_name(transfer).1, 253),
        ];
        self.rows.push((*outcome, cells));
    }

    fn render(&self, screen: Screen) -> String {
        let Self { context, range, .. } = self;
        // What is no transfer, or carries no personal data, would hide what matters.
        let is_minor = |outcome| matches!(outcome, Some(Outcome::NotPersonal | Outcome::NotATransfer));
        let is_shown = |outcome: &Option<Outcome>| self.shows_all || !is_minor(*outcome);
        let shown: Vec<_> = self.rows.iter().filter(|(outcome, _)| is_shown(outcome)).collect();
        let summary = format!(
            "{}{}",
            self.summary(),
            if shown.len() == self.rows.len() {
                ""
            } else {
                context.text(
                    " (NotATransfer and NotPersonal are not shown: --outcome not-a-transfer,not-personal)",
                    " (NotATransfer und NotPersonal werden nicht gezeigt: --outcome not-a-transfer,not-personal)",
                )
            }
        );
        if shown.is_empty() {
            return format!("{summary}{}", context.list_everywhere(range, "transfers"));
        }
        let headings = heading::headings(
            [
                heading::EXPORTER,
                heading::RECIPIENT,
                heading::VERDICT,
                heading::WHY,
                heading::WHERE,
                heading::DATA,
                heading::SENT,
                heading::LAST_SEEN,
                heading::NAME,
            ],
            context.locale,
        );
        let mut grid = Grid::new(screen, &headings).align_right(&[6]).keep_whole(&[2, 8]);
        for (outcome, row) in &shown {
            grid.push_styled(row, 2, outcome_style(*outcome));
        }
        let why = context.text("Why", "Warum");
        let (_, worst) = shown[0];
        // A Transfer lives in the namespace of its exporter.
        let namespace = worst[0].split('/').next().unwrap_or_default();
        let explain = format_args!("explain {} -n {}", shell_word(&worst[8]), shell_word(namespace)).to_string();
        format!("{}\n\n{summary}\n{why}: {}", grid.cut(), context.kubectl.plugin(explain))
    }
}

impl TransferTable {
    fn summary(&self) -> String {
        let Self { rows, context, range, .. } = self;
        let not_judged = context.text("not judged", "nicht bewertet");
        let outcomes: Vec<String> = rows
            .iter()
            .map(|(outcome, _)| outcome.map_or_else(|| not_judged.to_owned(), |outcome| outcome.to_string()))
            .collect();
        // The rows are sorted by outcome.
        let counts: Vec<String> =
            outcomes.chunk_by(|a, b| a == b).map(|group| format!("{} {}", group.len(), group[0])).collect();
        let transfers = if rows.len() == 1 { "Transfer" } else { "Transfers" };
        let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
        format!("{} {transfers} {}{counts}", rows.len(), range.in_words(context.locale))
    }
}

fn place(location: &TransferLocation, locale: Locale) -> String {
    let TransferLocation { jurisdictions, anywhere, certainty } = location;
    let places = cells::places(jurisdictions, *anywhere, locale);
    if places.is_empty() {
        return locale.text("unknown", "unbekannt").to_owned();
    }
    format!("{} {}", line(&places, 32), cells::certainty(*certainty, locale))
}

fn data(known: &TransferCategories, locale: Locale) -> String {
    let TransferCategories { rung, values, .. } = known;
    let Some(rung) = cells::rung(*rung, locale) else {
        return locale.text("none known", "keine bekannt").to_owned();
    };
    let (shown, more) = cells::categories(values);
    format!("{rung}: {}{more}", line(&shown, 48))
}
