//! Names that a client looked up stand with its flows, whichever of its addresses asked and however the answer came.

use serde_json::Value;

use crate::{
    made::{Ends, Made},
    support::{landfall, path},
};

const V4: &str = "192.0.2.10:40000";
const V6: &str = "[2001:db8::10]:40000";
const RESOLVER_V4: &str = "192.0.2.53:53";
const RESOLVER_V6: &str = "[2001:db8::53]:53";

/// The lines of a capture, without those of DNS.
fn flows(made: &Made, options: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made.pcap");
    made.write(&file);
    let run = landfall(["flows", "--json"].iter().chain(options).copied().chain(["--pcap", file.to_str().unwrap()]));
    assert_eq!(run.status, 0, "{}", run.stderr);
    run.json().into_iter().filter(|line| line["protocol"] != "dns").collect()
}

/// Host and method of the one flow that is not DNS.
fn named(made: &Made, options: &[&str]) -> (Option<String>, String) {
    let lines = flows(made, options);
    assert_eq!(lines.len(), 1);
    (lines[0]["host"].as_str().map(str::to_owned), lines[0]["hostMethod"].as_str().unwrap().to_owned())
}

fn by_dns(name: &str) -> (Option<String>, String) {
    (Some(name.to_owned()), "dns".to_owned())
}

fn nothing() -> (Option<String>, String) {
    (None, "none".to_owned())
}

#[test]
fn a_name_asked_for_over_one_family_stands_with_the_flow_over_the_other() {
    for (asking, resolver, flowing, address) in
        [(V4, RESOLVER_V4, V6, "2001:db8:1::1"), (V6, RESOLVER_V6, V4, "198.51.100.20")]
    {
        let to = if flowing == V6 { format!("[{address}]:4000") } else { format!("{address}:4000") };
        let mut made = Made::default();
        made.lookup(Ends::of(asking, resolver), "dual.example.org", &[address], 0);
        made.wait(100).syn(Ends::of(flowing, &to));
        assert_eq!(named(&made, &[]), by_dns("dual.example.org"), "{asking}");
    }
}

#[test]
fn a_routers_card_joins_no_names_of_different_clients() {
    let mut made = Made::default();
    for other in ["192.0.2.11:5000", "192.0.2.12:5000"] {
        made.udp(Ends::of(other, "198.51.100.99:9999"), b"x");
    }
    made.wait(20_000).lookup(Ends::of(V4, RESOLVER_V4), "one.example.org", &["2001:db8:1::1"], 0);
    made.wait(100).syn(Ends::of("[2001:db8::77]:40000", "[2001:db8:1::1]:4000"));
    let last = flows(&made, &[]).pop().unwrap();
    assert_eq!((last["src"].as_str(), &last["host"]), (Some("2001:db8::77"), &Value::Null));
}

#[test]
fn a_declared_pair_is_one_client_whatever_the_cards_say() {
    let folder = tempfile::tempdir().unwrap();
    let workloads = folder.path().join("workloads.yaml");
    let text = "- {cidr: 192.0.2.10, namespace: crm, kind: Deployment, name: crm, pod: crm-a}\n\
                - {cidr: \"2001:db8::10\", namespace: crm, kind: Deployment, name: crm, pod: crm-a}\n";
    std::fs::write(&workloads, text).unwrap();
    let options = ["--workloads", workloads.to_str().unwrap()];
    let mut made = Made::default();
    made.lookup(Ends::of(V4, RESOLVER_V4), "pair.example.org", &["2001:db8:1::1"], 0);
    // Cards of their own, as before two routers.
    let ends = Ends::of(V6, "[2001:db8:1::1]:4000");
    made.wait(100).syn(Ends { cards: [[2, 0, 0, 0, 0, 0x77], ends.cards[1]], ..ends });
    assert_eq!(named(&made, &options), by_dns("pair.example.org"));
    assert_eq!(named(&made, &[]), nothing());
}

