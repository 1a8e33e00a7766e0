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
    let found = |personal: Option<&BTreeSet<String>>| {
        let all = findings(&seen, &graph, personal).into_iter();
        all.map(|Finding { topic, kind }| (topic, kind)).collect::<Vec<_>>()
    };
    let expected = |personal_data| [("forever".to_owned(), FindingKind::UnlimitedRetention { personal_data })];
    assert_eq!(found(None), expected(None));
    assert_eq!(found(Some(&set(&["forever"]))), expected(Some(true)));
    assert_eq!(found(Some(&set(&[]))), expected(Some(false)));
}
