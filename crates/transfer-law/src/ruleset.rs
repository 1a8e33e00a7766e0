use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use landfall_observation::{DataCategory, Jurisdiction, OwnNetwork, TlsVersion};
use serde::{Deserialize, Serialize};

/// The compiled register: everything that a judgment may rest on, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ruleset {
    /// Hash over the objects it was compiled from, so that a judgment can name its law.
    pub version: String,
    /// The data-processing agreements, by [`AgreementId`].
    pub agreements: BTreeMap<AgreementId, Agreement>,
    /// The registered recipients, by name.
    pub recipients: BTreeMap<String, Recipient>,
    /// The transfer bases.
    pub bases: Vec<Basis>,
    /// The transfer impact assessments, by name.
    pub assessments: BTreeMap<String, Assessment>,
    /// Interpretation settings and ages.
    pub settings: Settings,
}

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
    /// The controllers on whose behalf it processes.
    pub controllers: Vec<Entity>,
    /// Categories of personal data that the agreement covers (Annex 1, AVV-SCOPE).
    pub scope: BTreeSet<DataCategory>,
    /// The sub-processors that it lists (Annex 3, SUB-LIST).
    pub engagements: Vec<Engagement>,
    /// The lowest TLS version that Annex 2 promises (TOM), if it promises one.
    pub minimum_tls: Option<TlsVersion>,
    /// The processor's own networks.
    pub own_networks: Vec<OwnNetwork>,
    /// Where the agreement says what: obligation id (docs/glossary.md lists them) to a citation of the
    /// text, such as `SUB-LIST` to `L36`.
    pub clauses: BTreeMap<String, String>,
    /// Settings of the TransferPolicies that apply to the agreement, merged.
    pub policy: Policy,
}

/// A legal entity and where it is established.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entity {
    /// Full legal name: bases are matched by it.
    pub name: String,
    /// Where it has its seat.
    pub seat: Jurisdiction,
}

/// One entry of Annex 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engagement {
    /// Name of the recipient.
    pub recipient: String,
    /// Whether it is used for everybody.
    pub activation: Activation,
    /// The end of the objection period (SUB-FREEZE): before this instant the sub-processor must
    /// not be used. `None`: listed since the agreement began.
    pub effective_from: Option<Timestamp>,
    /// Clause or line that lists it.
    pub clause: Option<String>,
}

/// For whom a sub-processor is switched on.
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

/// A registered recipient: a sub-processor with the facts about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// The entity named in the agreement.
    pub legal_entity: Entity,
    /// The entity that the contract is with: the importer of the first hop.
    pub contracting_entity: Entity,
    /// Categories it is given (rung 4, *assumed*).
    pub categories: BTreeSet<DataCategory>,
    /// Its endpoints, by name.
    pub endpoints: BTreeMap<String, EndpointEntry>,
    /// Recipients that it passes data on to; `None`: it is not known whether there are any.
    pub onward: Option<Vec<OnwardRecipient>>,
    /// The oldest date on which a fact above was checked.
    pub as_of: Date,
}

/// A named entry of a recipient: what is attested about one group of hosts or prefixes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndpointEntry {
    /// Where the data is processed.
    pub processing: Places,
    /// Where it is stored; `None`: nothing is stated beyond the processing places.
    pub storage: Option<Places>,
    /// From where it is accessed (support, administration). Remote access from a third country
    /// is a transfer (EDPB Guidelines 05/2021).
    pub access: Option<Places>,
}

/// A set of jurisdictions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Places {
    /// These and no others.
    Only(BTreeSet<Jurisdiction>),
    /// The provider names no place ("global").
    Anywhere,
}

/// An onward recipient: the next hop of the chain (Art. 44 GDPR, second half of the first sentence).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnwardRecipient {
    /// The importer of the hop.
    pub entity: Entity,
    /// Where it processes or from where it has access.
    pub places: BTreeSet<Jurisdiction>,
    /// What it does.
    pub purpose: String,
}

/// An instrument that can make a transfer lawful (Chapter V GDPR).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// Name of the TransferBasis.
    pub name: String,
    /// What it is.
    pub instrument: Instrument,
    /// DPV identifier, such as `eu-gdpr:A46-2-c`.
    pub dpv: String,
    /// Importers it is for, by legal name; `None`: everybody in its countries.
    pub importers: Option<BTreeSet<String>>,
    /// Exporters it is for, by legal name; `None`: every exporter under the GDPR.
    pub exporters: Option<BTreeSet<String>>,
    /// Countries it covers; `None`: every third country.
    pub countries: Option<BTreeSet<Jurisdiction>>,
    /// Categories it covers; `None`: all.
    pub categories: Option<BTreeSet<DataCategory>>,
    /// When it applies.
    pub validity: Validity,
    /// When its facts were checked.
    pub as_of: Date,
    /// Where the facts come from.
    pub source: String,
}

