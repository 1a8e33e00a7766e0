//! Test fixtures: a published register and observations.

use std::{path::Path, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, Handshake, HostMethod, Identity, Initiator, Inspection, Local, Observation,
    Protocol, Transport, Window, Workload, encode,
};
use landfall_register::{compile, load};

use crate::judging::{Change, EdgeView, View};
use crate::register::{CONSENT_LABEL, Namespaces, Published};

pub(crate) const CLUSTER: &str = "test";

/// The example register; the namespace `crm` consents to its agreement.
pub(crate) fn published() -> Arc<Published> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/crm-processor");
    let compiled = compile(&load(&folder).unwrap());
    let labels = [(CONSENT_LABEL, "privacy"), ("landfall.dev/tenant", "tenant-a")];
    Arc::new(Published {
        ruleset: Arc::new(compiled.ruleset),
        resolver: Arc::new(compiled.resolver),
        agent: Arc::new(compiled.agent),
        alerting: Arc::new(compiled.alerting),
        namespaces: Arc::new(Namespaces::from([("crm", labels.as_slice()), ("other", &[])])),
        compiled_at: at(0),
        stale: None,
    })
}

/// The same register with another version, as after a change that affects no edge.
pub(crate) fn another_version(published: &Published) -> Arc<Published> {
    let mut ruleset = (*published.ruleset).clone();
    ruleset.version = "another".to_owned();
    Arc::new(Published { ruleset: Arc::new(ruleset), ..published.clone() })
}

pub(crate) fn at(minutes: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T10:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minutes)
}

/// A minute of TLS traffic of `crm/Deployment/sync` with `host`: 100 bytes out, 50 in, one connection.
pub(crate) fn observation(agent: &str, seq: u64, host: &str) -> Observation {
    let direction = |bytes, connections| Direction { bytes, packets: 1, connections, ..Direction::default() };
    let minute = i64::try_from(seq).unwrap();
    Observation {
        identity: Identity { cluster: CLUSTER.to_owned(), agent: agent.to_owned(), epoch: 1, seq },
        window: Window { start: at(minute), end: at(minute) + SignedDuration::from_secs(30) },
        local: Local::Workload(Workload::new("crm", "Deployment", "sync")),
        remote: Endpoint::Address { address: "198.51.100.0/24".parse().unwrap(), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: Some(host.to_owned()),
            host_method: HostMethod::Sni,
            names: Vec::new(),
            ech: false,
            tls: None,
        },
        location: Vec::new(),
        sent: direction(100, 1),
        received: direction(50, 0),
        inspection: Inspection::Opaque,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage::default(),
    }
}

/// Observations as an NDJSON body.
pub(crate) fn body(observations: &[Observation]) -> String {
    observations.iter().map(|observation| encode(observation) + "\n").collect()
}

/// The views of the edges among the changes.
pub(crate) fn edge_views(changes: &[Change]) -> Vec<EdgeView> {
    let views = changes.iter().filter_map(Change::view);
    views.filter_map(|view| if let View::Edge(view, _) = view { Some(view) } else { None }).collect()
}
