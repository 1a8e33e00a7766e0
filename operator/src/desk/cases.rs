//! Breaches: what is remembered of every edge that was once found unlawful, so that no clock is lost or moved.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_api::IncidentSpec;
use landfall_transfer_law::{Edge, EdgeId, Outcome, Ruleset, VerdictRecord};
use serde::{Deserialize, Serialize};

use super::{Draft, Served, Terms};

/// Names the fields of a record.
const SCHEMA: &str = "landfall.incident/v1";

/// A breach on an edge, and what people have written about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Which edge.
    pub edge: EdgeId,
    /// When a breach was recorded: the first time, and each time that it came back after it had been closed. Empty for
    /// a case that a person has opened and no judgment has confirmed. Instants are added and never changed.
    pub known: Vec<Timestamp>,
    /// What was found last.
    pub finding: Option<Finding>,
    /// The worst outcome since the case was opened.
    pub worst: Option<Outcome>,
    /// The last traffic that was a breach.
    pub last_seen: Option<Timestamp>,
    /// What people have written, as it was read last.
    pub written: Option<IncidentSpec>,
    /// What the agreement says of breaches, as it was in force last: it may be deleted, and clocks go on.
    #[serde(default)]
    pub terms: Option<Terms>,
    /// For whom the traffic was.
    #[serde(default)]
    pub served: Served,
}

/// What a judgment found wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Codes of the reasons.
    pub codes: Vec<String>,
    /// Obligations that are not kept.
    pub obligations: Vec<String>,
    /// The first reason, in a sentence.
    pub summary: String,
    /// Kinds of personal data, and by which rung they are known.
    pub categories: Vec<String>,
    /// The rung.
    pub rung: String,
    /// Where it is processed.
    pub places: Vec<String>,
}

/// What happened to a case, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRecord<C = Case> {
    /// Always `landfall.incident/v1`.
    pub schema: String,
    /// What.
    pub event: CaseEvent,
    /// When, by the operator's clock.
    pub at: Timestamp,
    /// The case, after it.
    #[serde(flatten)]
    pub case: C,
}

/// What happened to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CaseEvent {
    /// A breach became known.
    Opened,
    /// It came back after it had been closed.
    Returned,
    /// A person has written something: a report that was sent, a triage, measures.
    Written,
}

/// What others want to have in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// What a person wrote about an edge.
    Written {
        /// Which edge.
        edge: EdgeId,
        /// The whole of it.
        written: Box<IncidentSpec>,
    },
    /// What a person wrote about no edge.
    Entered {
        /// Namespace of the Incident.
        namespace: String,
        /// Its name.
        name: String,
        /// The whole of it.
        written: Box<IncidentSpec>,
    },
    /// A report was drafted.
    Drafted(Draft),
}

/// All cases.
#[derive(Debug, Default)]
pub(super) struct Cases {
    cases: BTreeMap<EdgeId, Case>,
}

impl Cases {
    pub(super) fn all(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    pub(super) fn restore(&mut self, case: Case) {
        self.cases.insert(case.edge.clone(), case);
    }

    /// Takes note of what is agreed now; gives the cases to which that is news.
    pub(super) fn agree(&mut self, ruleset: &Ruleset) -> Vec<Case> {
        let changed = self.cases.values_mut().filter_map(|case| case.agree(ruleset).then(|| case.clone()));
        changed.collect()
    }

    /// Takes a judgment that is a breach; gives the case if anything about it changed, and what happened, if anything.
    pub(super) fn breach(
        &mut self,
        edge: &Edge,
        verdict: &VerdictRecord,
        ruleset: &Ruleset,
        now: Timestamp,
    ) -> Option<(Case, Option<CaseRecord>)> {
        let case = self.cases.entry(edge.id.clone()).or_insert_with(|| Case::of(edge.id.clone()));
        // What is agreed is news at a change of the ruleset, and then to all cases.
        let is_news = case.terms.is_none() && case.agree(ruleset);
        let before = (case.finding.take(), case.worst, case.last_seen, case.served.clone());
        case.finding = Some(Finding::of(verdict));
        case.worst = case.worst.max(Some(verdict.outcome));
        case.last_seen = case.last_seen.max(Some(edge.last_seen));
        case.served.learn(edge);
        let after = (&case.finding, case.worst, case.last_seen, &case.served);
        let has_changed = is_news || (&before.0, before.1, before.2, &before.3) != after;
        let event = match (case.known.last(), case.closed()) {
            (None, _) => Some(CaseEvent::Opened),
            // What goes on after the measures is another breach: they did not suffice.
            (Some(known), Some(closed)) if closed >= *known && edge.last_seen > closed => Some(CaseEvent::Returned),
            _ => None,
        };
        if event.is_some() {
            case.known.push(now);
        }
        let has_changed = has_changed || event.is_some();
        let record = event.map(|event| CaseRecord::new(event, case.clone(), now));
        has_changed.then(|| (case.clone(), record))
    }

    /// Takes what a person wrote; `None` if that was known.
    pub(super) fn enter(
        &mut self,
        edge: EdgeId,
        written: IncidentSpec,
        ruleset: &Ruleset,
        now: Timestamp,
    ) -> Option<(Case, CaseRecord)> {
        let case = self.cases.entry(edge.clone()).or_insert_with(|| Case::of(edge));
        if case.written.as_ref() == Some(&written) {
            return None;
        }
        case.agree(ruleset);
        case.written = Some(written);
        Some((case.clone(), CaseRecord::new(CaseEvent::Written, case.clone(), now)))
    }
}

impl Case {
    /// A case about which nothing is known yet.
    pub fn of(edge: EdgeId) -> Self {
        Self {
            edge,
            known: Vec::new(),
            finding: None,
            worst: None,
            last_seen: None,
            written: None,
            terms: None,
            served: Served::default(),
        }
    }

    /// Takes note of what is agreed now; whether that is news.
    fn agree(&mut self, ruleset: &Ruleset) -> bool {
        Terms::renew(&mut self.terms, ruleset, &self.edge.agreement)
    }

    /// When a person closed it, by what was read last.
    fn closed(&self) -> Option<Timestamp> {
        Some(self.written.as_ref()?.closing.as_ref()?.at)
    }
}

impl Finding {
    fn of(verdict: &VerdictRecord) -> Self {
        let mut codes: Vec<String> = Vec::new();
        let mut obligations: Vec<String> = Vec::new();
        for reason in verdict.reasons.iter().filter(|reason| reason.effect == verdict.outcome) {
            if !codes.contains(&reason.code) {
                codes.push(reason.code.clone());
            }
            obligations.extend(reason.ground.obligation.clone().filter(|it| !obligations.contains(it)));
        }
        let summary = verdict.reasons.first().map(|reason| reason.ground.text.clone()).unwrap_or_default();
        Self {
            codes,
            obligations,
            summary,
            categories: verdict.categories.categories.iter().map(ToString::to_string).collect(),
            rung: verdict.categories.rung.clone(),
            places: verdict.location.jurisdictions.iter().map(|place| place.to_string()).collect(),
        }
    }
}

impl<C> CaseRecord<C> {
    pub(super) fn new(event: CaseEvent, case: C, at: Timestamp) -> Self {
        Self { schema: SCHEMA.to_owned(), event, at, case }
    }
}
