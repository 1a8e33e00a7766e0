//! The observer, with inventories and reports as an inspecting process makes them.

use landfall_observation::{Broker as BrokerOfParty, DataCategory, FindingCertainty, TopicPatterns, TopicRole, encode};

use super::*;
use crate::{
    kafka::{
        inventory::{Broker, BrokerShare, Group, GroupKind, Inventory, Member, Topic as InventoryTopic},
        landing::{Destination, Evidence, Landing},
        message::{FieldFinding, MessagePart},
        sampler::Counts,
    },
    locate::LocatorConfig,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn observer(cluster_id: Option<&str>) -> BusObserver {
    BusObserver::new(BusObserverConfig {
        first: Identity { cluster: "local".to_owned(), agent: "kafka".to_owned(), epoch: 3, seq: 0 },
        bus: BusName { namespace: "crm".to_owned(), name: "events".to_owned() },
        cluster_id: cluster_id.map(str::to_owned),
        topics: vec![TopicSelector {
            include: TopicPatterns { prefixes: vec!["crm.".to_owned(), "__".to_owned()], ..TopicPatterns::default() },
            ..TopicSelector::default()
        }],
        share: None,
        is_encrypted: false,
        locator: Locator::open(&LocatorConfig::default()).unwrap(),
    })
}

/// A cluster of two brokers, with a group of readers on each of these hosts.
fn inventory(hosts: &[&str]) -> Inventory {
    let broker = |id: i32| Broker {
        id,
        host: format!("b{id}.kafka.example"),
        port: 9093,
        rack: (id == 1).then(|| "zone-a".to_owned()),
        configuration: None,
    };
    let topic = |name: &str, brokers: &[i32]| InventoryTopic {
        name: name.to_owned(),
        internal: false,
        partitions: 1,
        replication: brokers.iter().map(|&broker| BrokerShare { broker, leader: 0, replica: 1, in_sync: 1 }).collect(),
        configuration: None,
    };
    let member = |host: &str| Member {
        client_id: "client".to_owned(),
        client_host: host.to_owned(),
        group_instance_id: None,
        rack: None,
        topics: [("crm.contacts".to_owned(), vec![0]), ("orders".to_owned(), vec![0]), ("crm.none".to_owned(), vec![])]
            .into(),
        connect_url: None,
    };
    let group = Group {
        name: "readers".to_owned(),
        kind: GroupKind::Classic,
        state: None,
        protocol: None,
        members: hosts.iter().map(|host| member(host)).collect(),
        committed: BTreeMap::new(),
    };
    Inventory {
        cluster_id: Some("k1".to_owned()),
        controller: None,
        brokers: vec![broker(1), broker(2)],
        topics: vec![topic("__consumer_offsets", &[1]), topic("crm.contacts", &[1]), topic("orders", &[1, 2])],
        groups: vec![group],
        access_control: None,
        limits: Vec::new(),
    }
}

/// The landings of that.
fn landings(hosts: &[&str]) -> LandingGraph {
    LandingGraph::new(&inventory(hosts), "b1.kafka.example:9093", &[], at("2026-11-23T10:00:00Z"))
}

/// Messages of contacts that were read, of which one in two held an address.
fn read(begin: i64, inspected: u64, not_sampled: u64) -> Progress {
    let found = FieldFinding {
        part: MessagePart::Value,
        path: "value.*.email".to_owned(),
        category: DataCategory::EMAIL_ADDRESS,
        detector: "email".to_owned(),
        certainty: FindingCertainty::Validated,
        matches: inspected,
        messages: inspected / 2,
    };
    let end = begin + i64::try_from(inspected + not_sampled).unwrap();
    Progress {
        topic: "crm.contacts".to_owned(),
        partition: 0,
        begin,
        end,
        counts: Counts {
            inspected,
            not_sampled,
            bytes: 100 * inspected,
            inspected_bytes: 80 * inspected,
            ..Counts::default()
        },
        findings: vec![found],
        ..Progress::default()
    }
}

/// Role and host of the party, bytes, messages and matches.
fn told(observations: &[Observation]) -> Vec<(TopicRole, String, u64, u64, u64)> {
    let one = |observation: &Observation| {
        observation.validate().unwrap();
        let Endpoint::TopicParty { role, client_host, .. } = &observation.remote else { panic!("a party of a topic") };
        let sent = &observation.sent;
        let matches = sent.findings.iter().map(|finding| finding.matches).sum();
        (*role, client_host.clone().unwrap_or_default(), sent.bytes, sent.messages, matches)
    };
    observations.iter().map(one).collect()
}

#[test]
fn each_reader_and_broker_is_taken_to_get_what_was_written() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    let started = Started { topic: "crm.contacts".to_owned(), partition: 0, begin: 0, end: 10 };
    assert_eq!(observer.take(&Event::Started(&[started]), now), []);
    let first = observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now);
    let (broker, reader) = ("b1.kafka.example".to_owned(), "192.0.2.7".to_owned());
    let expected = [(TopicRole::Consumer, reader.clone(), 0, 0, 0), (TopicRole::Replica, broker.clone(), 0, 0, 0)];
    assert_eq!(told(&first), expected, "only the selected topic, and nobody who reads nothing of it");
    assert_eq!(first[0].inspection, Inspection::Opaque);

    // What was there before shows what the topic holds and is no traffic. New kinds of data are told at once.
    let old = observer.take(&Event::Progress(&read(8, 2, 0)), now);
    assert_eq!(
        told(&old),
        [(TopicRole::Consumer, reader.clone(), 0, 0, 2), (TopicRole::Replica, broker.clone(), 0, 0, 2)]
    );
    assert_eq!(old[0].inspection, Inspection::Plaintext);

    // Of 40 messages 10 were read, of 100 bytes each.
    let later = at("2026-11-23T10:00:30Z");
    assert_eq!(observer.take(&Event::Progress(&read(10, 10, 30)), later), [], "until the minute is over");
    let of_minute = observer.take(&Event::Alive, at("2026-11-23T10:01:00Z"));
    assert_eq!(
        told(&of_minute),
        [(TopicRole::Consumer, reader, 4000, 40, 10), (TopicRole::Replica, broker, 4000, 40, 10)]
    );
    assert_eq!(of_minute[0].window, Window::at(later));
    assert!(
        of_minute.iter().all(|observation| observation.sent.estimated && observation.sent.payload_bytes_seen == 800)
    );
    let sequence: Vec<_> =
        [first, old, of_minute].concat().iter().map(|observation| observation.identity.seq).collect();
    assert_eq!(sequence, [0, 1, 2, 3, 4, 5]);
    assert_eq!(observer.finish(at("2026-11-23T10:01:01Z")), []);
}

