use serde::{Deserialize, Serialize};

use crate::{
    Channel, Endpoint, Finding, Identity, Inspection, Local, LocationEvidence, PayloadState, Protocol, Topic, Window,
    Workload,
};

/// What an agent states about traffic between one local party and one remote in one window.
///
/// A delta: bytes and findings stand in exactly one observation. Only what is sent makes a
/// transfer; what is received shows what the workload holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// Who says so.
    #[serde(flatten)]
    pub identity: Identity,
    /// When.
    pub window: Window,
    /// Our side.
    pub local: Local,
    /// The other side.
    pub remote: Endpoint,
    /// Which side began.
    pub initiator: Initiator,
    /// How they speak.
    pub channel: Channel,
    /// Evidence about the remote's place, best rung first.
    #[serde(default)]
    pub location: Vec<LocationEvidence>,
    /// From the local party to the remote.
    pub sent: Direction,
    /// From the remote to the local party.
    pub received: Direction,
    /// How far the payload could be read.
    pub inspection: Inspection,
    /// The protocol whose reader looked at it, such as `http`; none where nothing was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<Protocol>,
    /// Whether a connection came about by which anything could be delivered.
    #[serde(default, skip_serializing_if = "Handshake::is_completed")]
    pub handshake: Handshake,
    /// What the agent may have missed.
    #[serde(default)]
    pub coverage: Coverage,
}

/// What went one way. Bytes of flows are exact, never sampled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Direction {
    /// Bytes of IP packets (or of message payloads, for a topic).
    pub bytes: u64,
    /// Whether the bytes are estimated, as those are that a topic's reader takes. They are never added to exact ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
    /// Packets; 0 for a topic.
    #[serde(default)]
    pub packets: u64,
    /// Connections that this party opened in the window and the other side accepted.
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

/// Which side opened the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initiator {
    /// Our side.
    Local,
    /// The other side.
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
    /// A SYN that was answered by RST.
    Refused,
    /// It was completed, or there is none to complete: a datagram has left when it was sent, and a capture of one
    /// direction shows data without a handshake. Values not known here read as this one.
    #[default]
    #[serde(other)]
    Completed,
}

/// What the agent may have missed in the window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Coverage {
    /// Payload samples that were not inspected for want of room; their bytes still count.
    #[serde(skip_serializing_if = "is_zero")]
    pub samples_dropped: u64,
    /// Frames whose end the capture cut off; their bytes still count.
    #[serde(skip_serializing_if = "is_zero")]
    pub frames_truncated: u64,
    /// Frames that the agent could not take in for want of room, on all of its interfaces, in the
    /// minute of the window. Whose they were is not known, so each observation of that minute says
    /// the same number: not to be added up. Their bytes are missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub frames_dropped: u64,
    /// Whether packets of one direction only were seen of a TCP connection, which must have two: each segment is
    /// acknowledged (RFC 9293, 3.10.7.4). The bytes of the other direction are missing, and what it carried is not known.
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
    /// Whether data could be delivered.
    pub fn is_completed(&self) -> bool {
        *self == Self::Completed
    }
}

// === impl Observation ===

impl Observation {
    /// What became of the payload, in one word.
    pub fn payload_state(&self) -> PayloadState {
        PayloadState::of(self.inspection, &self.channel)
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
            Local::Topic(Topic { bus, cluster_id, topic }) => {
                ensure(!(cluster_id.is_empty() || topic.is_empty()), "local.topic", "clusterId and topic")?;
                let named = bus.as_ref().is_none_or(|bus| !(bus.namespace.is_empty() || bus.name.is_empty()));
                ensure(named, "local.topic.bus", "namespace and name")?;
            }
        }
        // A method that is not known here reads as none, so a host may stand without one.
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
