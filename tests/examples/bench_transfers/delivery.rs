//! Fills the operator by the agents' protocol.

use std::{fmt::Write as _, thread::sleep, time::Duration};

use landfall_tests::{
    cluster::ControlPlane,
    intake::{self, Intake},
    operator::Operator,
};

use crate::{Failure, observing};

/// Edges of a namespace; the book keeps 2,000.
const A_NAMESPACE: usize = 1_000;

/// Delivers one observation for each of so many edges, each workload of a namespace with each host; returns when all
/// are on the operator's disk.
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
    let intake = Intake::of(operator, &intake::authority(plane)?)?;
    let client = intake.client();
    for namespace in 0..count {
        let (node, name) = (format!("node-{namespace}"), format!("crm-{namespace}"));
        let mut lines = String::new();
        for number in 0..A_NAMESPACE.min(edges - namespace * A_NAMESPACE) {
            let host = hosts.get(number % hosts.len()).ok_or("no host was given")?;
            let workload = format!("service-{}", number / hosts.len());
            lines += &observing::line(&node, number as u64, (&name, &workload), host, 4_321);
        }
        let body = zstd::encode_all(lines.as_bytes(), 3)?;
        let (status, text) = intake.deliver(&client, token, &body, Some("zstd"))?;
        if !(200..300).contains(&status) {
            return Err(format!("{status}: {text}").into());
        }
    }
    match operator.metric("landfall_observations_unselected_total") {
        Some(0.0) => Ok(()),
        unselected => Err(format!("observations that no agreement selects: {unselected:?}").into()),
    }
}
