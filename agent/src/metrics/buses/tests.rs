use landfall_observation::{DataCategory, FindingCertainty};
use prometheus::TextEncoder;

use super::*;
use crate::{
    kafka::message::{FieldFinding, MessagePart},
    metrics::Metrics,
};

const BUS: &str = "crm/events";

fn bus(name: &str) -> BusName {
    BusName { namespace: "crm".to_owned(), name: name.to_owned() }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn found(category: DataCategory, matches: u64) -> FieldFinding {
    FieldFinding {
        part: MessagePart::Value,
        path: "value.*".to_owned(),
        category,
        detector: "email".to_owned(),
        certainty: FindingCertainty::Validated,
        matches,
        messages: 1,
    }
}

/// Offsets 10 to 25 of a topic.
fn progress(topic: &str) -> Progress {
    let counts = Counts {
        inspected: 5,
        crashed: 1,
        not_sampled: 4,
        deleted: 3,
        absent: 2,
        decoded: 3,
        known_shape: 1,
        tombstones: 0,
        bytes: 700,
        inspected_bytes: 600,
    };
    Progress {
        topic: topic.to_owned(),
        begin: 10,
        end: 25,
        counts,
        errors: [(DecodeError::Malformed, 2), (DecodeError::SchemaNotRead, 1)].into(),
        findings: vec![found(DataCategory::EMAIL_ADDRESS, 4), found(DataCategory::TELEPHONE_NUMBER, 1)],
        ..Progress::default()
    }
}

impl BusMetrics {
    /// Shows a value of every family.
    pub(in crate::metrics) fn show_all(&self) {
        self.begin(&bus("events"), at(100));
        self.progressed(&bus("events"), &progress("orders"));
        self.lags(&bus("events"), Lag { partitions: 1, read: 1, offsets: 0 });
    }
}

fn metrics(topics: &[&str]) -> (Metrics, BusMetrics) {
    let all = Metrics::new().unwrap();
    let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
    let buses = BusMetrics::register(all.registry(), topics).unwrap();
    (all, buses)
}

/// The samples that speak of buses and are not 0, without what is the same in all names.
fn shown(metrics: &Metrics) -> Vec<String> {
    let text = TextEncoder::new().encode_to_string(&metrics.registry().gather()).unwrap();
    let samples = text.lines().filter_map(|line| line.strip_prefix("landfall_agent_bus_"));
    samples.filter(|sample| !sample.ends_with(" 0")).map(str::to_owned).collect()
}

#[test]
fn what_became_of_offsets_is_counted_and_topics_are_named_where_that_is_wanted() {
    let (all, metrics) = metrics(&["crm.*"]);
    metrics.begin(&bus("events"), at(100));
    for topic in ["crm.people", "crm.people", "orders"] {
        metrics.progressed(&bus("events"), &progress(topic));
    }
    metrics.lags(&bus("events"), Lag { partitions: 12, read: 11, offsets: 40 });
    metrics.ended(&bus("events"));
    metrics.set_read(&bus("events"), true);
    metrics.committed(&bus("events"), at(200));
    let expected = [
        r#"decode_errors_total{bus="crm/events",reason="malformed"} 6"#,
        r#"decode_errors_total{bus="crm/events",reason="schema-not-read"} 3"#,
        r#"inspections_ended_total{bus="crm/events"} 1"#,
        r#"known_shape_messages_total{bus="crm/events"} 3"#,
        r#"lag_offsets{bus="crm/events"} 40"#,
        r#"last_commit_timestamp_seconds{bus="crm/events"} 200"#,
        r#"message_bytes_total{bus="crm/events"} 2100"#,
        r#"offsets_total{bus="crm/events",outcome="absent"} 6"#,
        r#"offsets_total{bus="crm/events",outcome="crashed"} 3"#,
        r#"offsets_total{bus="crm/events",outcome="deleted"} 9"#,
        r#"offsets_total{bus="crm/events",outcome="inspected"} 15"#,
        r#"offsets_total{bus="crm/events",outcome="not_sampled"} 12"#,
        r#"partitions{bus="crm/events",state="not_read"} 1"#,
        r#"partitions{bus="crm/events",state="read"} 11"#,
        r#"read{bus="crm/events"} 1"#,
        r#"topic_matches_total{bus="crm/events",category="pd:EmailAddress",topic="crm.people"} 8"#,
        r#"topic_matches_total{bus="crm/events",category="pd:TelephoneNumber",topic="crm.people"} 2"#,
        r#"undecoded_messages_total{bus="crm/events"} 6"#,
    ];
    assert_eq!(shown(&all), expected);
}

#[test]
fn a_bus_begins_with_zeros_and_goes_on_when_its_configuration_changes() {
    let (all, metrics) = metrics(&[]);
    metrics.begin(&bus("events"), at(100));
    let text = TextEncoder::new().encode_to_string(&all.registry().gather()).unwrap();
    let zeros = text.lines().filter(|line| line.contains(BUS) && line.ends_with(" 0")).count();
    // Four counters without a label of their own, kinds of changes, outcomes, reasons, and whether it is read.
    assert_eq!(zeros, 4 + Change::KINDS.len() + OUTCOMES.len() + DecodeError::ALL.len() + 1);
    metrics.progressed(&bus("events"), &progress("orders"));
    let before = shown(&all);
    metrics.begin(&bus("events"), at(300));
    assert_eq!(shown(&all), before);
}

#[test]
fn a_bus_that_is_no_longer_watched_leaves_nothing() {
    let (all, metrics) = metrics(&["*"]);
    metrics.begin(&bus("others"), at(100));
    let others = shown(&all);
    metrics.begin(&bus("events"), at(100));
    metrics.progressed(&bus("events"), &progress("orders"));
    metrics.lags(&bus("events"), Lag { partitions: 1, read: 1, offsets: 0 });
    metrics.forget(&bus("events"));
    assert_eq!(shown(&all), others);
    let text = TextEncoder::new().encode_to_string(&all.registry().gather()).unwrap();
    assert!(!text.contains(BUS), "{text}");
}

#[test]
fn topics_are_bounded() {
    let (all, metrics) = metrics(&["*"]);
    for topic in 0..MAX_TOPICS + 10 {
        metrics.progressed(&bus("events"), &progress(&format!("orders.{topic}")));
    }
    let samples = shown(&all);
    let of_topics = samples.iter().filter(|sample| sample.starts_with("topic_matches_total"));
    assert_eq!(of_topics.count(), 2 * (MAX_TOPICS + 1));
    let further = r#"topic_matches_total{bus="crm/events",category="pd:EmailAddress",topic="*"} 40"#;
    assert!(samples.iter().any(|sample| sample == further), "{samples:?}");
}

#[test]
fn counted_outcomes_are_those_of_offsets() {
    let (all, metrics) = metrics(&[]);
    let one = progress("orders");
    assert!(one.is_complete());
    metrics.progressed(&bus("events"), &one);
    let samples = shown(&all);
    let offsets = samples.iter().filter(|sample| sample.starts_with("offsets_total"));
    let sum: u64 = offsets.map(|sample| sample.rsplit_once(' ').unwrap().1.parse::<u64>().unwrap()).sum();
    assert_eq!(sum, one.counts.offsets());
}
