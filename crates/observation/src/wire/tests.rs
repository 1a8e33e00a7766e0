use std::collections::BTreeMap;

use super::*;
use crate::{
    Channel, Cloud, Confidence, Coverage, DataCategory, Direction, Endpoint, Finding, Handshake, HostMethod, Identity,
    Initiator, Inspection, Local, LocationEvidence, LocationMethod, Name, Protocol, Tls, TlsVersion, Topic, TopicRole,
    Transport, Window, Workload, WorkloadMethod,
};

fn flow() -> Observation {
    Observation {
        identity: Identity { cluster: "test".into(), agent: "node-a".into(), epoch: 7, seq: 42 },
        window: Window {
            start: "2026-11-23T10:00:01.5Z".parse().unwrap(),
            end: "2026-11-23T10:00:59Z".parse().unwrap(),
        },
        local: Local::Workload(Workload {
            pod: Some("sync-5f".into()),
            labels: BTreeMap::from([("app".into(), "sync".into())]),
            tenant: Some("tenant-a".into()),
            method: WorkloadMethod::Address,
            ..Workload::new("crm", "Deployment", "sync")
        }),
        remote: Endpoint::Address { address: "192.0.2.0/24".parse().unwrap(), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 80,
            protocol: Protocol::HTTP,
            host: Some("api.example.org".into()),
            host_method: HostMethod::HttpHost,
            names: vec![Name { name: "api.example.org".into(), method: HostMethod::HttpHost }],
            ech: false,
            tls: Some(Tls { version: Some(TlsVersion::V1_2), alpn: Some("h2".into()) }),
        },
        location: vec![LocationEvidence {
            method: LocationMethod::CloudRange,
            jurisdiction: Some("US".parse().unwrap()),
            cloud: Some(Cloud { provider: "aws".into(), region: "us-east-1".into() }),
            asn: None,
            operator: None,
            confidence: Confidence::High,
            dataset: "ip-ranges.json".into(),
            dataset_date: Some("2026-11-01T00:00:00Z".parse().unwrap()),
        }],
        sent: Direction {
            bytes: 1200,
            packets: 9,
            connections: 1,
            messages: 0,
            findings: vec![Finding {
                category: DataCategory::EMAIL_ADDRESS,
                detector: "email".into(),
                matches: 2,
                records: 1,
                places: vec!["body".parse().unwrap(), "key:email".parse().unwrap()],
            }],
            payload_bytes_seen: 640,
        },
        received: Direction { bytes: 800, packets: 7, ..Direction::default() },
        inspection: Inspection::Plaintext,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage { samples_dropped: 1, ..Coverage::default() },
    }
}

/// A connection that was refused, to an address that is known not to be in a prefix that is kept.
fn attempt() -> Observation {
    Observation {
        remote: Endpoint::Address {
            address: "192.0.2.0/24".parse().unwrap(),
            outside: vec!["192.0.2.16/28".parse().unwrap()],
        },
        sent: Direction { bytes: 60, packets: 1, ..Direction::default() },
        received: Direction { bytes: 40, packets: 1, ..Direction::default() },
        inspection: Inspection::Opaque,
        handshake: Handshake::Refused,
        coverage: Coverage::default(),
        ..flow()
    }
}

fn topic() -> Observation {
    Observation {
        local: Local::Topic(Topic { cluster_id: "k1".into(), topic: "orders".into() }),
        remote: Endpoint::TopicParty { role: TopicRole::Consumer, group: Some("billing".into()), client_host: None },
        channel: Channel {
            transport: Transport::Tcp,
            port: 9092,
            protocol: Protocol::UNKNOWN,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: None,
        },
        location: Vec::new(),
        sent: Direction { bytes: 10, messages: 1, ..Direction::default() },
        received: Direction::default(),
        ..flow()
    }
}

#[test]
fn the_golden_files_are_what_is_written_and_read_for_ever() {
    insta::glob!("../../testdata", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let observation = decode(&text).unwrap();
        let expected = match path.file_stem().unwrap().to_str().unwrap() {
            "flow" | "flow-from-the-future" => flow(),
            "flow-not-read" => {
                Observation { inspection: Inspection::PlaintextNotRead, reader: Some(Protocol::HTTP), ..flow() }
            }
            "topic" => topic(),
            "attempt" => attempt(),
            other => panic!("no expectation for {other}.json"),
        };
        assert_eq!(observation, expected, "{}", path.display());
        if !path.ends_with("flow-from-the-future.json") {
            assert_eq!(encode(&observation), text.trim_end(), "{}", path.display());
        }
    });
}

#[test]
fn every_prefix_of_a_line_is_an_error_and_never_a_panic() {
    let line = encode(&flow());
    for end in (0..line.len()).filter(|end| line.is_char_boundary(*end)) {
        assert!(decode(&line[..end]).is_err(), "prefix of {end} bytes");
    }
}

