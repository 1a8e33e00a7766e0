use std::cmp::Reverse;

use landfall_transfer_law::Outcome;

use crate::{
    edge_summaries::EdgeSummary,
    judging::Transfer,
    output::{Screen, Table},
};

/// The reasoning of every judged transfer that carries personal data, the worst verdict first.
#[derive(Default)]
pub(crate) struct Explanations {
    transfers: Vec<(Reverse<Outcome>, Vec<String>)>,
    notes: Vec<String>,
}

/// The same for the edges of a ledger.
#[derive(Default)]
pub(crate) struct LedgerExplanations(Explanations);

impl Table for LedgerExplanations {
    type Row<'a> = EdgeSummary;

    fn push(&mut self, edge: &EdgeSummary) {
        self.0.add(edge.verdict.outcome(), &edge.explanation);
    }

    fn render(&self, screen: Screen) -> String {
        self.0.render(screen)
    }
}

impl Table for Explanations {
    type Row<'a> = Transfer<'a>;

    fn push(&mut self, transfer: &Transfer<'_>) {
        self.add(transfer.verdict.outcome, &transfer.explanation);
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn render(&self, _screen: Screen) -> String {
        let mut transfers: Vec<_> = self.transfers.iter().collect();
        transfers.sort_by_key(|(outcome, _)| *outcome);
        let paragraphs = transfers.into_iter().map(|(_, sentences)| sentences.join("\n  "));
        paragraphs.chain(self.notes.iter().cloned()).collect::<Vec<_>>().join("\n\n")
    }
}

impl Explanations {
    fn add(&mut self, outcome: Outcome, sentences: &[String]) {
        if outcome != Outcome::NotPersonal {
            self.transfers.push((Reverse(outcome), sentences.to_vec()));
        }
    }
}
