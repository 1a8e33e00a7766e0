use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Jurisdiction;

/// One piece of evidence about the place where the remote processes data. Places that a recipient has attested weigh more
/// than any of these; they are in the register and not here.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationEvidence {
    /// What kind of evidence it is.
    pub method: LocationMethod,
    /// The country, where the evidence names one. `null` for anycast and content-delivery edges, which neither confirm nor
    /// contradict an attested place.
    #[serde(default)]
    pub jurisdiction: Option<Jurisdiction>,
    /// The cloud and its region, for a published address range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud: Option<Cloud>,
    /// Number of the autonomous system (ASN, RFC 6793).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// Operator of the autonomous system, as the dataset names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// How reliable the evidence is.
    pub confidence: Confidence,
    /// The dataset that says so: the name of its file, without a path.
    pub dataset: String,
    /// When the dataset was made, if it says so.
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

/// A kind of location evidence, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LocationMethod {
    /// An address range that a cloud provider publishes with its region.
    CloudRange,
    /// The operator of the autonomous system.
    Asn,
    /// A database of addresses by country: a hint, often wrong for clouds. Methods of a newer agent read as this one, the
    /// weakest.
    #[serde(other)]
    CountryDb,
}

/// How reliable a piece of evidence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Published by the provider itself.
    High,
    /// Derived from routing data.
    Medium,
    /// A hint.
    Low,
    /// None: the machine could be anywhere (anycast, content delivery). Values of a newer agent read as this one.
    #[serde(other)]
    UnknownEdge,
}
