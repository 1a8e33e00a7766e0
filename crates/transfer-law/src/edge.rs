use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use landfall_observation::{DataCategory, LocationEvidence, PayloadState, TlsVersion};
use serde::{Deserialize, Serialize};

use crate::{AgreementId, Counterpart, Exporter, Sighting, UncertainMatches};

/// The name of the recipient of an edge that stands for several recipients.
pub(crate) const OTHER: &str = "other";

/// What is judged, and what a `Transfer` object stands for. Jurisdiction, port,
/// host, TLS and method are facts on the edge, never identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EdgeId {
    /// Name of the cluster.
    pub cluster: String,
    /// The agreement it is judged under.
    pub agreement: AgreementId,
    /// The exporter.
    pub exporter: Exporter,
    /// Name of the recipient, or `unregistered:…`, `own-network:…`, `data-subjects`,
    /// `not-personal:…`, `truncated:…`, `other`.
    pub recipient: String,
    /// Name of the endpoint entry, empty where there is none.
    pub endpoint: String,
}

/// An edge with the evidence gathered over an interval: what `judge` looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Edge {
    /// Which edge.
    #[serde(flatten)]
    pub id: Arc<EdgeId>,
    /// Who the other side is.
    pub counterpart: Counterpart,
    /// Tenants whose data the exporter carries.
    pub tenants: BTreeSet<String>,
    /// Whether some of its traffic names no tenant.
    pub untenanted: bool,
    /// Categories by the rungs that observations can give (rungs 1 to 3).
    pub categories: ObservedCategories,
    /// Evidence about the place, without duplicates; none of traffic through a proxy, whose address
    /// is not the recipient's.
    pub location: Vec<LocationEvidence>,
    /// How the data travelled.
    pub channel: ChannelFacts,
    /// Whether only connection attempts were seen, none of them accepted. If there are established connections as well,
    /// attempts count with their bytes but not for the time of the transfer.
    #[serde(default)]
    pub only_attempts: bool,
    /// First packet.
    pub first_seen: Timestamp,
    /// Last packet.
    pub last_seen: Timestamp,
    /// The amount of traffic.
    pub volume: Volume,
}

/// Categories by the rung of evidence on which they are known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedCategories {
    /// Rung 1: seen sent in this edge.
    pub seen: BTreeSet<DataCategory>,
    /// Matches in what was sent that do not suffice to count as seen.
    #[serde(default, skip_serializing_if = "UncertainMatches::is_empty")]
    pub uncertain: UncertainMatches,
    /// Rung 2: seen at this exporter within 30 days.
    pub held: BTreeSet<DataCategory>,
    /// Where and when the held categories were seen. One without a sighting counts as seen at an unknown place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sightings: Vec<Sighting>,
    /// Rung 3: declared on the workload, or for the topic by the schema registry or its MessageBus.
    pub declared: BTreeSet<DataCategory>,
}

/// How the data travelled. Sets, because an edge gathers many connections.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, gathered over many connections")]
pub struct ChannelFacts {
    /// TLS versions negotiated.
    pub tls_versions: BTreeSet<TlsVersion>,
    /// Whether application data was read in the clear on the wire.
    pub plaintext: bool,
    /// Whether some of what was sent was not read.
    pub opaque: bool,
    /// Whether some of it was visibly plaintext that no reader parsed.
    #[serde(default)]
    pub plaintext_not_read: bool,
    /// The protocols whose readers parsed plaintext, at most 16.
    #[serde(default)]
    pub readers: BTreeSet<String>,
    /// Whether a ClientHello carried Encrypted Client Hello.
    pub ech: bool,
    /// Best host names seen, at most 16.
    pub hosts: BTreeSet<String>,
    /// Application protocols and ports seen, such as `tls/443`, at most 16.
    pub protocols: BTreeSet<String>,
    /// Whether some of it went through a proxy.
    pub through_proxy: bool,
}

/// The amount of traffic of an edge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Volume {
    /// Bytes sent to the recipient, counted: of IP packets, or of a topic's messages.
    pub bytes_sent: u64,
    /// Bytes received from it, counted.
    pub bytes_received: u64,
    /// Estimated bytes sent, such as those read from a topic; not included above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub estimated_bytes_sent: u64,
    /// Estimated bytes received; not included above.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub estimated_bytes_received: u64,
    /// Connections opened by either side, or messages of a topic.
    pub connections: u64,
    /// IP bytes sent, by whether and how the payload was inspected.
    #[serde(default)]
    pub payload: BTreeMap<PayloadState, u64>,
    /// Matches by category, in what was sent.
    pub matches: BTreeMap<DataCategory, u64>,
    /// Payload samples that were not inspected; their bytes are included above.
    #[serde(default)]
    pub samples_dropped: u64,
    /// Frames that were truncated; their bytes are included above.
    #[serde(default)]
    pub frames_truncated: u64,
    /// Whether only one direction of some connections was seen: the bytes of the other one are missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub one_sided: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_zero(number: &u64) -> bool {
    *number == 0
}
