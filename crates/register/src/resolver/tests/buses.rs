//! Topics: their agreement, what is declared about them, and the brokers and readers on the other side.

use std::collections::BTreeSet;

use landfall_observation::{Broker, DataCategory};

use super::*;
use crate::Register;

/// A party of the topic.
fn party(topic: &str, role: TopicRole, host: Option<&str>) -> Observation {
    let remote = Endpoint::TopicParty { role, group: None, client_host: host.map(str::to_owned), broker: None };
    Observation { local: of_bus(Some(&bus("crm", "events")), topic), remote, ..to("192.0.2.0/24") }
}

fn broker(host: &str, id: i32, rack: Option<&str>) -> Observation {
    let broker = Some(Broker { id, rack: rack.map(str::to_owned) });
    let client_host = Some(host.to_owned());
    let remote = Endpoint::TopicParty { role: TopicRole::Replica, group: None, client_host, broker };
    Observation { remote, ..party("orders", TopicRole::Replica, None) }
}

fn at(instant: &str, observation: Observation) -> Observation {
    let start = instant.parse().unwrap();
    Observation { window: Window { start, end: start }, ..observation }
}

#[test]
fn topics_resolve_to_their_reader() {
    check(vec![
        (party("orders", TopicRole::Consumer, None), "acme/api"),
        (party("orders", TopicRole::Producer, None), "unregistered topic-producer"),
        (party("other", TopicRole::Consumer, None), "unregistered topic-consumer"),
        (party("other", TopicRole::Connector, Some("bolt.example")), "bolt/web"),
        (party("other", TopicRole::Consumer, Some("198.51.100.3")), "acme/eu"),
        (party("orders", TopicRole::Other, None), "acme/api"),
        (party("other", TopicRole::Other, None), "unregistered topic-party"),
        (broker("b1.kafka.example", 1, None), "unregistered kafka.example"),
    ]);
}

const AGREEMENT: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
"#;

const BUS: &str = r#"
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["kafka:9092"]
  clusterId: k1
  agreementRef: { namespace: privacy, name: a }
  topics:
    - { name: moved, include: { names: [moved] }, agreementRef: { namespace: privacy, name: b }, from: 2026-11-01T00:00:00Z, until: 2026-12-01T00:00:00Z }
    - { name: people, include: { prefixes: [people.] }, exclude: { globs: ["*.test"] }, agreementRef: { namespace: privacy, name: b }, categories: ["pd:Name"] }
    - { name: all, include: { globs: ["*.v?"] }, categories: ["pd:EmailAddress"] }
  excludedTopics: { prefixes: [_] }
  brokers:
    - { name: old, ids: [1], operator: Hoster Inc., place: { value: US, source: s, asOf: 2026-08-05 }, until: 2026-11-01T00:00:00Z }
    - { name: one, ids: [1, 2], operator: Hoster SE, place: { value: FR, source: s, asOf: 2026-08-05 } }
    - { name: zone, racks: [zone-a], operator: Own GmbH, place: { value: DE, source: s, asOf: 2026-08-05 } }
    - { name: host, hosts: ["*.kafka.example", 192.0.2.9], operator: Own GmbH, place: { value: AT, source: s, asOf: 2026-08-05 } }
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: listed, namespace: crm }
spec:
  bootstrapServers: ["kafka:9092"]
  topics: [{ name: orders, include: { names: [orders] }, agreementRef: { namespace: privacy, name: a } }]
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: gone, namespace: crm }
spec: { bootstrapServers: ["kafka:9092"], agreementRef: { namespace: privacy, name: c } }
"#;

/// Without the agreement `c`, which only the last bus names.
fn register() -> Register {
    let agreements = ["a", "b", "c"].map(|name| AGREEMENT.replace("name: a,", &format!("name: {name},")));
    let mut register = load_text("register.yaml", &(agreements.join("---") + BUS)).unwrap();
    register.agreements.retain(|object| object.metadata.name != "c");
    register
}

fn answers(resolver: &Resolver, observation: &Observation) -> Vec<String> {
    // The consent of namespaces does not apply to topics.
    let all = resolver.resolve_consented(observation, |workload, _| workload.namespace == "crm");
    all.into_iter().map(|one| one.agreement.name).collect()
}

#[test]
fn a_topic_is_under_the_agreement_that_its_bus_names_for_it_at_that_time() {
    let resolver = compile(&register()).resolver;
    let under = |topic: &str, instant: &str| answers(&resolver, &at(instant, party(topic, TopicRole::Consumer, None)));
    let november = "2026-11-23T07:00:00Z";
    assert_eq!(under("orders", november), ["a"]);
    assert_eq!(under("people.all", november), ["b"]);
    assert_eq!(under("people.test", november), ["a"]);
    assert_eq!(under("people.x.v1", november), ["b"], "the first entry counts");
    assert_eq!(under("_schemas", november), Vec::<String>::new());
    let instants = ["2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z", "2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"];
    assert_eq!(instants.map(|instant| under("moved", instant).concat()), ["a", "b", "b", "a"]);
}

