//! Turns observations into edges, and edges into judged transfers.

#[cfg(feature = "kafka")]
use std::collections::BTreeSet;
use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_observation::{AgentConfiguration, Observation};
#[cfg(feature = "kafka")]
use landfall_observation::{DataCategory, Local};
use landfall_register::{Compiled, Register};
use landfall_transfer_law::{
    Edge, EdgeAggregator, EdgeId, Interval, JudgmentRecord, Language, Outcome, Ruleset, Traffic, Verdict, explain,
    judge, judge_over,
};
use serde::Serialize;

use crate::{
    coverage::{Coverage, RunSummary},
    diagnostics,
    options::{FailOn, JudgmentOptions},
    register,
};

/// The compiled register and the edges seen so far.
pub(crate) struct Judging {
    compiled: Compiled,
    book: EdgeAggregator,
    coverage: Coverage,
    at: Option<Timestamp>,
    fail_from: Option<Outcome>,
    explain: Option<Language>,
    /// The hash of the verdict that [`Self::print_changes`] last printed for each edge.
    printed: HashMap<Arc<EdgeId>, u64>,
}

/// An edge with its verdict.
#[derive(Debug, Serialize)]
pub(crate) struct Transfer<'a> {
    #[serde(flatten)]
    pub(crate) edge: &'a Edge,
    pub(crate) verdict: Verdict<'a>,
    /// The reasoning in sentences, if requested.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explanation: Vec<String>,
}

impl Judging {
    /// Loads and compiles the register; its warnings go to stderr.
    pub(crate) fn load(judgment: &JudgmentOptions) -> anyhow::Result<Self> {
        let JudgmentOptions { register, at, fail_on } = judgment;
        let judging = Self::for_register(&register::open(register)?);
        Ok(Self { at: *at, fail_from: fail_on.map(FailOn::threshold), ..judging })
    }

    /// Compiles the register; its warnings go to stderr.
    pub(crate) fn for_register(register: &Register) -> Self {
        let compiled = landfall_register::compile(register);
        for warning in &compiled.warnings {
            diagnostics::warning(format_args!("{warning}"));
        }
        Self {
            compiled,
            book: EdgeAggregator::new(),
            coverage: Coverage::for_register(register),
            at: None,
            fail_from: None,
            explain: None,
            printed: HashMap::new(),
        }
    }

    /// Adds the reasoning of every verdict in `language`.
    pub(crate) fn with_explanations(self, language: Option<Language>) -> Self {
        Self { explain: language, ..self }
    }

    /// Counts the consent of a bus that no MessageBus describes as given to every agreement.
    #[cfg(feature = "kafka")]
    pub(crate) fn assuming_consent_of(self, bus: landfall_observation::BusName) -> Self {
        let resolver = self.compiled.resolver.with_unregistered_bus(bus);
        Self { compiled: Compiled { resolver, ..self.compiled }, ..self }
    }

    /// The configuration of the agent that follows from the register.
    pub(crate) fn agent_configuration(&self) -> &AgentConfiguration {
        &self.compiled.agent
    }

    /// Adds an observation to the edges of every agreement that selects its workload.
    pub(crate) fn observe(&mut self, observation: &Observation) {
        let is_under_agreement = absorb(&self.compiled, &mut self.book, observation);
        self.coverage.observe(&self.compiled.resolver.described(observation), is_under_agreement);
    }

    /// The categories that are declared for the topic of an observation, by schemas and by the MessageBus.
    #[cfg(feature = "kafka")]
    pub(crate) fn declared(&self, observation: &Observation) -> BTreeSet<DataCategory> {
        match &self.compiled.resolver.described(observation).local {
            Local::Topic(topic) => topic.declared.clone(),
            Local::Workload(_) => BTreeSet::new(),
        }
    }

