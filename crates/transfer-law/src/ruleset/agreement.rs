use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::FixedState;
use jiff::Timestamp;
use landfall_observation::{Interpretation, OwnNetwork, TlsVersion};
use serde::{Deserialize, Serialize};

use super::{AgreementText, Citation, Entity, Named, Policy, Scope};
use crate::{
    Obligation,
    clock::{self, Rule},
    moment::Moment,
};

/// Namespace and name of a ProcessingAgreement.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AgreementId {
    /// Namespace, `default` for a register folder that names none.
    pub namespace: String,
    /// Name.
    pub name: String,
}

/// A data-processing agreement (Art. 28(3) GDPR).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The processor: the exporter of what its workloads send.
    pub processor: Entity,
    /// Subdivision of its seat whose holidays count, such as `DE-BE`.
    pub land: Option<String>,
    /// Time zone in which days are counted (IANA).
    pub zone: String,
    /// The controllers on whose behalf it processes.
    pub controllers: Vec<Controller>,
    /// Categories of personal data that the agreement covers (Annex 1, AVV-SCOPE).
    pub scope: Scope,
    /// Kinds of data subjects that it covers (Annex 1), as DPV concepts such as `dpv:Employee`.
    pub data_subjects: BTreeSet<String>,
    /// The sub-processors that it lists (Annex 3, SUB-LIST), by the name of the recipient.
    pub engagements: Named<Engagement>,
    /// The lowest TLS version that Annex 2 promises (TOM), if it promises one.
    pub minimum_tls: Option<TlsPromise>,
    /// The processor's own networks.
    pub own_networks: Vec<OwnNetwork>,
    /// Where the agreement lays down each obligation.
    pub clauses: HashMap<Obligation, Citation, FixedState>,
    /// Citations under an id that is no obligation; lint reports them.
    pub unknown_obligations: BTreeMap<String, Citation>,
    /// Periods that differ from those of [`clock::DUTIES`].
    pub periods: BTreeMap<Obligation, Rule>,
    /// How its silences and ambiguities are read.
    pub interpretation: Interpretation,
    /// What its text claims.
    pub text: AgreementText,
    /// Settings of the TransferPolicies that apply to the agreement, merged.
    pub policy: Policy,
}

/// A controller on whose behalf the processor acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Controller {
    /// Who it is.
    pub entity: Entity,
    /// Tenants that are its own.
    pub tenants: BTreeSet<String>,
}

/// One entry of Annex 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Whether it is used for everybody.
    pub activation: Activation,
    /// The end of the objection period (SUB-FREEZE): before this instant the sub-processor must
    /// not be used. `None`: listed since the agreement began.
    pub effective_from: Option<Timestamp>,
    /// It must not be used from this instant on.
    pub ended: Option<Timestamp>,
    /// The lowest TLS version that the text promises for this one.
    pub minimum_tls: Option<TlsPromise>,
    /// Where the text lists it.
    pub clause: Option<Citation>,
}

/// A promise about encryption on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsPromise {
    /// The lowest version.
    pub version: TlsVersion,
    /// Where the text promises it.
    pub clause: Citation,
}

/// For whom a sub-processor is activated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Activation {
    /// For every controller.
    Default,
    /// For everybody or nobody, by instruction.
    Optional {
        /// Whether the instruction was given.
        active: bool,
    },
    /// For the named tenants only.
    PerTenant {
        /// Tenants that gave the instruction.
        tenants: BTreeSet<String>,
    },
}

impl Engagement {
    /// Since when it must not be used any more, if that instant has come.
    pub(crate) fn ended(&self, moment: &mut Moment) -> Option<Timestamp> {
        self.ended.filter(|instant| moment.reached(*instant))
    }
}

impl Agreement {
    /// The period of a duty: the agreement's own, or that of [`clock::DUTIES`].
    pub fn period(&self, duty: Obligation) -> Option<Rule> {
        self.periods.get(&duty).copied().or_else(|| clock::duty(duty).map(|duty| duty.rule))
    }

    /// Where the agreement lays down `obligation`.
    pub fn clause(&self, obligation: Obligation) -> Option<&Citation> {
        self.clauses.get(&obligation)
    }
}

impl From<AgreementId> for String {
    fn from(id: AgreementId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for AgreementId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let (namespace, name) = text.split_once('/').ok_or("expected NAMESPACE/NAME")?;
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }
}

impl std::fmt::Display for AgreementId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
