//! What could not be seen, and which access control entry would show it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::ffi::RequestError;

/// So many names are listed of those that a limit is about.
const MAX_NAMES: usize = 10;

/// Something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// The part of the inventory that is not complete.
    pub part: Part,
    /// What is missing, and why.
    pub reason: String,
    /// How many topics, groups or brokers it is about, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
    /// The first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The entry that would show it, if it is one that is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Permission>,
}

/// A part of the inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Part {
    BrokerConfiguration,
    Topics,
    TopicConfiguration,
    Groups,
    GroupMembers,
    CommittedOffsets,
    AccessControl,
}

/// What a client must be allowed, in Kafka's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    pub operation: String,
    pub resource_type: String,
    /// `*` is any.
    pub resource: String,
}

impl Limit {
    pub(super) fn new(part: Part, reason: impl Into<String>) -> Self {
        Self { part, reason: reason.into(), count: None, names: Vec::new(), needs: None }
    }

    /// About these topics, groups or brokers.
    pub(super) fn about(self, names: &[impl ToString]) -> Self {
        let first = names.iter().take(MAX_NAMES).map(ToString::to_string).collect();
        Self { count: Some(names.len()), names: first, ..self }
    }

    pub(super) fn needs(self, permission: Permission) -> Self {
        Self { needs: Some(permission), ..self }
    }

    /// For a request that failed: the entry that is missing, if that is why, else what was answered.
    pub(super) fn failed(part: Part, what: &str, error: &RequestError, permission: Permission) -> Self {
        if error.is_authorization() {
            Self::new(part, format!("{what} may not be seen")).needs(permission)
        } else {
            Self::new(part, format!("{what} could not be seen: {error}"))
        }
    }
}

/// As a sentence.
impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { part: _, reason, count, names, needs } = self;
        f.write_str(reason)?;
        match count {
            Some(count) if *count > names.len() => write!(f, ": {}, …, {count} in all", names.join(", "))?,
            Some(_) => write!(f, ": {}", names.join(", "))?,
            None => {}
        }
        needs.as_ref().map_or(Ok(()), |needs| write!(f, " (needs {needs})"))
    }
}

impl Permission {
    fn new(operation: &str, resource_type: &str, resource: &str) -> Self {
        Self { operation: operation.into(), resource_type: resource_type.into(), resource: resource.into() }
    }

    pub(super) fn describe_cluster() -> Self {
        Self::new("DESCRIBE", "CLUSTER", "kafka-cluster")
    }

    pub(super) fn describe_configurations_of_cluster() -> Self {
        Self::new("DESCRIBE_CONFIGS", "CLUSTER", "kafka-cluster")
    }

    pub(super) fn describe_topics() -> Self {
        Self::new("DESCRIBE", "TOPIC", "*")
    }

    pub(super) fn describe_configurations_of_topics() -> Self {
        Self::new("DESCRIBE_CONFIGS", "TOPIC", "*")
    }

    pub(super) fn describe_groups() -> Self {
        Self::new("DESCRIBE", "GROUP", "*")
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, resource_type, resource } = self;
        write!(f, "{operation} on {resource_type} {resource}")
    }
}
