//! Breaches: what is remembered of every edge that was once found unlawful, so that no clock is lost or moved.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use landfall_api::IncidentSpec;
use landfall_transfer_law::{Edge, EdgeId, Outcome, VerdictRecord};
use serde::{Deserialize, Serialize};

use super::{Agreed, DecisionRecord, Draft, IncidentEvent, IncidentRecord, Served, Subject, Terms};

/// A breach on an edge, and what people have written about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Case {
    /// Which edge.
    pub edge: Arc<EdgeId>,
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
    pub terms: Option<Arc<Terms>>,
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

/// What others want to have in the ledger.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// What stands in an Incident about an edge.
    Written {
        /// The Incident.
        subject: Subject,
        /// Which edge.
        edge: Arc<EdgeId>,
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
    cases: BTreeMap<Arc<EdgeId>, Arc<Case>>,
}

impl Cases {
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Case>> {
        self.cases.values()
    }

    pub(super) fn restore(&mut self, case: Arc<Case>) {
        self.cases.insert(case.edge.clone(), case);
    }

    /// Takes note of what is agreed now; gives the cases to which that is news.
    pub(super) fn agree(&mut self, agreed: &Agreed) -> Vec<Arc<Case>> {
        let changed = self.cases.values_mut().filter_map(|case| {
            let news = agreed.news(&case.edge.agreement, case.terms.as_ref())?;
            Arc::make_mut(case).terms = Some(news);
            Some(Arc::clone(case))
        });
        changed.collect()
    }

    /// Takes a judgment that is a breach; gives the case if anything about it changed, and what happened, if anything.
    pub(super) fn breach(
        &mut self,
        edge: &Edge,
        verdict: &VerdictRecord,
        agreed: &Agreed,
        now: Timestamp,
    ) -> Option<(Arc<Case>, Option<IncidentRecord>)> {
        let before = self.cases.get(&edge.id);
        let mut case = before.map_or_else(|| Case::of(edge.id.clone()), |before| Case::clone(before));
        // What is agreed is news at a change of the ruleset, and then to all cases.
        if case.terms.is_none() {
            case.agree(agreed);
        }
        case.finding = Some(Finding::of(verdict));
        case.worst = case.worst.max(Some(verdict.outcome));
        case.last_seen = case.last_seen.max(Some(edge.last_seen));
        case.served.learn(edge);
        let event = match (case.known.last(), case.closed()) {
            (None, _) => Some(IncidentEvent::Opened),
            // What goes on after the measures is another breach: they did not suffice.
            (Some(known), Some(closed)) if closed >= *known && edge.last_seen > closed => Some(IncidentEvent::Returned),
            _ => None,
        };
        if event.is_some() {
            case.known.push(now);
        }
        if before.is_some_and(|before| **before == case) {
            return None;
        }
        let case = self.keep(case);
        let record = event.map(|event| IncidentRecord::new(event, &case, now));
        Some((case, record))
    }

    /// Takes what stands in the Incident; `None` if that was known. Of what a person decided there is a record.
    pub(super) fn enter(
        &mut self,
        (subject, edge): (Subject, Arc<EdgeId>),
        written: IncidentSpec,
        agreed: &Agreed,
        now: Timestamp,
    ) -> Option<(Arc<Case>, Option<DecisionRecord>)> {
        let before = self.cases.get(&edge);
        let mut case = before.map_or_else(|| Case::of(edge), |before| Case::clone(before));
        if case.written.as_ref() == Some(&written) {
            return None;
        }
        case.agree(agreed);
        let change = (case.written.as_ref(), &written);
        let record = DecisionRecord::of(subject, Some(&case.edge), change, !case.known.is_empty(), now);
        case.written = Some(written);
        Some((self.keep(case), record))
    }

    fn keep(&mut self, case: Case) -> Arc<Case> {
        let case = Arc::new(case);
        match self.cases.get_mut(&case.edge) {
            Some(kept) => kept.clone_from(&case),
            None => drop(self.cases.insert(case.edge.clone(), Arc::clone(&case))),
        }
        case
    }
}

impl Case {
    /// A case about which nothing is known yet.
    pub fn of(edge: Arc<EdgeId>) -> Self {
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

    fn agree(&mut self, agreed: &Agreed) {
        let news = agreed.news(&self.edge.agreement, self.terms.as_ref());
        self.terms = news.or(self.terms.take());
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
