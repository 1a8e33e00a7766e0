use super::*;

fn patterns(names: &[&str], prefixes: &[&str], globs: &[&str]) -> TopicPatterns {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    TopicPatterns { names: owned(names), prefixes: owned(prefixes), globs: owned(globs) }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_glob_fits_whole_names() {
    let cases = [
        ("*", "", true),
        ("*", "orders", true),
        ("orders", "orders", true),
        ("orders", "orders.v1", false),
        ("orders.*", "orders.v1", true),
        ("orders.*", "orders", false),
        ("*.orders", "eu.orders", true),
        ("*.orders.*", "eu.orders.orders.v1", true),
        ("*a*b", "aab", true),
        ("*a*b", "aabc", false),
        ("v?", "v1", true),
        ("v?", "v", false),
        ("v?", "v12", false),
        ("", "", true),
        ("", "a", false),
    ];
    for (glob, text, expected) in cases {
        assert_eq!(fits(glob.as_bytes(), text.as_bytes()), expected, "{glob} {text}");
    }
}

/// The pattern is from the register, the name from a broker: together they must not cost exponential time.
#[test]
fn a_glob_of_many_stars_takes_no_time() {
    let glob = "*a".repeat(120) + "b";
    assert!(!fits(glob.as_bytes(), "a".repeat(249).as_bytes()));
}

#[test]
fn a_topic_is_selected_by_any_pattern_unless_it_is_excluded() {
    let selector = TopicSelector {
        include: patterns(&["orders"], &["crm."], &["*-people"]),
        exclude: patterns(&[], &["crm.internal."], &[]),
        from: Some(at("2026-09-01T00:00:00Z")),
        until: Some(at("2026-10-01T00:00:00Z")),
    };
    let selected = |topic: &str| selector.selects(topic, at("2026-09-15T00:00:00Z"));
    let topics = ["orders", "crm.a", "eu-people", "crm.internal.a", "other", "orders2"];
    assert_eq!(topics.map(selected), [true, true, true, false, false, false]);
    let instants = ["2026-08-31T23:59:59Z", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"];
    assert_eq!(instants.map(|instant| selector.selects("orders", at(instant))), [false, true, false]);
    assert!(TopicSelector::all().selects("anything", at("2026-09-15T00:00:00Z")));
    assert!(!TopicSelector::default().selects("anything", at("2026-09-15T00:00:00Z")));
}

const CONFIGURATION: &str = r#"{
  "keepPrefixes": [],
  "ownNetworks": [],
  "buses": [
    {
      "namespace": "crm",
      "name": "events",
      "bootstrapServers": ["a.kafka.example:9093", "b.kafka.example:9093"],
      "clusterId": "k1",
      "tls": { "caSecret": "authority" },
      "sasl": { "mechanism": "SCRAM-SHA-512", "credentialsSecret": "reader" },
      "topics": [{ "include": { "prefixes": ["crm."] } }],
      "sampling": {
        "messagesPerPartition": 500,
        "bytesPerPartition": 4194304,
        "processorMillisecondsPerPartition": 250,
        "periodSeconds": 60
      },
      "schemaRegistry": { "url": "https://registry.example", "credentialsSecret": "registry" },
      "connect": [{ "url": "http://connect.example:8083" }]
    }
  ]
}"#;

#[test]
fn a_configuration_reads_as_it_is_written() {
    let configuration: AgentConfiguration = serde_json::from_str(CONFIGURATION).unwrap();
    let written: serde_json::Value = serde_json::from_str(CONFIGURATION).unwrap();
    assert_eq!(serde_json::to_value(&configuration).unwrap(), written);
    let bus = &configuration.buses[0];
    assert!(bus.reads("crm.people", at("2026-09-15T00:00:00Z")) && !bus.reads("shop", at("2026-09-15T00:00:00Z")));
    assert_eq!((bus.bus.to_string(), bus.sampling), ("crm/events".to_owned(), SamplingBudgets::default()));
}

#[test]
fn what_only_a_later_version_writes_is_ignored() {
    let text = CONFIGURATION.replace("\"clusterId\"", "\"later\": {\"a\": 1}, \"clusterId\"");
    let without: AgentConfiguration = serde_json::from_str(CONFIGURATION).unwrap();
    assert_eq!(serde_json::from_str::<AgentConfiguration>(&text).unwrap(), without);
    let minimal = r#"{"buses":[{"namespace":"crm","name":"events","bootstrapServers":["k:9092"],"topics":[]}]}"#;
    let minimal: AgentConfiguration = serde_json::from_str(minimal).unwrap();
    assert_eq!((minimal.buses[0].tls.clone(), minimal.buses[0].sampling), (None, SamplingBudgets::default()));
}

#[test]
fn a_bus_is_found_by_one_of_its_addresses_if_it_is_the_only_one() {
    let mut configuration: AgentConfiguration = serde_json::from_str(CONFIGURATION).unwrap();
    let found = |configuration: &AgentConfiguration, bootstrap: &str| {
        configuration.bus_at(bootstrap).map(|bus| bus.bus.to_string())
    };
    let expected = Some("crm/events".to_owned());
    assert_eq!(found(&configuration, "B.kafka.example:9093"), expected);
    assert_eq!(found(&configuration, "z.kafka.example:9093, a.kafka.example:9093"), expected);
    assert_eq!(found(&configuration, "a.kafka.example:9092"), None);
    configuration.buses.push(configuration.buses[0].clone());
    assert_eq!(found(&configuration, "a.kafka.example:9093"), None);
}
