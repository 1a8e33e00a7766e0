use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Jurisdiction;

/// One piece of evidence about the place where the remote processes. Attested places, which weigh
/// more than any, are the register's and never stand here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationEvidence {
    /// The rung.
    pub method: LocationMethod,
    /// The place, where the evidence names one. `null` for anycast and content-delivery edges:
    /// they neither confirm nor contradict.
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    /// The cloud and its region, for a published range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Number of the autonomous system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// Operator of the autonomous system, as the dataset names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How far the evidence carries.
    pub confidence: Confidence,
    /// Which dataset says so (its file's name, never a path).
    pub dataset: String,
    /// When the dataset was made, if it says.
    #[serde(default)]
    pub dataset_date: Option<Timestamp>,
}

/// A cloud provider and one of its regions, both as the provider writes them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cloud {
    /// `aws`, `gcp` or `azure`.
    pub provider: String,
    /// The region's name, such as `eu-central-1`; `GLOBAL` where the provider names none.
    pub region: String,
}

/// The rung of a piece of location evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocationMethod {
    /// A published cloud range with its region.
    CloudRange,
    /// The operator of the autonomous system.
    Asn,
    /// A country database: a hint, wrong for clouds. Methods not known here read as this one,
    /// the weakest.
    #[serde(other)]
    CountryDb,
}

/// How far a piece of evidence carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// The provider publishes it.
    High,
    /// Derived from routing data.
    Medium,
    /// A hint.
    Low,
    /// An edge that could be anywhere (anycast, content delivery).
    #[serde(other)]
    UnknownEdge,
}
