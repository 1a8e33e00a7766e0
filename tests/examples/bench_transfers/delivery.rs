//! Fills the operator by the agents' protocol.

use std::{fmt::Write as _, thread::sleep, time::Duration};

use jiff::Timestamp;
use landfall_observation::{
    Channel, Coverage, Direction, Endpoint, HostMethod, Identity, Initiator, Inspection, Local, Observation, Protocol,
    Tls, TlsVersion, Transport, Window, Workload, encode,
};
use landfall_tests::{
    cluster::ControlPlane,
    operator::{CLUSTER, Operator},
};

use crate::Failure;

/// Edges of a namespace; the book keeps 2,000.
const A_NAMESPACE: usize = 1_000;

/// Delivers one observation for each of so many edges; returns when all are on the operator's disk.
pub(crate) fn deliver(
    plane: &ControlPlane,
    operator: &Operator,
    token: &str,
    edges: usize,
    hosts: &[String],
) -> Result<(), Failure> {
    let count = edges.div_ceil(A_NAMESPACE);
    let mut namespaces = String::new();
    for number in 0..count {
        writeln!(
            namespaces,
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: crm-{number}\n  labels: {{ landfall.dev/consent: privacy, landfall.dev/tenant: tenant-a }}"
        )?;
    }
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &namespaces)?;
    // What comes before the operator knows of the namespace's consent is nobody's.
    sleep(Duration::from_secs(3));
    let bundle =
        ["get", "-n", "landfall-system", "configmap", "landfall-operator-ca", "-o", "jsonpath={.data.ca\\.crt}"];
    let certificate = ureq::tls::Certificate::from_pem(plane.kubectl(&bundle, "")?.as_bytes())?;
    let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::new_with_certs(&[certificate])).build();
    let client: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).build().into();
    for namespace in 0..count {
        let numbers = namespace * A_NAMESPACE..edges.min((namespace + 1) * A_NAMESPACE);
        let lines: String = numbers.map(|number| line(namespace, number, hosts)).collect();
        client
            .post(format!("https://localhost:{}/v1/observations", operator.ingest.port()))
            .header("authorization", format!("Bearer {token}"))
            .header("content-encoding", "zstd")
            .send(&zstd::encode_all(lines.as_bytes(), 3)?[..])?;
    }
    match operator.metric("landfall_observations_unselected_total") {
        Some(0.0) => Ok(()),
        unselected => Err(format!("observations that no agreement selects: {unselected:?}").into()),
    }
}

/// A minute of traffic: each workload of a namespace with each host.
fn line(namespace: usize, number: usize, hosts: &[String]) -> String {
    let now = Timestamp::now();
    let workload = format!("service-{}", number % A_NAMESPACE / hosts.len());
    let direction = |bytes, connections| Direction { bytes, packets: 12, connections, ..Direction::default() };
    let seq = u64::try_from(number % A_NAMESPACE).unwrap_or_default();
    let observation = Observation {
        identity: Identity { cluster: CLUSTER.into(), agent: format!("node-{namespace}"), epoch: 1, seq },
        window: Window { start: now, end: now },
        local: Local::Workload(Workload::new(format!("crm-{namespace}"), "Deployment", &workload)),
        remote: Endpoint::Address { address: "198.51.100.0/24".parse().expect("a prefix") },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: hosts.get(number % hosts.len()).cloned(),
            host_method: HostMethod::Sni,
            names: Vec::new(),
            ech: false,
            tls: Some(Tls { version: Some(TlsVersion::V1_3), alpn: Some("h2".into()) }),
        },
        location: Vec::new(),
        sent: direction(4_321, 2),
        received: direction(17_654, 0),
        inspection: Inspection::Opaque,
        coverage: Coverage::default(),
    };
    encode(&observation) + "\n"
}
