//! Topics as exporters.

use super::*;

#[test]
fn topics_beyond_the_most_fall_into_one_edge() {
    let mut book = EdgeAggregator::new();
    for index in 0..quota::MAX_EDGES + 3 {
        let mut of_topic = observation("2026-11-23T10:00:00Z", &[], &[]);
        of_topic.local = topic("k", &format!("t{index}"));
        book.absorb(&agreement(), &registered("acme"), &of_topic);
    }
    let rest = book.edges().find(|edge| edge.id.recipient == "other").unwrap();
    assert_eq!((book.edges().count(), rest.volume.bytes_sent), (quota::MAX_EDGES + 1, 300));
    assert_eq!(rest.id.exporter, Exporter::workload("k", "Other", "other"));
}

fn topic(namespace: &str, name: &str) -> Local {
    let bus = BusName { namespace: namespace.into(), name: "events".into() };
    Local::Topic(Topic { bus: Some(bus), cluster_id: "k1".into(), topic: name.into(), declared: BTreeSet::new() })
}

#[test]
fn a_topic_is_an_exporter_of_its_own_that_holds_what_is_written_to_it() {
    let mut book = EdgeAggregator::new();
    let written = Observation {
        local: topic("crm", "orders"),
        ..observation("2026-11-23T10:00:00Z", &[], &[DataCategory::NAME])
    };
    let read = Observation { local: topic("crm", "orders"), ..observation("2026-11-23T10:00:00Z", &[], &[]) };
    let others = [
        Observation { local: topic("crm", "logs"), ..read.clone() },
        Observation { local: topic("shop", "orders"), ..read.clone() },
        // A workload can have the same name as a topic.
        Observation { local: Local::Workload(Workload::new("crm", "events", "orders")), ..read.clone() },
    ];
    book.absorb(&agreement(), &stranger("producer"), &written);
    for observation in [&read].into_iter().chain(&others) {
        book.absorb(&agreement(), &registered("acme"), observation);
    }
    let edges: Vec<_> = book
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
    assert_eq!(edges, expected);
}

#[test]
fn a_topic_without_a_bus_is_nobodys_edge() {
    let mut book = EdgeAggregator::new();
    let plain = observation("2026-11-23T10:00:00Z", &[], &[DataCategory::NAME]);
    let local =
        Local::Topic(Topic { bus: None, cluster_id: "k1".into(), topic: "orders".into(), declared: BTreeSet::new() });
    book.absorb(&agreement(), &registered("acme"), &Observation { local, ..plain });
    assert!(book.is_empty() && book.take_touched_holdings().is_empty());
}

#[test]
fn the_rest_holds_what_any_topic_of_its_namespace_holds() {
    let mut book = EdgeAggregator::new();
    let read = |namespace: &str, name: &str, received: &[DataCategory]| Observation {
        local: topic(namespace, name),
        ..observation("2026-11-23T10:00:00Z", &[], received)
    };
    for host in 0..=quota::MAX_OUTSIDERS {
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
fn what_is_declared_for_a_topic_is_declared_on_its_edges_and_held_by_nobody() {
    let mut book = EdgeAggregator::new();
    let declaring = |categories: &[DataCategory]| {
        let Local::Topic(of_bus) = topic("crm", "orders") else { panic!("a topic") };
        let declared = categories.iter().cloned().collect();
        Observation {
            local: Local::Topic(Topic { declared, ..of_bus }),
            ..observation("2026-11-23T10:00:00Z", &[], &[])
        }
    };
    book.absorb(&agreement(), &registered("acme"), &declaring(&[DataCategory::NAME]));
    book.absorb(&agreement(), &registered("acme"), &declaring(&[DataCategory::EMAIL_ADDRESS]));
    let edge = book.edges().next().unwrap();
    assert_eq!(edge.categories.declared, BTreeSet::from([DataCategory::NAME, DataCategory::EMAIL_ADDRESS]));
    assert!(edge.categories.held.is_empty() && book.take_touched_holdings().is_empty());
}
