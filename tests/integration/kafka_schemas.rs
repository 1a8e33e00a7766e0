//! Messages of a real broker, decoded with the schemas of a registry. (`landfall kafka sample --schema-registry`)

use std::{fs, time::Duration};

use landfall_tests::kafka::{Broker, FakeRegistry, RegistryFault, Schema, servers_or_skip, shared};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::json;

use crate::support::{Run, landfall};

const CUSTOMER: &str = r#"{"type": "record", "name": "Customer", "namespace": "shop", "fields": [
    {"name": "kundenpost", "type": "string"}, {"name": "durchwahl", "type": "string", "confluent:tags": ["PII"]}]}"#;
const CUSTOMER_PROTOBUF: &str = r#"syntax = "proto3"; package shop; message Customer { string kundenpost = 1; }"#;

/// A text as Avro and Protobuf have it: its length, shorter than 64 bytes, and the bytes.
fn avro(text: &str) -> Vec<u8> {
    [&[u8::try_from(2 * text.len()).unwrap()], text.as_bytes()].concat()
}

fn protobuf(number: u8, text: &str) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// Confluent's framing.
fn framed(id: u32, body: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], body].concat()
}

fn write(broker: &Broker, topic: &str, values: &[Vec<u8>]) {
    broker.create_topic(topic, 1, &[]).unwrap();
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
    for value in values {
        producer.send(BaseRecord::<str, [u8]>::to(topic).payload(value)).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(Duration::from_mins(1)).unwrap();
}

fn sample(broker: &Broker, topic: &str, arguments: &[&str]) -> Run {
    let run =
        landfall([&["kafka", "sample", "--bootstrap", &broker.bootstrap(), "--topic", topic], arguments].concat());
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains("erika") && !text.contains("123456") && !text.contains("made-up"), "{text}");
    }
    assert_eq!(run.status, 0, "{}", run.stderr);
    run
}

#[test]
fn fields_of_schemas_are_shown_and_compared_with_their_tags() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    let registry = FakeRegistry::start().unwrap();
    let rules = json!({ "domainRules": [{ "name": "a", "kind": "TRANSFORM", "type": "ENCRYPT", "tags": ["PII"] }] });
    let id = registry.register("schemas.customers-value", Schema::new("AVRO", CUSTOMER).with_rule_set(rules));
    let other = registry.register("shop.Customer", Schema::new("PROTOBUF", CUSTOMER_PROTOBUF));
    let customer = [avro("erika@example.org"), avro("+49 30 123456")].concat();
    let message = [vec![0], protobuf(1, "erika@example.org")].concat();
    write(
        broker,
        "schemas.customers",
        &[
            framed(id, &customer),
            framed(id, &customer),
            framed(other, &message),
            framed(id, b"\x7f"),
            framed(4711, &customer),
        ],
    );

    registry.protect(Some("Basic bWFkZS11cDptYWRlLXVw"));
    let folder = tempfile::tempdir().unwrap();
    let properties = folder.path().join("client.properties");
    let lines =
        format!("schema.registry.url={}\nschema.registry.basic.auth.user.info=made-up:made-up\n", registry.url());
    fs::write(&properties, lines).unwrap();
    let run = sample(broker, "schemas.customers", &["--properties", properties.to_str().unwrap(), "-o", "json"]);
    let topic = &run.json()[0];
    assert_eq!(topic["formats"], json!({ "avro": 2, "protobuf": 1, "schema-framed": 2 }), "{topic:#}");
    assert_eq!(topic["errors"], json!({ "malformed": 1, "schema-not-found": 1 }));
    assert_eq!(topic["schemas"], json!({ "value": { format!("id:{id}"): 2, format!("id:{other}"): 1 } }));
    let path = |finding: &serde_json::Value| format!("{} {}", finding["path"].as_str().unwrap(), finding["messages"]);
    let mut found: Vec<_> = topic["findings"].as_array().unwrap().iter().map(path).collect();
    found.sort();
    assert_eq!(found, ["value 1", "value 1", "value.durchwahl 2", "value.kundenpost 3"], "{topic:#}");
    let states: Vec<_> = topic["declared"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| format!("{} {}", field["path"].as_str().unwrap(), field["state"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        ["value foundNotDeclared", "value.durchwahl declaredEncryptedYetReadable", "value.kundenpost foundNotDeclared"]
    );
    let tags = &topic["declared"]["suggestedTags"]["value"]["metadata"]["tags"];
    assert_eq!(tags, &json!({ "shop.Customer.kundenpost": ["PII"] }));
    assert!(registry.requests().iter().all(|request| request.starts_with("GET ")));

    let table = sample(broker, "schemas.customers", &["--properties", properties.to_str().unwrap()]).stdout;
    assert!(table.contains("declared encrypted, yet readable"), "{table}");
}

#[test]
fn a_registry_that_fails_is_told_and_what_can_be_read_is_read() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    let registry = FakeRegistry::start().unwrap();
    let id = registry.register("schemas.failing-value", Schema::new("AVRO", CUSTOMER));
    let customer = [avro("erika@example.org"), avro("x")].concat();
    write(broker, "schemas.failing", &[framed(id, &customer)]);
    for (fault, reason) in [
        (RegistryFault::Down, "failed to reach the schema registry"),
        (RegistryFault::Html, "is there a sign-in page before the schema registry?"),
    ] {
        registry.fail(fault);
        let run = sample(broker, "schemas.failing", &["--schema-registry", &registry.url(), "-o", "json"]);
        assert!(run.stderr.contains(reason), "{}", run.stderr);
        let topic = &run.json()[0];
        assert_eq!(topic["errors"], json!({ "registry-unreachable": 1 }));
        assert_eq!(topic["findings"][0]["path"], "value");
    }
    let refused = landfall(["kafka", "sample", "--bootstrap", "127.0.0.1:1", "--schema-registry", "https://made:up@a"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("a user does not belong into the address"), "{}", refused.stderr);
}
