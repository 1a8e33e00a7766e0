//! What a data-processing agreement says about its parties.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// Who holds the business's end of end-to-end encryption, and so can read the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum EncryptionEnd {
    /// The exporter alone.
    #[serde(rename = "Exporter")]
    Exporter,
    /// The importer, for instance where it runs the business's end as a service: it reads the data.
    #[serde(rename = "Importer")]
    Importer,
    /// The data subject alone.
    #[serde(rename = "DataSubject")]
    DataSubject,
}

/// What an entity is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum EntityKind {
    /// A company, an association, a person.
    #[default]
    #[serde(rename = "Company")]
    Company,
    /// A public authority or body.
    #[serde(rename = "PublicBody")]
    PublicBody,
    /// An international organisation (Art. 4(26) GDPR): Chapter V applies wherever it is.
    #[serde(rename = "InternationalOrganisation")]
    InternationalOrganisation,
}

/// An instrument of Chapter V GDPR that an agreement claims to rest a transfer on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum ClaimedInstrument {
    /// An adequacy decision.
    #[serde(rename = "Adequacy")]
    Adequacy,
    /// A listing under the Data Privacy Framework.
    #[serde(rename = "DpfListing")]
    DpfListing,
    /// Standard contractual clauses.
    #[serde(rename = "StandardContractualClauses")]
    StandardContractualClauses,
    /// Binding corporate rules.
    #[serde(rename = "BindingCorporateRules")]
    BindingCorporateRules,
    /// Another instrument.
    #[serde(rename = "Other")]
    Other,
}

/// What a statement of the agreement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum StatementTopic {
    /// Name of a legal entity.
    #[serde(rename = "LegalName")]
    LegalName,
    /// Address of a legal entity.
    #[serde(rename = "Address")]
    Address,
    /// Country where a legal entity has its seat.
    #[serde(rename = "Seat")]
    Seat,
    /// What a recipient is engaged for.
    #[serde(rename = "Purpose")]
    Purpose,
    /// Where data is processed or stored.
    #[serde(rename = "DataCentre")]
    DataCentre,
    /// What makes a transfer lawful.
    #[serde(rename = "TransferBasis")]
    TransferBasis,
    /// Encryption in transit.
    #[serde(rename = "TransportEncryption")]
    TransportEncryption,
    /// End-to-end encryption.
    #[serde(rename = "EndToEndEncryption")]
    EndToEndEncryption,
    /// Encryption at rest.
    #[serde(rename = "EncryptionAtRest")]
    EncryptionAtRest,
    /// A certificate or seal.
    #[serde(rename = "Certification")]
    Certification,
    /// Whether the recipient is used for every controller.
    #[serde(rename = "Activation")]
    Activation,
    /// An annex that the agreement refers to.
    #[serde(rename = "Annex")]
    Annex,
    /// Deletion and return of data (Art. 28(3)(g) GDPR).
    #[serde(rename = "Deletion")]
    Deletion,
    /// How long data is kept.
    #[serde(rename = "Retention")]
    Retention,
    /// A further processor that a sub-processor engages.
    #[serde(rename = "OnwardRecipient")]
    OnwardRecipient,
}

impl EntityKind {
    /// Whether it is a company: the default, which is not serialized.
    pub fn is_company(&self) -> bool {
        *self == Self::Company
    }
}
