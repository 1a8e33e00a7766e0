use landfall_transfer_law::Outcome;

use crate::{
    edge_summaries::EdgeSummary,
    judging::Transfer,
    output::{Screen, Table},
};

/// The reasoning of every judged transfer, the worst first; without those that carry no personal data.
#[derive(Default)]
pub(crate) struct Explanations {
    transfers: Vec<(Outcome, Vec<String>)>,
    notes: Vec<String>,
}

/// The same of edges as a ledger has them.
#[derive(Default)]
pub(crate) struct LedgerExplanations(Explanations);

impl Table for LedgerExplanations {
    type Row<'a> = EdgeSummary;

    fn push(&mut self, edge: &EdgeSummary) {
        self.0.transfers.push((edge.verdict.outcome(), edge.explanation.clone()));
    }

    fn render(&self, screen: Screen) -> String {
        self.0.render(screen)
    }
}

impl Table for Explanations {
    type Row<'a> = Transfer<'a>;

    fn push(&mut self, transfer: &Transfer<'_>) {
        self.transfers.push((transfer.verdict.outcome, transfer.explanation.clone()));
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn render(&self, _screen: Screen) -> String {
        let mut transfers: Vec<_> =
            self.transfers.iter().filter(|(outcome, _)| *outcome != Outcome::NotPersonal).collect();
        transfers.sort_by_key(|(outcome, _)| std::cmp::Reverse(*outcome));
        let paragraph = |(_, sentences): &(Outcome, Vec<String>)| sentences.join("\n  ");
        transfers.into_iter().map(paragraph).chain(self.notes.iter().cloned()).collect::<Vec<_>>().join("\n\n")
    }
}
