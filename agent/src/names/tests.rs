use super::*;
use crate::packet::{FlowKey, LinkEnds, Packet};

const HOST: Namespace = Namespace(0);

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).unwrap()
}

fn mac(last: u8) -> LinkAddress {
    LinkAddress::from_octets([2, 0, 0, 0, 0, last]).unwrap()
}

fn end(address: &str, of: Option<u8>) -> ClientEnd {
    ClientEnd { address: ip(address), mac: of.map(mac) }
}

/// Names without described workloads.
fn names() -> Names {
    described("", &[])
}

fn described(workloads: &str, prefixes: &[&str]) -> Names {
    let workloads = match workloads {
        "" => Workloads::default(),
        file => Workloads::parse("workloads.yaml", file.as_bytes()).unwrap(),
    };
    let translation = Translation::new(prefixes.iter().map(|text| text.parse().unwrap()).collect());
    Names::new(1 << 20, Arc::new(workloads), translation)
}

fn answer(names: &mut Names, client: &str, address: &str, name: &str) {
    names.answered(HOST, ip(client), ip(address), &Arc::from(name), after(0));
}

fn known_names(names: &Names, client: ClientEnd, address: &str) -> Vec<String> {
    names.names(HOST, client, ip(address), after(60)).iter().map(ToString::to_string).collect()
}

/// The first packet of a flow, with the MAC addresses of its ends.
fn met(names: &mut Names, src: (&str, u8), dst: (&str, u8)) {
    let transport = landfall_observation::Transport::Udp;
    let [src_end, dst_end] = [src, dst].map(|(address, _)| ip(address));
    let key = FlowKey { transport, protocol_number: 17, src: src_end, src_port: 40_000, dst: dst_end, dst_port: 53 };
    let link = LinkEnds { src: Some(mac(src.1)), dst: Some(mac(dst.1)) };
    let packet = Packet { link, ..Packet::for_flow(&key, after(0)) };
    names.met(&packet);
}

