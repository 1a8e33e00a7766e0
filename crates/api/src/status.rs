//! What the operator says about an object: conditions as Kubernetes lays them out, and counts of lint findings.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::{CountNumber, flat_enum};

/// Types and reasons of conditions. Programs wait for them: they never change within a version.
pub mod condition {
    /// The summary: the object is in order and in force.
    pub const READY: &str = "Ready";
    /// This generation is part of the ruleset in force.
    pub const COMPILED: &str = "Compiled";
    /// Lint has no error and no warning about the object.
    pub const LINT_CLEAN: &str = "LintClean";

    /// Of an agreement: it declares an owner for every network of the cluster.
    pub const OWN_NETWORKS_DECLARED: &str = "OwnNetworksDeclared";
    /// Of an agreement: agents capture the pods of every node, so that no transfer goes unseen for lack of an interface.
    pub const PODS_CAPTURED: &str = "PodsCaptured";

    /// Of an incident: the first status message is to be sent (BR-FIRST).
    pub const FIRST_REPORT_DUE: &str = "FirstReportDue";
    /// Of an incident: the full report is to be sent (BR-FULL).
    pub const FULL_REPORT_DUE: &str = "FullReportDue";
    /// Of an incident: measures, and why they suffice, are written down (BR-DOC).
    pub const DOCUMENTED: &str = "Documented";
    /// Of an incident: it has ended.
    pub const CLOSED: &str = "Closed";

    /// Reason of `FirstReportDue`, `FullReportDue` and `Ready`: its time has run out.
    pub const OVERDUE: &str = "Overdue";
    /// Reason of `Ready` and `Compiled`: it is in force.
    pub const IN_FORCE: &str = "InForce";
    /// Reason of `Ready` and `Compiled`: this operator cannot read it as an object of its kind.
    pub const UNDECODABLE: &str = "Undecodable";
    /// Reason of `Ready` and `Compiled`: it violates its schema, which was changed after the object was stored.
    pub const REFUSED_BY_SCHEMA: &str = "RefusedBySchema";
    /// Reason of `Ready` and `Compiled`: the register as a whole could not be compiled.
    pub const COMPILER_FAILED: &str = "CompilerFailed";
    /// Reason of `OwnNetworksDeclared`: all networks are declared.
    pub const DECLARED: &str = "Declared";
    /// Reason of `OwnNetworksDeclared`: networks are not declared; the message has the text to add.
    pub const UNDECLARED: &str = "Undeclared";
    /// Reason of `OwnNetworksDeclared`: the networks of the cluster could not be read.
    pub const NOT_READABLE: &str = "NotReadable";
    /// Reason of `PodsCaptured`: every pod is.
    pub const CAPTURED: &str = "Captured";
    /// Reason of `PodsCaptured`: some pods are not, or it is not known of them; the message names their nodes.
    pub const NOT_CAPTURED: &str = "NotCaptured";
    /// Reason of `PodsCaptured`: nodes have no agent, or one that does not report it.
    pub const NOT_REPORTED: &str = "NotReported";
    /// Reason of `LintClean`: there is no finding.
    pub const NO_FINDINGS: &str = "NoFindings";
    /// Reason of `LintClean`: the worst finding has severity Info.
    pub const INFORMATION: &str = "Information";
    /// Reason of `LintClean`: the worst finding is a warning.
    pub const WARNINGS: &str = "Warnings";
    /// Reason of `LintClean`: there is an error.
    pub const ERRORS: &str = "Errors";
    /// Reason of `LintClean`: this version of the object is not in force.
    pub const NOT_COMPILED: &str = "NotCompiled";
}

/// A condition: one aspect of the state of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// Which aspect, such as `Ready`.
    #[schemars(length(min = 1, max = 316))]
    pub r#type: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why, in a word that programs can rely on.
    #[schemars(length(min = 1, max = 1024))]
    pub reason: String,
    /// Why, in a sentence for people.
    #[schemars(length(max = 32768))]
    pub message: String,
    /// Since when the status is what it is.
    pub last_transition_time: Timestamp,
    /// The generation of the object that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub observed_generation: Option<i64>,
}

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum ConditionStatus {
    /// It does.
    True,
    /// It does not.
    False,
    /// It is not known.
    Unknown,
}

/// What the operator says about an object of the register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegisterStatus {
    /// The generation of the object that this status is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<CountNumber>")]
    pub observed_generation: Option<i64>,
    /// `Ready`: it is part of the ruleset in force. `LintClean`: lint has no error and no warning about it.
    /// `OwnNetworksDeclared`, of an agreement: it says of every network that the cluster names whose it is.
    /// `PodsCaptured`, of an agreement: agents capture the pods of every node.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// How many findings lint has about it; `landfall lint` shows them all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub findings: Option<FindingCounts>,
}

/// The number of lint findings, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingCounts {
    /// Law or agreement is breached, or a transfer has no basis.
    #[schemars(with = "CountNumber")]
    pub errors: u32,
    /// A breach is ahead, or compliance cannot be shown.
    #[schemars(with = "CountNumber")]
    pub warnings: u32,
    /// Worth knowing.
    #[schemars(with = "CountNumber")]
    pub notes: u32,
}
