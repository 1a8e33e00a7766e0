//! What several tests of declarations share, and how declarations come together.

use std::sync::Arc;

use landfall_observation::FindingCertainty;
use serde_json::json;

use super::*;
use crate::kafka::{
    message::FieldFinding,
    schema::{Schema, SchemaSource, SchemaType},
};

/// A schema with tags and rules.
pub(super) fn registered(schema_type: SchemaType, text: &str, contract: Contract) -> RegisteredSchema {
    let source = SchemaSource { schema_type, text: text.to_owned(), references: Vec::new() };
    let schema = Arc::new(Schema::compile(&source).unwrap());
    RegisteredSchema { schema, source, contract, id: None, version: None }
}

/// An order in Avro: `email`, `phone` (tagged `Internal`), `country` (tagged `Public`), and `address` (tagged
/// `Sensitive`) with `postcode` and `note`.
pub(super) fn order(contract: Contract) -> RegisteredSchema {
    let text = json!({ "type": "record", "name": "Order", "namespace": "shop", "fields": [
        { "name": "email", "type": "string" },
        { "name": "phone", "type": "string", "confluent:tags": ["Internal"] },
        { "name": "country", "type": "string", "confluent:tags": ["Public"] },
        { "name": "address", "confluent:tags": ["Sensitive"], "type": { "type": "record", "name": "Address", "fields": [
            { "name": "postcode", "type": "string" },
            { "name": "note", "type": "string" },
        ] } },
    ] });
    registered(SchemaType::Avro, &text.to_string(), contract)
}

pub(super) fn contract(tags: &[(&str, &[&str])], encryption: Vec<EncryptionRule>) -> Contract {
    let tags = tags.iter().map(|(path, tags)| ((*path).to_owned(), set(tags))).collect();
    Contract { tags, encryption, is_cut: false }
}

pub(super) fn set(tags: &[&str]) -> BTreeSet<String> {
    tags.iter().map(|&tag| tag.to_owned()).collect()
}

/// A finding in values.
pub(super) fn found(path: &str, category: DataCategory, certainty: FindingCertainty, messages: u64) -> FieldFinding {
    let (part, path, detector) = (MessagePart::Value, format!("value.{path}"), "made-up".to_owned());
    FieldFinding { part, path, category, detector, certainty, matches: messages, messages }
}

/// Path, tags, personal and encrypted of each field, by path.
fn shown(declared: &Declared) -> Vec<(String, Vec<&str>, Option<bool>, bool)> {
    let mut shown = Vec::new();
    for DeclaredField { path, tags, is_personal, is_encrypted, .. } in declared.fields() {
        shown.push((path.join("."), tags.iter().map(String::as_str).collect(), *is_personal, *is_encrypted));
    }
    shown.sort();
    shown
}

#[test]
fn tags_of_schema_and_registry_come_together_and_rules_follow_tags() {
    let rules = vec![EncryptionRule::Fields { tags: set(&["Internal", "pii"]) }];
    let tags: &[(&str, &[&str])] =
        &[("shop.Order.email", &["PII", "pd:EmailAddress"]), ("**.postcode", &["Private"]), ("Order.phone", &["PII"])];
    let declared = Declared::new([]).with_schema(MessagePart::Value, &order(contract(tags, rules)));
    let expected = [
        ("address", vec!["Sensitive"], Some(true), false),
        ("address.note", vec![], None, false),
        ("address.postcode", vec!["Private"], Some(true), false),
        ("country", vec!["Public"], Some(false), false),
        // Tags of rules are compared by their letters.
        ("email", vec!["PII", "pd:EmailAddress"], Some(true), false),
        ("phone", vec!["Internal"], None, true),
    ];
    assert_eq!(
        shown(&declared),
        expected.map(|(path, tags, personal, encrypted)| (path.to_owned(), tags, personal, encrypted))
    );
    let email = declared.fields().iter().find(|field| field.path == ["email"]).unwrap();
    assert_eq!(email.categories, BTreeSet::from([DataCategory::EMAIL_ADDRESS]));
}

#[test]
fn a_rule_without_tags_encrypts_every_field() {
    let rules = vec![EncryptionRule::Fields { tags: set(&[]) }];
    let declared = Declared::new([]).with_schema(MessagePart::Value, &order(contract(&[], rules)));
    assert!(declared.fields().iter().all(|field| field.is_encrypted));
}

#[test]
fn declarations_of_several_schemas_of_a_part_all_hold() {
    let of = |tag: &'static str| order(contract(&[("**.email", &[tag])], Vec::new()));
    let declared = Declared::new([])
        .with_schema(MessagePart::Value, &of("Public"))
        .with_schema(MessagePart::Value, &of("PII"))
        .with_schema(MessagePart::Key, &of("Public"));
    let emails: Vec<_> = declared.fields().iter().filter(|field| field.path == ["email"]).collect();
    let shown: Vec<_> = emails.iter().map(|field| (field.part, field.tags.clone(), field.is_personal)).collect();
    let expected =
        [(MessagePart::Value, set(&["PII", "Public"]), Some(true)), (MessagePart::Key, set(&["Public"]), Some(false))];
    assert_eq!(shown, expected);
}
