use jiff::Timestamp;

use super::{
    super::tests::{connect, connector, group, inventory, mirror, topic},
    *,
};
use crate::kafka::{connect::ConnectorKind, inventory::Topic};

const ID: &str = "LandfallLandfallLandfA";

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn secrets_of_connectors_that_others_get_are_a_finding() {
    let names = ["eu.heartbeats", "eu.connect-configs", "mm2-configs.us.internal", "own-configs", "team-configs"];
    let topics = names.map(|name| topic(name, &[])).to_vec();
    let mut workers = group("team", &[]);
    workers.kind = GroupKind::Connect;
    let curious = group("curious", &[("mm2-configs.us.internal", &[0]), ("own-configs", &[0])]);
    let seen = inventory(topics, vec![workers, curious]);
    let connectors = vec![
        mirror("kafka.example:9092", "other:1", &[("topics", "team-configs")]),
        connector("archive", ConnectorKind::Sink, &[("topics", "team-configs")]),
    ];
    let graph = LandingGraph::new(&seen, "", &[connect(ID, connectors)], Timestamp::UNIX_EPOCH);
    let (copied_to, read_by, sinks) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let none = FindingKind::ConnectorSecrets { copied_to, copied_from: None, read_by, sinks };
    let secrets = |topic: &str, change: fn(&mut FindingKind)| {
        let mut kind = none.clone();
        change(&mut kind);
        Finding { topic: topic.into(), kind }
    };
    let expected = [
        secrets("eu.connect-configs", |kind| {
            if let FindingKind::ConnectorSecrets { copied_from, .. } = kind {
                *copied_from = Some("eu".into());
            }
        }),
        secrets("mm2-configs.us.internal", |kind| {
            if let FindingKind::ConnectorSecrets { read_by, .. } = kind {
                *read_by = set(&["curious"]);
            }
        }),
        secrets("team-configs", |kind| {
            if let FindingKind::ConnectorSecrets { copied_to, sinks, .. } = kind {
                (*copied_to, *sinks) = (set(&["us"]), set(&["archive"]));
            }
        }),
    ];
    assert_eq!(findings(&seen, &graph, None), expected);
}

#[test]
fn a_topic_that_nothing_is_ever_deleted_from_is_a_finding() {
    let kept = |policy, ms, bytes| [("cleanup.policy", policy), ("retention.ms", ms), ("retention.bytes", bytes)];
    let topics = vec![
        topic("forever", &kept("delete", "-1", "-1")),
        topic("short", &kept("delete", "1000", "-1")),
        topic("small", &kept("delete", "-1", "1000")),
        topic("last", &kept("compact", "-1", "-1")),
        topic("unknown", &[]),
        Topic { internal: true, ..topic("__own", &kept("delete", "-1", "-1")) },
    ];
    let seen = inventory(topics, Vec::new());
    let graph = LandingGraph::new(&seen, "", &[], Timestamp::UNIX_EPOCH);
    let found = |personal: Option<&[&str]>| {
        let sampled = personal.map(|names| Sampled { personal: set(names), ..Sampled::default() });
        let all = findings(&seen, &graph, sampled.as_ref()).into_iter();
        all.map(|Finding { topic, kind }| (topic, kind)).collect::<Vec<_>>()
    };
    let expected = |personal_data| [("forever".to_owned(), FindingKind::UnlimitedRetention { personal_data })];
    assert_eq!(found(None), expected(None));
    assert_eq!(found(Some(&["forever"])), expected(Some(true)));
    assert_eq!(found(Some(&[])), expected(Some(false)));
}

#[test]
fn personal_data_in_keys_and_in_copies_abroad_is_a_finding() {
    let topics = vec![topic("customers", &[("cleanup.policy", "compact,delete")]), topic("orders", &[])];
    let seen = inventory(topics, Vec::new());
    let graph = LandingGraph::new(&seen, "", &[], Timestamp::UNIX_EPOCH);
    let email: BTreeSet<DataCategory> = [serde_json::from_str("\"pd:EmailAddress\"").unwrap()].into();
    let sampled = Sampled {
        personal: set(&["customers"]),
        keys: ["customers", "orders"].map(|topic| (topic.to_owned(), email.clone())).into(),
        copied_abroad: ["customers", "orders"].map(|topic| (topic.to_owned(), set(&["US"]))).into(),
    };
    let finding = |topic: &str, kind| Finding { topic: topic.into(), kind };
    let keys = |compacted| FindingKind::PersonalKeys { categories: email.clone(), compacted };
    let expected = [
        finding("customers", keys(true)),
        finding("customers", FindingKind::CopiedAbroad { jurisdictions: set(&["US"]) }),
        finding("orders", keys(false)),
    ];
    assert_eq!(findings(&seen, &graph, Some(&sampled)), expected);
    assert_eq!(findings(&seen, &graph, None), []);
}

#[test]
fn keys_count_with_one_validated_match_or_with_contextual_ones_in_three_messages() {
    let found = |findings: &str| {
        let progress = format!(
            r#"{{"topic": "orders", "partition": 0, "begin": 0, "end": 0, "counts": {{}}, "findings": [{findings}]}}"#
        );
        let mut keys = SampledKeys::default();
        keys.add(&serde_json::from_str(&progress).unwrap());
        keys.categories().len()
    };
    let finding = |part: &str, certainty: &str, messages: u64| {
        format!(
            r#"{{"part": "{part}", "path": "{part}", "category": "pd:EmailAddress", "detector": "email",
                "certainty": "{certainty}", "matches": {messages}, "messages": {messages}}}"#
        )
    };
    assert_eq!(found(&finding("key", "validated", 1)), 1);
    assert_eq!([2, 3].map(|messages| found(&finding("key", "contextual", messages))), [0, 1]);
    assert_eq!(found(&finding("value", "validated", 1)), 0);
}
