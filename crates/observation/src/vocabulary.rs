//! Closed vocabularies that the law and the objects of a cluster share. Each value has one spelling in ledgers, statuses
//! and JSON.

mod agreement;
mod instruments;
mod interpretation;
mod judgment;
mod period;

pub use agreement::{ClaimedInstrument, EncryptionEnd, EntityKind, StatementTopic};
pub use instruments::{
    AssessmentEffect, AssessmentOutcome, BcrVariant, ClausesAuthor, DerogationGround, DpfDataType, KeyCustody,
};
pub use interpretation::{
    BreachAwareness, HrData, Interpretation, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart,
};
pub use judgment::{Certainty, OpaqueHandling, Outcome, Rung, SeenDirection, UnknownOutcome};
pub use period::{Period, PeriodUnit};

/// Implements `Display` by the names that the variants have for serde, so that tables and texts spell them as ledgers do.
#[macro_export]
macro_rules! written_as_serialized {
    ($($type:ty),*) => {
        $(impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::serde::Serialize::serialize(self, f)
            }
        })*
    };
}

written_as_serialized!(Outcome, Rung, Certainty);
written_as_serialized!(BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart);
