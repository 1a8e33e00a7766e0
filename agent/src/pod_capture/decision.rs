//! Whether a pod is captured, from the kernel's tables and from what the capture has seen.

use std::{io, net::IpAddr};

use landfall_observation::PodCapture;

use super::NodePod;
use crate::{
    afpacket::Sightings,
    links::{LinkKind, Route, Tables},
};

/// A state of a pod, and the index of the interface that leads to it.
type Finding = (PodCapture, Option<u32>);

/// What is captured of the interfaces that could lead to a pod.
enum Candidates {
    All,
    Some,
    None,
}

/// The state of a pod. All its addresses are at one interface, so what is known of one holds for all: that it is not
/// captured first of all.
pub(super) fn decide(tables: &mut Tables, sightings: &Sightings, pod: &NodePod) -> io::Result<Finding> {
    if pod.host_network {
        return Ok((PodCapture::HostNetwork, None));
    }
    let mut findings = Vec::with_capacity(pod.addresses.len());
    for address in &pod.addresses {
        let route = tables.route(*address)?;
        findings.push(of_address(tables, sightings, *address, route));
    }
    let by_weight = [PodCapture::NotCaptured, PodCapture::Captured, PodCapture::Shared];
    let heaviest = by_weight.iter().find_map(|weight| findings.iter().find(|(capture, _)| capture == weight));
    Ok(heaviest.copied().unwrap_or((PodCapture::Unknown, None)))
}

fn of_address(tables: &Tables, sightings: &Sightings, address: IpAddr, route: Route) -> Finding {
    let seen_at = sightings.interface(address).filter(|index| {
        let leads_elsewhere = tables.links.get(index).is_some_and(|link| link.leads_elsewhere);
        tables.is_captured(*index) && leads_elsewhere
    });
    if let Some(index) = seen_at {
        return (PodCapture::Captured, Some(index));
    }
    match route {
        Route::Out { index, is_for_it_alone, has_gateway: false } => {
            let link = tables.links.get(&index);
            match link {
                Some(link) if link.kind == LinkKind::Bridge => behind_bridge(tables, index, address),
                Some(link) if link.leads_elsewhere && is_for_it_alone => own(tables, index),
                _ => by_candidates(tables, Some(index)),
            }
        }
        Route::Out { index, .. } => by_candidates(tables, Some(index)),
        // A pod's address is not the node's; if it seems so, the tables do not say where the pod is.
        Route::Local | Route::Unclear => by_candidates(tables, None),
    }
}

/// For the pod's own interface.
fn own(tables: &Tables, index: u32) -> Finding {
    let link = tables.links.get(&index);
    let capture = match link {
        // Selected, but a program may lead the packets past it.
        Some(link) if link.kind == LinkKind::Netkit && tables.is_captured(index) => PodCapture::Unknown,
        _ if tables.is_captured(index) => PodCapture::Captured,
        Some(link) if link.master.is_some_and(|master| tables.is_captured(master)) => PodCapture::Shared,
        _ => PodCapture::NotCaptured,
    };
    (capture, Some(index))
}

/// For a pod behind a bridge: by its port, or by all ports if the kernel has not learnt which is the pod's.
fn behind_bridge(tables: &Tables, bridge: u32, address: IpAddr) -> Finding {
    if let Some(port) = tables.port(bridge, address) {
        return own(tables, port);
    }
    let capture = match candidates(tables, &tables.ports(bridge)) {
        Candidates::All => PodCapture::Captured,
        _ if tables.is_captured(bridge) => PodCapture::Shared,
        Candidates::None => PodCapture::NotCaptured,
        Candidates::Some => PodCapture::Unknown,
    };
    (capture, Some(bridge))
}

/// For a pod that the tables do not tell: by all interfaces that lead to other namespaces.
fn by_candidates(tables: &Tables, out: Option<u32>) -> Finding {
    let leading: Vec<u32> = tables.links.iter().filter(|(_, link)| link.leads_elsewhere).map(|(one, _)| *one).collect();
    let capture = match candidates(tables, &leading) {
        Candidates::All => return (PodCapture::Captured, None),
        _ if out.is_some_and(|out| tables.is_captured(out)) => PodCapture::Shared,
        Candidates::None => PodCapture::NotCaptured,
        Candidates::Some => PodCapture::Unknown,
    };
    (capture, out.filter(|_| capture == PodCapture::Shared))
}

/// What is captured of some interfaces. Nothing follows from an empty list, except where nothing is captured at all.
fn candidates(tables: &Tables, indices: &[u32]) -> Candidates {
    let shows_all = |index: &&u32| {
        tables.links.get(index).is_some_and(|link| link.kind != LinkKind::Netkit) && tables.is_captured(**index)
    };
    let captured = indices.iter().filter(|index| tables.is_captured(**index)).count();
    if tables.captured.is_empty() || (captured == 0 && !indices.is_empty()) {
        Candidates::None
    } else if !indices.is_empty() && indices.iter().filter(shows_all).count() == indices.len() {
        Candidates::All
    } else {
        Candidates::Some
    }
}

#[cfg(test)]
mod tests;
