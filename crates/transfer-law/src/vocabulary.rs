//! The closed vocabularies, written as they are serialized.

use std::{fmt, str::FromStr};

use serde::Serialize as _;

use crate::{
    BreachAwareness, Certainty, HrData, MissingCode, NoteCode, OptionalActivation, Outcome, ReasonCode, ReceiptReading,
    Rung, SchremsStart, TransitionStart,
};

/// A text that is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an outcome, such as Permitted")]
pub struct UnknownOutcome;

macro_rules! written_as_serialized {
    ($($type:ty),*) => {
        $(impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        })*
    };
}

written_as_serialized!(Outcome, Rung, Certainty, ReasonCode, MissingCode, NoteCode);
written_as_serialized!(BreachAwareness, HrData, OptionalActivation, ReceiptReading, SchremsStart, TransitionStart);

impl Outcome {
    /// All outcomes, from best to worst.
    pub const ALL: [Self; 7] = [
        Self::NotPersonal,
        Self::IntraEea,
        Self::NotATransfer,
        Self::Permitted,
        Self::Conditional,
        Self::Unknown,
        Self::Unlawful,
    ];
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL.into_iter().find(|outcome| outcome.to_string() == text).ok_or(UnknownOutcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_read_as_it_is_written() {
        for outcome in Outcome::ALL {
            let text = serde_json::to_string(&outcome).unwrap();
            assert_eq!(serde_json::from_str::<Outcome>(&text).unwrap(), outcome);
            assert_eq!(text, format!("\"{outcome}\""));
            assert_eq!(outcome.to_string().parse(), Ok(outcome));
        }
        assert!(serde_json::from_str::<Outcome>("\"Fine\"").is_err());
        assert_eq!("Fine".parse::<Outcome>(), Err(UnknownOutcome));
        assert!(Outcome::ALL.is_sorted());
    }
}
