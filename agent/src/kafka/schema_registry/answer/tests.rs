use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, body: body.as_bytes().to_vec(), ..Answer::default() }
}

fn failure(status: u16, body: &str) -> String {
    Document::read(status, body.as_bytes()).unwrap_err().kind().to_string()
}

const WHOLE: &str = r#"{
    "subject": "orders-value", "version": 3, "id": 7, "guid": "x", "schemaType": "PROTOBUF",
    "schema": "syntax = \"proto3\"; message Order {}",
    "references": [{"name": "address.proto", "subject": "address", "version": 2}],
    "metadata": {"tags": {"Order.email": ["PII"]}},
    "ruleSet": {"domainRules": [{"name": "a", "kind": "TRANSFORM", "type": "ENCRYPT_PAYLOAD"}]}
}"#;

#[test]
fn a_schema_is_read_with_references_tags_and_rules() {
    let read = Document::read(200, WHOLE.as_bytes()).unwrap();
    let tags = BTreeMap::from([("Order.email".to_owned(), BTreeSet::from(["PII".to_owned()]))]);
    let encryption = vec![super::super::contract::EncryptionRule::Payload];
    let references =
        vec![Reference::Version { name: "address.proto".to_owned(), subject: "address".to_owned(), version: 2 }];
    let expected = Document {
        schema_type: SchemaType::Protobuf,
        text: "syntax = \"proto3\"; message Order {}".to_owned(),
        references,
        contract: Contract { tags, encryption, is_cut: false },
        id: Some(7),
        version: Some(3),
    };
    assert_eq!(read, expected);
}

#[test]
fn avro_comes_without_a_type_and_null_is_nothing() {
    let body = r#"{"schema": "\"string\"", "schemaType": null, "references": null, "metadata": null, "ruleSet": null}"#;
    let read = Document::read(200, body.as_bytes()).unwrap();
    assert_eq!((read.schema_type, read.text.as_str(), read.references.len()), (SchemaType::Avro, "\"string\"", 0));
    assert_eq!(Document::read(200, br#"{"schema": "\"string\""}"#).unwrap(), read);
}

#[test]
fn failures_have_names() {
    for (status, body, name) in [
        (404, r#"{"error_code": 40403, "message": "Schema 7 not found"}"#, "not-found"),
        (404, r#"{"error_code": 40401, "message": "Subject not found"}"#, "not-found"),
        (404, r#"{"title": "No artifact", "status": 404, "name": "ArtifactNotFoundException"}"#, "not-found"),
        (404, r#"{"error_code": 404, "message": "HTTP 404 Not Found"}"#, "no-interface"),
        (404, r#"{"title": "Could not find resource", "status": 404, "name": "NotFoundException"}"#, "no-interface"),
        (404, "<!doctype html><title>Not found</title>", "no-interface"),
        (404, "", "no-interface"),
        (401, r#"{"error_code": 401, "message": "Unauthorized"}"#, "unauthorized"),
        (403, r#"{"error_code": 40301, "message": "Denied"}"#, "forbidden"),
        (302, "", "redirected"),
        (406, "", "status"),
        (500, r#"{"error_code": 50001, "message": "Error in the backend data store"}"#, "status"),
        (204, "", "status"),
        (200, "", "not-json"),
        (200, "<!doctype html><title>Sign in</title>", "not-json"),
        (200, "[]", "form"),
        (200, "{}", "form"),
        (200, r#"{"schema": {}}"#, "form"),
        (200, r#"{"schema": "x", "schemaType": "XSD"}"#, "invalid"),
        (200, r#"{"schema": "x", "references": [{"name": "a"}]}"#, "form"),
    ] {
        assert_eq!(failure(status, body), name, "{status} {body}");
    }
    let deep = format!("{{\"metadata\": {}", "[".repeat(100_000));
    assert_eq!(failure(200, &deep), "not-json");
    let bytes = Answer { status: 200, body: vec![0, 0xff, 0x80], ..Answer::default() };
    assert!(matches!(Document::read(bytes.status, &bytes.body), Err(RegistryError::NotJson)));
    assert!(matches!(Document::read_content(&bytes, None), Err(RegistryError::Form)));
}

#[test]
fn every_beginning_of_an_answer_is_refused_by_name() {
    for end in 0..WHOLE.len() {
        assert_eq!(failure(200, &WHOLE[..end]), "not-json", "{end}");
        // Whatever the status is, none is taken for a schema.
        assert!(Document::read(404, &WHOLE.as_bytes()[..end]).is_err());
        let as_content = Document::read_content(&answer(200, &WHOLE[..end]), None);
        assert!(as_content.is_err(), "{end}");
        assert!(references(&answer(200, &WHOLE[..end])).is_err());
    }
}

#[test]
fn the_type_of_a_bare_schema_is_known_or_guessed() {
    let read = |content_type: &str, artifact_type: Option<&str>, text: &str, known| {
        let mut answer = answer(200, text);
        answer.headers.insert("content-type", content_type.parse().unwrap());
        if let Some(artifact_type) = artifact_type {
            answer.headers.insert(ARTIFACT_TYPE, artifact_type.parse().unwrap());
        }
        Document::read_content(&answer, known).unwrap().schema_type
    };
    let json = "application/json";
    assert_eq!(read(json, Some("JSON"), "1", Some(SchemaType::Avro)), SchemaType::Json);
    assert_eq!(read(json, None, "1", Some(SchemaType::Protobuf)), SchemaType::Protobuf);
    assert_eq!(read("application/x-protobuf", None, "message A {}", None), SchemaType::Protobuf);
    for (text, expected) in [
        (r#""string""#, SchemaType::Avro),
        (r#"["null", "string"]"#, SchemaType::Avro),
        (r#"{"type": "record", "name": "A", "fields": []}"#, SchemaType::Avro),
        (r#"{"type": "enum", "name": "A", "symbols": []}"#, SchemaType::Avro),
        (r#"{"type": "array", "items": "string"}"#, SchemaType::Avro),
        (r#"{"type": "array", "items": {"type": "string"}}"#, SchemaType::Json),
        (r#"{"type": "object", "properties": {}}"#, SchemaType::Json),
        (r#"{"$schema": "http://json-schema.org/draft-07/schema#", "type": "record"}"#, SchemaType::Json),
        ("{}", SchemaType::Json),
    ] {
        assert_eq!(read(json, None, text, None), expected, "{text}");
    }
}

#[test]
fn references_of_both_interfaces_are_found() {
    let listed = r#"[{"groupId": "g", "artifactId": "address", "version": "1", "name": "address.proto"},
        {"artifactId": "b", "version": "1", "name": "c", "groupId": null}]"#;
    let listed = references(&answer(200, listed)).unwrap();
    let api = Api::new(&"http://registry/apis/registry/v3".parse().unwrap());
    let urls: Vec<String> = listed.iter().map(|one| one.place(&api).unwrap().url().to_owned()).collect();
    let of = |group: &str, artifact: &str| {
        format!("http://registry/apis/registry/v3/groups/{group}/artifacts/{artifact}/versions/1/content")
    };
    assert_eq!(urls, [of("g", "address"), of("default", "b")]);
    assert_eq!(listed[0].name(), "address.proto");
    let confluent = Api::new(&"http://registry".parse().unwrap());
    assert_eq!(listed[0].place(&confluent), None);
}
