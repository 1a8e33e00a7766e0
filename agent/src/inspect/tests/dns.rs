use std::net::IpAddr;

use jiff::Timestamp;
use landfall_observation::Transport;

use super::{
    bench::{CLIENT, SERVER},
    *,
};
use crate::parse::dns::sample::{address_record, in_stream, message, name as wire_name, query, record, response};

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn dns_name(text: &str) -> Name {
    name(text, HostMethod::Dns)
}

#[test]
fn a_dns_flow_lists_what_it_asks_for_and_has_no_host() {
    let mut bench = Bench::udp(53);
    bench.say(Way::Out, &query("a.example.org")).say(Way::Out, &query("b.example.org"));
    bench.say(Way::Back, &response("a.example.org", &[address(SERVER)]));
    let facts = bench.flow.facts();
    assert_eq!((facts.protocol.as_str(), facts.host, facts.host_method), ("dns", None, HostMethod::None));
    assert_eq!(facts.names, [dns_name("a.example.org"), dns_name("b.example.org")]);
    assert_eq!(facts.inspection, landfall_observation::Inspection::Plaintext);
    assert_eq!(facts.reader, Some(landfall_observation::Protocol::DNS));
}

#[test]
fn a_later_flow_to_an_answered_address_has_the_name_that_was_asked_for() {
    let chain = [
        record(&[0xc0, 12], 5, &wire_name("edge.cdn.example")),
        address_record(&wire_name("edge.cdn.example"), address(SERVER)),
        address_record(&wire_name("edge.cdn.example"), address("2001:db8::1")),
    ];
    let mut bench = Bench::udp(53);
    bench.say(Way::Out, &query("api.example.org")).say(Way::Back, &message(0x8180, "api.example.org", &chain));
    for server in [SERVER, "2001:db8::1"] {
        bench = bench.then(60, Transport::Tcp, server, 4000);
        let facts = bench.flow.facts();
        assert_eq!((facts.host.as_deref(), facts.host_method), (Some("api.example.org"), HostMethod::Dns));
        assert_eq!(facts.names, [dns_name("api.example.org")]);
    }
    let bench = bench.then(601, Transport::Tcp, SERVER, 4000);
    assert_eq!(bench.flow.facts().host, None, "ten minutes later");
}

#[test]
fn an_address_that_was_asked_for_under_two_names_has_no_host() {
    let mut bench = Bench::udp(53);
    for asked in ["a.example.org", "b.example.org"] {
        bench.say(Way::Out, &query(asked)).say(Way::Back, &response(asked, &[address(SERVER)]));
    }
    let facts = bench.then(1, Transport::Tcp, SERVER, 4000).flow.facts();
    assert_eq!((facts.host, facts.host_method), (None, HostMethod::None));
    assert_eq!(facts.names, [dns_name("a.example.org"), dns_name("b.example.org")]);
}

#[test]
fn an_answer_that_arrives_behind_the_handshake_still_names_the_flow() {
    let mut bench = Bench::new(4000);
    bench.open();
    let asked: std::sync::Arc<str> = "api.example.org".into();
    let at = Timestamp::from_second(1_700_000_000).unwrap();
    bench.shared.names.answered(Namespace::default(), address(CLIENT), address(SERVER), &asked, at);
    bench.say(Way::Out, b"\0\0\0\0");
    assert_eq!(bench.flow.facts().host.as_deref(), Some("api.example.org"));
}

#[test]
fn a_response_that_the_client_sends_itself_names_nothing() {
    let mut bench = Bench::udp(53);
    bench.say(Way::Out, &response("api.example.org", &[address(SERVER)]));
    assert_eq!(bench.shared.names.len(), 0);
}

#[test]
fn messages_over_tcp_are_read_however_they_are_cut() {
    let asked: Vec<u8> = ["a.example.org", "b.example.org"].iter().flat_map(|n| in_stream(&query(n))).collect();
    let told: Vec<u8> =
        ["a.example.org", "b.example.org"].iter().flat_map(|n| in_stream(&response(n, &[address(SERVER)]))).collect();
    for size in [1, 2, 3, 10, 40, 1000] {
        let mut bench = Bench::new(53);
        bench.open();
        for part in asked.chunks(size) {
            bench.say(Way::Out, part);
        }
        for part in told.chunks(size) {
            bench.say(Way::Back, part);
        }
        assert_eq!(bench.flow.facts().names, [dns_name("a.example.org"), dns_name("b.example.org")]);
        assert_eq!(bench.flow.facts().protocol.as_str(), "dns");
        assert_eq!(bench.shared.names.len(), 2);
        assert!(bench.flow.heap_bytes() < 2000);
    }
}

#[test]
fn garbage_on_port_53_is_not_dns() {
    for mut bench in [Bench::udp(53), Bench::new(53)] {
        bench.say(Way::Out, b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff");
        let facts = bench.flow.facts();
        assert_eq!((facts.protocol.as_str(), facts.names), ("unknown", vec![]));
    }
}

#[test]
fn the_names_of_a_flow_are_bounded() {
    let mut bench = Bench::udp(53);
    for n in 0..1000 {
        bench.say(Way::Out, &query(&format!("n{n}.example.org")));
    }
    assert_eq!(bench.flow.facts().names.len(), MAX_NAMES);
    // One more time each: what is kept is no news, what is not is counted again.
    bench.say(Way::Out, &query("n0.example.org")).say(Way::Out, &query("n999.example.org"));
    assert_eq!(bench.shared.counters.names_left_out, 1000 - MAX_NAMES as u64 + 1);
}
