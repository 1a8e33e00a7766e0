mod many;

use std::sync::Arc;

use landfall_observation::{DataCategory, Finding, FindingCertainty, TlsVersion, Workload};

use super::*;

fn key(host: &str) -> WindowKey {
    WindowKey {
        local: Arc::new(Workload::unattributed()).into(),
        remote: "192.0.2.0/24".parse().unwrap(),
        outside: Vec::new(),
        initiator: Initiator::Local,
        transport: Transport::Tcp,
        port: 443,
        protocol: Protocol::TLS,
        host: Some(host.to_owned()),
        host_method: HostMethod::Sni,
        handshake: Handshake::Completed,
    }
}

fn contribution(at: &str, bytes: u64) -> Contribution {
    Contribution {
        window: Window::at(at.parse().unwrap()),
        names: Vec::new(),
        ech: false,
        tls: None,
        location: Vec::new(),
        sent: Direction { bytes, packets: 1, connections: 1, ..Direction::default() },
        received: Direction::default(),
        inspection: Inspection::Opaque,
        reader: None,
        coverage: Coverage::default(),
    }
}

fn windows() -> Windows {
    Windows::new(Identity { cluster: "c".into(), agent: "a".into(), epoch: 1, seq: 0 })
}

fn finding(matches: u64, place: &str) -> Finding {
    Finding {
        category: DataCategory::EMAIL_ADDRESS,
        detector: "email".into(),
        certainty: FindingCertainty::Validated,
        matches,
        records: 1,
        places: place.parse().into_iter().collect(),
    }
}

#[test]
fn flows_of_one_key_and_minute_share_an_observation() {
    let mut windows = windows();
    windows.add(key("a.example"), contribution("2026-11-23T10:00:00Z", 10));
    windows.add(key("a.example"), contribution("2026-11-23T10:00:59.9Z", 20));
    windows.add(key("b.example"), contribution("2026-11-23T10:00:10Z", 5));
    windows.add(key("a.example"), contribution("2026-11-23T10:01:00Z", 1));

    let minute = Window::minute("2026-11-23T10:01:00Z".parse().unwrap());
    let first = windows.close_before(minute);
    let second = windows.close_all();
    let bytes =
        |all: &[Observation]| -> Vec<(u64, u64)> { all.iter().map(|o| (o.identity.seq, o.sent.bytes)).collect() };
    assert_eq!(bytes(&first), [(0, 30), (1, 5)]);
    assert_eq!(bytes(&second), [(2, 1)]);
    assert_eq!(first[0].window.end.to_string(), "2026-11-23T10:00:59.9Z");
    assert!(first.iter().chain(&second).all(|observation| observation.validate().is_ok()));
}

#[test]
fn findings_add_up_and_the_weakest_tls_shows() {
    let tls = |version| Some(Tls { version: Some(version), alpn: None });
    let mut windows = windows();
    let mut one = contribution("2026-11-23T10:00:00Z", 10);
    one.tls = tls(TlsVersion::V1_3);
    one.inspection = Inspection::Plaintext;
    one.sent.findings = vec![finding(2, "key:email")];
    let mut two = contribution("2026-11-23T10:00:01Z", 10);
    two.tls = tls(TlsVersion::V1_0);
    two.inspection = Inspection::Plaintext;
    two.sent.findings = vec![finding(1, "body")];
    windows.add(key("a.example"), one);
    windows.add(key("a.example"), two);
    let all = windows.close_all();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].channel.tls, tls(TlsVersion::V1_0));
    let expected = Finding {
        matches: 3,
        records: 2,
        places: vec!["body".parse().unwrap(), "key:email".parse().unwrap()],
        ..finding(0, "")
    };
    assert_eq!(all[0].sent.findings, [expected]);
}

#[test]
fn late_packets_open_their_own_minute_again() {
    let mut windows = windows();
    windows.add(key("a.example"), contribution("2026-11-23T10:05:00Z", 1));
    windows.add(key("a.example"), contribution("2026-11-23T09:00:00Z", 2));
    let minute = Window::minute("2026-11-23T10:05:00Z".parse().unwrap());
    assert_eq!(windows.close_before(minute).len(), 1);
    assert_eq!(windows.close_all().len(), 1);
}

#[test]
fn an_observation_lists_a_bounded_number_of_names() {
    let mut windows = windows();
    let mut many = contribution("2026-11-23T10:00:00Z", 1);
    many.names = (0..500).map(|number| Name { name: format!("n{number}.example"), method: HostMethod::Dns }).collect();
    windows.add(key("a.example"), many.clone());
    windows.add(key("a.example"), many);
    assert_eq!(windows.close_all()[0].channel.names.len(), MAX_NAMES);
}

#[test]
fn a_new_key_leaves_early_and_what_follows_are_further_deltas() {
    let mut windows = windows();
    let minute = |at: &str| Window::minute(at.parse().unwrap());
    let bytes = |all: Vec<Observation>| all.iter().map(|one| (one.identity.seq, one.sent.bytes)).collect::<Vec<_>>();
    windows.add(key("a.example"), contribution("2026-11-23T10:00:01Z", 1));
    assert_eq!(bytes(windows.take_new()), [(0, 1)]);
    windows.add(key("a.example"), contribution("2026-11-23T10:00:02Z", 2));
    windows.add(key("b.example"), contribution("2026-11-23T10:00:02Z", 4));
    assert_eq!(bytes(windows.take_new()), [(1, 4)]);
    windows.add(key("a.example"), contribution("2026-11-23T10:00:59Z", 8));
    assert_eq!(bytes(windows.close_before(minute("2026-11-23T10:01:00Z"))), [(2, 10)]);
    // Sent in the minute before: it waits for the end of the minute.
    windows.add(key("a.example"), contribution("2026-11-23T10:01:01Z", 16));
    assert_eq!(windows.take_new(), []);
    assert_eq!(bytes(windows.close_before(minute("2026-11-23T10:02:00Z"))), [(3, 16)]);
    // After more than a minute without traffic it is sent early again.
    windows.close_before(minute("2026-11-23T10:05:00Z"));
    windows.add(key("a.example"), contribution("2026-11-23T10:05:01Z", 32));
    assert_eq!(bytes(windows.take_new()), [(4, 32)]);
}

#[test]
fn dropped_frames_are_in_the_observations_of_their_minute() {
    let mut windows = windows();
    let minute = |at: &str| Window::minute(at.parse().unwrap());
    windows.dropped(minute("2026-11-23T10:00:00Z"), 3);
    windows.dropped(minute("2026-11-23T10:00:30Z"), 4);
    windows.add(key("a.example"), contribution("2026-11-23T10:00:59Z", 1));
    windows.add(key("a.example"), contribution("2026-11-23T10:01:00Z", 1));
    let dropped: Vec<_> = windows.close_all().iter().map(|one| one.coverage.frames_dropped).collect();
    assert_eq!(dropped, [7, 0]);
    windows.close_before(minute("2026-11-23T10:03:00Z"));
    assert!(windows.dropped.is_empty());
}
