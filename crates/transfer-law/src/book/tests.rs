use landfall_observation::{
    BusName, Channel, Cloud, Confidence, Coverage, Endpoint, Finding, FindingCertainty, Handshake, Identity, Initiator,
    LocationEvidence, LocationMethod, PayloadState, Protocol, Tls, TlsVersion, Topic, Transport, Window,
};

use super::*;
use crate::SeenAt;

mod attempts;
mod holdings;

fn observation(start: &str, sent: &[DataCategory], received: &[DataCategory]) -> Observation {
    let start: Timestamp = start.parse().unwrap();
    let direction = |categories: &[DataCategory]| Direction {
        bytes: 100,
        packets: 1,
        connections: 1,
        findings: categories
            .iter()
            .map(|category| Finding {
                category: category.clone(),
                detector: "test".into(),
                certainty: FindingCertainty::Validated,
                matches: 2,
                records: 1,
                places: vec!["body".parse().unwrap()],
            })
            .collect(),
        payload_bytes_seen: 10,
        ..Direction::default()
    };
    Observation {
        identity: Identity { cluster: "c".into(), agent: "a".into(), epoch: 0, seq: 0 },
        window: Window::at(start),
        local: Local::Workload(Workload { tenant: Some("t".into()), ..Workload::new("crm", "Deployment", "sync") }),
        remote: Endpoint::Address { address: "192.0.2.0/24".parse().unwrap(), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: Some(Tls { version: Some(TlsVersion::V1_3), alpn: None }),
        },
        location: Vec::new(),
        sent: direction(sent),
        received: direction(received),
        inspection: Inspection::Plaintext,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage::default(),
    }
}

#[test]
fn estimated_bytes_are_kept_apart_and_one_seen_direction_is_remembered() {
    let mut book = EdgeBook::new();
    let counted = observation("2026-11-23T10:00:00Z", &[], &[]);
    let mut estimated = counted.clone();
    (estimated.sent.estimated, estimated.sent.bytes, estimated.sent.messages) = (true, 7_000, 3);
    let mut one_sided = counted.clone();
    one_sided.coverage.one_sided = true;
    for observation in [counted, estimated, one_sided] {
        book.absorb(&agreement(), &Counterpart::DataSubject, &observation);
    }
    let Volume { bytes_sent, bytes_received, estimated_bytes_sent, estimated_bytes_received, .. } =
        book.edges().next().unwrap().volume;
    assert_eq!((bytes_sent, estimated_bytes_sent, bytes_received, estimated_bytes_received), (200, 7_000, 300, 0));
    let Volume { connections, payload, one_sided, .. } = book.edges().next().unwrap().volume;
    assert_eq!((connections, payload.values().sum::<u64>(), one_sided), (9, 200, true));
}

fn agreement() -> AgreementId {
    AgreementId { namespace: "default".into(), name: "avv".into() }
}

fn stranger(label: &str) -> Counterpart {
    Counterpart::Unregistered { label: label.into(), remote_access: false }
}

#[test]
fn observations_of_one_edge_add_up() {
    let mut book = EdgeBook::new();
    book.absorb(&agreement(), &stranger("x"), &observation("2026-11-23T10:00:00Z", &[DataCategory::NAME], &[]));
    book.absorb(&agreement(), &stranger("x"), &observation("2026-11-23T10:05:00Z", &[DataCategory::NAME], &[]));
    book.absorb(&agreement(), &stranger("y"), &observation("2026-11-23T10:00:00Z", &[], &[]));
    let edges: Vec<_> = book.edges().collect();
    assert_eq!(edges.len(), 2);
    let edge = &edges[0];
    assert_eq!(edge.id.recipient, "unregistered:x");
    assert_eq!(
        (edge.first_seen.to_string(), edge.last_seen.to_string()),
        ("2026-11-23T10:00:00Z".into(), "2026-11-23T10:05:00Z".into())
    );
    let volume = Volume {
        bytes_sent: 200,
        bytes_received: 200,
        connections: 4,
        payload: BTreeMap::from([(PayloadState::Inspected, 200)]),
        matches: BTreeMap::from([(DataCategory::NAME, 4)]),
        ..Volume::default()
    };
    assert_eq!(edge.volume, volume);
    assert_eq!(edge.tenants, BTreeSet::from(["t".to_owned()]));
    assert_eq!(edge.channel.protocols, BTreeSet::from(["tls/443".to_owned()]));
    assert!(edge.channel.plaintext && !edge.channel.opaque);
}

