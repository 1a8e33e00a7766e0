//! Parties with more keys than a minute may have.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use landfall_observation::{decode, encode};

use super::*;
use crate::windows::keys::{ALL_KEYS, PARTY_KEYS};

const DESTINATIONS: u64 = 100_000;

fn of(workload: &str, host: &str) -> WindowKey {
    WindowKey { local: Arc::new(Workload::new("crm", "Deployment", workload)).into(), ..key(host) }
}

fn sum(observations: &[Observation]) -> (u64, u64, u64) {
    observations.iter().fold((0, 0, 0), |(bytes, packets, connections), Observation { sent, .. }| {
        (bytes + sent.bytes, packets + sent.packets, connections + sent.connections)
    })
}

/// Observations of a workload, those under keys of their own and the others.
fn parts<'a>(observations: &'a [Observation], workload: &str) -> [Vec<&'a Observation>; 2] {
    let is_of = |one: &&Observation| matches!(&one.local, Local::Workload(local) if local.name == workload);
    let (own, others) = observations.iter().filter(is_of).partition(|one| one.channel.port != 0);
    [own, others]
}

#[test]
fn a_workload_that_speaks_with_everybody_has_a_bounded_number_of_observations_with_exact_bytes() {
    let mut windows = windows();
    let mut all = Vec::new();
    let mut expected = 0;
    for number in 1..=DESTINATIONS {
        let mut one = contribution("2026-11-23T10:00:10Z", number);
        one.names = vec![Name { name: format!("h{number}.example"), method: HostMethod::Sni }];
        one.tls = Some(Tls { version: Some(TlsVersion::V1_2), alpn: None });
        windows.add(of("scanner", &format!("h{number}.example")), one);
        expected += number;
        if number % 10_000 == 1 {
            all.extend(windows.take_new());
        }
    }
    windows.add(of("quiet", "a.example"), contribution("2026-11-23T10:00:20Z", 7));
    all.extend(windows.close_all());

    let [own, others] = parts(&all, "scanner");
    // The key of merged traffic is also new once.
    assert_eq!((own.len(), others.len()), (PARTY_KEYS, 2));
    let merged = DESTINATIONS - PARTY_KEYS as u64;
    assert_eq!(windows.merged(), merged);
    let connections: u64 = others.iter().map(|one| one.sent.connections).sum();
    assert_eq!(connections, merged);
    let channel = Channel {
        transport: Transport::Tcp,
        port: 0,
        protocol: Protocol::UNKNOWN,
        host: None,
        host_method: HostMethod::None,
        names: Vec::new(),
        ech: false,
        tls: None,
    };
    for other in others {
        assert_eq!(other.remote, Endpoint::Address { address: "0.0.0.0/0".parse().unwrap(), outside: Vec::new() });
        assert_eq!((&other.channel, &other.location, other.initiator), (&channel, &Vec::new(), Initiator::Local));
    }
    let [quiet, quiet_others] = parts(&all, "quiet");
    assert_eq!((quiet.len(), quiet_others.len()), (1, 0));
    assert_eq!((quiet[0].channel.host.as_deref(), quiet[0].sent.bytes), (Some("a.example"), 7));
    assert_eq!(sum(&all), (expected + 7, DESTINATIONS + 1, DESTINATIONS + 1));
    for observation in &all {
        assert_eq!(decode(&encode(observation)).unwrap(), *observation);
    }
}

#[test]
fn later_traffic_of_an_admitted_key_is_not_merged() {
    let mut windows = windows();
    let known = |bytes| (of("scanner", "known.example"), contribution("2026-11-23T10:00:01Z", bytes));
    let flood = |windows: &mut Windows, from: u64| {
        for number in from..from + 2_000 {
            windows.add(of("scanner", &format!("h{number}.example")), contribution("2026-11-23T10:00:02Z", 1));
        }
    };
    let (key, first) = known(10);
    windows.add(key, first);
    assert_eq!(windows.take_new().len(), 1);
    flood(&mut windows, 0);
    // It was sent and is not open.
    let (key, later) = known(20);
    windows.add(key, later);
    flood(&mut windows, 2_000);
    let (key, last) = known(30);
    windows.add(key, last);
    let all = windows.close_all();
    let of_known: Vec<_> = all
        .iter()
        .filter(|one| one.channel.host.as_deref() == Some("known.example"))
        .map(|one| one.sent.bytes)
        .collect();
    assert_eq!(of_known, [50]);
    let [own, others] = parts(&all, "scanner");
    assert_eq!((own.len(), others.len(), sum(&all).0), (PARTY_KEYS, 1, 4_050));
}

