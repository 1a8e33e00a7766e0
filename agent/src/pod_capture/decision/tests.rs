use super::*;
use crate::links::Link;

/// Tables without neighbours; `captured` interfaces are marked with `*`.
fn tables(links: &[(&str, LinkKind, bool)]) -> Tables {
    let mut tables = Tables::open(Vec::new()).unwrap();
    for (index, &(name, kind, leads_elsewhere)) in (1..).zip(links) {
        if let Some(name) = name.strip_prefix('*') {
            tables.captured.insert(index, name.to_owned());
        }
        let name = name.trim_start_matches('*').to_owned();
        tables.links.insert(index, Link { name, kind, leads_elsewhere, ..Link::default() });
    }
    tables
}

fn address() -> IpAddr {
    [192, 0, 2, 10].into()
}

/// Sightings that hold the address at an interface.
fn seen_at(index: Option<u32>) -> Sightings {
    let sightings = Sightings::default();
    sightings.ask([address()]);
    sightings.answer(|_| index);
    sightings
}

fn found(tables: &Tables, seen: Option<u32>, route: Route) -> Finding {
    of_address(tables, &seen_at(seen), address(), route)
}

const fn out(index: u32, is_for_it_alone: bool) -> Route {
    Route::Out { index, is_for_it_alone, has_gateway: false }
}

use LinkKind::{Netkit, Other};

#[test]
fn where_all_pods_have_one_route_a_packet_or_the_whole_selection_proves_it() {
    // Cilium: the route to all pods leads to cilium_host, both of whose ends are on the node.
    let route = out(1, false);
    let some = tables(&[("cilium_host", Other, false), ("*lxc1", Other, true), ("lxc2", Other, true)]);
    assert_eq!(found(&some, None, route), (PodCapture::Unknown, None));
    assert_eq!(found(&some, Some(2), route), (PodCapture::Captured, Some(2)));
    assert_eq!(found(&some, Some(3), route), (PodCapture::Unknown, None), "it is no longer captured");
    let all = tables(&[("cilium_host", Other, false), ("*lxc1", Other, true), ("*lxc2", Other, true)]);
    assert_eq!(found(&all, None, route), (PodCapture::Captured, None));
    let none = tables(&[("cilium_host", Other, false), ("lxc1", Other, true), ("*lo", Other, false)]);
    assert_eq!(found(&none, None, route), (PodCapture::NotCaptured, None));
    let host = tables(&[("*cilium_host", Other, false), ("lxc1", Other, true)]);
    assert_eq!(found(&host, None, route), (PodCapture::Shared, Some(1)));
}

#[test]
fn netkit_is_captured_only_as_far_as_a_packet_was_seen() {
    let all = tables(&[("cilium_host", Other, false), ("*lxc1", Netkit, true)]);
    for route in [out(1, false), out(2, true), Route::Unclear] {
        assert_eq!(found(&all, None, route).0, PodCapture::Unknown, "{route:?}");
        assert_eq!(found(&all, Some(2), route), (PodCapture::Captured, Some(2)), "{route:?}");
    }
    let none = tables(&[("cilium_host", Other, false), ("lxc1", Netkit, true)]);
    assert_eq!(found(&none, None, out(2, true)), (PodCapture::NotCaptured, Some(2)));
}

#[test]
fn a_pod_that_only_the_default_route_leads_to_is_not_behind_the_card() {
    // AWS, pods with security groups: their routes are in tables of their own.
    let route = Route::Out { index: 1, is_for_it_alone: false, has_gateway: true };
    let cards = tables(&[("*eth0", Other, false), ("vlan5", Other, true)]);
    assert_eq!(found(&cards, None, route), (PodCapture::Shared, Some(1)));
    let pods = tables(&[("eth0", Other, false), ("*vlan5", Other, true)]);
    assert_eq!(found(&pods, None, route), (PodCapture::Captured, None));
    let nothing = tables(&[("eth0", Other, false)]);
    assert_eq!(found(&nothing, None, route), (PodCapture::NotCaptured, None));
    let nobody = tables(&[("eth0", Other, false), ("*lo", Other, false)]);
    assert_eq!(found(&nobody, None, route), (PodCapture::Unknown, None));
}
