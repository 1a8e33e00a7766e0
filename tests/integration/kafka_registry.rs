//! The client of schema registries and declared against found, at a registry of ours and at Apicurio's.
//! (`landfall_agent::kafka::{schema_registry, declared}`)

use std::{sync::Barrier, thread};

use landfall_agent::kafka::{
    declared::{ComparisonState, Declared, compare, suggested_tags},
    message::{FieldFinding, MessagePart},
    schema::{NoSchema, SchemaId, SchemaType, Schemas as _},
    schema_registry::{RegisteredSchema, RegistryFailure, SchemaRegistry},
    service::Service,
};
use landfall_observation::{DataCategory, FindingCertainty};
use landfall_tests::kafka::{FakeRegistry, Registry, RegistryFault, Schema, servers_or_skip};
use serde_json::{Value, json};

const ADDRESS: &str = r#"{"type":"record","name":"Address","namespace":"shop","fields":[
    {"name":"postcode","type":"string","confluent:tags":["PII"]}]}"#;
const ORDER: &str = r#"{"type":"record","name":"Order","namespace":"shop","fields":[
    {"name":"email","type":"string"},{"name":"phone","type":"string"},{"name":"address","type":"shop.Address"}]}"#;
const ORDER_JSON: &str = r#"{"type":"object","properties":{"email":{"type":"string","confluent:tags":["PII"]}}}"#;
const ORDER_PROTOBUF: &str = r#"syntax = "proto3"; package shop; message Order { string email = 1; }"#;

fn client(url: &str) -> SchemaRegistry {
    SchemaRegistry::new(&Service::new(url.parse().unwrap())).unwrap()
}

fn references() -> Value {
    json!([{ "name": "shop.Address", "subject": "address", "version": 1 }])
}

fn paths(found: &RegisteredSchema) -> Vec<String> {
    let mut paths: Vec<String> = found.schema.fields().iter().map(|field| field.path.join(".")).collect();
    paths.sort();
    paths
}

fn failures(registry: &SchemaRegistry) -> Vec<(RegistryFailure, u64)> {
    registry.counts().failures.into_iter().collect()
}

#[test]
fn the_four_states_of_a_topic_come_from_its_registry() {
    let server = FakeRegistry::start().unwrap();
    server.register("address", Schema::new("AVRO", ADDRESS));
    let metadata = json!({ "tags": { "**.email": ["pii"], "shop.Order.phone": ["Internal"] } });
    let rules = json!({ "domainRules": [{ "name": "a", "kind": "TRANSFORM", "type": "ENCRYPT", "tags": ["PII"] }] });
    let order = Schema::new("AVRO", ORDER).with_references(references()).with_metadata(metadata).with_rule_set(rules);
    let id = server.register("orders-value", order);

    let registry = client(&server.url());
    let latest = registry.latest("orders-value").ok().unwrap();
    assert_eq!((latest.id, latest.version), (Some(id), Some(1)));
    assert_eq!(paths(&latest), ["address", "address.postcode", "email", "phone"]);
    let by_id = registry.registered(&SchemaId::Id(id)).ok().unwrap();
    assert_eq!(by_id.contract, latest.contract);
    assert!(matches!(registry.latest("orders-key"), Err(NoSchema::NotFound)));

    let found = |path: &str, category: DataCategory| {
        let (part, path, detector) = (MessagePart::Value, format!("value.{path}"), "made-up".to_owned());
        FieldFinding { part, path, category, detector, certainty: FindingCertainty::Validated, matches: 1, messages: 1 }
    };
    let declared = Declared::new([DataCategory::BANK_ACCOUNT]).with_schema(MessagePart::Value, &latest);
    let findings = [
        found("email", DataCategory::EMAIL_ADDRESS),
        found("phone", DataCategory::TELEPHONE_NUMBER),
        found("address.postcode", DataCategory::PHYSICAL_ADDRESS),
    ];
    let compared = compare(&declared, &findings);
    let states: Vec<(&str, ComparisonState)> = compared.iter().map(|one| (one.path.as_str(), one.state)).collect();
    let expected = [
        ("", ComparisonState::DeclaredNotSeen),
        ("value.address.postcode", ComparisonState::DeclaredEncryptedYetReadable),
        ("value.email", ComparisonState::DeclaredAndFound),
        ("value.phone", ComparisonState::FoundNotDeclared),
    ];
    assert_eq!(states, expected);
    let patch = json!({ "metadata": { "tags": { "shop.Order.phone": ["Internal", "PII"] } } });
    assert_eq!(suggested_tags(&declared, &compared, MessagePart::Value), Some(patch));
    assert!(server.requests().iter().all(|request| request.starts_with("GET ")));
}

#[test]
fn schemas_are_found_by_guid_and_after_their_subject_is_deleted() {
    let server = FakeRegistry::start().unwrap();
    server.register("address", Schema::new("AVRO", ADDRESS));
    let id = server.register("orders-value", Schema::new("AVRO", ORDER).with_references(references()));
    server.delete("address");
    let registry = client(&server.url());
    let text = FakeRegistry::guid(id).replace('-', "");
    let guid: Vec<u8> = (0..16).map(|byte| u8::from_str_radix(&text[2 * byte..2 * byte + 2], 16).unwrap()).collect();
    let found = registry.registered(&SchemaId::Guid(guid.try_into().unwrap())).ok().unwrap();
    assert_eq!(paths(&found), ["address", "address.postcode", "email", "phone"]);
}