#[test]
fn absurd_counts_of_a_record_do_not_wrap_around() {
    let mut absurd = observation("2026-11-01T00:00:00Z", &[DataCategory::EMAIL_ADDRESS], &[]);
    for direction in [&mut absurd.sent, &mut absurd.received] {
        (direction.bytes, direction.connections) = (u64::MAX, u64::MAX);
        direction.findings.iter_mut().for_each(|finding| finding.matches = u64::MAX);
    }
    let Volume { bytes_sent, bytes_received, connections, matches, .. } = only_edge(&[absurd.clone(), absurd]).volume;
    assert_eq!([bytes_sent, bytes_received, connections, matches[&DataCategory::EMAIL_ADDRESS]], [u64::MAX; 4]);
}

#[test]
fn what_is_received_is_held_and_what_is_sent_is_seen() {
    let mut book = EdgeBook::new();
    book.absorb(
        &agreement(),
        &Counterpart::DataSubject,
        &observation("2026-11-01T10:00:00Z", &[], &[DataCategory::NAME]),
    );
    book.absorb(&agreement(), &stranger("x"), &observation("2026-11-02T10:00:00Z", &[], &[]));
    let categories: Vec<_> = book.edges().map(|edge| edge.categories).collect();
    let place = SeenPlace {
        direction: SeenDirection::Received,
        recipient: "data-subjects".into(),
        endpoint: String::new(),
        port: 443,
    };
    let at: Timestamp = "2026-11-01T10:00:00Z".parse().unwrap();
    let seen = SeenAt { first: at, last: at, place: Some(place) };
    let held = ObservedCategories {
        held: BTreeSet::from([DataCategory::NAME]),
        sightings: vec![Sighting { category: DataCategory::NAME, seen: Arc::new(seen) }],
        ..ObservedCategories::default()
    };
    assert_eq!(categories, [held.clone(), held]);
}

#[test]
fn a_category_is_held_for_thirty_days_and_not_before_it_was_seen() {
    let held_by = |later: &str| {
        let mut book = EdgeBook::new();
        book.absorb(
            &agreement(),
            &Counterpart::DataSubject,
            &observation("2026-11-01T10:00:00Z", &[], &[DataCategory::NAME]),
        );
        book.absorb(&agreement(), &stranger("x"), &observation(later, &[], &[]));
        let edge = book.edges().find(|edge| edge.id.recipient == "unregistered:x").unwrap();
        !edge.categories.held.is_empty()
    };
    assert!(held_by("2026-11-30T10:00:00Z"));
    assert!(!held_by("2026-12-02T10:00:00Z"));
    assert!(!held_by("2026-10-31T10:00:00Z"));
}

#[test]
fn declared_categories_are_read_from_the_label() {
    let mut book = EdgeBook::new();
    let mut declaring = observation("2026-11-23T10:00:00Z", &[], &[]);
    if let Local::Workload(workload) = &mut declaring.local {
        workload.labels.insert(DECLARED.into(), "pd:Name, nonsense,pd:EmailAddress".into());
    }
    book.absorb(&agreement(), &stranger("x"), &declaring);
    let declared = book.edges().next().unwrap().categories.declared;
    assert_eq!(declared, BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]));
}

fn evidence(jurisdiction: &str, region: usize) -> LocationEvidence {
    LocationEvidence {
        method: LocationMethod::CloudRange,
        jurisdiction: Some(jurisdiction.parse().unwrap()),
        cloud: Some(Cloud { provider: "aws".into(), region: format!("region-{region}") }),
        asn: None,
        operator: None,
        confidence: Confidence::High,
        dataset: "ip-ranges.json".into(),
        dataset_date: None,
    }
}

