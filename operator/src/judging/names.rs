//! How objects state edges, and what they are called.

use std::fmt::Write as _;

use landfall_api::{ExporterReference, NamespacedReference, TopicReference, TransferSpec, WorkloadReference};
use landfall_transfer_law::{AgreementId, EdgeId, Exporter, TopicName, WorkloadName};
use sha2::{Digest as _, Sha256};

/// Longest texts, as the schema has them.
pub(crate) const LONGEST: usize = 256;
const LONGEST_TOPIC: usize = 249;

/// Of the recipient and of the workload or topic, so that a name stays readable.
const PART: usize = 40;

/// Where the Transfer of an edge is: in the namespace of the workload or of the topic's bus, under a name that says
/// what it is and that stays the same for the same edge.
pub(crate) fn transfer(edge: &EdgeId) -> NamespacedReference {
    let recipient = edge.recipient.rsplit(':').next().unwrap_or(&edge.recipient);
    let name = format!("{}-{}-{}", label(edge.exporter.name()), label(recipient), digest(edge));
    let name = name.trim_start_matches('-').to_owned();
    NamespacedReference { namespace: edge.exporter.namespace().to_owned(), name }
}

/// Where the Incident of an edge is made: in the namespace of the agreement, under the name of the Transfer.
pub(crate) fn incident(edge: &EdgeId) -> NamespacedReference {
    NamespacedReference { namespace: edge.agreement.namespace.clone(), ..transfer(edge) }
}

/// The edge as an object states it.
pub(crate) fn spec(edge: &EdgeId) -> TransferSpec {
    let EdgeId { cluster, agreement, exporter, recipient, endpoint } = edge;
    TransferSpec {
        cluster: cluster.clone(),
        agreement: NamespacedReference { namespace: agreement.namespace.clone(), name: agreement.name.clone() },
        exporter: exporter_reference(exporter),
        recipient: short(recipient, LONGEST),
        endpoint: Some(endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
    }
}

fn exporter_reference(exporter: &Exporter) -> ExporterReference {
    match exporter.clone() {
        Exporter::Workload(WorkloadName { namespace, kind, name }) => {
            ExporterReference { workload: Some(WorkloadReference { namespace, kind, name }), topic: None }
        }
        Exporter::Topic(TopicName { namespace, bus, name }) => {
            let name = short(&name, LONGEST_TOPIC);
            ExporterReference { workload: None, topic: Some(TopicReference { namespace, bus, name }) }
        }
    }
}

/// Whether objects state it otherwise.
pub(super) fn is_cut(edge: &EdgeId) -> bool {
    stated(edge) != *edge
}

/// The edge as objects state it: longer texts are cut there.
pub(super) fn stated(edge: &EdgeId) -> EdgeId {
    edge_of(&spec(edge)).unwrap_or_else(|| edge.clone())
}

/// The edge that an object states; `None` if it does not say who sends.
pub(crate) fn edge_of(spec: &TransferSpec) -> Option<EdgeId> {
    let TransferSpec { cluster, agreement, exporter, recipient, endpoint } = spec;
    let ExporterReference { workload, topic } = exporter.clone();
    let workload = workload.map(|it| Exporter::workload(it.namespace, it.kind, it.name));
    let topic = topic.map(|it| Exporter::topic(it.namespace, it.bus, it.name));
    Some(EdgeId {
        cluster: cluster.clone(),
        agreement: AgreementId { namespace: agreement.namespace.clone(), name: agreement.name.clone() },
        exporter: workload.or(topic)?,
        recipient: recipient.clone(),
        endpoint: endpoint.clone().unwrap_or_default(),
    })
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
