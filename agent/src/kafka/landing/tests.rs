use super::*;
use crate::kafka::{
    connect::{AnswerError, ConnectAnswer, Connector, ConnectorKind},
    inventory::{Broker, BrokerShare, Configuration, Group, GroupKind, Member, Topic},
};

const AT: Timestamp = Timestamp::UNIX_EPOCH;
/// Of the cluster.
const ID: &str = "LandfallLandfallLandfA";

pub(super) fn topic(name: &str, settings: &[(&str, &str)]) -> Topic {
    Topic {
        name: name.into(),
        internal: false,
        partitions: 1,
        replication: vec![BrokerShare { broker: 1, leader: 1, replica: 1, in_sync: 1 }],
        configuration: Some(owned(settings)),
    }
}

pub(super) fn owned(settings: &[(&str, &str)]) -> Configuration {
    settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub(super) fn inventory(topics: Vec<Topic>, groups: Vec<Group>) -> Inventory {
    let manager = owned(&[("remote.log.storage.manager.class.name", "example.Store")]);
    let broker = Broker {
        id: 1,
        host: "kafka.example".into(),
        port: 9092,
        rack: Some("eu-central-1a".into()),
        configuration: Some(manager),
    };
    let brokers = vec![broker];
    Inventory {
        cluster_id: Some(ID.into()),
        controller: None,
        brokers,
        topics,
        groups,
        access_control: None,
        limits: Vec::new(),
    }
}

pub(super) fn group(name: &str, topics: &[(&str, &[i32])]) -> Group {
    let member = Member {
        client_id: "client".into(),
        client_host: "192.0.2.1".into(),
        group_instance_id: None,
        rack: None,
        topics: topics.iter().map(|(topic, partitions)| ((*topic).to_owned(), partitions.to_vec())).collect(),
        connect_url: None,
    };
    let (kind, committed) = (GroupKind::Classic, BTreeMap::new());
    Group { name: name.into(), kind, state: None, protocol: None, members: vec![member], committed }
}

pub(super) fn connector(name: &str, kind: ConnectorKind, settings: &[(&str, &str)]) -> Connector {
    Connector { name: name.into(), kind, settings: owned(settings), unknown: Vec::new() }
}

pub(super) fn connect(kafka_cluster_id: &str, connectors: Vec<Connector>) -> ConnectCluster {
    let url = "http://connect.example:8083".parse().unwrap();
    ConnectCluster { url, answer: Ok(ConnectAnswer { kafka_cluster_id: Some(kafka_cluster_id.into()), connectors }) }
}

fn workers(name: &str, url: Option<&str>) -> Group {
    let mut group = group(name, &[]);
    group.kind = GroupKind::Connect;
    group.members[0].connect_url = url.map(str::to_owned);
    group
}

/// The settings of a connector that copies from `source` to `target`, with others that win.
pub(super) fn mirror(source: &str, target: &str, others: &[(&str, &str)]) -> Connector {
    let settings = [
        ("connector.class", "org.apache.kafka.connect.mirror.MirrorSourceConnector"),
        ("source.cluster.alias", "eu"),
        ("source.cluster.bootstrap.servers", source),
        ("target.cluster.alias", "us"),
        ("target.cluster.bootstrap.servers", target),
    ];
    connector("mirror", ConnectorKind::Source, &[&settings, others].concat())
}

fn destinations(graph: &LandingGraph, topic: &str) -> Vec<Destination> {
    graph.topics[topic].landings.iter().map(|landing| landing.destination.clone()).collect()
}

fn broker() -> Destination {
    Destination::Broker { id: 1, host: "kafka.example".into(), port: 9092, rack: Some("eu-central-1a".into()) }
}

#[test]
fn brokers_readers_and_remote_storage_are_landings() {
    let topics = vec![topic("orders", &[("remote.storage.enable", "true")])];
    let graph = LandingGraph::new(&inventory(topics, vec![group("billing", &[("orders", &[0])])]), "", &[], AT);
    let reader = Destination::Reader { group: "billing".into(), client_id: "client".into(), host: "192.0.2.1".into() };
    let storage = Destination::RemoteStorage { manager: Some("example.Store".into()) };
    assert_eq!(destinations(&graph, "orders"), [broker(), storage, reader]);
    assert_eq!(graph.gaps, Vec::<String>::new());
}

#[test]
fn topics_of_streams_follow_from_what_the_application_reads() {
    let topics = vec![topic("orders", &[]), topic("app-store-changelog", &[])];
    let groups = vec![group("app", &[("orders", &[0]), ("app-store-changelog", &[0])])];
    let graph = LandingGraph::new(&inventory(topics, groups), "", &[], AT);
    let made = Destination::Topic { topic: "app-store-changelog".into(), relation: TopicRelation::Changelog };
    assert!(destinations(&graph, "orders").contains(&made));
    assert!(!destinations(&graph, "app-store-changelog").contains(&made));
}

#[test]
fn copies_are_told_by_the_topics_of_mirror_maker() {
    let names = ["heartbeats", "eu.checkpoints.internal", "eu.orders", "mm2-configs.asia.internal", "us.orders"];
    let mut topics: Vec<_> = names.iter().map(|name| topic(name, &[])).collect();
    topics.push(topic("mm2-offset-syncs.us.internal", &[]));
    let graph = LandingGraph::new(&inventory(topics, Vec::new()), "", &[], AT);
    let copy = CopyOf { cluster: "eu".into(), topic: "orders".into() };
    assert_eq!(graph.topics["eu.orders"].copy_of, Some(copy));
    assert_eq!(graph.topics["us.orders"].copy_of, None);
    assert_eq!(graph.mirrored_from, BTreeSet::from(["eu".to_owned()]));
    assert_eq!(graph.gaps, ["topics are copied to cluster us, and which ones is not known"]);
}

#[test]
fn connectors_say_what_is_copied_and_what_is_written_elsewhere() {
    let topics = ["orders", "__consumer_offsets", "connect-configs", "us.orders", "eu.checkpoints.internal"];
    let topics = topics.map(|name| topic(name, &[])).to_vec();
    let sink = [("topics", "orders, missing"), ("errors.deadletterqueue.topic.name", "dead")];
    let mirror = mirror("kafka.example:9092", "kafka.us.example:9092", &[("topics", ".*")]);
    let connectors = vec![mirror, connector("archive", ConnectorKind::Sink, &sink)];
    let graph = LandingGraph::new(&inventory(topics, Vec::new()), "", &[connect(ID, connectors)], AT);
    let copy = |topic: &str| Destination::Mirror {
        cluster: Some("us".into()),
        servers: Some("kafka.us.example:9092".into()),
        topic: Some(format!("eu.{topic}")),
        connector: "mirror".into(),
    };
    let archive = Destination::Sink { connector: "archive".into(), settings: owned(&sink) };
    let letters = Destination::Topic { topic: "dead".into(), relation: TopicRelation::DeadLetters };
    assert_eq!(destinations(&graph, "orders"), [broker(), copy("orders"), archive, letters]);
    assert_eq!(destinations(&graph, "connect-configs"), [broker(), copy("connect-configs")]);
    // Never copied: Kafka's own, what comes from the target, and MirrorMaker's own.
    for name in ["__consumer_offsets", "us.orders", "eu.checkpoints.internal"] {
        assert_eq!(destinations(&graph, name), [broker()], "{name}");
    }
    assert_eq!(graph.gaps, ["connector archive reads 1 topics that do not exist or may not be seen: missing"]);
}

#[test]
fn clusters_are_told_apart_by_host_and_port() {
    let of = |servers: &str, source: &str, target: &str| {
        let (inventory, connector) = (inventory(vec![topic("orders", &[])], Vec::new()), mirror(source, target, &[]));
        let graph = LandingGraph::new(&inventory, servers, &[connect(ID, vec![connector])], AT);
        (graph.mirrored_to.contains("us"), graph.mirrored_from.contains("eu"), graph.gaps)
    };
    let none = Vec::<String>::new;
    assert_eq!(of("", "KAFKA.example:9092", "kafka.example:9093"), (true, false, none()), "an advertised address");
    assert_eq!(of("balancer:1,balancer:2", "balancer:2", "other:1"), (true, false, none()), "where it was reached");
    assert_eq!(of("", "SASL_SSL://kafka.example", "other:1"), (true, false, none()), "a missing port is any port");
    assert_eq!(of("", "kafka.example:9093", "kafka.example:9092"), (false, true, none()));
    let gap = "connector mirror copies topics of kafka.example:9093, which is no known address of this cluster";
    assert_eq!(of("", "kafka.example:9093", "other:1"), (false, false, vec![gap.to_owned()]));
}

#[test]
fn what_is_left_out_and_how_copies_are_called_is_read_of_the_connector() {
    let copies = |others: &[(&str, &str)]| {
        let topics = ["orders", "orders.replica", "people"].map(|name| topic(name, &[])).to_vec();
        let connector = mirror("kafka.example:9092", "other:1", others);
        let graph = LandingGraph::new(&inventory(topics, Vec::new()), "", &[connect(ID, vec![connector])], AT);
        let mut names = Vec::new();
        for landing in graph.topics.values().flat_map(|topic| &topic.landings) {
            if let Destination::Mirror { topic, .. } = &landing.destination {
                names.push(topic.clone().unwrap_or_default());
            }
        }
        (names.join(" "), graph.gaps)
    };
    let (policy, separator) = ("replication.policy.class", ("replication.policy.separator", "_"));
    let identity = (policy, "org.apache.kafka.connect.mirror.IdentityReplicationPolicy");
    let none = Vec::<String>::new;
    assert_eq!(copies(&[]), ("eu.orders eu.people".into(), none()));
    let excluded = ("topics.exclude", "people, other.*");
    assert_eq!(copies(&[excluded]), ("eu.orders eu.orders.replica".into(), none()));
    assert_eq!(copies(&[separator]), ("eu_orders eu_people".into(), none()));
    assert_eq!(copies(&[identity]), ("orders people".into(), none()));
    assert_eq!(copies(&[(policy, "example.Policy"), ("topics", "orders|x")]), (String::new(), none()));
    let gap = "which topics connector mirror leaves out is not known: it may copy fewer than are shown";
    assert_eq!(
        copies(&[("topics", "people"), ("topics.exclude", "[a-z]+")]),
        ("eu.people".into(), vec![gap.to_owned()])
    );
}

#[test]
fn at_the_target_a_connector_says_what_is_a_copy() {
    let of = |others: &[(&str, &str)]| {
        let topics = ["eu_orders", "people"].map(|name| topic(name, &[])).to_vec();
        let connector = mirror("other:1", "kafka.example:9092", others);
        let graph = LandingGraph::new(&inventory(topics, Vec::new()), "", &[connect(ID, vec![connector])], AT);
        (graph.topics["eu_orders"].copy_of.clone(), graph.topics["people"].copy_of.clone(), graph.gaps)
    };
    let copy = CopyOf { cluster: "eu".into(), topic: "orders".into() };
    assert_eq!(of(&[("replication.policy.separator", "_")]), (Some(copy), None, Vec::new()));
    let gap = "connector mirror copies topics into this cluster, and their names do not tell which";
    assert_eq!(of(&[("replication.policy.class", "x.IdentityReplicationPolicy")]), (None, None, vec![gap.to_owned()]));
}

#[test]
fn sinks_of_another_cluster_do_not_count_and_its_mirrors_do() {
    let connectors = vec![
        connector("archive", ConnectorKind::Sink, &[("topics", "orders")]),
        mirror("kafka.example:9092", "other:1", &[]),
    ];
    let orders = inventory(vec![topic("orders", &[])], Vec::new());
    let graph = LandingGraph::new(&orders, "", &[connect("Another", connectors)], AT);
    let [first, Destination::Mirror { .. }] = &destinations(&graph, "orders")[..] else { panic!("{graph:?}") };
    assert_eq!(first, &broker());
    let gap = "Connect at http://connect.example:8083 uses cluster Another: only connectors that copy topics of this cluster count";
    assert_eq!(graph.gaps, [gap]);
}

#[test]
fn connect_that_was_not_asked_or_has_not_answered_is_a_gap() {
    let url = "http://connect.example:8083/";
    let groups = vec![workers("connect", Some(url)), workers("us-mm2", None)];
    let seen = inventory(vec![topic("orders", &[])], groups);
    let gaps = |connects: &[ConnectCluster]| LandingGraph::new(&seen, "", connects, AT).gaps;
    let without = "the connectors of group us-mm2 are not known: its workers have no REST interface";
    let ask = "the connectors of group connect are not known: ask with --connect http://connect.example:8083";
    assert_eq!(gaps(&[]), [without, ask]);
    assert_eq!(gaps(&[connect(ID, Vec::new())]), [without]);
    let behind = ConnectCluster { url: "http://balancer.example".parse().unwrap(), ..connect(ID, Vec::new()) };
    assert_eq!(gaps(&[behind]), [without]);
    let failed = ConnectCluster { answer: Err(AnswerError::NotJson.into()), ..connect(ID, Vec::new()) };
    let told = "the connectors of Connect at http://connect.example:8083 are not known: the answer is no JSON; is there a \
                sign-in page before Connect?";
    assert_eq!(gaps(&[failed]), [told, without]);
}

#[test]
fn a_group_without_members_is_a_reader_that_is_absent() {
    let mut old = group("old", &[]);
    old.members.clear();
    old.committed = [("orders".to_owned(), vec![0])].into();
    let graph = LandingGraph::new(&inventory(vec![topic("orders", &[])], vec![old]), "", &[], AT);
    let landing = &graph.topics["orders"].landings[1];
    assert_eq!(landing.destination, Destination::AbsentReader { group: "old".into() });
    assert_eq!(landing.evidence, BTreeSet::from([Evidence::CommittedOffsets]));
}

#[test]
fn a_landing_keeps_the_time_when_it_was_first_seen() {
    let seen = |at| LandingGraph::new(&inventory(vec![topic("orders", &[])], Vec::new()), "", &[], at);
    let later = Timestamp::from_second(60).unwrap();
    let mut graph = seen(later);
    graph.continue_from(&seen(AT));
    let landing = &graph.topics["orders"].landings[0];
    assert_eq!((landing.first_seen, landing.last_seen), (AT, later));
}
