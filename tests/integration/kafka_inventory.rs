//! What real clusters are like, as the command line shows it. (`landfall kafka inventory`)

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use landfall_tests::kafka::{Broker, BrokerOptions, Listener, User, servers_or_skip};
use rdkafka::{
    ClientConfig,
    consumer::{BaseConsumer, Consumer as _},
};
use serde_json::{Value, json};

use crate::support::{Run, landfall};

/// What an inventory needs, one entry after the other: operation and resource, as Kafka's tool takes them.
const ENTRIES: [(&str, &[&str]); 5] = [
    ("Describe", &["--cluster"]),
    ("DescribeConfigs", &["--cluster"]),
    ("Describe", &["--topic", "*"]),
    ("DescribeConfigs", &["--topic", "*"]),
    ("Describe", &["--group", "*"]),
];

fn inventory(arguments: &[&str]) -> Run {
    landfall([&["kafka", "inventory"], arguments].concat())
}

/// A member of a group that has the one partition of a topic.
fn member(broker: &Broker, topic: &str, group: &str, protocol: &str) -> BaseConsumer {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap())
        .set("client.id", format!("{group}-client"))
        .set("group.id", group)
        .set("group.protocol", protocol)
        .create()
        .unwrap();
    consumer.subscribe(&[topic]).unwrap();
    while consumer.assignment().unwrap().count() == 0 {
        consumer.poll(Duration::from_millis(100));
    }
    consumer
}

