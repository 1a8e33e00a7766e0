//! What changes in a real cluster while it is watched. (`landfall watch --kafka`, the agent)

use std::{
    cell::Cell,
    convert::Infallible,
    ffi::OsString,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_agent::{
    kafka::{
        changes::{Change, ChangeTracker},
        connection::Connection,
        properties::Properties,
        sampler::{Event, Plan, Start, Supervisor, Until, budget::Budget},
    },
    locate::{Locator, LocatorConfig},
};
use landfall_observation::{TopicPatterns, TopicSelector};
use landfall_tests::kafka::{servers_or_skip, shared};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};

use crate::support::binary;

const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn topics_and_readers_that_appear_while_a_cluster_is_watched_are_told() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic("changes.old", 1, &[("retention.ms", "1000000")]).unwrap();
    let include = TopicPatterns { prefixes: vec!["changes.".to_owned()], ..TopicPatterns::default() };
    let plan = Plan {
        connection: Connection {
            bootstrap: broker.bootstrap(),
            client_id: "changes-test".to_owned(),
            rack: None,
            properties: Properties::default(),
        },
        cluster_id: None,
        inventory_seconds: Some(1),
        schema_registry: None,
        connect: Vec::new(),
        topics: vec![TopicSelector { include, ..TopicSelector::default() }],
        share: None,
        start: Start::Tail,
        budget: Budget::default(),
        until: Until::Stopped { period_seconds: 60 },
        positions: Vec::new(),
        skipped: Vec::new(),
        announces: false,
        passes_known_shapes: false,
        memory_limit: 256 << 20,
    };
    let command = [binary().as_os_str().to_owned(), OsString::from("kafka"), OsString::from("inspect")];
    let mut supervisor = Supervisor::new(command.to_vec(), plan, Some(3));
    let locator = Locator::open(&LocatorConfig::default()).unwrap();
    let (mut tracker, mut looks, mut told) = (ChangeTracker::default(), 0, Vec::new());
    let mut readers: Vec<BaseConsumer> = Vec::new();
    let begin = Instant::now();
    let is_over = Cell::new(false);
    let ended = supervisor.run(&|| is_over.get() || begin.elapsed() > PATIENCE, &mut |event| {
        for reader in &readers {
            drop(reader.poll(Duration::ZERO));
        }
        let Event::Cluster(cluster) = event else { return Ok::<_, Infallible>(()) };
        told.extend(tracker.take(cluster, &locator, Timestamp::now()));
        looks += 1;
        if looks == 1 {
            assert_eq!(told, []);
            broker.create_topic("changes.new", 1, &[]).unwrap();
            broker.create_topic("changeless", 1, &[]).unwrap();
            let reader: BaseConsumer = ClientConfig::new()
                .set("bootstrap.servers", broker.bootstrap())
                .set("group.id", "changes-readers")
                .create()
                .unwrap();
            reader.subscribe(&["changes.old"]).unwrap();
            readers.push(reader);
        }
        is_over.set(told.len() >= 2);
        Ok(())
    });
    ended.unwrap();
    told.sort_by_key(Change::kind);
    let told: Vec<String> = told.iter().map(ToString::to_string).collect();
    let expected = [
        "group changes-readers has a reader in a place that is not known (127.0.0.0/24) of changes.old, where it had none",
        "topic changes.new is new, or can be seen only now",
    ];
    assert_eq!(told, expected);
}
