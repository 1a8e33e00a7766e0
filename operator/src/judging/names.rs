//! How objects state edges, and what they are called.

use std::fmt::Write as _;

use landfall_api::{NamespacedReference, TransferSpec, WorkloadReference};
use landfall_transfer_law::{AgreementId, EdgeId, Via, WorkloadName};
use sha2::{Digest as _, Sha256};

/// Longest texts, as the schema has them.
pub(crate) const LONGEST: usize = 256;

/// Of the recipient and of the workload, so that a name stays readable.
const PART: usize = 40;

/// Where the Transfer of an edge is: in the namespace of the workload, under a name that says what it is and that
/// stays the same for the same edge.
pub(crate) fn transfer(edge: &EdgeId) -> NamespacedReference {
    let recipient = edge.recipient.rsplit(':').next().unwrap_or(&edge.recipient);
    let name = format!("{}-{}-{}", label(&edge.workload.name), label(recipient), digest(edge));
    NamespacedReference { namespace: edge.workload.namespace.clone(), name: name.trim_start_matches('-').to_owned() }
}

/// Where the Incident of an edge is made: in the namespace of the agreement, under the name of the Transfer.
pub(crate) fn incident(edge: &EdgeId) -> NamespacedReference {
    NamespacedReference { namespace: edge.agreement.namespace.clone(), ..transfer(edge) }
}

/// The edge as an object states it.
pub(crate) fn spec(edge: &EdgeId) -> TransferSpec {
    let EdgeId { cluster, agreement, workload, recipient, endpoint, via } = edge;
    TransferSpec {
        cluster: cluster.clone(),
        agreement: NamespacedReference { namespace: agreement.namespace.clone(), name: agreement.name.clone() },
        workload: WorkloadReference {
            namespace: workload.namespace.clone(),
            kind: workload.kind.clone(),
            name: workload.name.clone(),
        },
        recipient: short(recipient, LONGEST),
        endpoint: Some(endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
        via: String::from(via.clone()),
    }
}

/// Whether objects state it otherwise.
pub(super) fn is_cut(edge: &EdgeId) -> bool {
    short(&edge.recipient, LONGEST) != edge.recipient
}

/// The edge as objects state it: longer texts are cut there.
pub(super) fn stated(edge: &EdgeId) -> EdgeId {
    edge_of(&spec(edge))
}

pub(super) fn edge_of(spec: &TransferSpec) -> EdgeId {
    EdgeId {
        cluster: spec.cluster.clone(),
        agreement: AgreementId { namespace: spec.agreement.namespace.clone(), name: spec.agreement.name.clone() },
        workload: WorkloadName {
            namespace: spec.workload.namespace.clone(),
            kind: spec.workload.kind.clone(),
            name: spec.workload.name.clone(),
        },
        recipient: spec.recipient.clone(),
        endpoint: spec.endpoint.clone().unwrap_or_default(),
        via: Via::try_from(spec.via.clone()).unwrap_or(Via::Flow),
    }
}

/// Ten hexadecimal digits: among 10,000 edges of a namespace two share them once in 20,000 clusters.
pub(crate) fn digest(edge: &EdgeId) -> String {
    let identity = serde_json::to_vec(edge).expect("names have a JSON form");
    Sha256::digest(identity).iter().take(5).fold(String::new(), |mut text, byte| {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What of a text may stand in a name (RFC 1123).
fn label(text: &str) -> String {
    let plain = text.chars().take(PART).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    plain.collect::<String>().trim_matches('-').to_owned()
}

/// A text without control characters, no longer than that many characters.
pub(crate) fn short(text: &str, longest: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    plain.take(longest).collect()
}
