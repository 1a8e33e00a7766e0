use serde::{Deserialize, Serialize};

use crate::{
    Channel, Endpoint, Finding, Identity, Inspection, Local, LocationEvidence, PayloadState, Protocol, Topic, Window,
    Workload,
};

/// The most kinds of data that are declared for a topic; the vocabulary has fewer that a topic could hold.
const MAX_DECLARED: usize = 128;

/// What an agent reports about traffic between one local party and one remote in one window.
///
/// A delta: every byte and every finding is in exactly one observation. Only what is sent makes a transfer; what is
/// received shows which data the workload holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Who observed it, and as which of its observations.
    #[serde(flatten)]
    pub identity: Identity,
    /// When the traffic was seen.
    pub window: Window,
    /// The party on the organisation's side.
    pub local: Local,
    /// The other party.
    pub remote: Endpoint,
    /// Which of them opened the conversation.
    pub initiator: Initiator,
    /// How they communicate.
    pub channel: Channel,
    /// Evidence about the place of the remote, the best first.
    #[serde(default)]
    pub location: Vec<LocationEvidence>,
    /// From the local party to the remote.
    pub sent: Direction,
    /// From the remote to the local party.
    pub received: Direction,
    /// How far the payload could be read.
    pub inspection: Inspection,
    /// The protocol whose reader parsed the payload, such as `http`; `None` if nothing was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Protocol>,
    /// How the TCP handshake ended; after a failed one nothing was delivered.
    #[serde(default, skip_serializing_if = "Handshake::is_completed")]
    pub handshake: Handshake,
    /// What the agent may have missed.
    #[serde(default)]
    pub coverage: Coverage,
}

/// What went in one direction. Bytes of flows are exact, never sampled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Direction {
    /// Bytes of IP packets with their headers; of message payloads for a topic.
    pub bytes: u64,
    /// Whether the bytes are an estimate, as for what a client reads from a topic. Estimates are never added to exact bytes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// Packets; 0 for a topic.
    #[serde(default)]
    pub packets: u64,
    /// Connections that the sending party opened in the window and the other party accepted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub connections: u64,
    /// Messages, for a topic.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub messages: u64,
    /// Kinds of personal data seen.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Payload bytes that went through the detectors.
    #[serde(default)]
    pub payload_bytes_seen: u64,
}

/// Which party opened the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initiator {
    /// The local party.
    Local,
    /// The remote.
    Remote,
}

/// How a TCP handshake ended (RFC 9293, 3.5). Where it failed, no byte of an application reached anybody: data in a
/// SYN (TCP Fast Open) that is not acknowledged was not delivered (RFC 7413, 4.2). Attempts and established connections
/// never share an observation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Handshake {
    /// A SYN that nobody answered.
    Unanswered,
    /// A SYN that was answered with RST.
    Refused,
    /// It was completed, or there is none to complete: a datagram needs no handshake, and a capture of one direction shows
    /// data without it. Values of a newer agent read as this one.
    #[default]
    #[serde(other)]
    Completed,
}

/// What the agent may have missed in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Coverage {
    /// Payload samples that were not inspected because memory was short; their bytes are counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub samples_dropped: u64,
    /// Frames whose end the capture cut off; their bytes are counted.
    #[serde(skip_serializing_if = "is_zero")]
    pub frames_truncated: u64,
    /// Frames that the kernel dropped on all interfaces of the agent in the minute of the window, because the agent was too
    /// slow. Whose they were is not known, so each observation of that minute has the same number: do not add it up. Their
    /// bytes are missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub frames_dropped: u64,
    /// Whether only one direction of a TCP connection was seen. There must be two, because segments are acknowledged (RFC
    /// 9293, 3.10.7.4): the bytes of the other direction are missing, and what it carried is not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub one_sided: bool,
}

/// An observation whose parts contradict each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("field {field}: expected {expected}")]
pub struct InvalidObservation {
    /// JSON path of the field.
    pub field: &'static str,
    /// What it should have been.
    pub expected: &'static str,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

// === impl Handshake ===

impl Handshake {
    /// Whether application data could be delivered.
    pub fn is_completed(&self) -> bool {
        *self == Self::Completed
    }
}

// === impl Observation ===

impl Observation {
    /// The state of the payload, as shown to people.
    pub fn payload_state(&self) -> PayloadState {
        PayloadState::from_inspection(self.inspection, &self.channel)
    }

    /// Checks what the types cannot: the window's bounds, and counts that agree with each other.
    pub fn validate(&self) -> Result<(), InvalidObservation> {
        let ensure = |holds: bool, field, expected| {
            if holds { Ok(()) } else { Err(InvalidObservation { field, expected }) }
        };
        ensure(!self.identity.cluster.is_empty(), "cluster", "a name")?;
        ensure(!self.identity.agent.is_empty(), "agent", "a name")?;
        ensure(self.window.is_valid(), "window", "start before end, both within one minute of UTC")?;
        match &self.local {
            Local::Workload(Workload { namespace, kind, name, .. }) => {
                let named = !(namespace.is_empty() || kind.is_empty() || name.is_empty());
                ensure(named, "local.workload", "namespace, kind and name")?;
                let is_flow = matches!(self.remote, Endpoint::Address { .. });
                ensure(is_flow, "remote", "an address, for only a topic has readers")?;
            }
            Local::Topic(Topic { bus, cluster_id, topic, declared }) => {
                ensure(!(cluster_id.is_empty() || topic.is_empty()), "local.topic", "clusterId and topic")?;
                let named = bus.as_ref().is_none_or(|bus| !(bus.namespace.is_empty() || bus.name.is_empty()));
                ensure(named, "local.topic.bus", "namespace and name")?;
                ensure(declared.len() <= MAX_DECLARED, "local.topic.declared", "at most 128 kinds of data")?;
            }
        }
        // An unknown method of a newer agent is read as `None`, so a host can lack a method.
        ensure(
            self.channel.host.is_some() || self.channel.host_method == crate::HostMethod::None,
            "channel.hostMethod",
            "none where host is null",
        )?;
        let opened = self.sent.connections.saturating_add(self.received.connections);
        ensure(opened == 0 || self.handshake.is_completed(), "handshake", "completed where connections were opened")?;
        for (direction, field, packets, estimated) in [
            (&self.sent, "sent.findings", "sent.packets", "sent.estimated"),
            (&self.received, "received.findings", "received.packets", "received.estimated"),
        ] {
            let counted = |f: &Finding| f.records >= 1 && f.matches >= f.records;
            ensure(direction.findings.iter().all(counted), field, "1 ≤ records ≤ matches")?;
            let is_flow = matches!(self.remote, Endpoint::Address { .. });
            ensure(
                !is_flow || (direction.bytes > 0) == (direction.packets > 0),
                packets,
                "packets exactly when bytes",
            )?;
            ensure(!is_flow || !direction.estimated, estimated, "false, for bytes of flows are counted")?;
        }
        Ok(())
    }
}