#[test]
fn an_error_names_the_field_and_never_the_value() {
    let swap = |from: &str, to: &str| decode(&encode(&flow()).replace(from, to)).unwrap_err().to_string();
    for error in [
        swap("\"US\"", "\"erika@example.org\""),
        swap("\"bytes\":1200", "\"bytes\":\"erika@example.org\""),
        swap("pd:EmailAddress", "erika@example.org"),
        swap("192.0.2.0/24", "erika@example.org"),
        swap("\"protocol\":\"http\"", "\"protocol\":\"erika@example.org\""),
        swap("\"tcp\"", "{\"erika@example.org\":1}"),
    ] {
        assert!(!error.contains("erika"), "{error}");
        assert!(error.contains("expected"), "{error}");
    }
    assert_eq!(swap("\"epoch\":7,", ""), "field .: missing field `epoch`");
    assert_eq!(swap("/v1", "/v9"), "field schema: expected \"landfall.observation/v1\"");
}

#[test]
fn values_of_a_newer_agent_read_as_the_least_specific() {
    let line = encode(&flow())
        .replace("\"hostMethod\":\"http-host\"", "\"hostMethod\":\"telepathy\"")
        .replace("\"inspection\":\"plaintext\"", "\"inspection\":\"homomorphic\",\"handshake\":\"firm\"")
        .replace("\"transport\":\"tcp\"", "\"transport\":\"warp\"");
    let observation = decode(&line).unwrap();
    let channel = &observation.channel;
    assert_eq!((channel.transport, channel.host_method), (Transport::Other, HostMethod::None));
    assert_eq!((channel.host.as_deref(), observation.inspection), (Some("api.example.org"), Inspection::Opaque));
    assert_eq!(observation.handshake, Handshake::Completed);
}

#[test]
fn contradictions_are_refused() {
    let refused = |change: fn(&mut Observation)| {
        let mut observation = flow();
        change(&mut observation);
        observation.validate().unwrap_err().field
    };
    assert_eq!(refused(|o| o.identity.cluster.clear()), "cluster");
    assert_eq!(refused(|o| std::mem::swap(&mut o.window.start, &mut o.window.end)), "window");
    assert_eq!(refused(|o| o.channel.host = None), "channel.hostMethod");
    assert_eq!(refused(|o| o.sent.findings[0].records = 3), "sent.findings");
    assert_eq!(refused(|o| o.received.packets = 0), "received.packets");
    assert_eq!(refused(|o| o.handshake = Handshake::Unanswered), "handshake");
    assert_eq!(flow().validate(), Ok(()));
    assert_eq!(topic().validate(), Ok(()));
}

#[test]
fn names_of_keys_that_are_no_words_of_ours_are_neither_read_nor_kept() {
    let line = encode(&flow());
    let (observation, kept) = decode_to_keep(&line).unwrap();
    assert_eq!((observation, kept.as_ref()), (flow(), line.as_str()));

    let places = |line: &str| decode(line).unwrap().sent.findings.remove(0).places;
    for (told, read) in [
        (r#""key:mueller""#, r#"["body","key:*"]"#),
        (r#""key:mueller","key:erika@mueller.example","key:*""#, r#"["body","key:*"]"#),
        (r#""key:m\u0075eller","header:x-mueller","mueller","json:mueller""#, r#"["body","key:*","header:*"]"#),
        (r#""key:MUELLER","key:user.mueller","key:e_mail""#, r#"["body","key:*","key:email"]"#),
    ] {
        // A field of a newer program beside it.
        let old = line.replace(r#""key:email""#, told).replace(r#""sent":{"#, r#""sent":{"new":1,"#);
        let (observation, kept) = decode_to_keep(&old).unwrap();
        assert_eq!(kept, encode(&observation), "{told}");
        assert!(kept.contains(&format!("\"where\":{read}")), "{told}: {kept}");
        assert!(!kept.to_lowercase().contains("mueller") && !kept.contains("new"), "{told}");
        assert_eq!(places(&old), places(&kept));
    }
    // What cannot be looked through as an object is written anew, too.
    let array = line.replace(
        r#"{"category":"pd:EmailAddress","detector":"email","matches":2,"records":1,"where":["body","key:email"]}"#,
        r#"["pd:EmailAddress","email",2,1,["body","key:mueller"]]"#,
    );
    assert_ne!(array, line);
    assert!(!decode_to_keep(&array).unwrap().1.contains("mueller"));
    // Fields of a newer program stay where nothing is to be dropped.
    let newer = line.replace(r#""sent":{"#, r#""sent":{"new":1,"#);
    assert_eq!(decode_to_keep(&newer).unwrap().1, newer);
}
