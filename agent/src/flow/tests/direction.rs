//! Who began a flow.

use super::*;

/// The port of the responder.
fn served(packet: Packet<'static>) -> u16 {
    records(&[packet])[0].key.dst_port
}

#[test]
fn a_syn_names_the_initiator_whatever_the_ports() {
    assert_eq!(served(tcp(0, 443, 50000, "S")), 50000);
    assert_eq!(served(tcp(0, 50000, 443, "SA")), 50000);
    assert_eq!(served(tcp(0, 443, 50000, "SA")), 443);
}

#[test]
fn without_a_beginning_the_ports_tell_who_serves() {
    for make in [|src, dst| tcp(0, src, dst, "A"), |src, dst| udp(0, src, dst)] {
        assert_eq!(served(make(443, 50000)), 443);
        assert_eq!(served(make(50000, 443)), 443);
        assert_eq!(served(make(2000, 53)), 53);
        assert_eq!(served(make(53, 2000)), 53);
        assert_eq!(served(make(8080, 50000)), 8080);
        assert_eq!(served(make(50000, 8080)), 8080);
        // Equal ranks: the first sender began.
        assert_eq!(served(make(123, 67)), 67);
        assert_eq!(served(make(50000, 40000)), 40000);
        assert_eq!(served(make(5060, 9092)), 9092);
    }
}

#[test]
fn an_answer_seen_first_is_still_an_answer() {
    let query = udp(0, 50000, 53);
    let flows = records(&[answer(query), query, answer(query)]);
    assert_eq!(flows.len(), 1);
    assert_eq!((flows[0].key.src, flows[0].key.dst_port), (CLIENT, 53));
    assert_eq!((flows[0].out, flows[0].back), (counters(100, 1), counters(20, 2)));
    assert_eq!((flows[0].inspection.out, flows[0].inspection.back), (100, 20));
}

#[test]
fn both_ways_meet_in_one_flow_for_every_pair_of_ends() {
    let addresses = ["192.0.2.1", "203.0.113.9", "2001:db8::1", "2001:db8:ffff::1"].map(|text| text.parse().unwrap());
    for src in addresses {
        for dst in addresses {
            for (src_port, dst_port) in [(1, 2), (2, 1), (5, 5)] {
                if (src, src_port) == (dst, dst_port) {
                    continue;
                }
                let there = Packet { src, dst, ..tcp(0, src_port, dst_port, "S") };
                let flows = records(&[there, answer(there), there]);
                assert_eq!(flows.len(), 1);
                assert_eq!((flows[0].out, flows[0].back), (counters(200, 2), counters(10, 1)));
            }
        }
    }
}

#[test]
fn a_flow_of_an_end_with_itself_goes_out() {
    for flags in ["S", "SA", "A"] {
        let packet = Packet { dst: CLIENT, ..tcp(0, 7, 7, flags) };
        assert_eq!(records(&[packet])[0].out, counters(100, 1));
    }
}

#[test]
fn an_ipv4_address_is_not_the_ipv6_address_of_the_same_bits() {
    let packet = udp(0, 50000, 53);
    let six = |address| match address {
        IpAddr::V4(address) => IpAddr::V6(address.to_ipv6_compatible()),
        IpAddr::V6(_) => address,
    };
    assert_eq!(records(&[packet, Packet { src: six(CLIENT), dst: six(SERVER), ..packet }]).len(), 2);
}
