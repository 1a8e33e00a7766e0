use serde::{Deserialize, Serialize};

use crate::{DataCategory, Place, place};

/// That a kind of personal data was seen: how often and where, never what.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Finding {
    /// The kind of data.
    pub category: DataCategory,
    /// The detector that decided, such as `email`.
    pub detector: String,
    /// Number of matches.
    pub matches: u64,
    /// Number of records (messages, bodies) with at least one match.
    pub records: u64,
    /// Where in the payload, each place once.
    #[serde(rename = "where", deserialize_with = "place::read")]
    pub places: Vec<Place>,
}
