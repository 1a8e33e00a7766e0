use super::{boolean, integer, text, timestamp};
use crate::Column;

/// The edge and its traffic, of judgments and roll-ups.
pub(super) const COLUMNS: &[Column] = &[
    text("agreement", "agreement", "agreement that applies, NAMESPACE/NAME"),
    text("exporter_namespace", "exporter/*/namespace", "namespace of the workload or message bus"),
    text("exporter_kind", "exporter/workload/kind", "kind of the workload; null for a topic"),
    text("exporter_bus", "exporter/topic/bus", "message bus of the topic; null for a workload"),
    text("exporter_name", "exporter/*/name", "name of the workload or topic"),
    text("recipient", "recipient", "name of the recipient, or `unregistered:…`, `own-network:…` and the like"),
    text("endpoint", "endpoint", "name of its endpoint entry; empty if there is none"),
    timestamp("interval_from", "interval/from", "begin of the interval"),
    timestamp("interval_until", "interval/until", "its end"),
    integer("bytes_sent", "bytesSent", "bytes sent to the recipient in the interval, counted"),
    integer("bytes_received", "bytesReceived", "bytes received from it, counted"),
    integer("estimated_bytes_sent", "estimatedBytesSent", "further bytes sent, estimated (topics); null: none"),
    integer("estimated_bytes_received", "estimatedBytesReceived", "further bytes received, estimated; null: none"),
    integer("connections", "connections", "connections opened, or messages of a topic"),
    boolean("rejudged", "rejudged", "true: the interval was judged before. Leave it out of sums"),
];

/// The edge of an incident, a decision or a draft.
pub(super) const OF_SUBJECT: &[Column] = &[
    text("agreement", "edge/agreement", "agreement of the edge, NAMESPACE/NAME"),
    text("exporter_namespace", "edge/exporter/*/namespace", "namespace of the workload or message bus"),
    text("exporter_kind", "edge/exporter/workload/kind", "kind of the workload; null for a topic"),
    text("exporter_bus", "edge/exporter/topic/bus", "message bus of the topic; null for a workload"),
    text("exporter_name", "edge/exporter/*/name", "name of the workload or topic"),
    text("recipient", "edge/recipient", "recipient of the edge"),
    text("endpoint", "edge/endpoint", "its endpoint entry"),
];