    /// Judges observations by themselves: those of one party of a topic, where its edge may stand for several.
    #[cfg(feature = "kafka")]
    pub(crate) fn judge_alone(&self, observations: &[&Observation], mut see: impl FnMut(&Transfer<'_>)) {
        let mut book = EdgeAggregator::new();
        for observation in observations {
            absorb(&self.compiled, &mut book, observation);
        }
        for edge in book.edges() {
            let verdict = judge(&self.compiled.ruleset, &edge, self.at.unwrap_or(edge.last_seen));
            see(&Transfer { edge: &edge, verdict, explanation: Vec::new() });
        }
    }

    /// The ruleset, the edges seen so far, and the coverage.
    pub(crate) fn into_edges(self) -> (Ruleset, Vec<Edge>, RunSummary) {
        let edges: Vec<_> = self.book.edges().collect();
        let summary = RunSummary { judged: edges.len(), failed: None, coverage: self.coverage };
        (self.compiled.ruleset, edges, summary)
    }

    /// Prints the transfers whose verdict is new or has changed since the last call.
    pub(crate) fn print_changes(
        &mut self,
        mut print: impl FnMut(&Transfer<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        for edge in self.book.edges() {
            let mut verdict = judge(&self.compiled.ruleset, &edge, self.at.unwrap_or(edge.last_seen));
            let at = verdict.at;
            // Neither the time of the judgment nor further sightings of known categories are changes.
            verdict.at = Timestamp::UNIX_EPOCH;
            let sightings = std::mem::take(&mut verdict.sightings);
            let mut hasher = DefaultHasher::new();
            serde_json::to_vec(&verdict).context("failed to write a verdict")?.hash(&mut hasher);
            let verdict = Verdict { at, sightings, ..verdict };
            let hash = hasher.finish();
            if self.printed.get(&edge.id) != Some(&hash) {
                let explanation = self.explain.map_or_else(Vec::new, |language| explain(&edge, &verdict, language));
                print(&Transfer { edge: &edge, verdict, explanation })?;
                self.printed.insert(edge.id.clone(), hash);
            }
        }
        Ok(())
    }

    /// The judgments of every edge over the time of its traffic, for the ledger.
    pub(crate) fn judgment_records(&self) -> Vec<JudgmentRecord> {
        let ruleset = &self.compiled.ruleset;
        let of_edge = |edge: Edge| {
            let interval = Interval::from_edge(&edge);
            let judgments = match self.at {
                Some(at) => vec![landfall_transfer_law::Judgment { interval, verdict: judge(ruleset, &edge, at) }],
                None => judge_over(ruleset, &edge, interval),
            };
            let mut records: Vec<_> = judgments.iter().map(|judged| JudgmentRecord::new(&edge, judged)).collect();
            // How the traffic spreads over the intervals is not known: all of it is in the last record.
            if let Some((_, earlier)) = records.split_last_mut() {
                for record in earlier {
                    record.traffic = Traffic::default();
                }
            }
            records
        };
        self.book.edges().flat_map(of_edge).collect()
    }

    /// Judges every edge and prints the transfers.
    pub(crate) fn judge(
        self,
        mut print: impl FnMut(&Transfer<'_>) -> anyhow::Result<()>,
    ) -> anyhow::Result<RunSummary> {
        let mut failed = self.fail_from.map(|_| false);
        let mut judged = 0;
        for edge in self.book.edges() {
            let verdict = judge(&self.compiled.ruleset, &edge, self.at.unwrap_or(edge.last_seen));
            if self.fail_from.is_some_and(|from| verdict.outcome >= from) {
                failed = Some(true);
            }
            let explanation = self.explain.map_or_else(Vec::new, |language| explain(&edge, &verdict, language));
            print(&Transfer { edge: &edge, verdict, explanation })?;
            judged += 1;
        }
        Ok(RunSummary { judged, failed, coverage: self.coverage })
    }
}

/// Adds an observation to the edges of every agreement that selects its workload, and says whether one does.
fn absorb(compiled: &Compiled, book: &mut EdgeAggregator, observation: &Observation) -> bool {
    let observation = &*compiled.resolver.described(observation);
    let resolved = compiled.resolver.resolve(observation);
    for one in &resolved {
        book.absorb(&one.agreement, &one.counterpart, observation);
    }
    !resolved.is_empty()
}
