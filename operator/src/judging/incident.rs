//! One breach: what is remembered of it, and the Incident object that is made from it.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};
use landfall_api::{Discovery, IncidentSpec, NamespacedReference, Nature, ObjectReference};
use landfall_observation::{DataCategory, JurisdictionSet, Recorded};
use landfall_transfer_law::{
    AgreementId, EdgeId, Language, Obligation, Outcome, ReasonCode, RecordedSentence, Rung, VerdictRecord,
};
use serde::{Deserialize, Serialize};

use super::{
    BreachTerms, Overdue,
    assignment::agreement,
    clocks, names,
    terms::{AgreedTerms, Served},
};

/// Most codes and obligations, as the schema of an Incident has it.
const MOST: usize = 16;

/// Which incident.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IncidentKey {
    /// The breach on an edge.
    Edge {
        /// Which edge.
        edge: Arc<EdgeId>,
    },
    /// One that a person has entered and that is about no single edge, by the name of its Incident.
    Name(NamespacedReference),
}

/// A breach, and what people have written about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// Which one.
    #[serde(flatten)]
    pub key: IncidentKey,
    /// When a breach was recorded: the first time, and each time that it came back after it had been closed. Empty for
    /// one that a person has entered and no judgment has confirmed. Instants are added and never changed.
    pub known: Vec<Timestamp>,
    /// What was found last.
    pub finding: Option<Finding>,
    /// The worst outcome since it was opened.
    pub worst: Option<Outcome>,
    /// The last traffic that was a breach.
    pub last_seen: Option<Timestamp>,
    /// What people have written, as it was read last.
    pub written: Option<IncidentSpec>,
    /// What the agreement says of breaches, as it was in force last: it may be deleted, and clocks go on.
    pub terms: Option<Arc<BreachTerms>>,
    /// For whom the traffic was.
    pub served: Served,
    /// Reports that were not sent in time; the ledger has each once.
    #[serde(default)]
    pub overdue: Vec<Overdue>,
    /// Whether the ledger has it as closed.
    #[serde(default)]
    pub is_closed: bool,
}

/// What a judgment found wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Codes of the reasons.
    pub codes: Vec<Recorded<ReasonCode>>,
    /// Obligations that are not kept.
    pub obligations: Vec<Recorded<Obligation>>,
    /// What the first reason says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub says: Option<RecordedSentence>,
    /// Kinds of personal data.
    pub categories: BTreeSet<DataCategory>,
    /// The rung by which they are known.
    pub rung: Recorded<Rung>,
    /// Where it is processed.
    pub places: JurisdictionSet,
}

impl IncidentKey {
    /// The edge, where it is about one.
    pub fn edge(&self) -> Option<&Arc<EdgeId>> {
        match self {
            Self::Edge { edge } => Some(edge),
            Self::Name(_) => None,
        }
    }

    /// Where its Incident is made, if nobody has made one under another name.
    pub(crate) fn reference(&self) -> NamespacedReference {
        match self {
            Self::Edge { edge } => names::incident(edge),
            Self::Name(name) => name.clone(),
        }
    }
}

impl Incident {
    /// One of which nothing is known yet.
    pub fn new(key: IncidentKey) -> Self {
        Self {
            key,
            known: Vec::new(),
            finding: None,
            worst: None,
            last_seen: None,
            written: None,
            terms: None,
            served: Served::default(),
            overdue: Vec::new(),
            is_closed: false,
        }
    }

    /// The agreement whose clocks run.
    pub(crate) fn agreement(&self) -> Option<AgreementId> {
        match &self.key {
            IncidentKey::Edge { edge } => Some(AgreementId::clone(&edge.agreement)),
            IncidentKey::Name(name) => Some(agreement(&name.namespace, self.written.as_ref()?)),
        }
    }

