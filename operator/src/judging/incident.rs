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
    terms::{AgreedTerms, ServedTenants},
};

/// Maximum number of codes and of obligations in the schema of an Incident.
const MAX_ITEMS: usize = 16;

/// Identifies an incident.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IncidentKey {
    /// The breach on an edge.
    Edge {
        /// Which edge.
        #[serde(rename = "edge")]
        edge: Arc<EdgeId>,
    },
    /// One that a person created and that is about no single edge, by the name of its Incident.
    Name(NamespacedReference),
}

/// A breach, and what people wrote about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Which one.
    #[serde(flatten)]
    pub key: IncidentKey,
    /// When the breach became known: at first, and at each return after it was closed. Empty for one that a person
    /// created and no judgment has confirmed. Instants are added and never changed.
    #[serde(rename = "known")]
    pub known: Vec<Timestamp>,
    /// The latest finding.
    #[serde(rename = "finding")]
    pub finding: Option<Finding>,
    /// The worst outcome since it was opened.
    #[serde(rename = "worst")]
    pub worst: Option<Outcome>,
    /// Time of the last unlawful traffic.
    #[serde(rename = "lastSeen")]
    pub last_seen: Option<Timestamp>,
    /// The specification of its Incident, as read last.
    #[serde(rename = "written")]
    pub written: Option<IncidentSpec>,
    /// The agreement's latest terms for breaches. They are kept because deadlines continue if the agreement is deleted.
    #[serde(rename = "terms")]
    pub terms: Option<Arc<BreachTerms>>,
    /// The tenants whose traffic it was.
    #[serde(rename = "served")]
    pub served: ServedTenants,
    /// Reports that were not sent in time; each is recorded in the ledger once.
    #[serde(rename = "overdue", default)]
    pub overdue: Vec<Overdue>,
    /// Whether the ledger records it as closed.
    #[serde(rename = "isClosed", default)]
    pub is_closed: bool,
}

/// What a judgment found to be wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Codes of the reasons.
    #[serde(rename = "codes")]
    pub codes: Vec<Recorded<ReasonCode>>,
    /// Obligations that are not met.
    #[serde(rename = "obligations")]
    pub obligations: Vec<Recorded<Obligation>>,
    /// The first reason, as code and arguments.
    #[serde(rename = "says", default, skip_serializing_if = "Option::is_none")]
    pub says: Option<RecordedSentence>,
    /// Kinds of personal data.
    #[serde(rename = "categories")]
    pub categories: BTreeSet<DataCategory>,
    /// How they are known.
    #[serde(rename = "rung")]
    pub rung: Recorded<Rung>,
    /// Where the data is processed.
    #[serde(rename = "places")]
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

    /// Default namespace and name of its Incident; a person may have created one under another name.
    pub(crate) fn reference(&self) -> NamespacedReference {
        match self {
            Self::Edge { edge } => names::incident(edge),
            Self::Name(name) => name.clone(),
        }
    }
}

impl Incident {
    /// An incident without any facts yet.
    pub fn new(key: IncidentKey) -> Self {
        Self {
            key,
            known: Vec::new(),
            finding: None,
            worst: None,
            last_seen: None,
            written: None,
            terms: None,
            served: ServedTenants::default(),
            overdue: Vec::new(),
            is_closed: false,
        }
    }

    /// The agreement that it breaches.
    pub(crate) fn agreement(&self) -> Option<AgreementId> {
        match &self.key {
            IncidentKey::Edge { edge } => Some(AgreementId::clone(&edge.agreement)),
            IncidentKey::Name(name) => Some(agreement(&name.namespace, self.written.as_ref()?)),
        }
    }

    /// The specification of the Incident to create: what people wrote, if it was deleted; otherwise what was found.
    pub(crate) fn initial_spec(&self, now: Timestamp) -> Option<IncidentSpec> {
        if let Some(written) = &self.written {
            return Some(written.clone());
        }
        let edge = self.key.edge()?;
        let Self { known, finding, .. } = self;
        let truncate_all =
            |texts: Vec<String>| texts.iter().take(MAX_ITEMS).map(|text| names::truncate(text, 64)).collect();
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
                codes: truncate_all(codes),
                obligations: truncate_all(obligations),
                summary: names::truncate(&summary, 1024),
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

    /// The terms that apply to it.
    pub(super) fn terms(&self, agreed: &AgreedTerms) -> Arc<BreachTerms> {
        self.agreement().map(|agreement| agreed.terms(&agreement, self.terms.as_ref())).unwrap_or_default()
    }

    /// The reports that were not or will not be sent in time, except those already recorded as overdue.
    pub(super) fn unsent(&self, agreed: &AgreedTerms) -> impl Iterator<Item = Overdue> {
        let first = self.known.first().copied().unwrap_or(Timestamp::MAX);
        let spec = self.initial_spec(first);
        let unsent = spec.map(|spec| clocks::unsent(&spec, self, &self.terms(agreed))).unwrap_or_default();
        unsent.into_iter().filter(|unsent| !self.overdue.iter().any(|known| known.is_same(unsent)))
    }

    /// When it returned, at most the last [`MAX_ITEMS`] times.
    pub(crate) fn reopened(&self) -> Vec<Timestamp> {
        let later = self.known.get(1..).unwrap_or_default();
        later[later.len().saturating_sub(MAX_ITEMS)..].to_vec()
    }

    pub(super) fn update_terms(&mut self, agreed: &AgreedTerms) {
        let news = self.agreement().and_then(|agreement| agreed.changed_terms(&agreement, self.terms.as_ref()));
        self.terms = news.or(self.terms.take());
    }

    /// When a person closed it.
    pub(super) fn closed_at(&self) -> Option<Timestamp> {
        Some(self.written.as_ref()?.closing.as_ref()?.at)
    }
}

/// Rounds down to the second, the precision of objects: a deadline must not appear later than it is.
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