#[test]
fn an_answer_in_fragments_names_the_flow_and_every_fragment_counts() {
    for (client, resolver) in [(V4, RESOLVER_V4), (V6, RESOLVER_V6)] {
        let to = if client == V4 { "198.51.100.20:4000" } else { "[2001:db8:1::1]:4000" };
        let address = to.rsplit_once(':').unwrap().0.trim_matches(['[', ']']);
        let mut made = Made::default();
        made.lookup(Ends::of(client, resolver), "frag.zone.example", &[address], 3000);
        made.wait(100).syn(Ends::of(client, to));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("made.pcap");
        made.write(&file);
        let lines = landfall(["flows", "--json", "--pcap", file.to_str().unwrap()]).json();
        let dns = lines.iter().find(|line| line["protocol"] == "dns").unwrap();
        // 15 TXT records make an answer of 3 kB in three fragments.
        assert_eq!((&dns["packetsOut"], &dns["packetsIn"], lines.len()), (&1.into(), &3.into(), 2), "{client}");
        let flow = lines.iter().find(|line| line["protocol"] != "dns").unwrap();
        assert_eq!((&flow["host"], &flow["hostMethod"]), (&"frag.zone.example".into(), &"dns".into()), "{client}");
    }
}

#[test]
fn mapped_and_translated_addresses_have_the_name_of_the_ipv4_address() {
    for (told, to, options) in [
        ("198.51.100.20", "[64:ff9b::c633:6414]:4000", &[][..]),
        ("64:ff9b::c633:6414", "[64:ff9b::c633:6414]:4000", &[]),
        ("::ffff:198.51.100.20", "[64:ff9b::c633:6414]:4000", &[]),
        ("198.51.100.20", "[2001:db8:64::c633:6414]:4000", &["--nat64-prefix", "2001:db8:64::/96"]),
    ] {
        let mut made = Made::default();
        made.lookup(Ends::of(V6, RESOLVER_V6), "v4.example.org", &[told], 0).wait(100).syn(Ends::of(V6, to));
        assert_eq!(named(&made, options), by_dns("v4.example.org"), "{told} {to}");
    }
    let mut made = Made::default();
    made.lookup(Ends::of(V6, RESOLVER_V6), "v4.example.org", &["198.51.100.20"], 0);
    made.wait(100).syn(Ends::of(V6, "[2001:db8:64::c633:6414]:4000"));
    assert_eq!(named(&made, &[]), nothing(), "nobody declared the prefix");
    let mut made = Made::default();
    made.lookup(Ends::of(V6, RESOLVER_V6), "ipv4only.arpa", &["2001:db8:64::c000:aa"], 0);
    made.lookup(Ends::of(V6, RESOLVER_V6), "v4.example.org", &["198.51.100.20"], 0);
    made.wait(100).syn(Ends::of(V6, "[2001:db8:64::c633:6414]:4000"));
    assert_eq!(named(&made, &[]), by_dns("v4.example.org"), "the client was told of it");
}

#[test]
fn behind_a_translator_the_observation_is_about_the_ipv4_address() {
    let folder = tempfile::tempdir().unwrap();
    let [file, out] = ["made.pcap", "observations.ndjson"].map(|name| folder.path().join(name));
    let mut made = Made::default();
    for to in ["[64:ff9b::c633:6411]:443", "[2001:db8:64::c633:6411]:443"] {
        made.syn(Ends::of(V6, to));
    }
    made.write(&file);
    let run = landfall([
        "watch",
        "--register",
        &path("examples/crm-processor"),
        "--locations",
        &path("examples/locations"),
        "--nat64-prefix",
        "2001:db8:64::/96",
        "--observations-out",
        out.to_str().unwrap(),
        "--pcap",
        file.to_str().unwrap(),
    ]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let text = std::fs::read_to_string(&out).unwrap();
    let observations: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // Both are one recipient, in the prefix and at the place of 198.51.100.17.
    assert_eq!(observations.len(), 1, "{text}");
    let remote = observations[0]["remote"].to_string();
    assert!(remote.contains("198.51.100."), "{remote}");
    assert_eq!(observations[0]["sent"]["packets"], 2);
    assert_eq!(observations[0]["location"][0]["cloud"]["region"], "eu-central-1");
}

#[test]
fn a_prefix_that_is_no_translators_is_refused() {
    let run = landfall(["flows", "--nat64-prefix", "2001:db8::/44", "--pcap", "x.pcap"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("/32, /40, /48, /56, /64 or /96"), "{}", run.stderr);
}