#[test]
fn whoever_appears_later_has_access_to_what_the_topic_holds() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now);
    observer.take(&Event::Progress(&read(0, 4, 0)), now);
    let appeared = observer.take(&Event::Landings(&landings(&["192.0.2.7", "198.51.100.9"])), now);
    assert_eq!(told(&appeared), [(TopicRole::Consumer, "198.51.100.9".to_owned(), 0, 0, 4)]);
    // One that went away gets nothing, and appears anew.
    assert_eq!(observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now), []);
    let back = observer.take(&Event::Landings(&landings(&["192.0.2.7", "198.51.100.9"])), now);
    assert_eq!(told(&back), [(TopicRole::Consumer, "198.51.100.9".to_owned(), 0, 0, 4)]);
}

#[test]
fn nothing_of_another_cluster_is_observed() {
    let mut observer = observer(Some("k2"));
    let now = at("2026-11-23T10:00:00Z");
    observer.take(&Event::Progress(&read(0, 4, 0)), now);
    assert_eq!(observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now), []);
    assert_eq!(observer.finish(now), []);
}

#[test]
fn an_observation_tells_broker_and_rack_and_no_name_of_a_field() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    observer.take(&Event::Progress(&read(0, 4, 0)), now);
    let all = observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now);
    let Endpoint::TopicParty { broker, .. } = &all[1].remote else { panic!("a broker") };
    assert_eq!(*broker, Some(BrokerOfParty { id: 1, rack: Some("zone-a".to_owned()) }));
    let line = encode(&all[0]);
    assert!(line.contains(r#""topic":"crm.contacts""#) && line.contains(r#""where":["key:email"]"#), "{line}");
}

#[test]
fn more_readers_than_are_told_apart_are_one_without_a_name() {
    let mut observer = observer(None);
    let hosts: Vec<_> = (0..600).map(|number| format!("2001:db8::{number:x}")).collect();
    let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
    let all = observer.take(&Event::Landings(&landings(&hosts)), at("2026-11-23T10:00:00Z"));
    let unnamed = told(&all).iter().filter(|(_, host, ..)| host.is_empty()).count();
    assert_eq!((all.len(), unnamed), (501, 1));
}

#[test]
fn what_schemas_declare_stands_with_their_topic() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    let email = BTreeSet::from([DataCategory::EMAIL_ADDRESS]);
    let declared = [("crm.contacts".to_owned(), email.clone()), ("orders".to_owned(), email.clone())].into();
    assert_eq!(observer.take(&Event::Declared(&declared), now), []);
    let all = observer.take(&Event::Landings(&landings(&["192.0.2.7"])), now);
    let of = |observation: &Observation| match &observation.local {
        Local::Topic(topic) => (topic.topic.clone(), topic.declared.clone()),
        Local::Workload(_) => panic!("a topic"),
    };
    let contacts = ("crm.contacts".to_owned(), email);
    assert_eq!(all.iter().map(of).collect::<Vec<_>>(), [contacts.clone(), contacts]);
}

