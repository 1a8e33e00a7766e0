use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use landfall_observation::{BcrVariant, ClausesAuthor, DataCategory, DerogationGround, DpfDataType, JurisdictionSet};
use serde::{Deserialize, Serialize};

/// An instrument that can make a transfer lawful (Chapter V GDPR), or a legal act on which such
/// instruments rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Basis {
    /// Name of the TransferBasis.
    pub name: String,
    /// What it is.
    pub instrument: Instrument,
    /// DPV identifier, such as `eu-gdpr:A46-2-c`; Art. 48 has none.
    pub dpv: Option<String>,
    /// Importers it is for, by legal name; `None`: everybody in its countries.
    pub importers: Option<BTreeSet<String>>,
    /// Exporters it is for, by legal name; `None`: every exporter under the GDPR.
    pub exporters: Option<BTreeSet<String>>,
    /// Countries it covers; `None`: every third country.
    pub countries: Option<JurisdictionSet>,
    /// Categories it covers; `None`: all.
    pub categories: Option<BTreeSet<DataCategory>>,
    /// Categories it does not cover.
    pub except_categories: BTreeSet<DataCategory>,
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
    /// An adequacy decision (Art. 45(3)).
    Adequacy {
        /// Number of the decision, such as `(EU) 2019/419`.
        decision: String,
        /// The law that the importer must be subject to, such as `PIPEDA`, where the decision is
        /// limited to such importers.
        regime: Option<String>,
        /// Whether it carries only through a listing of the importer.
        listed_only: bool,
    },
    /// A listing under an adequacy decision of that kind: the EU-U.S. Data Privacy Framework.
    DpfListing {
        /// The decision it rests on.
        decision: String,
        /// Whether the list showed the entity as active.
        active: bool,
        /// Kinds of data that the certification covers.
        data_types: BTreeSet<DpfDataType>,
        /// When the list was looked at.
        checked_at: Date,
    },
    /// The act by which standard clauses were adopted. Carries nothing by itself.
    ClauseSet {
        /// Its number, such as `(EU) 2021/914`.
        decision: String,
        /// Who prepared it.
        prepared_by: ClausesAuthor,
        /// Modules that it offers.
        modules: BTreeSet<u8>,
        /// Only contracts concluded before this instant rest on it still.
        contracts_before: Option<Timestamp>,
        /// Until when they do, exclusive.
        contracts_until: Option<Timestamp>,
    },
    /// Standard clauses agreed between parties (Art. 46(2)(c), (d)).
    StandardContractualClauses {
        /// The act they rest on.
        decision: String,
        /// Modules agreed, 1 to 4.
        modules: BTreeSet<u8>,
        /// Whether Annexes I to III are filled in.
        annexes_complete: bool,
        /// When they were signed.
        signed: Option<Date>,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
        /// With module 4: whether the processor returns the controller's own data and nothing else.
        returns_controllers_data_only: bool,
    },
    /// Binding corporate rules (Art. 46(2)(b), 47). The importers are the members of the group.
    BindingCorporateRules {
        /// For whose data.
        variant: BcrVariant,
        /// When the competent authority approved them.
        approved: Option<Date>,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// An approved code of conduct (Art. 46(2)(e)).
    CodeOfConduct {
        /// When it was approved and given general validity.
        approved: Option<Date>,
        /// Whether the importer made binding commitments to it.
        binding_commitments: bool,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// A certification (Art. 46(2)(f)).
    Certification {
        /// When the importer was certified.
        certified: Option<Date>,
        /// Whether the importer made binding commitments to it.
        binding_commitments: bool,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// Clauses of the parties' own (Art. 46(3)(a)).
    AdHocClauses {
        /// When the supervisory authority authorised them.
        authorised: Option<Date>,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// An arrangement between public bodies (Art. 46(3)(b)).
    AdministrativeArrangement {
        /// When the supervisory authority authorised it.
        authorised: Option<Date>,
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// A binding instrument between public bodies (Art. 46(2)(a)).
    PublicInstrument {
        /// Name of the transfer impact assessment.
        assessment: Option<String>,
    },
    /// An order of a third country's court or authority (Art. 48).
    ForeignOrder {
        /// The international agreement on which it rests.
        treaty: Option<String>,
        /// Whether that agreement holds appropriate safeguards (Art. 46(2)(a)).
        safeguards: bool,
    },
    /// A derogation for specific situations (Art. 49).
    Derogation {
        /// Which.
        ground: DerogationGround,
        /// The person who decided to use it.
        approval: Option<Approval>,
        /// How often it may be used.
        max_occurrences: Option<u32>,
        /// Whether authority and data subjects were informed (Art. 49(1) second subparagraph).
        informed: bool,
    },
}

/// A decision that a person took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who: a role or an office.
    pub by: String,
    /// When.
    pub on: Date,
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
    /// The development that ended it, where one is recorded.
    pub ended_by: Option<String>,
}

impl Instrument {
    /// The legal act it is or rests on.
    pub fn decision(&self) -> Option<&str> {
        match self {
            Self::Adequacy { decision, .. }
            | Self::DpfListing { decision, .. }
            | Self::ClauseSet { decision, .. }
            | Self::StandardContractualClauses { decision, .. } => Some(decision),
            _ => None,
        }
    }

    /// Whether it is an act of law itself, not something that rests on one.
    pub fn is_enacted(&self) -> bool {
        matches!(self, Self::Adequacy { .. } | Self::ClauseSet { .. })
    }

    /// Whether it is a legal act that carries only through instruments that rest on it.
    pub fn is_act(&self) -> bool {
        matches!(self, Self::ClauseSet { .. } | Self::Adequacy { listed_only: true, .. })
    }

    /// Name of the transfer impact assessment that it names.
    pub fn assessment(&self) -> Option<&str> {
        match self {
            Self::StandardContractualClauses { assessment, .. }
            | Self::BindingCorporateRules { assessment, .. }
            | Self::CodeOfConduct { assessment, .. }
            | Self::Certification { assessment, .. }
            | Self::AdHocClauses { assessment, .. }
            | Self::AdministrativeArrangement { assessment, .. }
            | Self::PublicInstrument { assessment } => assessment.as_deref(),
            Self::Adequacy { .. }
            | Self::DpfListing { .. }
            | Self::ClauseSet { .. }
            | Self::ForeignOrder { .. }
            | Self::Derogation { .. } => None,
        }
    }
}
