//! What agents get of a MessageBus, and what is probably not intended in one.

use landfall_observation::BusConfiguration;

use crate::{Register, compile, load_text};

const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: whole, namespace: crm }
spec:
  bootstrapServers: ["kafka:9093"]
  clusterId: k1
  tls: { caSecretRef: { name: authority }, clientCertificateSecretRef: { name: certificate } }
  sasl: { mechanism: SCRAM-SHA-256, credentialsSecretRef: { name: reader } }
  agreementRef: { namespace: privacy, name: a }
  topics: [{ name: people, include: { prefixes: [people.] }, categories: ["pd:Name"] }]
  excludedTopics: { prefixes: [_] }
  schemaRegistry: { url: "https://registry.example", credentialsSecretRef: { name: registry } }
  connect: [{ url: "http://connect:8083" }]
  brokers: [{ name: all, racks: [zone-a], operator: Hoster SE, place: { value: FR, source: s, asOf: 2026-08-05 } }]
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: part }
spec:
  bootstrapServers: ["kafka:9092"]
  topics:
    - { name: orders, include: { names: [orders] }, exclude: { names: [x] }, agreementRef: { namespace: privacy, name: a }, until: 2026-12-01T00:00:00Z }
    - { name: rest, include: { globs: ["*.v1"] }, agreementRef: { namespace: privacy, name: a } }
  excludedTopics: { names: [secret.v1] }
"#;

fn register(text: &str) -> Register {
    load_text("register.yaml", text).unwrap_or_else(|errors| panic!("{errors}"))
}

#[test]
fn agents_get_of_a_bus_what_they_need_and_no_law_no_place_and_no_secret() {
    let buses = compile(&register(REGISTER)).agent.buses;
    let expected = r#"[
      {
        "namespace": "crm", "name": "whole", "bootstrapServers": ["kafka:9093"], "clusterId": "k1",
        "tls": { "caSecret": "authority", "clientCertificateSecret": "certificate" },
        "sasl": { "mechanism": "SCRAM-SHA-256", "credentialsSecret": "reader" },
        "topics": [{ "include": { "globs": ["*"] }, "exclude": { "prefixes": ["_"] } }],
        "schemaRegistry": { "url": "https://registry.example", "credentialsSecret": "registry" },
        "connect": [{ "url": "http://connect:8083" }]
      },
      {
        "namespace": "default", "name": "part", "bootstrapServers": ["kafka:9092"],
        "topics": [
          { "include": { "names": ["orders"] }, "exclude": { "names": ["x", "secret.v1"] }, "until": "2026-12-01T00:00:00Z" },
          { "include": { "globs": ["*.v1"] }, "exclude": { "names": ["secret.v1"] } }
        ]
      }
    ]"#;
    let expected: Vec<BusConfiguration> = serde_json::from_str(expected).unwrap();
    assert_eq!(buses, expected);
    let text = serde_json::to_string(&buses).unwrap();
    for of_law in ["privacy", "Hoster", "FR", "zone-a", "pd:", "agreement"] {
        assert!(!text.contains(of_law), "{of_law} in {text}");
    }
}

#[test]
fn what_agents_may_read_is_what_is_under_an_agreement() {
    let buses = compile(&register(REGISTER)).agent.buses;
    let read = |instant: &str, topic: &str| -> Vec<bool> {
        buses.iter().map(|bus| bus.reads(topic, instant.parse().unwrap())).collect()
    };
    let november = "2026-11-23T00:00:00Z";
    assert_eq!(read(november, "orders"), [true, true]);
    assert_eq!(read("2026-12-01T00:00:00Z", "orders"), [true, false]);
    assert_eq!(read(november, "anything"), [true, false]);
    assert_eq!(read(november, "secret.v1"), [true, false]);
    assert_eq!(read(november, "people.v1"), [true, true]);
    assert_eq!(read(november, "_schemas"), [false, false]);
}

#[test]
fn the_version_of_the_ruleset_names_the_buses() {
    let version = |text: &str| compile(&register(text)).ruleset.version;
    assert_ne!(
        version(REGISTER),
        version(&REGISTER.replace("categories: [\"pd:Name\"] }]", "categories: [\"pd:Age\"] }]"))
    );
}
