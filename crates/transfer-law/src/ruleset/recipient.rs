use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use landfall_observation::{DataCategory, EncryptionEnd, EntityKind, Jurisdiction, JurisdictionSet, Period};
use serde::{Deserialize, Serialize};

/// A legal entity and where it is established.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Full legal name: bases are matched by it.
    pub name: String,
    /// Where it has its seat.
    pub seat: Jurisdiction,
    /// What it is.
    pub kind: EntityKind,
    /// Data-protection laws that decisions ask for, such as `PIPEDA`, and whether the entity is
    /// stated to be subject to them.
    pub regimes: BTreeMap<String, bool>,
}

/// A registered recipient: a sub-processor with the facts about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recipient {
    /// The entity named in the agreement.
    pub legal_entity: Entity,
    /// The entity that the contract is with: the importer of the first hop.
    pub contracting_entity: Entity,
    /// Its current postal address.
    pub address: Option<String>,
    /// Categories it is given (rung 4, *assumed*).
    pub categories: BTreeSet<DataCategory>,
    /// Kinds of data subjects whose data it is given, as DPV concepts; `None`: those of the agreement.
    pub data_subjects: Option<BTreeSet<String>>,
    /// Its endpoints, by name.
    pub endpoints: BTreeMap<String, EndpointEntry>,
    /// Recipients that it passes data on to; `None`: it is not known whether there are any.
    pub onward: Option<Vec<OnwardRecipient>>,
    /// Periods that it grants its customers.
    pub notices: GrantedNotices,
    /// Who holds the business-side end where it encrypts from end to end.
    pub end_to_end: Option<EncryptionEnd>,
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
    Only(JurisdictionSet),
    /// The provider names no place ("global").
    Anywhere,
}

/// An onward recipient: the next hop of the chain (Art. 44 GDPR, second half of the first sentence).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OnwardRecipient {
    /// The importer of the hop.
    pub entity: Entity,
    /// Where it processes or from where it has access.
    pub places: Places,
    /// What it does.
    pub purpose: String,
    /// Name of the registered recipient whose own onward recipients continue the chain.
    pub recipient: Option<String>,
}

/// Periods that a recipient grants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedNotices {
    /// How long before a change of its own sub-processors it notifies its customers.
    pub sub_processor_change: Option<Period>,
    /// Within what time it reports a breach.
    pub breach: Option<Period>,
}