fn only_edge(observations: &[Observation]) -> Edge {
    let mut book = EdgeBook::new();
    for observation in observations {
        book.absorb(&agreement(), &stranger("x"), observation);
    }
    book.edges().next().unwrap()
}

#[test]
fn a_proxy_voids_its_own_place_and_no_other() {
    let mut direct = observation("2026-11-23T10:00:00Z", &[], &[]);
    direct.location = vec![evidence("US", 1)];
    let mut proxied = observation("2026-11-23T10:01:00Z", &[], &[]);
    proxied.location = vec![evidence("DE", 1)];
    proxied.channel.host_method = HostMethod::HttpConnect;
    let edge = only_edge(&[direct, proxied]);
    assert!(edge.channel.through_proxy);
    assert_eq!(edge.location, [evidence("US", 1)]);
}

#[test]
fn a_new_place_is_kept_after_many_alike() {
    let mut many = observation("2026-11-23T10:00:00Z", &[], &[]);
    many.location = (0..40).map(|region| evidence("DE", region)).collect();
    many.location.push(evidence("US", 1));
    let edge = only_edge(&[many]);
    assert_eq!((edge.location.len(), edge.location.last()), (MAX_FACTS + 1, Some(&evidence("US", 1))));
}

#[test]
fn what_names_no_tenant_and_what_could_not_be_read_stay_known() {
    let mut unread = observation("2026-11-23T10:00:00Z", &[], &[]);
    unread.inspection = Inspection::Opaque;
    if let Local::Workload(workload) = &mut unread.local {
        workload.tenant = None;
    }
    let read = observation("2026-11-23T10:01:00Z", &[DataCategory::NAME], &[]);
    let edge = only_edge(&[read.clone(), unread, read]);
    assert!(edge.untenanted && edge.channel.opaque && edge.channel.plaintext);
}

#[test]
fn bytes_are_counted_by_what_became_of_the_payload() {
    let with = |inspection, reader: Option<Protocol>, tls: Option<Tls>| {
        let mut one = observation("2026-11-23T10:00:00Z", &[], &[]);
        one.sent.payload_bytes_seen = 0;
        (one.inspection, one.reader, one.channel.tls, one.channel.protocol) = (inspection, reader, tls, Protocol::HTTP);
        one
    };
    let negotiated = Some(Tls { version: None, alpn: None });
    let edge = only_edge(&[
        with(Inspection::Plaintext, Some(Protocol::HTTP), None),
        with(Inspection::PlaintextNotRead, None, None),
        with(Inspection::Opaque, None, negotiated),
        with(Inspection::Opaque, None, None),
        with(Inspection::Opaque, None, None),
    ]);
    let each = edge.volume.bytes_sent / 5;
    let expected = [
        (PayloadState::PlaintextNotRead, each),
        (PayloadState::Inspected, each),
        (PayloadState::Encrypted, each),
        (PayloadState::NotRecognised, 2 * each),
    ];
    assert_eq!(edge.volume.payload, expected.into());
    assert_eq!(edge.channel.readers, ["http".to_owned()].into());
    assert!(edge.channel.plaintext_not_read && edge.channel.opaque && !edge.channel.plaintext);
}

#[test]
fn of_counterparts_of_one_edge_the_worse_facts_count() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let declared = |reason: &str, until: Option<&str>| Counterpart::DeclaredNotPersonal {
        reason: reason.into(),
        until: until.map(at),
        otherwise: Box::new(stranger("x")),
    };
    let (sooner, later) = (Some("2026-12-01T00:00:00Z"), Some("2027-12-01T00:00:00Z"));
    let mut book = EdgeBook::new();
    for counterpart in [declared("a", None), declared("b", sooner), declared("c", later), declared("d", None)] {
        book.absorb(&agreement(), &counterpart, &observation("2026-11-23T10:00:00Z", &[], &[]));
    }
    assert_eq!(book.edges().next().unwrap().counterpart, declared("b", sooner));

    let mut book = EdgeBook::new();
    for remote_access in [false, true, false] {
        let counterpart = Counterpart::Unregistered { label: "x".into(), remote_access };
        book.absorb(&agreement(), &counterpart, &observation("2026-11-23T10:00:00Z", &[], &[]));
    }
    let expected = Counterpart::Unregistered { label: "x".into(), remote_access: true };
    assert_eq!(book.edges().next().unwrap().counterpart, expected);
}

