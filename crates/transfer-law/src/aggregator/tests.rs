use std::collections::BTreeSet;

use landfall_observation::{
    BusName, Channel, Cloud, Confidence, Coverage, DataCategory, Direction, Endpoint, Finding, FindingCertainty,
    Handshake, HostMethod, Identity, Initiator, Inspection, Local, LocationEvidence, LocationMethod, PayloadState,
    Protocol, Tls, TlsVersion, Topic, Transport, Window, Workload,
};

use super::{
    gather::{DECLARED, MAX_FACTS},
    *,
};
use crate::{ObservedCategories, SeenAt, Sighting, Volume};

mod attempts;
mod holdings;
mod overflow;
mod topics;

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
    let mut book = EdgeAggregator::new();
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

fn registered(recipient: &str) -> Counterpart {
    Counterpart::Registered { recipient: recipient.into(), endpoint: "main".into() }
}

fn of_pod(mut observation: Observation, name: &str) -> Observation {
    observation.local = Local::Workload(Workload::new("crm", "Pod", name));
    observation
}

fn recipients(book: &EdgeAggregator) -> Vec<(String, String)> {
    book.edges().map(|edge| (edge.id.exporter.name().to_owned(), edge.id.recipient.clone())).collect()
}

fn stranger(label: &str) -> Counterpart {
    Counterpart::Unregistered { label: label.into(), remote_access: false }
}

#[test]
fn observations_of_one_edge_add_up() {
    let mut book = EdgeAggregator::new();
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
    let mut book = EdgeAggregator::new();
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
        let mut book = EdgeAggregator::new();
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
    let mut book = EdgeAggregator::new();
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
    let mut book = EdgeAggregator::new();
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
    let mut book = EdgeAggregator::new();
    for counterpart in [declared("a", None), declared("b", sooner), declared("c", later), declared("d", None)] {
        book.absorb(&agreement(), &counterpart, &observation("2026-11-23T10:00:00Z", &[], &[]));
    }
    assert_eq!(book.edges().next().unwrap().counterpart, declared("b", sooner));

    let mut book = EdgeAggregator::new();
    for remote_access in [false, true, false] {
        let counterpart = Counterpart::Unregistered { label: "x".into(), remote_access };
        book.absorb(&agreement(), &counterpart, &observation("2026-11-23T10:00:00Z", &[], &[]));
    }
    let expected = Counterpart::Unregistered { label: "x".into(), remote_access: true };
    assert_eq!(book.edges().next().unwrap().counterpart, expected);
}

#[test]
fn what_was_learnt_is_taken_once_and_survives_a_restart() {
    let mut book = EdgeAggregator::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[]);
    for label in ["x", "y"] {
        book.absorb(&agreement(), &stranger(label), &plain);
    }
    assert_eq!(book.take_touched().len(), 2);
    assert_eq!((book.take_touched(), book.take_touched_holdings()), (vec![], vec![]));

    // A category that a workload is first seen to hold changes all its edges; seeing it again does not.
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

    let mut restarted = EdgeAggregator::new();
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
