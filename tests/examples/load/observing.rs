//! What agents of the benchmarks have seen.

use jiff::Timestamp;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, Handshake, HostMethod, Identity, Initiator, Inspection, Local, Observation,
    Protocol, Tls, TlsVersion, Transport, Window, Workload, encode,
};
use landfall_tests::operator::CLUSTER;

/// A line: the TLS traffic of a Deployment with a host, at this instant.
pub(crate) fn line(node: &str, seq: u64, (namespace, workload): (&str, &str), host: &str, bytes: u64) -> String {
    let now = Timestamp::now();
    let direction = |bytes, connections| Direction { bytes, packets: 12, connections, ..Direction::default() };
    let observation = Observation {
        identity: Identity { cluster: CLUSTER.into(), agent: node.to_owned(), epoch: 1, seq },
        window: Window { start: now, end: now },
        local: Local::Workload(Workload::new(namespace, "Deployment", workload)),
        remote: Endpoint::Address { address: "198.51.100.0/24".parse().expect("a prefix"), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: Some(host.to_owned()),
            host_method: HostMethod::Sni,
            names: Vec::new(),
            ech: false,
            tls: Some(Tls { version: Some(TlsVersion::V1_3), alpn: Some("h2".into()) }),
        },
        location: Vec::new(),
        sent: direction(bytes, 2),
        received: direction(17_654, 0),
        inspection: Inspection::Opaque,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage::default(),
    };
    encode(&observation) + "\n"
}
