use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What an agent says of itself: the body of its heartbeat (`POST /v1/alive`). Agents before this type sent no body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentReport {
    /// Name of the cluster.
    pub cluster: String,
    /// Name of the agent, that of its node.
    pub agent: String,
    /// The pods of the node. `None` while the agent does not know, and where it does not watch pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<PodsByCapture>,
}

/// Whether the packets of a pod pass a captured interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PodCapture {
    /// Its own interface is captured.
    Captured,
    /// Only an interface that it shares with others is captured, such as a bridge or the node's card: packets between
    /// pods of the node do not pass it.
    Shared,
    /// Nothing tells which interface leads to it.
    Unknown,
    /// Its interface is not captured.
    NotCaptured,
    /// It has no interface: it uses the network of the node.
    HostNetwork,
}

/// How many running pods of a node are in each state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, u64>", into = "BTreeMap<String, u64>")]
pub struct PodsByCapture(BTreeMap<PodCapture, u64>);

// === impl PodCapture ===

impl PodCapture {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Captured, Self::Shared, Self::Unknown, Self::NotCaptured, Self::HostNetwork];

    /// The name in metrics and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Captured => "captured",
            Self::Shared => "shared",
            Self::Unknown => "unknown",
            Self::NotCaptured => "not_captured",
            Self::HostNetwork => "host_network",
        }
    }

    /// By its name; that of a newer agent reads as `Unknown`.
    fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|capture| capture.as_str() == name).unwrap_or(Self::Unknown)
    }
}

// === impl PodsByCapture ===

impl PodsByCapture {
    /// How many pods are in a state.
    pub fn count(&self, capture: PodCapture) -> u64 {
        self.0.get(&capture).copied().unwrap_or_default()
    }

    /// Whether the transfers of some pod go unseen, or may do so.
    pub fn has_unseen(&self) -> bool {
        self.count(PodCapture::NotCaptured) > 0 || self.count(PodCapture::Unknown) > 0
    }
}

impl FromIterator<(PodCapture, u64)> for PodsByCapture {
    fn from_iter<I: IntoIterator<Item = (PodCapture, u64)>>(counts: I) -> Self {
        let mut all: BTreeMap<_, u64> = BTreeMap::new();
        for (capture, count) in counts {
            let sum = all.entry(capture).or_default();
            *sum = sum.saturating_add(count);
        }
        Self(all)
    }
}

impl From<BTreeMap<String, u64>> for PodsByCapture {
    fn from(counts: BTreeMap<String, u64>) -> Self {
        counts.into_iter().map(|(name, count)| (PodCapture::from_name(&name), count)).collect()
    }
}

impl From<PodsByCapture> for BTreeMap<String, u64> {
    fn from(PodsByCapture(counts): PodsByCapture) -> Self {
        counts.into_iter().map(|(capture, count)| (capture.as_str().to_owned(), count)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(pods: Option<PodsByCapture>) -> AgentReport {
        AgentReport { cluster: "test".to_owned(), agent: "node-eu".to_owned(), pods }
    }

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let pods: PodsByCapture = PodCapture::ALL.into_iter().zip(1..).collect();
        let text = r#"{"cluster":"test","agent":"node-eu","pods":{"captured":1,"host_network":5,"not_captured":4,"shared":2,"unknown":3}}"#;
        assert_eq!(serde_json::to_string(&report(Some(pods.clone()))).unwrap(), text);
        assert_eq!(serde_json::from_str::<AgentReport>(text).unwrap(), report(Some(pods)));
        assert_eq!(serde_json::to_string(&report(None)).unwrap(), r#"{"cluster":"test","agent":"node-eu"}"#);
    }

    #[test]
    fn what_a_newer_agent_adds_is_ignored_or_unknown() {
        let text =
            r#"{"cluster":"test","agent":"node-eu","kernel":{"x":1},"pods":{"captured":1,"unknown":2,"offloaded":3}}"#;
        let pods = [(PodCapture::Captured, 1), (PodCapture::Unknown, 5)].into_iter().collect();
        assert_eq!(serde_json::from_str::<AgentReport>(text).unwrap(), report(Some(pods)));
    }
}
