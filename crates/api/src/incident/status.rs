use jiff::Timestamp;
use landfall_observation::Outcome;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Condition,
    schema::{CodeText, CountNumber},
};

/// The state of an incident: its clocks, and which steps are done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentStatus {
    /// The generation of the object that this status is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub observed_generation: Option<i64>,
    /// `FirstReportDue` and `FullReportDue`: the report to the controller has not been sent yet; the reason says
    /// whether there is time left (`Running`, `Overdue`) or how it was sent. `Documented`: the measures and why they
    /// suffice are recorded. `Closed`: it has ended. `Ready`: no clock has run out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The clock of the first status message (BR-FIRST).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_report: Option<IncidentClock>,
    /// The clock of the full report (BR-FULL); it counts from the first knowledge, not from the first message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_report: Option<IncidentClock>,
    /// The worst outcome seen on the edge since it was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worst_outcome: Option<Outcome>,
    /// When traffic of the edge was last seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Timestamp>,
    /// When the breach last recurred after the incident had been closed; the clocks run from then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub reopened: Vec<Timestamp>,
}

/// A clock that runs or has been stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IncidentClock {
    /// The obligation, such as `BR-FIRST`.
    #[schemars(with = "CodeText")]
    pub obligation: String,
    /// When it started.
    pub started: Timestamp,
    /// When it runs out.
    pub due: Timestamp,
    /// When it was stopped, and by which report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Timestamp>,
    /// Name of the report that stopped it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub stopped_by: Option<String>,
}
