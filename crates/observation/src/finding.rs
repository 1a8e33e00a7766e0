use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{DataCategory, Place, place};

/// A kind of personal data that was seen: how often and where, never the values.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The kind of data.
    pub category: DataCategory,
    /// The name of the detector, such as `email`.
    pub detector: String,
    /// What these matches rest on. Matches of the same detector with another certainty are a finding of their own.
    #[serde(default)]
    pub certainty: FindingCertainty,
    /// Number of matches.
    pub matches: u64,
    /// Number of records (messages, or requests with headers and body) with at least one match.
    pub records: u64,
    /// Where in the payload, each place once.
    #[serde(rename = "where", deserialize_with = "place::deserialize_places")]
    pub places: Vec<Place>,
}

/// What a match rests on, from the least certain to the most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingCertainty {
    /// The value only looks like it.
    Heuristic,
    /// A key, a header or a word next to the value says what it is, and the value fits.
    Contextual,
    /// The value itself proves it: check digits (IBAN, payment card), a numbering plan (international telephone
    /// numbers), or a grammar that hardly anything else has (e-mail and IP addresses). Findings without a certainty, or
    /// with one of a newer agent, read as this one: what is not known must not make a verdict better.
    #[default]
    #[serde(other)]
    Validated,
}

impl FindingCertainty {
    /// All of them, the least certain first.
    pub const ALL: [Self; 3] = [Self::Heuristic, Self::Contextual, Self::Validated];

    /// The name used in observations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Validated => "validated",
            Self::Contextual => "contextual",
            Self::Heuristic => "heuristic",
        }
    }
}

impl fmt::Display for FindingCertainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