#[test]
fn each_side_transport_and_family_has_others_of_its_own_and_places_count() {
    let mut windows = windows();
    let flood = |windows: &mut Windows, change: &dyn Fn(&mut WindowKey)| {
        for number in 0..1_000 {
            let mut key = of("scanner", &format!("h{number}.example"));
            change(&mut key);
            windows.add(key, contribution("2026-11-23T10:00:02Z", 1));
        }
    };
    flood(&mut windows, &|_| {});
    flood(&mut windows, &|key| key.transport = Transport::Udp);
    flood(&mut windows, &|key| key.initiator = Initiator::Remote);
    flood(&mut windows, &|key| key.remote = "2001:db8::/48".parse().unwrap());
    // A known key at another location needs another observation, for which there is no room.
    let mut elsewhere = contribution("2026-11-23T10:00:02Z", 1);
    elsewhere.location = vec![LocationEvidence {
        method: landfall_observation::LocationMethod::Asn,
        jurisdiction: None,
        cloud: None,
        asn: Some(64_496),
        operator: None,
        confidence: landfall_observation::Confidence::Medium,
        dataset: "asn.mmdb".into(),
        dataset_date: None,
    }];
    windows.add(of("scanner", "h0.example"), elsewhere);
    let all = windows.close_all();
    let [own, others] = parts(&all, "scanner");
    let mut told = String::new();
    for Observation { remote, initiator, channel, sent, .. } in others {
        let Endpoint::Address { address, .. } = remote else { panic!("{remote:?}") };
        writeln!(told, "{address} {initiator:?} {:?} {}", channel.transport, sent.bytes).unwrap();
    }
    let expected =
        ["0.0.0.0/0 Local Tcp 501", "0.0.0.0/0 Local Udp 1000", "0.0.0.0/0 Remote Tcp 1000", "::/0 Local Tcp 1000"];
    assert_eq!(told.lines().collect::<BTreeSet<_>>(), BTreeSet::from(expected));
    assert_eq!((own.len(), sum(&all).0), (PARTY_KEYS, 4_001));
}

#[test]
fn merged_traffic_keeps_findings_and_coverage() {
    let mut windows = windows();
    for number in 0..PARTY_KEYS + 100 {
        let mut one = contribution("2026-11-23T10:00:02Z", 0);
        one.sent = Direction { findings: vec![finding(2, "body")], payload_bytes_seen: 10, ..Direction::default() };
        one.received.findings = vec![finding(1, "key:email")];
        one.inspection = if number == PARTY_KEYS { Inspection::Plaintext } else { Inspection::Opaque };
        one.coverage = Coverage {
            samples_dropped: 1,
            frames_truncated: 2,
            one_sided: number == PARTY_KEYS + 1,
            ..Coverage::default()
        };
        windows.add(of("scanner", &format!("h{number}.example")), one);
    }
    let all = windows.close_all();
    let [_, others] = parts(&all, "scanner");
    let [other] = others.as_slice() else { panic!("{}", others.len()) };
    let expected = Direction {
        findings: vec![Finding { matches: 200, records: 100, ..finding(0, "body") }],
        payload_bytes_seen: 1_000,
        ..Direction::default()
    };
    assert_eq!(other.sent, expected);
    assert_eq!(other.received.findings, [Finding { matches: 100, records: 100, ..finding(0, "key:email") }]);
    let coverage = Coverage { samples_dropped: 100, frames_truncated: 200, one_sided: true, ..Coverage::default() };
    assert_eq!((other.inspection, other.coverage, other.validate()), (Inspection::Plaintext, coverage, Ok(())));
}

#[test]
fn all_parties_together_have_a_bounded_number_of_keys() {
    let mut windows = windows();
    let (parties, each) = (100_u64, 400_u64);
    for number in 0..parties * each {
        let name = format!("party-{}", number / each);
        windows.add(of(&name, &format!("h{}.example", number % each)), contribution("2026-11-23T10:00:02Z", 1));
    }
    let all = windows.close_all();
    assert_eq!(sum(&all).0, parties * each);
    let others = all.iter().filter(|one| one.channel.port == 0).count();
    assert_eq!((all.len() - others, others), (ALL_KEYS, 50));
}

#[test]
fn the_memory_of_past_minutes_is_bounded() {
    let mut windows = windows();
    let mut identities = HashSet::new();
    // A clock that jumps back and forth, as in a badly merged capture.
    for round in 0..200_i64 {
        let minute = if round % 2 == 0 { round } else { 1_000_000 - round };
        let at = jiff::Timestamp::from_second(minute * 60).unwrap().to_string();
        for number in 0..600 {
            windows.add(of("scanner", &format!("h{number}.example")), contribution(&at, 1));
        }
        let made = if round % 3 == 0 { windows.close_before(i128::from(minute) + 1) } else { windows.close_all() };
        assert!(made.iter().all(|one| identities.insert(one.identity.seq)));
        let of_three_minutes = 3 * (2 * PARTY_KEYS + 3);
        assert!(windows.keys.len() <= 2 * of_three_minutes, "{}", windows.keys.len());
    }
}
