//! What an agreement says of its parties.

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

/// Who holds the business-side end of end-to-end encryption.
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

/// An instrument that a text can claim.
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
    /// Another one.
    #[serde(rename = "Other")]
    Other,
}

/// What a claim of the text is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum StatementTopic {
    /// Name of a legal entity.
    #[serde(rename = "LegalName")]
    LegalName,
    /// Its address.
    #[serde(rename = "Address")]
    Address,
    /// Country of its seat.
    #[serde(rename = "Seat")]
    Seat,
    /// What it is engaged for.
    #[serde(rename = "Purpose")]
    Purpose,
    /// Where data is processed or stored.
    #[serde(rename = "DataCentre")]
    DataCentre,
    /// What makes a transfer lawful.
    #[serde(rename = "TransferBasis")]
    TransferBasis,
    /// Encryption on the way.
    #[serde(rename = "TransportEncryption")]
    TransportEncryption,
    /// Encryption from end to end.
    #[serde(rename = "EndToEndEncryption")]
    EndToEndEncryption,
    /// Encryption where data rests.
    #[serde(rename = "EncryptionAtRest")]
    EncryptionAtRest,
    /// A certificate or seal.
    #[serde(rename = "Certification")]
    Certification,
    /// Whether it is used for everybody.
    #[serde(rename = "Activation")]
    Activation,
    /// An annex that the text announces.
    #[serde(rename = "Annex")]
    Annex,
    /// Deletion and return.
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
    /// Whether it is a company, which need not be said.
    pub fn is_company(&self) -> bool {
        *self == Self::Company
    }
}