#[test]
fn what_was_learnt_is_taken_once_and_survives_a_restart() {
    let mut book = EdgeBook::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for label in ["x", "y"] {
        book.absorb(&agreement(), &stranger(label), &plain);
    }
    assert_eq!(book.take_touched().len(), 2);
    assert_eq!((book.take_touched(), book.take_touched_holdings()), (vec![], vec![]));

    // What a workload is seen to hold for the first time is news about all its edges; the same again is not.
    let held = observation("2026-11-23T10:00:00Z", &[], &[DataCategory::NAME]);
    book.absorb(&agreement(), &stranger("x"), &held);
    let edges = book.take_touched();
    assert_eq!(
        edges.iter().map(|edge| edge.id.recipient.as_str()).collect::<Vec<_>>(),
        ["unregistered:x", "unregistered:y"]
    );
    assert!(edges[1].categories.held.contains(&DataCategory::NAME));
    let holdings = book.take_touched_holdings();
    book.absorb(&agreement(), &stranger("x"), &held);
    assert_eq!(book.take_touched().len(), 1);

    let mut restarted = EdgeBook::new();
    for edge in edges {
        restarted.restore(serde_json::from_str::<Edge>(&serde_json::to_string(&edge).unwrap()).unwrap());
    }
    for held in holdings {
        restarted.restore_holdings(serde_json::from_str(&serde_json::to_string(&held).unwrap()).unwrap());
    }
    assert_eq!(restarted.take_touched(), []);
    restarted.absorb(&agreement(), &stranger("x"), &held);
    assert_eq!(restarted.edges().collect::<Vec<_>>(), book.edges().collect::<Vec<_>>());
    restarted.touch_all();
    assert_eq!(restarted.take_touched().len(), 2);
}

fn registered(recipient: &str) -> Counterpart {
    Counterpart::Registered { recipient: recipient.into(), endpoint: "main".into() }
}

fn of_pod(mut observation: Observation, name: &str) -> Observation {
    observation.local = Local::Workload(Workload::new("crm", "Pod", name));
    observation
}

fn recipients(book: &EdgeBook) -> Vec<(String, String)> {
    book.edges().map(|edge| (edge.id.exporter.name().to_owned(), edge.id.recipient.clone())).collect()
}

#[test]
fn made_up_hosts_fill_neither_the_book_nor_the_room_of_registered_recipients() {
    let mut book = EdgeBook::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for host in 0..100_000 {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_OUTSIDERS + 1, 99_000));
    // What is there takes its traffic; a registered recipient gets an edge of its own.
    book.absorb(&agreement(), &stranger("h7.example"), &plain);
    book.absorb(&agreement(), &registered("acme"), &plain);
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_OUTSIDERS + 2, 99_000));
    let edges: Vec<_> = book.edges().collect();
    let sent = |recipient: &str| edges.iter().find(|edge| edge.id.recipient == recipient).unwrap().volume.bytes_sent;
    assert_eq!((sent("unregistered:h7.example"), sent("acme"), sent("other")), (200, 100, 9_900_000));
    assert_eq!(edges.iter().map(|edge| edge.volume.bytes_sent).sum::<u64>(), 100 * 100_002);
    // Another namespace is not concerned.
    let mut elsewhere = plain.clone();
    elsewhere.local = Local::Workload(Workload::new("shop", "Deployment", "sync"));
    book.absorb(&agreement(), &stranger("x"), &elsewhere);
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_OUTSIDERS + 3, 99_000));
}