#[test]
fn groups_of_both_kinds_are_shown_with_the_hosts_that_read() {
    let Some(servers) = servers_or_skip(400) else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = BrokerOptions { rack: Some("eu-central-1a".into()), ..BrokerOptions::default() };
    let broker = Broker::start(&servers, folder.path(), options).unwrap();
    broker.create_topic("orders", 1, &[("retention.ms", "-1"), ("cleanup.policy", "compact")]).unwrap();
    let _members = [("classic", "classic"), ("new", "consumer")]
        .map(|(group, protocol)| member(&broker, "orders", group, protocol));

    let bootstrap = broker.bootstrap();
    let run = inventory(&["--bootstrap", &bootstrap, "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let seen = run.json().remove(0);
    assert_eq!((&seen["clusterId"], &seen["controller"]), (&json!(broker.cluster_id()), &json!(1)));
    let one = &seen["brokers"][0];
    assert_eq!((&one["id"], &one["host"], &one["rack"]), (&json!(1), &json!("127.0.0.1"), &json!("eu-central-1a")));
    let orders = seen["topics"].as_array().unwrap().iter().find(|topic| topic["name"] == "orders").unwrap();
    assert_eq!(orders["replication"], json!([{ "broker": 1, "leader": 1, "replica": 1, "inSync": 1 }]));
    let settings = &orders["configuration"];
    assert_eq!((&settings["retention.ms"], &settings["cleanup.policy"]), (&json!("-1"), &json!("compact")));
    let groups = seen["groups"].as_array().unwrap().iter().map(|group| {
        let member = &group["members"][0];
        json!([
            group["name"],
            group["kind"],
            group["state"],
            member["clientId"],
            member["clientHost"],
            member["topics"]
        ])
    });
    let expected = [
        json!(["classic", "classic", "Stable", "classic-client", "127.0.0.1", { "orders": [0] }]),
        json!(["new", "consumer", "Stable", "new-client", "127.0.0.1", { "orders": [0] }]),
    ];
    assert_eq!(groups.collect::<Vec<_>>(), expected);
    assert_eq!((&seen["accessControl"], &seen["limits"]), (&json!([]), &json!([])));

    // Nothing is located unless it is asked for.
    assert_eq!(seen.get("locations"), None);
    let datasets = folder.path().join("locations");
    fs::create_dir(&datasets).unwrap();
    let range = json!({ "ip_prefix": "127.0.0.0/8", "region": "us-east-1", "service": "EC2" });
    let ranges = json!({ "syncToken": "1", "createDate": "2026-11-01-00-00-00", "prefixes": [range] });
    fs::write(datasets.join("ranges.json"), ranges.to_string()).unwrap();
    let located = inventory(&["--bootstrap", &bootstrap, "--locations", datasets.to_str().unwrap(), "-o", "json"]);
    let host = &located.json().remove(0)["locations"]["127.0.0.1"];
    assert_eq!((&host[0]["jurisdiction"], &host[0]["rung"]), (&json!("US"), &json!("cloud-range")));

    let table = inventory(&["--bootstrap", &bootstrap]);
    assert!(
        table.stdout.contains("eu-central-1a") && table.stdout.contains("No access control entry"),
        "{}",
        table.stdout
    );
}

#[test]
fn what_may_not_be_seen_is_said_with_the_entry_that_is_missing() {
    let Some(servers) = servers_or_skip(550) else { return };
    let folder = tempfile::tempdir().unwrap();
    let user = User::new("inventory", "made-up-password");
    let listeners = vec![Listener::sasl_ssl()];
    let options = BrokerOptions { listeners, users: vec![user], ..BrokerOptions::default() };
    let broker = Broker::start(&servers, folder.path(), options).unwrap();
    broker.create_topic("orders", 1, &[]).unwrap();
    let properties = |password: &str, authority: &Path| {
        let file = folder.path().join("client.properties");
        let text = format!(
            "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nsasl.username=inventory\n\
             sasl.password={password}\nssl.ca.location={}\n",
            authority.display()
        );
        fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let bootstrap = broker.bootstrap();
    let file = properties("made-up-password", &broker.authority());
    let seen = || {
        let run = inventory(&["--bootstrap", &bootstrap, "--properties", &file, "-o", "json"]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.json().remove(0)
    };
    let needs = |seen: &Value| {
        let mut all: Vec<String> = seen["limits"]
            .as_array()
            .unwrap()
            .iter()
            .map(|limit| {
                let needs = &limit["needs"];
                format!("{} {}", needs["operation"].as_str().unwrap(), needs["resourceType"].as_str().unwrap())
            })
            .collect();
        all.sort();
        all.dedup();
        all
    };
    let nothing = seen();
    assert_eq!(
        (&nothing["topics"], &nothing["groups"], &nothing["accessControl"]),
        (&json!([]), &json!([]), &json!(null))
    );
    assert_eq!(needs(&nothing), ["DESCRIBE CLUSTER", "DESCRIBE TOPIC", "DESCRIBE_CONFIGS CLUSTER"]);
    for (operation, resource) in ENTRIES {
        broker.allow("inventory", &[operation], resource).unwrap();
    }
    let all = seen();
    assert_eq!(needs(&all), Vec::<String>::new());
    assert_eq!(all["topics"][0]["name"], "orders");
    let entries = all["accessControl"].as_array().unwrap();
    assert_eq!(entries.len(), ENTRIES.len());
    assert!(entries.iter().all(|entry| entry["principal"] == "User:inventory"), "{entries:?}");

    let refused = |file: &str, expected: &str| {
        let run = inventory(&["--bootstrap", &bootstrap, "--properties", file]);
        let told = run.stderr.to_lowercase();
        assert!(run.status == 2 && told.contains(expected), "{told}");
        assert!(!told.contains("another") && !told.contains("made-up"), "{told}");
    };
    refused(&properties("another-password", &broker.authority()), "authentication failed");
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let authority = folder.path().join("other.crt");
    fs::write(&authority, other.cert.pem()).unwrap();
    refused(&properties("made-up-password", &authority), "certificate");
}

#[test]
fn a_topic_with_thousands_of_partitions_is_one_line_and_takes_no_longer() {
    let Some(servers) = servers_or_skip(600) else { return };
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(&servers, folder.path(), BrokerOptions::default()).unwrap();
    // In two steps.
    broker.create_wide_topic("wide", 2100).unwrap();
    let begin = Instant::now();
    let run = inventory(&["--bootstrap", &broker.bootstrap(), "-o", "json"]);
    let took = begin.elapsed();
    assert_eq!(run.status, 0, "{}", run.stderr);
    let seen = run.json().remove(0);
    let topic = &seen["topics"][0];
    let replication = json!([{ "broker": 1, "leader": 2100, "replica": 2100, "inSync": 2100 }]);
    assert_eq!((&topic["name"], &topic["partitions"]), (&json!("wide"), &json!(2100)));
    assert_eq!(topic["replication"], replication);
    assert_eq!(seen["limits"], json!([]));
    assert!(took < Duration::from_secs(5), "{took:?}");
}