#[test]
fn a_topic_of_a_bus_that_is_not_registered_is_under_no_agreement() {
    let Compiled { resolver, warnings, .. } = compile(&register());
    let of = |bus: Option<&BusName>, topic: &str| {
        answers(&resolver, &Observation { local: of_bus(bus, topic), ..to("192.0.2.0/24") })
    };
    let none = Vec::<String>::new();
    assert_eq!(of(Some(&bus("crm", "listed")), "orders"), ["a"]);
    assert_eq!(of(Some(&bus("crm", "listed")), "other"), none);
    assert_eq!(of(Some(&bus("crm", "gone")), "orders"), none);
    assert_eq!(of(Some(&bus("crm", "unknown")), "orders"), none);
    assert_eq!(of(Some(&bus("shop", "events")), "orders"), none);
    assert_eq!(of(None, "orders"), none);
    let mut elsewhere = party("orders", TopicRole::Consumer, None);
    let Local::Topic(topic) = &mut elsewhere.local else { panic!("a topic") };
    topic.cluster_id = "k2".to_owned();
    assert_eq!(answers(&resolver, &elsewhere), none, "another Kafka cluster than the bus names");
    let messages: Vec<_> = warnings.iter().map(|warning| (warning.rule, warning.to_string())).collect();
    let expected = "MessageBus gone: names the agreement privacy/c, which is no ProcessingAgreement".to_owned();
    assert_eq!(messages, [("BUS-AGREEMENT", expected)]);
}

#[test]
fn workloads_consent_through_their_namespace_whatever_buses_say() {
    let resolver = compile(&register()).resolver;
    let of = |namespace: &str| {
        let local = Local::Workload(Workload::new(namespace, "Deployment", "sync"));
        answers(&resolver, &Observation { local, ..to("192.0.2.0/24") })
    };
    assert_eq!((of("crm"), of("shop")), (vec!["a".to_owned(), "b".to_owned()], vec![]));
}

#[test]
fn without_a_cluster_a_bus_that_is_not_registered_consents_to_every_agreement() {
    let resolver = compile(&register()).resolver;
    let offline =
        resolver.with_unregistered_bus(bus("default", "kafka.example")).with_unregistered_bus(bus("crm", "listed"));
    let of = |bus: &BusName, topic: &str| {
        answers(&offline, &Observation { local: of_bus(Some(bus), topic), ..to("192.0.2.0/24") })
    };
    assert_eq!(of(&bus("default", "kafka.example"), "orders"), ["a", "b"]);
    assert_eq!(of(&bus("default", "other.example"), "orders"), Vec::<String>::new());
    assert_eq!(of(&bus("crm", "listed"), "other"), Vec::<String>::new(), "what a MessageBus describes counts");
}

#[test]
fn what_a_bus_declares_is_added_to_what_the_schema_registry_declares() {
    let resolver = compile(&register()).resolver;
    let declared = |topic: &str, by_registry: &[DataCategory]| {
        let mut observation = party(topic, TopicRole::Consumer, None);
        let Local::Topic(it) = &mut observation.local else { panic!("a topic") };
        it.declared = by_registry.iter().cloned().collect();
        let described = resolver.described(&observation).into_owned();
        let Local::Topic(it) = described.local else { panic!("a topic") };
        it.declared
    };
    let name = DataCategory::NAME;
    assert_eq!(declared("people.all", &[]), BTreeSet::from([name.clone()]));
    assert_eq!(declared("people.all", &[DataCategory::IP_ADDRESS]), [name.clone(), DataCategory::IP_ADDRESS].into());
    assert_eq!(declared("orders.v1", &[]), BTreeSet::from([DataCategory::EMAIL_ADDRESS]));
    assert_eq!(declared("orders", std::slice::from_ref(&name)), BTreeSet::from([name]));
    assert_eq!(declared("_people.v1", &[]), BTreeSet::new());
    let workload = to("192.0.2.0/24");
    assert!(matches!(resolver.described(&workload), std::borrow::Cow::Borrowed(_)));
}

#[test]
fn a_broker_is_in_the_network_of_who_runs_it_where_its_bus_attests_it() {
    let resolver = compile(&register()).resolver;
    let is = |observation: &Observation| words(&resolver.resolve(observation)[0].counterpart);
    assert_eq!(is(&broker("b.example", 1, Some("zone-a"))), "own Hoster SE FR", "the first entry counts");
    assert_eq!(is(&at("2026-10-01T00:00:00Z", broker("b.example", 1, None))), "own Hoster Inc. US");
    assert_eq!(is(&broker("b.example", 3, Some("zone-a"))), "own Own GmbH DE");
    assert_eq!(is(&broker("B3.Kafka.example", 3, Some("zone-b"))), "own Own GmbH AT");
    assert_eq!(is(&broker("192.0.2.9", 3, None)), "own Own GmbH AT");
    assert_eq!(is(&broker("b.example", 3, None)), "unregistered b.example");
    // A consumer on the same host is no broker.
    assert_eq!(is(&party("orders", TopicRole::Consumer, Some("b3.kafka.example"))), "unregistered kafka.example");
    assert_eq!(resolver.stranger(&broker("b.example", 1, None)), None);
    assert_eq!(resolver.stranger(&broker("b.example", 3, None)), Some("b.example".to_owned()));
}
