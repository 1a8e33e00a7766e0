use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::{
    Broker, BusName, Channel, Cloud, Confidence, Coverage, DataCategory, Direction, Endpoint, Finding,
    FindingCertainty, Handshake, HostMethod, Identity, Initiator, Inspection, Local, LocationEvidence, LocationMethod,
    Name, Protocol, Tls, TlsVersion, Topic, TopicRole, Transport, Window, Workload, WorkloadMethod,
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
            estimated: false,
            packets: 9,
            connections: 1,
            messages: 0,
            findings: vec![Finding {
                category: DataCategory::EMAIL_ADDRESS,
                detector: "email".into(),
                certainty: FindingCertainty::Validated,
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

/// A connection of which only what was sent was seen, with findings of every certainty.
fn one_sided() -> Observation {
    let finding = |category, detector: &str, certainty, place: &str| Finding {
        category,
        detector: detector.into(),
        certainty,
        matches: 1,
        records: 1,
        places: vec![place.parse().unwrap()],
    };
    Observation {
        sent: Direction {
            findings: vec![
                finding(DataCategory::BANK_ACCOUNT, "iban", FindingCertainty::Validated, "body"),
                finding(DataCategory::NAME, "name", FindingCertainty::Contextual, "key:vorname"),
                finding(DataCategory::TELEPHONE_NUMBER, "phone", FindingCertainty::Heuristic, "body"),
            ],
            ..flow().sent
        },
        received: Direction::default(),
        coverage: Coverage { one_sided: true, ..Coverage::default() },
        ..flow()
    }
}

fn named(bus: Option<BusName>) -> Topic {
    Topic { bus, cluster_id: "k1".into(), topic: "orders".into(), declared: BTreeSet::new() }
}

/// A topic as reported by older agents, which did not know its bus.
fn topic() -> Observation {
    Observation {
        local: Local::Topic(named(None)),
        remote: Endpoint::TopicParty {
            role: TopicRole::Consumer,
            group: Some("billing".into()),
            client_host: None,
            broker: None,
        },
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

/// A topic of a bus, and a connector that reads about so much of it.
fn topic_of_bus() -> Observation {
    let bus = BusName { namespace: "crm".into(), name: "events".into() };
    Observation {
        local: Local::Topic(named(Some(bus))),
        remote: Endpoint::TopicParty {
            role: TopicRole::Connector,
            group: Some("connect-export".into()),
            client_host: Some("192.0.2.7".into()),
            broker: None,
        },
        sent: Direction { bytes: 4096, estimated: true, ..Direction::default() },
        ..topic()
    }
}

/// A topic for which the schema registry declares kinds of data, and the broker that holds a copy.
fn topic_declared() -> Observation {
    let bus = BusName { namespace: "crm".into(), name: "events".into() };
    let declared = BTreeSet::from([DataCategory::EMAIL_ADDRESS, DataCategory::NAME]);
    Observation {
        local: Local::Topic(Topic { declared, ..named(Some(bus)) }),
        remote: Endpoint::TopicParty {
            role: TopicRole::Replica,
            group: None,
            client_host: Some("b2.kafka.example".into()),
            broker: Some(Broker { id: 2, rack: Some("eu-central-1a".into()) }),
        },
        ..topic_of_bus()
    }
}

#[test]
fn the_golden_files_are_what_is_written_and_read_for_ever() {
    insta::glob!("../../testdata", "*.json", |path| {
        let text = std::fs::read_to_string(path).unwrap();
        let observation = decode(&text).unwrap();
        let expected = match path.file_stem().unwrap().to_str().unwrap() {
            "flow" | "flow-with-certainty" | "flow-from-the-future" => flow(),
            "flow-not-read" => {
                Observation { inspection: Inspection::PlaintextNotRead, reader: Some(Protocol::HTTP), ..flow() }
            }
            "topic" => topic(),
            "topic-of-bus" => topic_of_bus(),
            "topic-declared" => topic_declared(),
            "attempt" => attempt(),
            "one-sided" => one_sided(),
            other => panic!("no expectation for {other}.json"),
        };
        assert_eq!(observation, expected, "{}", path.display());
        // Others say more than is read, or less than is written.
        let others = ["flow-from-the-future.json", "flow.json", "flow-not-read.json"];
        if others.iter().any(|file| path.ends_with(file)) {
            assert_eq!(decode(&encode(&observation)).unwrap(), observation, "{}", path.display());
        } else {
            assert_eq!(encode(&observation), text.trim_end(), "{}", path.display());
        }
    });
}

#[test]
fn every_prefix_of_a_line_is_an_error_and_never_a_panic() {
    for line in [flow(), one_sided(), topic_of_bus(), topic_declared()].map(|observation| encode(&observation)) {
        for end in (0..line.len()).filter(|end| line.is_char_boundary(*end)) {
            assert!(decode(&line[..end]).is_err(), "prefix of {end} bytes");
        }
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
        .replace("\"transport\":\"tcp\"", "\"transport\":\"warp\"")
        .replace("\"certainty\":\"validated\"", "\"certainty\":\"sworn\"");
    let observation = decode(&line).unwrap();
    assert_eq!(observation.sent.findings[0].certainty, FindingCertainty::Validated);
    let line = encode(&topic()).replace("\"role\":\"consumer\"", "\"role\":\"archivist\"");
    assert!(matches!(decode(&line).unwrap().remote, Endpoint::TopicParty { role: TopicRole::Other, .. }));
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
    assert_eq!(refused(|o| o.sent.estimated = true), "sent.estimated");
    assert_eq!(refused(|o| o.received.estimated = true), "received.estimated");
    assert_eq!(refused(|o| o.remote = topic().remote), "remote");
    let no_name = Topic { cluster_id: String::new(), ..named(None) };
    let of_no_name = Observation { local: Local::Topic(no_name), ..topic() };
    assert_eq!(of_no_name.validate().unwrap_err().field, "local.topic");
    let no_bus = BusName { namespace: "crm".into(), name: String::new() };
    let no_bus = named(Some(no_bus));
    let of_no_bus = Observation { local: Local::Topic(no_bus), ..topic() };
    assert_eq!(of_no_bus.validate().unwrap_err().field, "local.topic.bus");
    assert_eq!(flow().validate(), Ok(()));
    assert_eq!(topic().validate(), Ok(()));
    assert_eq!(topic_of_bus().validate(), Ok(()));
    assert_eq!(topic_declared().validate(), Ok(()));
    let declared = (0..129).map(|number| format!("pd:Kind{number}").parse().unwrap()).collect();
    let of_many = Observation { local: Local::Topic(Topic { declared, ..named(None) }), ..topic() };
    assert_eq!(of_many.validate().unwrap_err().field, "local.topic.declared");
}

#[test]
fn names_of_keys_that_are_no_words_of_ours_are_neither_read_nor_kept() {
    let line = encode(&flow());
    let (observation, kept) = decode_for_storage(&line).unwrap();
    assert_eq!((observation, kept.as_ref()), (flow(), line.as_str()));

    let places = |line: &str| decode(line).unwrap().sent.findings.remove(0).places;
    for (told, read) in [
        (r#""key:mueller""#, r#"["body","key:*"]"#),
        (r#""key:mueller","key:erika@mueller.example","key:*""#, r#"["body","key:*"]"#),
        (r#""key:m\u0075eller","header:x-mueller","mueller","json:mueller""#, r#"["body","key:*","header:*"]"#),
        (r#""key:MUELLER","key:user.mueller","key:e_mail""#, r#"["body","key:*","key:email"]"#),
    ] {
        // In addition, a field of a newer program.
        let old = line.replace(r#""key:email""#, told).replace(r#""sent":{"#, r#""sent":{"new":1,"#);
        let (observation, kept) = decode_for_storage(&old).unwrap();
        assert_eq!(kept, encode(&observation), "{told}");
        assert!(kept.contains(&format!("\"where\":{read}")), "{told}: {kept}");
        assert!(!kept.to_lowercase().contains("mueller") && !kept.contains("new"), "{told}");
        assert_eq!(places(&old), places(&kept));
    }
    // A line that cannot be checked as an object is encoded again, too.
    let array = line.replace(
        r#"{"category":"pd:EmailAddress","detector":"email","certainty":"validated","matches":2,"records":1,"where":["body","key:email"]}"#,
        r#"["pd:EmailAddress","email","validated",2,1,["body","key:mueller"]]"#,
    );
    assert_ne!(array, line);
    assert!(!decode_for_storage(&array).unwrap().1.contains("mueller"));
    // Fields of a newer program stay where nothing is to be dropped.
    let newer = line.replace(r#""sent":{"#, r#""sent":{"new":1,"#);
    assert_eq!(decode_for_storage(&newer).unwrap().1, newer);
}