#[test]
fn a_namespace_has_so_many_edges_and_one_more_for_the_rest_also_after_a_restart() {
    let mut book = EdgeBook::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for index in 0..room::MAX_EDGES {
        book.absorb(&agreement(), &registered(&format!("r{index}")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_EDGES, 0));
    let mut restarted = EdgeBook::new();
    for edge in book.edges() {
        restarted.restore(edge.clone());
        restarted.restore(edge);
    }
    for book in [&mut book, &mut restarted] {
        book.absorb(&agreement(), &registered("late"), &plain);
        book.absorb(&agreement(), &Counterpart::DataSubject, &plain);
        assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_EDGES + 1, 2));
    }
    assert_eq!(book.edges().collect::<Vec<_>>(), restarted.edges().collect::<Vec<_>>());
    let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!(rest.counterpart, Counterpart::Other { unregistered: false, remote_access: false });
    assert_eq!((rest.id.exporter.clone(), rest.volume.bytes_sent), (Exporter::workload("crm", "Other", "other"), 200));

    // Most of the edges restored may be of an earlier time that knew no limit.
    let mut crowded = EdgeBook::new();
    let mut edge = book.edges().next().unwrap();
    for index in 0..2 * room::MAX_EDGES {
        Arc::make_mut(&mut edge.id).recipient = format!("r{index}");
        crowded.restore(edge.clone());
    }
    crowded.absorb(&agreement(), &registered("late"), &plain);
    assert_eq!((crowded.edges().count(), crowded.overflowed()), (2 * room::MAX_EDGES + 1, 1));
}

#[test]
fn of_what_falls_into_the_rest_the_worst_counts() {
    let access = |label: &str| Counterpart::Unregistered { label: label.into(), remote_access: true };
    let either = |one: &str| Counterpart::Ambiguous { candidates: vec![one.into(), "x.example".into()] };
    let declared = |otherwise| Counterpart::DeclaredNotPersonal {
        reason: "time".into(),
        until: None,
        otherwise: Box::new(otherwise),
    };
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    let mut book = EdgeBook::new();
    for index in 0..room::MAX_EDGES {
        book.absorb(&agreement(), &registered(&format!("r{index}")), &plain);
    }
    for (counterpart, unregistered, remote_access) in [
        (registered("late"), false, false),
        (declared(registered("declared")), false, false),
        (either("acme/main"), false, false),
        (either("y.example"), true, false),
        (declared(stranger("x")), true, false),
        (access("x"), true, true),
        (registered("later"), true, true),
    ] {
        book.absorb(&agreement(), &counterpart, &plain);
        let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
        assert_eq!(rest.counterpart, Counterpart::Other { unregistered, remote_access }, "{counterpart:?}");
    }
    assert_eq!(book.overflowed(), 7);
}

#[test]
fn the_rest_holds_what_any_workload_of_its_namespace_holds() {
    let mut book = EdgeBook::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for host in 0..=room::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    book.take_touched();
    for (pod, category) in [("a", DataCategory::NAME), ("b", DataCategory::EMAIL_ADDRESS)] {
        let holds = of_pod(observation("2026-11-23T10:00:00Z", &[], &[category]), pod);
        book.absorb(&agreement(), &Counterpart::DataSubject, &holds);
    }
    let mut elsewhere = observation("2026-11-23T10:00:00Z", &[], &[DataCategory::IP_ADDRESS]);
    elsewhere.local = Local::Workload(Workload::new("crm-2", "Deployment", "sync"));
    book.absorb(&agreement(), &Counterpart::DataSubject, &elsewhere);
    let touched = book.take_touched();
    let rest = touched.iter().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!(rest.categories.held, BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]));
    assert_eq!(
        recipients(&book).iter().filter(|(_, recipient)| !recipient.starts_with("unregistered:")).count(),
        touched.len()
    );
}

#[test]
fn a_workload_that_is_called_like_the_rest_is_counted_like_any() {
    let mut book = EdgeBook::new();
    let mut plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    plain.local = Local::Workload(Workload::new("crm", "Other", "other"));
    for host in 0..5_000 {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &plain);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_OUTSIDERS + 1, 4_000));
}

#[test]
fn topics_beyond_the_most_fall_into_one_edge() {
    let mut book = EdgeBook::new();
    for index in 0..room::MAX_EDGES + 3 {
        let mut of_topic = observation("2026-11-23T10:00:00Z", &[], &[]);
        of_topic.local = topic("k", &format!("t{index}"));
        book.absorb(&agreement(), &registered("acme"), &of_topic);
    }
    let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!((book.edges().count(), rest.volume.bytes_sent), (room::MAX_EDGES + 1, 300));
    assert_eq!(rest.id.exporter, Exporter::workload("k", "Other", "other"));
}