const PAIR: &str = "
- {cidr: 192.0.2.10, namespace: crm, kind: Deployment, name: crm}
- {cidr: \"2001:db8::10\", namespace: crm, kind: Deployment, name: crm}
";
const PODS: &str = "
- {cidr: 192.0.2.10, namespace: crm, kind: Deployment, name: crm, pod: crm-a}
- {cidr: \"2001:db8::10\", namespace: crm, kind: Deployment, name: crm, pod: crm-a}
- {cidr: 192.0.2.11, namespace: crm, kind: Deployment, name: crm, pod: crm-b}
- {cidr: \"2001:db8::11\", namespace: crm, kind: Deployment, name: crm, pod: crm-b}
";
const WORKLOAD: &str = "
- {cidr: 192.0.2.0/28, namespace: crm, kind: Deployment, name: crm}
- {cidr: \"2001:db8::/64\", namespace: crm, kind: Deployment, name: crm}
";

#[test]
fn a_name_that_one_address_of_a_declared_pair_asked_for_counts_for_the_other() {
    for (asked, flows) in [("192.0.2.10", "2001:db8::10"), ("2001:db8::10", "192.0.2.10")] {
        for file in [PAIR, PODS] {
            let mut names = described(file, &[]);
            answer(&mut names, asked, "2001:db8:1::1", "api.example.org");
            assert_eq!(known_names(&names, end(flows, None), "2001:db8:1::1"), ["api.example.org"]);
            assert_eq!(known_names(&names, end(asked, None), "2001:db8:1::1"), ["api.example.org"]);
            assert!(known_names(&names, end("192.0.2.11", None), "2001:db8:1::1").is_empty(), "of another client");
        }
    }
}

#[test]
fn what_a_pair_asked_for_under_two_names_is_ambiguous_for_both() {
    let mut names = described(PAIR, &[]);
    answer(&mut names, "192.0.2.10", "198.51.100.1", "a.example.org");
    answer(&mut names, "2001:db8::10", "198.51.100.1", "b.example.org");
    assert_eq!(known_names(&names, end("192.0.2.10", None), "198.51.100.1"), ["a.example.org", "b.example.org"]);
}

#[test]
fn names_of_a_workload_are_used_only_if_the_address_itself_has_none() {
    let mut names = described(WORKLOAD, &[]);
    answer(&mut names, "192.0.2.1", "198.51.100.1", "a.example.org");
    answer(&mut names, "192.0.2.2", "198.51.100.1", "b.example.org");
    assert_eq!(known_names(&names, end("192.0.2.1", None), "198.51.100.1"), ["a.example.org"]);
    assert_eq!(known_names(&names, end("2001:db8::7", None), "198.51.100.1"), ["a.example.org", "b.example.org"]);
    assert!(known_names(&names, end("192.0.2.77", None), "198.51.100.1").is_empty());
}

#[test]
fn addresses_with_the_mac_address_of_one_host_are_one_client() {
    for (asked, flows) in [("192.0.2.10", "2001:db8::10"), ("2001:db8::10", "192.0.2.10")] {
        let mut names = names();
        met(&mut names, (asked, 1), ("192.0.2.53", 9));
        met(&mut names, (flows, 1), ("198.51.100.1", 9));
        answer(&mut names, asked, "198.51.100.1", "api.example.org");
        assert_eq!(known_names(&names, end(flows, Some(1)), "198.51.100.1"), ["api.example.org"]);
        assert!(known_names(&names, end(flows, None), "198.51.100.1").is_empty(), "no MAC address");
        assert!(known_names(&names, end(flows, Some(2)), "198.51.100.1").is_empty(), "the MAC address of another");
    }
}

#[test]
fn names_do_not_pass_between_the_clients_behind_a_router() {
    let mut names = names();
    for client in ["192.0.2.10", "2001:db8::10", "192.0.2.11", "2001:db8::11"] {
        met(&mut names, (client, 1), ("203.0.113.1", 9));
    }
    answer(&mut names, "192.0.2.10", "198.51.100.1", "api.example.org");
    assert!(known_names(&names, end("2001:db8::11", Some(1)), "198.51.100.1").is_empty());
    assert_eq!(known_names(&names, end("192.0.2.10", Some(1)), "198.51.100.1"), ["api.example.org"], "its own stay");
}

#[test]
fn a_name_for_an_ipv4_address_is_that_of_every_form_of_it_and_the_reverse() {
    let forms = ["198.51.100.1", "::ffff:198.51.100.1", "64:ff9b::198.51.100.1", "2001:db8:64::198.51.100.1"];
    for asked in forms {
        let mut names = described("", &["2001:db8:64::/96"]);
        answer(&mut names, "192.0.2.10", asked, "api.example.org");
        for flows in forms {
            assert_eq!(known_names(&names, end("192.0.2.10", None), flows), ["api.example.org"], "{asked} {flows}");
            assert_eq!(
                known_names(&names, end("::ffff:192.0.2.10", None), flows),
                ["api.example.org"],
                "{asked} {flows}"
            );
        }
        assert!(known_names(&names, end("192.0.2.10", None), "2001:db8:65::198.51.100.1").is_empty());
    }
}

#[test]
fn a_client_that_discovered_its_translator_has_names_behind_it() {
    let mut names = described(PODS, &[]);
    for client in ["2001:db8::10", "2001:db8::99"] {
        answer(&mut names, client, "2001:db8:64::192.0.0.170", "ipv4only.arpa");
        answer(&mut names, client, "198.51.100.1", "api.example.org");
        assert_eq!(known_names(&names, end(client, None), "2001:db8:64::198.51.100.1"), ["api.example.org"]);
    }
    answer(&mut names, "2001:db8::11", "198.51.100.1", "api.example.org");
    assert!(
        known_names(&names, end("2001:db8::11", None), "2001:db8:64::198.51.100.1").is_empty(),
        "it has no translator"
    );
}

#[test]
fn forged_translators_take_bounded_memory() {
    let mut names = names();
    for number in 0..5000_u16 {
        let client = format!("2001:db8::{number:x}");
        answer(&mut names, &client, "2001:db8:64::192.0.0.170", "ipv4only.arpa");
    }
    assert_eq!((names.discovered.len(), names.discoverers.len()), (MAX_DISCOVERED, MAX_DISCOVERED));
}
