//! A case whose exporter is a topic: its MessageBus says under which agreement it is, what is declared about it, and who runs
//! a broker.

use jiff::{Timestamp, ToSpan as _};
use landfall_observation::{Broker, TopicRole, decode};
use landfall_register::Compiled;
use landfall_transfer_law::{Edge, EdgeAggregator};
use serde::Deserialize;
use serde_json::json;

/// A topic, and who else has to do with it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Topic {
    /// Name of its bus, in the namespace `crm`.
    bus: String,
    /// Its own name.
    name: String,
    /// What the other party does with it.
    role: TopicRole,
    /// Host of the other party.
    host: Option<String>,
    /// The broker that the other party is.
    broker: Option<Broker>,
}

impl Topic {
    /// The edge of an observation of this topic.
    pub(super) fn edge(&self, compiled: &Compiled, at: Timestamp) -> Result<Edge, String> {
        let Self { bus, name, role, host, broker } = self;
        let end = at.checked_add(1.second()).map_err(|error| error.to_string())?;
        let line = json!({
            "schema": "landfall.observation/v1", "cluster": "cases", "agent": "bus", "epoch": 1, "seq": 1,
            "window": { "start": at, "end": end },
            "local": { "topic": { "bus": { "namespace": "crm", "name": bus }, "clusterId": "k1", "topic": name } },
            "remote": { "role": role, "clientHost": host, "broker": broker },
            "initiator": "local",
            "channel": {
                "transport": "tcp", "port": 9092, "protocol": "kafka", "host": null, "hostMethod": "none", "names": [],
                "ech": false, "tls": null,
            },
            "location": [],
            "sent": { "bytes": 4096, "estimated": true, "packets": 0, "findings": [], "payloadBytesSeen": 0 },
            "received": { "bytes": 0, "packets": 0, "findings": [], "payloadBytesSeen": 0 },
            "inspection": "plaintext",
        });
        let observation = decode(&line.to_string()).map_err(|error| error.to_string())?;
        let observation = compiled.resolver.described(&observation);
        let resolved = compiled.resolver.resolve(&observation);
        let [one] = resolved.as_slice() else {
            return Err(format!("expected one agreement for the topic, found {}", resolved.len()));
        };
        let mut book = EdgeAggregator::new();
        book.absorb(&one.agreement, &one.counterpart, &observation);
        book.edges().next().ok_or_else(|| "the topic has no edge".to_owned())
    }
}
