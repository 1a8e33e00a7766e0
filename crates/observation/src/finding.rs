use serde::{Deserialize, Serialize};

use crate::DataCategory;

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
    /// Where in the payload: `header:NAME`, `body`, `query`, or `key:NAME` with the name of a
    /// key. A key's name that itself looks like personal data reads `key:*`.
    #[serde(rename = "where")]
    pub places: Vec<String>,
}
