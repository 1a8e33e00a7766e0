//! The judgments of a ledger, summed up by edge.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_transfer_law::{
    EdgeId, Interval, JudgmentRecord, Language, Outcome, RollupRecord, Traffic, VerdictRecord, explain_record,
};
use serde::Serialize;

/// What the judgments of an edge come to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EdgeSummary {
    #[serde(flatten)]
    pub(crate) edge: Arc<EdgeId>,
    /// The verdict of the latest traffic, as it was judged last.
    pub(crate) verdict: Arc<VerdictRecord>,
    /// The worst outcome that it ever had.
    pub(crate) worst: Outcome,
    #[serde(flatten)]
    pub(crate) traffic: Traffic,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) judgments: u64,
    /// The reasoning in sentences, where it was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explanation: Vec<String>,
    /// Nothing was verified.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unverified: bool,
}

/// What the judgments of all edges come to.
#[derive(Debug, Default)]
pub(crate) struct EdgeSummaries(BTreeMap<Arc<EdgeId>, EdgeSummary>);

impl EdgeSummaries {
    /// Takes the body of a judgment or a roll-up, in the order of the ledger.
    pub(crate) fn add(&mut self, record: u64, is_rollup: bool, body: &str) -> anyhow::Result<()> {
        let expected = |what| format!("record {record}: expected a {what}");
        if is_rollup {
            let rollup: RollupRecord = serde_json::from_str(body).with_context(|| expected("roll-up"))?;
            let judged = self.0.get_mut(&rollup.edge).with_context(|| expected("judgment before the roll-up"))?;
            judged.pass(rollup.interval, rollup.traffic);
            return Ok(());
        }
        let judgment: JudgmentRecord = serde_json::from_str(body).with_context(|| expected("judgment"))?;
        match self.0.get_mut(&judgment.edge) {
            Some(edge) => edge.absorb(judgment),
            None => drop(self.0.insert(judgment.edge.clone(), EdgeSummary::of(judgment))),
        }
        Ok(())
    }

    /// All edges.
    pub(crate) fn into_all(self) -> impl Iterator<Item = EdgeSummary> {
        self.0.into_values()
    }
}

impl EdgeSummary {
    /// The same with its sentences: in `language`, with the reasoning, or in English without.
    pub(crate) fn spoken(self, language: Option<Language>) -> Self {
        let explain = |language| explain_record(&self.edge, self.traffic.bytes_sent, &self.verdict, language);
        let explanation = language.map_or_else(Vec::new, explain);
        let verdict = Arc::unwrap_or_clone(self.verdict).spoken(language.unwrap_or_default());
        Self { verdict: Arc::new(verdict), explanation, ..self }
    }

    fn of(judgment: JudgmentRecord) -> Self {
        let JudgmentRecord { schema: _, program: _, edge, interval, rejudged, traffic, verdict } = judgment;
        Self {
            edge,
            worst: verdict.outcome(),
            verdict,
            traffic: if rejudged { Traffic::default() } else { traffic },
            first_seen: interval.from,
            last_seen: interval.until,
            judgments: 1,
            explanation: Vec::new(),
            unverified: false,
        }
    }

    fn absorb(&mut self, judgment: JudgmentRecord) {
        let JudgmentRecord { schema: _, program: _, edge: _, interval, rejudged, traffic, verdict } = judgment;
        self.worst = self.worst.max(verdict.outcome());
        self.judgments += 1;
        if interval.until >= self.last_seen {
            self.verdict = verdict;
        }
        self.pass(interval, if rejudged { Traffic::default() } else { traffic });
    }

    /// Takes traffic in.
    fn pass(&mut self, interval: Interval, traffic: Traffic) {
        self.first_seen = self.first_seen.min(interval.from);
        self.last_seen = self.last_seen.max(interval.until);
        self.traffic = self.traffic.plus(traffic);
    }
}
