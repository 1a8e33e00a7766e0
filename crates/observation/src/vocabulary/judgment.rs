//! Outcomes of a judgment, and how its facts are known.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

#[cfg(feature = "schema")]
use crate::schema::flat_enum;

// `Ord` follows that order, so that the worse of two is their maximum.
/// The outcome of a judgment, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum Outcome {
    /// No personal data.
    #[serde(rename = "NotPersonal")]
    NotPersonal,
    /// Personal data, but it stays where the GDPR applies.
    #[serde(rename = "IntraEea")]
    IntraEea,
    /// No transfer in the sense of Chapter V.
    #[serde(rename = "NotATransfer")]
    NotATransfer,
    /// A transfer with a basis that lacks nothing.
    #[serde(rename = "Permitted")]
    Permitted,
    /// A transfer whose basis fits and lacks something that a person can supply.
    #[serde(rename = "Conditional")]
    Conditional,
    /// The evidence does not suffice; it never counts as permitted.
    #[serde(rename = "Unknown")]
    Unknown,
    /// A transfer that must not happen.
    #[serde(rename = "Unlawful")]
    Unlawful,
}

/// How it is known which categories of data a transfer has, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum Rung {
    /// Seen in this flow or topic.
    #[serde(rename = "Seen")]
    Seen,
    /// Seen at this workload, or in this topic, within the last 30 days.
    #[serde(rename = "Held")]
    Held,
    /// Declared on the workload, or for the topic.
    #[serde(rename = "Declared")]
    Declared,
    /// What the register says about the recipient.
    #[serde(rename = "Assumed")]
    Assumed,
    /// Not known at all.
    #[serde(rename = "None")]
    None,
}

/// How certain it is where a remote processes data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum Certainty {
    /// Attested, and published ranges or the network's operator agree.
    #[serde(rename = "Corroborated")]
    Corroborated,
    /// Attested, and no evidence confirms or contradicts it.
    #[serde(rename = "Uncorroborated")]
    Uncorroborated,
    /// Attested, and evidence points to a worse place.
    #[serde(rename = "Conflict")]
    Conflict,
    /// Not attested; a published range or the network's operator says so.
    #[serde(rename = "Observed")]
    Observed,
    /// Not attested; a country database hints at it.
    #[serde(rename = "Hint")]
    Hint,
    /// Neither attested nor observed.
    #[default]
    #[serde(rename = "Unknown")]
    Unknown,
}

/// Which way data went when it was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum SeenDirection {
    /// The workload received it.
    #[serde(rename = "received")]
    Received,
    /// The workload sent it.
    #[serde(rename = "sent")]
    Sent,
}

/// How a flow that cannot be read is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(transform = flat_enum))]
pub enum OpaqueHandling {
    /// Its categories are taken from what is held, declared or assumed.
    #[default]
    #[serde(rename = "Ladder")]
    Ladder,
    /// It is Unknown unless a category was seen.
    #[serde(rename = "Unknown")]
    Unknown,
}

/// The text is no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an outcome, such as Permitted")]
pub struct UnknownOutcome;

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
