use super::*;
use crate::kafka::properties::Properties;

fn selects(include: &[&str], exclude: &[&str], topic: &str) -> bool {
    let list = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect();
    TopicSelection { include: list(include), exclude: list(exclude) }.compile().unwrap().has(topic)
}

#[test]
fn topics_are_selected_by_patterns_and_internal_ones_never() {
    assert!(selects(&["crm.*"], &[], "crm.contacts"));
    assert!(!selects(&["crm.*"], &["*.test"], "crm.test"));
    assert!(!selects(&["crm.*"], &[], "orders"));
    assert!(selects(&["orders", "crm.{contacts,leads}"], &[], "crm.leads"));
    assert!(!selects(&["*"], &[], "__consumer_offsets") && !selects(&["__*"], &[], "__transaction_state"));
    assert!(!selects(&[], &[], "orders"));
    let selection = TopicSelection { include: vec!["crm[".to_owned()], exclude: Vec::new() };
    assert!(selection.check().unwrap_err().to_string().starts_with("crm[: expected"));
}

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
        topics: TopicSelection::all(),
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
        memory_limit: 1 << 28,
    };
    let line = serde_json::to_string(&plan).unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<Plan>(&line).unwrap(), plan);
}