    /// The specification of the Incident that is made: as people wrote it last if it was deleted, else what was found.
    pub(crate) fn opening(&self, now: Timestamp) -> Option<IncidentSpec> {
        if let Some(written) = &self.written {
            return Some(written.clone());
        }
        let edge = self.key.edge()?;
        let Self { known, finding, .. } = self;
        // One that was made by a judgment has what was found.
        let short = |texts: Vec<String>| texts.iter().take(MOST).map(|text| names::short(text, 64)).collect();
        let codes = finding.iter().flat_map(|finding| &finding.codes).map(ToString::to_string).collect();
        let obligations = finding.iter().flat_map(|finding| &finding.obligations).map(ToString::to_string).collect();
        let says = finding.as_ref().and_then(|finding| finding.says.as_ref());
        let says = says.map(|says| says.in_language(Language::English)).unwrap_or_default();
        let summary = format!("{} to {}: {says}", edge.exporter, edge.recipient);
        Some(IncidentSpec {
            agreement_ref: ObjectReference { name: edge.agreement.name.clone() },
            edge: Some(names::spec(edge)),
            transfer_ref: Some(names::transfer(edge)),
            first_awareness: second_before(known.first().copied().unwrap_or(now)),
            discovered_by: Discovery::Alert,
            nature: Nature {
                codes: short(codes),
                obligations: short(obligations),
                summary: names::short(&summary, 1024),
                data_subjects: Vec::new(),
                approximate_subjects: None,
                approximate_records: None,
            },
            triage: None,
            consequences: None,
            reports: Vec::new(),
            closing: None,
        })
    }

    /// What is agreed about it.
    pub(super) fn terms(&self, agreed: &AgreedTerms) -> Arc<BreachTerms> {
        self.agreement().map(|agreement| agreed.terms(&agreement, self.terms.as_ref())).unwrap_or_default()
    }

    /// The reports that will not have been sent in time, by what is written so far, and are not known to be overdue.
    pub(super) fn unsent(&self, agreed: &AgreedTerms) -> impl Iterator<Item = Overdue> {
        let first = self.known.first().copied().unwrap_or(Timestamp::MAX);
        let spec = self.opening(first);
        let unsent = spec.map(|spec| clocks::unsent(&spec, self, &self.terms(agreed))).unwrap_or_default();
        unsent.into_iter().filter(|unsent| !self.overdue.iter().any(|known| known.is_same(unsent)))
    }

    /// When it came back, the last times.
    pub(crate) fn reopened(&self) -> Vec<Timestamp> {
        let later = self.known.get(1..).unwrap_or_default();
        later[later.len().saturating_sub(MOST)..].to_vec()
    }

    pub(super) fn agree(&mut self, agreed: &AgreedTerms) {
        let news = self.agreement().and_then(|agreement| agreed.news(&agreement, self.terms.as_ref()));
        self.terms = news.or(self.terms.take());
    }

    /// When a person closed it, by what was read last.
    pub(super) fn closed(&self) -> Option<Timestamp> {
        Some(self.written.as_ref()?.closing.as_ref()?.at)
    }
}

/// The second that has begun last, as objects show instants: a deadline must not seem later than it is.
fn second_before(at: Timestamp) -> Timestamp {
    at.round(TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Floor)).unwrap_or(at)
}

impl Finding {
    pub(super) fn from_verdict(verdict: &VerdictRecord) -> Self {
        let mut codes = Vec::new();
        let mut obligations = Vec::new();
        for reason in verdict.reasons.iter().filter(|reason| reason.effect == verdict.outcome) {
            if !codes.contains(&reason.code) {
                codes.push(reason.code.clone());
            }
            obligations.extend(reason.ground.obligation.clone().filter(|it| !obligations.contains(it)));
        }
        Self {
            codes,
            obligations,
            says: verdict.reasons.first().map(|reason| reason.ground.says.clone()),
            categories: verdict.categories.categories.clone(),
            rung: verdict.categories.rung.clone(),
            places: verdict.location.jurisdictions,
        }
    }
}
