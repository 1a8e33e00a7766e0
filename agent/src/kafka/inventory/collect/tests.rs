use std::{collections::BTreeMap, time::Duration};

use super::*;
use crate::kafka::properties::Properties;

fn connection(bootstrap: String) -> Connection {
    Connection { bootstrap, client_id: "landfall".to_owned(), rack: None, properties: Properties::default() }
}

fn entry(principal: &str) -> AccessControlEntry {
    AccessControlEntry {
        principal: principal.into(),
        host: "*".into(),
        operation: "READ".into(),
        permission: "ALLOW".into(),
        resource_type: "TOPIC".into(),
        resource: "orders".into(),
        pattern: "LITERAL".into(),
    }
}

#[test]
fn a_broker_that_is_not_there_is_an_error_with_its_reason() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let options = InventoryOptions { timeout: Duration::from_secs(1), with_committed: false };
    let error = collect(&connection(free.to_string()), options).unwrap_err();
    assert!(matches!(&error, InventoryError::Unreachable { reason, .. } if reason.contains("refused")), "{error}");
    assert!(error.to_string().starts_with(&format!("failed to reach {free} within 1 s: ")), "{error}");
}

#[test]
fn an_empty_list_of_access_control_proves_nothing_by_itself() {
    let needs = |(entries, limit): (Option<Vec<AccessControlEntry>>, Option<Limit>)| {
        (entries.map(|entries| entries.len()), limit.map(|limit| limit.needs.map(|needs| needs.to_string())))
    };
    let describe = Some(Some("DESCRIBE on CLUSTER kafka-cluster".to_owned()));
    let describe_configs = Some(Some("DESCRIBE_CONFIGS on CLUSTER kafka-cluster".to_owned()));
    // May not be asked.
    assert_eq!(needs(access_control(None, Some(false), true)), (None, describe.clone()));
    // The broker does not tell what the client may do.
    assert_eq!(needs(access_control(Some(Ok(Vec::new())), None, true)), (None, describe));
    assert_eq!(needs(access_control(Some(Ok(vec![entry("User:a")])), None, true)), (Some(1), None));
    // May be asked.
    assert_eq!(needs(access_control(Some(Ok(Vec::new())), Some(true), false)), (Some(0), describe_configs));
    assert_eq!(needs(access_control(Some(Ok(Vec::new())), Some(true), true)), (Some(0), None));
    assert_eq!(needs(access_control(Some(Ok(vec![entry("User:a")])), Some(true), false)), (Some(1), None));
}

#[test]
fn hidden_topics_are_noticed_by_the_groups_that_read_them() {
    use super::super::{GroupKind, Member};

    let topic = |name: &str| Topic {
        name: name.into(),
        internal: false,
        partitions: 1,
        replication: Vec::new(),
        configuration: None,
    };
    let group = |topics: &[(&str, &[i32])]| Group {
        name: "billing".into(),
        kind: GroupKind::Classic,
        state: None,
        protocol: None,
        members: vec![Member {
            client_id: String::new(),
            client_host: String::new(),
            group_instance_id: None,
            rack: None,
            topics: topics.iter().map(|(topic, it)| ((*topic).to_owned(), it.to_vec())).collect(),
            connect_url: None,
        }],
        committed: BTreeMap::new(),
    };
    let names = |topics: &[&str], groups: &[Group]| {
        let topics: Vec<_> = topics.iter().map(|name| topic(name)).collect();
        hidden_topics(&topics, groups).map(|limit| limit.names)
    };
    assert_eq!(names(&[], &[]), Some(Vec::new()));
    assert_eq!(names(&["orders"], &[]), None);
    let reads = group(&[("orders", &[0]), ("payments", &[0]), ("not-made-yet", &[])]);
    assert_eq!(names(&["__consumer_offsets", "orders"], std::slice::from_ref(&reads)), Some(vec!["payments".into()]));
    assert_eq!(names(&["__consumer_offsets", "orders", "payments"], std::slice::from_ref(&reads)), None);
    // Offsets of groups are always kept, so that the topic is there.
    assert_eq!(names(&["orders", "payments"], &[reads]), Some(Vec::new()));
}
