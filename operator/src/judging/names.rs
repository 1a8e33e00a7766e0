//! Names of Transfers and Incidents, and edges as objects describe them.

use std::fmt::Write as _;

use landfall_api::{ExporterReference, NamespacedReference, TopicReference, TransferSpec, WorkloadReference};
use landfall_transfer_law::{AgreementId, EdgeId, Exporter, TopicName, WorkloadName};
use sha2::{Digest as _, Sha256};

/// Maximum length of texts in the schema.
pub(crate) const MAX_TEXT: usize = 256;
const MAX_TOPIC: usize = 249;

/// Maximum length that the exporter and the recipient each contribute to a name.
const MAX_NAME_PART: usize = 40;

/// Namespace and name of the Transfer of an edge: in the namespace of the workload or of the topic's bus, with a name that
/// is readable and stable.
pub(crate) fn transfer(edge: &EdgeId) -> NamespacedReference {
    let recipient = edge.recipient.rsplit(':').next().unwrap_or(&edge.recipient);
    let name = format!("{}-{}-{}", dns_label(edge.exporter.name()), dns_label(recipient), digest(edge));
    let name = name.trim_start_matches('-').to_owned();
    NamespacedReference { namespace: edge.exporter.namespace().to_owned(), name }
}

/// Namespace and name of the Incident of an edge: in the namespace of the agreement, named like the Transfer.
pub(crate) fn incident(edge: &EdgeId) -> NamespacedReference {
    NamespacedReference { namespace: edge.agreement.namespace.clone(), ..transfer(edge) }
}

/// The edge as objects describe it; long texts are truncated.
pub(crate) fn spec(edge: &EdgeId) -> TransferSpec {
    let EdgeId { cluster, agreement, exporter, recipient, endpoint } = edge;
    TransferSpec {
        cluster: cluster.clone(),
        agreement: NamespacedReference { namespace: agreement.namespace.clone(), name: agreement.name.clone() },
        exporter: exporter_reference(exporter),
        recipient: truncate(recipient, MAX_TEXT),
        endpoint: Some(endpoint.clone()).filter(|endpoint| !endpoint.is_empty()),
    }
}

fn exporter_reference(exporter: &Exporter) -> ExporterReference {
    match exporter.clone() {
        Exporter::Workload(WorkloadName { namespace, kind, name }) => {
            ExporterReference { workload: Some(WorkloadReference { namespace, kind, name }), topic: None }
        }
        Exporter::Topic(TopicName { namespace, bus, name }) => {
            let name = truncate(&name, MAX_TOPIC);
            ExporterReference { workload: None, topic: Some(TopicReference { namespace, bus, name }) }
        }
    }
}

/// Whether objects describe it with truncated texts.
pub(super) fn is_truncated(edge: &EdgeId) -> bool {
    truncated(edge) != *edge
}

/// The edge with its texts truncated as in objects.
pub(super) fn truncated(edge: &EdgeId) -> EdgeId {
    edge_from_spec(&spec(edge)).unwrap_or_else(|| edge.clone())
}

/// The edge that an object describes; `None` without an exporter.
pub(crate) fn edge_from_spec(spec: &TransferSpec) -> Option<EdgeId> {
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

/// Ten hexadecimal digits: with 10,000 edges in a namespace, two share them in one of 20,000 clusters.
pub(crate) fn digest(edge: &EdgeId) -> String {
    let identity = serde_json::to_vec(edge).expect("names have a JSON form");
    Sha256::digest(identity).iter().take(5).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A text as part of an object name (RFC 1123).
fn dns_label(text: &str) -> String {
    let plain =
        text.chars().take(MAX_NAME_PART).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    plain.collect::<String>().trim_matches('-').to_owned()
}

/// A text without control characters, of at most `longest` characters.
pub(crate) fn truncate(text: &str, longest: usize) -> String {
    let plain = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c });
    plain.take(longest).collect()
}
