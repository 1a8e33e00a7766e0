//! The judgments of a ledger, summed up by edge.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_transfer_law::{
    EdgeId, Interval, JudgmentRecord, Language, Outcome, RollupRecord, Traffic, VerdictRecord, explain_record,
};
use serde::Serialize;

/// The judgments of an edge, summed up.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EdgeSummary {
    #[serde(flatten)]
    pub(crate) edge: Arc<EdgeId>,
    /// The latest verdict on the latest traffic.
    pub(crate) verdict: Arc<VerdictRecord>,
    /// The worst outcome the edge ever had.
    pub(crate) worst: Outcome,
    #[serde(flatten)]
    pub(crate) traffic: Traffic,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) judgments: u64,
    /// The reasoning in sentences, if requested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explanation: Vec<String>,
    /// The ledger was read without verifying it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unverified: bool,
}

/// The judgments of all edges, summed up by edge.
#[derive(Debug, Default)]
pub(crate) struct EdgeSummaries(BTreeMap<Arc<EdgeId>, EdgeSummary>);

impl EdgeSummaries {
    /// Adds the body of a judgment or a roll-up; records come in the order of the ledger.
    pub(crate) fn add(&mut self, record: u64, is_rollup: bool, body: &str) -> anyhow::Result<()> {
        let expected = |what| format!("record {record}: expected a {what}");
        if is_rollup {
            let rollup: RollupRecord = serde_json::from_str(body).with_context(|| expected("roll-up"))?;
            let judged = self.0.get_mut(&rollup.edge).with_context(|| expected("judgment before the roll-up"))?;
            judged.add_traffic(rollup.interval, rollup.traffic);
            return Ok(());
        }
        let judgment: JudgmentRecord = serde_json::from_str(body).with_context(|| expected("judgment"))?;
        match self.0.get_mut(&judgment.edge) {
            Some(edge) => edge.absorb(judgment),
            None => drop(self.0.insert(judgment.edge.clone(), EdgeSummary::from_judgment(judgment))),
        }
        Ok(())
    }

    pub(crate) fn into_summaries(self) -> impl Iterator<Item = EdgeSummary> {
        self.0.into_values()
    }
}

impl EdgeSummary {
    /// Adds sentences to the codes: with the reasoning in `language`, or without it in English.
    pub(crate) fn with_texts(self, language: Option<Language>) -> Self {
        let explain = |language| explain_record(&self.edge, self.traffic.bytes_sent, &self.verdict, language);
        let explanation = language.map_or_else(Vec::new, explain);
        let verdict = Arc::unwrap_or_clone(self.verdict).with_texts(language.unwrap_or_default());
        Self { verdict: Arc::new(verdict), explanation, ..self }
    }

    fn from_judgment(judgment: JudgmentRecord) -> Self {
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
        self.add_traffic(interval, if rejudged { Traffic::default() } else { traffic });
    }

    fn add_traffic(&mut self, interval: Interval, traffic: Traffic) {
        self.first_seen = self.first_seen.min(interval.from);
        self.last_seen = self.last_seen.max(interval.until);
        self.traffic = self.traffic.plus(traffic);
    }
}