fn topic(namespace: &str, name: &str) -> Local {
    let bus = BusName { namespace: namespace.into(), name: "events".into() };
    Local::Topic(Topic { bus: Some(bus), cluster_id: "k1".into(), topic: name.into() })
}

#[test]
fn a_topic_is_an_exporter_of_its_own_that_holds_what_is_written_to_it() {
    let mut book = EdgeBook::new();
    let written = Observation {
        local: topic("crm", "orders"),
        ..observation("2026-11-23T10:00:00Z", &[], &[DataCategory::NAME])
    };
    let read = Observation { local: topic("crm", "orders"), ..observation("2026-11-23T10:00:00Z", &[], &[]) };
    let others = [
        Observation { local: topic("crm", "logs"), ..read.clone() },
        Observation { local: topic("shop", "orders"), ..read.clone() },
        // A workload may have the names of a topic.
        Observation { local: Local::Workload(Workload::new("crm", "events", "orders")), ..read.clone() },
    ];
    book.absorb(&agreement(), &stranger("producer"), &written);
    for observation in [&read].into_iter().chain(&others) {
        book.absorb(&agreement(), &registered("acme"), observation);
    }
    let told: Vec<_> = book
        .edges()
        .filter(|edge| edge.id.recipient == "acme")
        .map(|edge| (edge.id.exporter.to_string(), edge.categories.held.len(), edge.untenanted))
        .collect();
    let expected = [
        ("crm/events/orders".to_owned(), 0, true),
        ("crm/Topic/events/logs".to_owned(), 0, true),
        ("crm/Topic/events/orders".to_owned(), 1, true),
        ("shop/Topic/events/orders".to_owned(), 0, true),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_topic_without_a_bus_is_nobodys_edge() {
    let mut book = EdgeBook::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[DataCategory::NAME]);
    let local = Local::Topic(Topic { bus: None, cluster_id: "k1".into(), topic: "orders".into() });
    book.absorb(&agreement(), &registered("acme"), &Observation { local, ..plain });
    assert!(book.is_empty() && book.take_touched_holdings().is_empty());
}

#[test]
fn the_rest_holds_what_any_topic_of_its_namespace_holds() {
    let mut book = EdgeBook::new();
    let read = |namespace: &str, name: &str, received: &[DataCategory]| Observation {
        local: topic(namespace, name),
        ..observation("2026-11-23T10:00:00Z", &[], received)
    };
    for host in 0..=room::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &read("crm", "orders", &[]));
    }
    let in_a_pod = of_pod(observation("2026-11-23T10:00:00Z", &[], &[DataCategory::IP_ADDRESS]), "a");
    book.absorb(&agreement(), &Counterpart::DataSubject, &in_a_pod);
    book.absorb(&agreement(), &registered("acme"), &read("crm", "people", &[DataCategory::NAME]));
    book.absorb(&agreement(), &registered("acme"), &read("shop", "people", &[DataCategory::EMAIL_ADDRESS]));
    let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!(rest.categories.held, BTreeSet::from([DataCategory::NAME, DataCategory::IP_ADDRESS]));
}

#[test]
fn what_is_forgotten_makes_room_and_comes_back_as_new() {
    let mut book = EdgeBook::new();
    let [old, new] = ["2026-10-01T10:00:00Z", "2026-11-23T10:00:00Z"].map(|at| observation(at, &[], &[]));
    for host in 0..room::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("h{host}.example")), &old);
    }
    book.absorb(&agreement(), &registered("acme"), &new);
    assert_eq!(book.forget_before("2026-11-01T00:00:00Z".parse().unwrap()).len(), room::MAX_OUTSIDERS);
    assert_eq!(recipients(&book).len(), 1);
    for host in 0..room::MAX_OUTSIDERS {
        book.absorb(&agreement(), &stranger(&format!("g{host}.example")), &new);
    }
    assert_eq!((book.edges().count(), book.overflowed()), (room::MAX_OUTSIDERS + 1, 0));
}
