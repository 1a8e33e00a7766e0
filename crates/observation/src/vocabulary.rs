//! Words that the law and the objects of a cluster share, each with one spelling in ledgers, statuses and JSON.

use std::fmt;

use serde::Serialize as _;

mod instruments;
mod judgment;
mod readings;
mod text;

pub use instruments::{AssessmentOutcome, BcrVariant, ClausesAuthor, DerogationGround, DpfDataType, KeyCustody};
pub use judgment::{Certainty, Outcome, Rung, SeenDirection, UnknownOutcome};
pub use readings::{BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart};
pub use text::{ClaimedInstrument, EncryptionEnd, EntityKind, StatementTopic};

macro_rules! written_as_serialized {
    ($($type:ty),*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        })*
    };
}

written_as_serialized!(Outcome, Rung, Certainty);
written_as_serialized!(BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart);
