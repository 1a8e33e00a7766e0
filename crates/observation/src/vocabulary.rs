//! Words that the law and the objects of a cluster share, each with one spelling in ledgers, statuses and JSON.

mod instruments;
mod judgment;
mod readings;
mod text;

pub use instruments::{AssessmentOutcome, BcrVariant, ClausesAuthor, DerogationGround, DpfDataType, KeyCustody};
pub use judgment::{Certainty, Outcome, Rung, SeenDirection, UnknownOutcome};
pub use readings::{BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart};
pub use text::{ClaimedInstrument, EncryptionEnd, EntityKind, StatementTopic};

/// `Display` of enums whose variants have names for serde: the same names, so that tables and texts spell them as ledgers do.
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
