use std::collections::BTreeMap;

use landfall_agent::{
    kafka::inventory::{BrokerShare, GroupKind, Permission},
    locate::{Locator, LocatorConfig},
};

use super::*;

#[expect(clippy::unnecessary_wraps, reason = "as the field that it is for")]
fn settings(entries: &[(&str, &str)]) -> Option<Configuration> {
    Some(entries.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn inventory() -> Inventory {
    let share = |broker, replica, in_sync| BrokerShare { broker, leader: 1, replica, in_sync };
    let topic = |name: &str, replication, configuration| Topic {
        name: name.into(),
        internal: false,
        partitions: 2,
        replication,
        configuration,
    };
    let member = Member {
        client_id: "billing".into(),
        client_host: "192.0.2.7".into(),
        group_instance_id: Some("billing-0".into()),
        rack: None,
        topics: [("orders".to_owned(), vec![0, 1]), ("payments".to_owned(), vec![])].into(),
        connect_url: None,
    };
    let group = |name: &str, kind, state: Option<&str>, members| Group {
        name: name.into(),
        kind,
        state: state.map(str::to_owned),
        protocol: None,
        members,
        committed: BTreeMap::new(),
    };
    Inventory {
        cluster_id: Some("LandfallLandfallLandfA".into()),
        controller: Some(1),
        brokers: vec![Broker {
            id: 1,
            host: "kafka-1.example".into(),
            port: 9092,
            rack: Some("eu-central-1a".into()),
            configuration: settings(&[
                ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                ("remote.log.storage.system.enable", "false"),
            ]),
        }],
        topics: vec![
            topic(
                "orders",
                vec![share(1, 2, 2), share(2, 2, 1)],
                settings(&[
                    ("cleanup.policy", "delete"),
                    ("local.retention.ms", "86400000"),
                    ("remote.storage.enable", "true"),
                    ("retention.bytes", "1073741824"),
                    ("retention.ms", "-1"),
                ]),
            ),
            topic("payments", vec![share(1, 2, 2)], None),
        ],
        groups: vec![
            group("billing", GroupKind::Consumer, Some("Stable"), vec![member]),
            Group {
                committed: [("orders".to_owned(), vec![0])].into(),
                ..group("old", GroupKind::Classic, Some("Empty"), Vec::new())
            },
            group("queue", GroupKind::ShareOrUnknown, None, Vec::new()),
        ],
        access_control: None,
        limits: vec![Limit {
            part: Part::AccessControl,
            reason: "access control lists may not be seen".into(),
            count: None,
            names: Vec::new(),
            needs: Some(Permission {
                operation: "DESCRIBE".into(),
                resource_type: "CLUSTER".into(),
                resource: "kafka-cluster".into(),
            }),
        }],
    }
}

#[test]
fn an_inventory_is_tables_that_end_with_what_was_not_seen() {
    let mut table = KafkaInventoryTable::default();
    table.push(&LocatedInventory { inventory: inventory(), locations: None });
    let expected = "\
cluster LandfallLandfallLandfA: 1 brokers, controller 1; 2 topics; 3 groups

BROKER  ADDRESS               RACK           AUTHORIZER          REMOTE STORAGE
1       kafka-1.example:9092  eu-central-1a  StandardAuthorizer  no

TOPIC     PARTITIONS  BROKERS             KEPT FOR   KEPT BYTES  CLEANUP  REMOTE STORAGE
orders             2  1, 2 (1 not in sync)  unlimited  1.0 GB      delete   yes, 1 d local
payments           2  1                   unknown    unknown     unknown  unknown

GROUP    KIND              STATE   CLIENT               HOST       READS
billing  consumer          Stable  billing (billing-0)  192.0.2.7  orders (2 partitions), payments (no partition)
old      classic           Empty   -                     -          none now; orders (1 partition)
queue    share or unknown  -       -                    -          -

NOT SEEN        WHY                                   NEEDS
access control  access control lists may not be seen  DESCRIBE on CLUSTER kafka-cluster";
    let words = |text: &str| text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let (shown, expected): (Vec<Vec<String>>, _) = (words(&table.render(Screen::pipe(None))), words(expected));
    assert_eq!(shown, expected);
}

#[test]
fn hosts_are_located_by_what_the_datasets_know() {
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/locations");
    let locator = Locator::open(&LocatorConfig::from_dir(examples.as_ref()).unwrap()).unwrap();
    let mut inventory = inventory();
    inventory.brokers[0].host = "198.51.100.1".into();
    inventory.groups[0].members[0].client_host = "203.0.113.1".into();
    let mut other = inventory.brokers[0].clone();
    (other.id, other.host) = (2, "192.0.2.7".into());
    inventory.brokers.push(other);
    let located = LocatedInventory { locations: Some(Locations::of(&inventory, &locator)), inventory };
    let mut table = KafkaInventoryTable::default();
    table.push(&located);
    let text = table.render(Screen::pipe(None));
    let ends = |begin: &str, end: &str| {
        assert!(text.lines().any(|line| line.starts_with(begin) && line.trim_end().ends_with(end)), "{end}: {text}");
    };
    ends("BROKER", "PLACE    KNOWN FROM");
    ends("1 ", "US       cloud range, aws us-east-1");
    ends("2 ", "unknown  -");
    ends("GROUP", "PLACE    KNOWN FROM");
    ends("billing", "unknown  network, AS13335");
    let seen = serde_json::to_value(&located).unwrap();
    let one = &seen["locations"]["198.51.100.1"][0];
    assert_eq!(
        (&one["jurisdiction"], &one["network"], &one["rung"], &one["evidence"][0]["cloud"]["region"]),
        (&"US".into(), &"aws us-east-1".into(), &"cloud-range".into(), &"us-east-1".into())
    );
}

#[test]
fn an_empty_list_of_access_control_is_a_sentence() {
    let shown = |authorizer: &str, limits: Vec<Limit>| {
        let mut inventory = Inventory { access_control: Some(Vec::new()), limits, ..inventory() };
        inventory.brokers[0].configuration = settings(&[("authorizer.class.name", authorizer)]);
        let mut table = KafkaInventoryTable::default();
        table.push(&LocatedInventory { inventory, locations: None });
        table.render(Screen::pipe(None))
    };
    assert!(shown("", Vec::new()).contains("No authorizer: everybody who can connect may do everything."));
    assert!(shown("example.Authorizer", Vec::new()).contains("No access control entry:"));
    let text = shown("example.Authorizer", inventory().limits);
    assert!(!text.contains("No access control entry:") && text.contains("NEEDS"), "{text}");
}