#[test]
fn copies_and_sinks_are_parties_at_the_hosts_that_they_name() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    let mut landings = landings(&[]);
    let mut add = |destination| {
        let evidence = BTreeSet::from([Evidence::Connect]);
        let landing = Landing { destination, evidence, first_seen: now, last_seen: now };
        landings.topics.get_mut("crm.contacts").unwrap().landings.push(landing);
    };
    let (cluster, topic, connector) = (None, None, "mirror".to_owned());
    add(Destination::Mirror {
        cluster: cluster.clone(),
        servers: Some("us1.kafka.example:9093,us2.kafka.example".to_owned()),
        topic: topic.clone(),
        connector: connector.clone(),
    });
    add(Destination::Mirror { cluster, servers: None, topic, connector });
    let settings = [("s3.bucket.name", "archive"), ("s3.region", "us-east-1")];
    let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    add(Destination::Sink { connector: "archive".to_owned(), settings });
    add(Destination::AbsentReader { group: "old".to_owned() });
    let all = observer.take(&Event::Landings(&landings), now);
    let of = |observation: &Observation| {
        let Endpoint::TopicParty { role, client_host, .. } = &observation.remote else { panic!("a party of a topic") };
        format!("{role:?} {} {}", client_host.as_deref().unwrap_or("-"), observation.channel.port)
    };
    let mut told: Vec<_> = all.iter().map(of).collect();
    told.sort();
    let expected = [
        "Connector archive.s3.us-east-1.amazonaws.com 443",
        "Replica - 9092",
        "Replica b1.kafka.example 9093",
        "Replica us1.kafka.example 9093",
        "Replica us2.kafka.example 9092",
    ];
    assert_eq!(told, expected);
}

fn position(next: i64, since: i64) -> TopicPositions {
    [("crm.contacts".to_owned(), [(0, AccountedPosition { next, since })].into())].into()
}

#[test]
fn positions_go_no_further_than_the_observations() {
    let mut observer = observer(None);
    let now = at("2026-11-23T10:00:00Z");
    let started = [Started { topic: "crm.contacts".to_owned(), partition: 0, begin: 0, end: 4 }];
    observer.take(&Event::Started(&started), now);
    assert_eq!((observer.positions(), observer.cluster_id()), (position(0, 4), None));
    observer.take(&Event::Progress(&read(0, 4, 0)), now);
    assert_eq!(observer.positions(), position(0, 4), "the cluster is not known");
    assert_eq!(observer.take(&Event::Landings(&landings(&[])), now).len(), 1);
    assert_eq!((observer.positions(), observer.cluster_id()), (position(4, 4), Some("k1")));
    assert_eq!(observer.take(&Event::Progress(&read(4, 2, 0)), now), [], "the kind of data is known");
    assert_eq!(observer.positions(), position(4, 4));
    assert_eq!(observer.take(&Event::Alive, at("2026-11-23T10:01:00Z")).len(), 1);
    assert_eq!(observer.positions(), position(6, 4));
    // Where no message is, nothing needs to be observed.
    let deleted = Counts { deleted: 3, ..Counts::default() };
    let progress = Progress { end: 9, counts: deleted, findings: Vec::new(), ..read(6, 0, 0) };
    assert_eq!(observer.take(&Event::Progress(&progress), now), []);
    assert_eq!(observer.positions(), position(9, 4));
    observer.take(&Event::Progress(&read(9, 1, 0)), now);
    assert_eq!((observer.finish(now).len(), observer.positions()), (1, position(10, 4)));
}

#[test]
fn an_observer_that_follows_another_counts_what_was_written_between() {
    let now = at("2026-11-23T10:00:00Z");
    let mut observer = observer(None);
    observer.resume(&position(6, 4));
    let started = [Started { topic: "crm.contacts".to_owned(), partition: 0, begin: 6, end: 10 }];
    observer.take(&Event::Started(&started), now);
    observer.take(&Event::Landings(&landings(&[])), now);
    let made = observer.take(&Event::Progress(&read(6, 4, 0)), now);
    assert_eq!(told(&made), [(TopicRole::Replica, "b1.kafka.example".to_owned(), 400, 4, 4)]);
    assert_eq!(observer.positions(), position(10, 4));

    // The topic was made anew.
    let anew = [Started { topic: "crm.contacts".to_owned(), partition: 0, begin: 0, end: 2 }];
    observer.take(&Event::Started(&anew), now);
    assert_eq!(observer.positions(), position(0, 0));
    observer.take(&Event::Progress(&read(0, 2, 0)), now);
    assert_eq!(told(&observer.finish(now)), [(TopicRole::Replica, "b1.kafka.example".to_owned(), 200, 2, 2)]);
}
