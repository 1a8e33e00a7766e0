//! The law of transfers (Chapter V GDPR and the agreement) as pure functions on plain structs.
mod edge;
mod ruleset;

pub use edge::{ChannelFacts, Counterpart, Edge, EdgeId, ObservedCategories, Via, Volume, WorkloadName};
pub use ruleset::{
    Activation, Agreement, AgreementId, Assessment, AssessmentOutcome, Basis, DpfDataType, EndpointEntry, Engagement,
    Entity, Instrument, OnwardRecipient, OpaqueHandling, Places, Policy, Recipient, Ruleset, Settings, Validity,
};
