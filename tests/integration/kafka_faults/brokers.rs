//! Several brokers, of which some are gone.

use std::time::{Duration, Instant};

use landfall_tests::kafka::{Broker, BrokerOptions, servers_or_skip};
use rdkafka::message::OwnedHeaders;

use crate::kafka_sample::{Writer, sample};

/// Far below the time that a sample waits for a message, and above the ten seconds that it waits for a leader.
const LIMIT: Duration = Duration::from_secs(45);

#[test]
fn partitions_without_a_leader_are_named_and_the_others_are_read() {
    let Some(servers) = servers_or_skip(800) else { return };
    let folder = tempfile::tempdir().unwrap();
    let first = Broker::start(&servers, folder.path(), BrokerOptions::default()).unwrap();
    let options = BrokerOptions {
        name: "second".to_owned(),
        cluster_id: Some(first.cluster_id().to_owned()),
        node_id: 2,
        controller: Some(first.voter()),
        ..BrokerOptions::default()
    };
    let mut second = Broker::start(&servers, folder.path(), options).unwrap();
    // One replica of each partition: two brokers have about a half each.
    first.create_topic("halves", 4, &[]).unwrap();
    let writer = Writer::new(&first.bootstrap(), None);
    for number in 0..400 {
        writer.send("halves", number % 4, None, Some(br#"{"email": "erika@example.org"}"#), OwnedHeaders::new());
    }
    writer.flush();
    let bootstrap = first.bootstrap();
    let arguments = ["--bootstrap", &bootstrap, "--topic", "halves", "--timeout", "90s", "-o", "json"];
    let whole = sample(&arguments);
    assert_eq!((whole.status, whole.json()[0]["counts"]["inspected"].as_u64()), (0, Some(400)), "{}", whole.stderr);

    second.kill();
    let begun = Instant::now();
    let partly = sample(&arguments);
    assert!(begun.elapsed() < LIMIT, "{:?}", begun.elapsed());
    let topic = &partly.json()[0];
    let (inspected, read) = (topic["counts"]["inspected"].as_u64().unwrap(), topic["partitions"].as_u64().unwrap());
    assert!((1..=3).contains(&read), "{topic}");
    assert_eq!((partly.status, inspected), (1, read * 100), "{}", partly.stderr);
    assert!(partly.stderr.contains("have no leader that answers: they are left out"), "{}", partly.stderr);
    assert!(partly.stderr.contains("not read to the end: halves (partitions "), "{}", partly.stderr);

    second.start_again().unwrap();
    let healed = sample(&arguments);
    assert_eq!((healed.status, healed.json()[0]["counts"]["inspected"].as_u64()), (0, Some(400)), "{}", healed.stderr);
}