#[test]
fn threads_that_ask_at_once_cost_a_registry_one_request() {
    const THREADS: usize = 8;
    let server = FakeRegistry::start().unwrap();
    let id = server.register("orders-value", Schema::new("JSON", ORDER_JSON));
    let registry = client(&server.url());
    let barrier = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                assert!(registry.schema(&SchemaId::Id(id)).is_ok());
            });
        }
    });
    assert_eq!(server.requests(), [format!("GET /schemas/ids/{id}?deleted=true")]);
    assert_eq!((registry.counts().requests, registry.counts().hits), (1, 7));
}

#[test]
fn each_fault_of_a_registry_has_a_name_and_costs_one_request() {
    for (fault, failure) in [
        (RegistryFault::Down, RegistryFailure::Network),
        (RegistryFault::Error, RegistryFailure::Status),
        (RegistryFault::Html, RegistryFailure::NotJson),
        (RegistryFault::Truncated, RegistryFailure::NotJson),
    ] {
        let server = FakeRegistry::start().unwrap();
        let id = server.register("orders-value", Schema::new("JSON", ORDER_JSON));
        server.fail(fault);
        let registry = client(&server.url());
        assert!(matches!(registry.schema(&SchemaId::Id(id)), Err(NoSchema::Unreachable)), "{fault:?}");
        assert_eq!(failures(&registry), [(failure, 1)]);
        assert_eq!(server.requests().len(), 1, "{fault:?}");
    }
}

#[test]
fn credentials_let_a_client_in_and_are_not_shown() {
    let server = FakeRegistry::start().unwrap();
    let id = server.register("orders-value", Schema::new("JSON", ORDER_JSON));
    server.protect(Some("Basic bWFkZTp1cA=="));
    let refused = client(&server.url());
    assert!(matches!(refused.schema(&SchemaId::Id(id)), Err(NoSchema::Unreachable)));
    assert_eq!(failures(&refused), [(RegistryFailure::Unauthorized, 1)]);
    let settings = Service::new(server.url().parse().unwrap());
    let registry =
        SchemaRegistry::new(&settings.with_properties([("basic.auth.user.info", "made:up")]).unwrap()).unwrap();
    assert!(registry.schema(&SchemaId::Id(id)).is_ok());
    assert!(!format!("{registry:?}").contains("bWFkZTp1cA"));
}

#[test]
fn apicurios_registry_is_read_by_all_its_ids() {
    let Some(servers) = servers_or_skip(350) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server = Registry::start(&servers, folder.path()).unwrap();
    let register = |subject: &str, schema_type: &str, schema: &str| {
        u32::try_from(server.register(subject, schema_type, schema).unwrap()).unwrap()
    };
    let address = register("address", "AVRO", ADDRESS);
    let order = u32::try_from(server.register_with("orders-value", "AVRO", ORDER, &references()).unwrap()).unwrap();
    let json = register("orders-json-value", "JSON", ORDER_JSON);
    let protobuf = register("orders-protobuf-value", "PROTOBUF", ORDER_PROTOBUF);

    let registry = client(server.url());
    let of = |id: SchemaId| {
        let found = registry.registered(&id).ok().unwrap();
        (found.source.schema_type, paths(&found))
    };
    let whole = ["address", "address.postcode", "email", "phone"].map(str::to_owned).to_vec();
    let content = |id: u32| [SchemaId::Id(id), SchemaId::ContentId(id.into()), SchemaId::GlobalId(id.into())];
    for id in content(order) {
        assert_eq!(of(id), (SchemaType::Avro, whole.clone()), "{id:?}");
    }
    for id in content(address) {
        assert_eq!(of(id), (SchemaType::Avro, vec!["postcode".to_owned()]), "{id:?}");
    }
    for id in content(json) {
        assert_eq!(of(id), (SchemaType::Json, vec!["email".to_owned()]), "{id:?}");
    }
    for id in content(protobuf) {
        assert_eq!(of(id), (SchemaType::Protobuf, vec!["email".to_owned()]), "{id:?}");
    }
    assert_eq!(paths(&registry.latest("orders-value").ok().unwrap()), whole);
    let tags = registry.latest("address").ok().unwrap().schema.fields()[0].tags.clone();
    assert_eq!(tags, ["PII"], "tags in the schema are kept");

    for id in [SchemaId::Id(4711), SchemaId::ContentId(4711), SchemaId::GlobalId(4711)] {
        assert!(matches!(registry.schema(&id), Err(NoSchema::NotFound)), "{id:?}");
    }
    assert!(matches!(registry.latest("none-value"), Err(NoSchema::NotFound)));
    assert_eq!(failures(&registry), [(RegistryFailure::NotFound, 4)]);
    // It has no such interface, which keeps nobody from the others. Under load it leaves one in thirty of these requests
    // without any answer.
    let asked = (0..20).map(|_| client(server.url())).find(|asked| {
        assert!(matches!(asked.schema(&SchemaId::Guid([7; 16])), Err(NoSchema::Unreachable)));
        failures(asked) == [(RegistryFailure::NoInterface, 1)]
    });
    assert!(asked.unwrap().latest("orders-json-value").ok().is_some());
}