/// The kinds of instruments, each with what only it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Instrument {
    /// An adequacy decision for a country (Art. 45(3)).
    Adequacy {
        /// Number of the decision, such as `(EU) 2019/419`.
        decision: String,
    },
    /// The EU-U.S. Data Privacy Framework ((EU) 2023/1795): adequacy for listed entities only.
    DpfListing {
        /// Whether the list showed the entity as active.
        active: bool,
        /// Kinds of data that the certification covers.
        data_types: BTreeSet<DpfDataType>,
        /// When the list was looked at.
        checked_at: Date,
    },
    /// Standard contractual clauses (EU) 2021/914 (Art. 46(2)(c)).
    StandardContractualClauses {
        /// Modules agreed, 1 to 4.
        modules: BTreeSet<u8>,
        /// Whether Annexes I to III are filled in.
        annexes_complete: bool,
        /// When they were signed.
        signed: Option<Date>,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
}

/// What a DPF certification covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DpfDataType {
    /// Data of employees.
    Hr,
    /// All other personal data.
    NonHr,
}

/// When an instrument applies. All instants are exclusive ends or inclusive starts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// From this instant.
    pub from: Option<Timestamp>,
    /// Until this instant, exclusive.
    pub until: Option<Timestamp>,
    /// Suspended from this instant on (Art. 45(5): works ex nunc).
    pub suspended: Option<Timestamp>,
    /// Repealed from this instant on (Art. 45(5): works ex nunc).
    pub repealed: Option<Timestamp>,
    /// Annulled by a judgment of this instant: never was valid (ex tunc).
    pub annulled: Option<Timestamp>,
}

/// A transfer impact assessment (C-311/18; clause 14 of the SCC; EDPB Rec. 01/2020).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The importer assessed, by legal name.
    pub importer: String,
    /// Countries assessed.
    pub countries: BTreeSet<Jurisdiction>,
    /// What it came to.
    pub outcome: AssessmentOutcome,
    /// When it was decided.
    pub decided: Date,
    /// When it must be looked at again.
    pub next_review: Option<Date>,
}

/// What a transfer impact assessment came to (EDPB Rec. 01/2020, residual finding).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssessmentOutcome {
    /// Nothing prevents the importer from keeping the clauses.
    Acceptable,
    /// Only with the supplementary measures that it names.
    AcceptableWithMeasures,
    /// The transfer must end.
    NotAcceptable,
    /// Not decided yet.
    Open,
}

/// Settings of the policies that apply to an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The lowest TLS version allowed, beyond what the agreement promises.
    pub minimum_tls: Option<TlsVersion>,
    /// What a flow that cannot be read counts as.
    pub opaque: OpaqueHandling,
    /// Jurisdictions allowed beyond the law's own limits; `None`: no further limit.
    pub allowed_jurisdictions: Option<BTreeSet<Jurisdiction>>,
    /// Categories allowed beyond the agreement's own limits; `None`: no further limit.
    pub allowed_categories: Option<BTreeSet<DataCategory>>,
    /// Whether an unregistered recipient without a seen category opens an incident.
    pub incident_on_unknown: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            minimum_tls: None,
            opaque: OpaqueHandling::Ladder,
            allowed_jurisdictions: None,
            allowed_categories: None,
            incident_on_unknown: false,
        }
    }
}

/// What a flow that cannot be read counts as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OpaqueHandling {
    /// Its categories are taken from the ladder (see [`crate::Rung`]).
    #[default]
    Ladder,
    /// It is Unknown.
    Unknown,
}

/// Interpretation settings with their defaults; each shows in the grounds where it decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Days after which a legal fact is stale and degrades Permitted to Conditional.
    pub legal_data_max_age_days: u16,
    /// Days after which the DPF list must be looked at again.
    pub dpf_check_max_age_days: u16,
    /// Days after which a transfer impact assessment is stale, where it names no review date.
    pub assessment_max_age_days: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self { legal_data_max_age_days: 180, dpf_check_max_age_days: 90, assessment_max_age_days: 365 }
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
