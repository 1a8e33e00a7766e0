use super::*;
use crate::kafka::properties::Properties;

#[test]
fn a_plan_is_one_line_and_reads_as_it_was() {
    let pairs = [("sasl.password".to_owned(), "line\nbreak".to_owned())];
    let plan = Plan {
        connection: Connection {
            bootstrap: "127.0.0.1:9092".to_owned(),
            client_id: "landfall".to_owned(),
            rack: None,
            properties: Properties::from_pairs(pairs),
        },
        cluster_id: Some("k1".to_owned()),
        inventory_seconds: Some(30),
        schema_registry: Some(Service::new("http://registry:8081".parse().unwrap())),
        connect: vec![Service::new("http://connect:8083".parse().unwrap())],
        topics: vec![TopicSelector::all()],
        share: Some(Share::new(2, 3).unwrap()),
        start: Start::Tail,
        budget: Budget::default(),
        until: Until::Stopped { period_seconds: 60 },
        positions: vec![Position {
            topic: "orders".to_owned(),
            partition: 1,
            next: 7,
            end: 9,
            budget: Budget::default(),
        }],
        skipped: vec![Offset { topic: "orders".to_owned(), partition: 1, offset: 8 }],
        announces: true,
        passes_known_shapes: true,
        memory_limit: 1 << 28,
    };
    let line = serde_json::to_string(&plan).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<Plan>(&line).unwrap(), plan);
}

#[test]
fn internal_topics_are_never_read() {
    for internal in ["__consumer_offsets", "__transaction_state", "_schemas"] {
        assert!(is_internal(internal), "{internal}");
    }
    assert!(!is_internal("orders") && !is_internal("_orders"));
}
