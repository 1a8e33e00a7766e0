use landfall_observation::FindingCertainty::{Contextual, Heuristic, Validated};
use serde_json::json;

use super::{
    super::{
        suggested_tags,
        tests::{contract, found, order, registered, set},
    },
    *,
};
use crate::kafka::{
    schema::SchemaType,
    schema_registry::{Contract, EncryptionRule},
};
use ComparisonState::{DeclaredAndFound, DeclaredEncryptedYetReadable, DeclaredNotSeen, FoundNotDeclared};

const EMAIL: DataCategory = DataCategory::EMAIL_ADDRESS;
const PHONE: DataCategory = DataCategory::TELEPHONE_NUMBER;

fn declared(contract: Contract) -> Declared {
    Declared::new([]).with_schema(MessagePart::Value, &order(contract))
}

/// Path and state of each comparison.
fn states(declared: &Declared, findings: &[FieldFinding]) -> Vec<(String, ComparisonState)> {
    compare(declared, findings).into_iter().map(|one| (within(&one.path).to_owned(), one.state)).collect()
}

fn expected(states: &[(&str, ComparisonState)]) -> Vec<(String, ComparisonState)> {
    states.iter().map(|&(path, state)| (path.to_owned(), state)).collect()
}

#[test]
fn each_field_has_one_of_four_states() {
    let tags: &[(&str, &[&str])] = &[("**.email", &["PII", "pd:EmailAddress"])];
    let declared = declared(contract(tags, vec![EncryptionRule::Fields { tags: set(&["Sensitive"]) }]));
    let findings = [
        found("email", EMAIL, Validated, 2),
        found("phone", PHONE, Validated, 2),
        found("address.postcode", PHONE, Validated, 1),
    ];
    let email = Comparison {
        part: Some(MessagePart::Value),
        path: "value.email".to_owned(),
        state: DeclaredAndFound,
        found: BTreeSet::from([EMAIL]),
        declared: BTreeSet::from([EMAIL]),
        tags: set(&["PII", "pd:EmailAddress"]),
        is_encrypted: false,
    };
    let address = Comparison {
        path: "value.address.postcode".to_owned(),
        state: DeclaredEncryptedYetReadable,
        found: BTreeSet::from([PHONE]),
        declared: BTreeSet::new(),
        tags: set(&["Sensitive"]),
        is_encrypted: true,
        ..email.clone()
    };
    let phone = Comparison {
        path: "value.phone".to_owned(),
        state: FoundNotDeclared,
        found: BTreeSet::from([PHONE]),
        declared: BTreeSet::new(),
        tags: set(&["Internal"]),
        ..email.clone()
    };
    assert_eq!(compare(&declared, &findings), [address.clone(), email.clone(), phone]);

    let not_seen = |one: Comparison| Comparison { state: DeclaredNotSeen, found: BTreeSet::new(), ..one };
    let address = Comparison { path: "value.address".to_owned(), ..address };
    assert_eq!(compare(&declared, &[]), [not_seen(address), not_seen(email)]);
}

#[test]
fn a_field_that_is_declared_public_is_not_declared() {
    let declared = declared(Contract::default());
    let findings = [found("country", EMAIL, Validated, 1), found("address.note", EMAIL, Validated, 1)];
    let states_of = states(&declared, &findings);
    assert_eq!(states_of, expected(&[("address.note", DeclaredAndFound), ("country", FoundNotDeclared)]));
}

#[test]
fn a_name_that_is_not_shown_is_never_a_declared_field() {
    let tags: &[(&str, &[&str])] = &[("**", &["PII"])];
    let declared = declared(contract(tags, Vec::new()));
    let states_of = states(&declared, &[found("*", EMAIL, Validated, 1), found("*.postcode", EMAIL, Validated, 1)]);
    let hidden: Vec<_> = states_of.into_iter().filter(|(path, _)| path.starts_with('*')).collect();
    assert_eq!(hidden, expected(&[("*", FoundNotDeclared), ("*.postcode", FoundNotDeclared)]));
    // Within a declared field it is covered by that.
    let states_of = states(&declared, &[found("address.*", EMAIL, Validated, 1)]);
    assert!(states_of.contains(&("address.*".to_owned(), DeclaredAndFound)), "{states_of:?}");
}

#[test]
fn weak_matches_confirm_and_reveal_nothing() {
    let declared = declared(Contract::default());
    let weak = |path: &str| [found(path, PHONE, Heuristic, 50), found(path, EMAIL, Contextual, 2)];
    assert_eq!(states(&declared, &weak("phone")), expected(&[("address", DeclaredNotSeen)]));
    assert_eq!(states(&declared, &weak("address.postcode")), expected(&[("address.postcode", DeclaredAndFound)]));
    let more = [found("phone", EMAIL, Contextual, 2), found("phone", EMAIL, Contextual, 1)];
    assert_eq!(states(&declared, &more), expected(&[("address", DeclaredNotSeen), ("phone", FoundNotDeclared)]));
}

#[test]
fn what_is_encrypted_is_not_seen_by_chance() {
    let declared = declared(contract(&[], vec![EncryptionRule::Fields { tags: set(&["Sensitive"]) }]));
    let findings = [found("address.postcode", PHONE, Heuristic, 50)];
    assert_eq!(states(&declared, &findings), expected(&[("address", DeclaredNotSeen)]));
}

#[test]
fn a_part_that_is_encrypted_as_a_whole_shows_nothing() {
    let declared = declared(contract(&[], vec![EncryptionRule::Payload]));
    let readable = expected(&[("address", DeclaredNotSeen), ("phone", DeclaredEncryptedYetReadable)]);
    assert_eq!(states(&declared, &[found("phone", EMAIL, Validated, 1)]), readable);
    let in_key = FieldFinding { part: MessagePart::Key, ..found("phone", EMAIL, Validated, 1) };
    assert!(states(&declared, &[in_key]).contains(&("phone".to_owned(), FoundNotDeclared)));
}

#[test]
fn categories_of_the_topic_are_declared_anywhere_in_it() {
    let declared = Declared::new([EMAIL, DataCategory::BANK_ACCOUNT]);
    let findings = [found("a", EMAIL, Validated, 1), found("a", PHONE, Validated, 1)];
    let compared = compare(&declared, &findings);
    let seen: Vec<_> = compared.iter().map(|one| (one.part, within(&one.path), one.state, one.found.len())).collect();
    let value = Some(MessagePart::Value);
    let states = [(None, "", DeclaredNotSeen, 0), (value, "a", DeclaredAndFound, 1), (value, "a", FoundNotDeclared, 1)];
    assert_eq!(seen, states);
    assert_eq!(compared[0].declared, BTreeSet::from([DataCategory::BANK_ACCOUNT]));
    let json = serde_json::to_value(&compared[0]).unwrap();
    assert_eq!((&json["state"], &json["declared"]), (&json!("declaredNotSeen"), &json!(["pd:BankAccount"])));
}

#[test]
fn the_patch_tags_what_was_found_and_keeps_tags_that_are_there() {
    let declared = declared(contract(&[("shop.Order.phone", &["Internal"])], Vec::new()));
    let findings = [
        found("email", EMAIL, Validated, 1),
        found("phone", PHONE, Validated, 1),
        found("address.postcode", PHONE, Validated, 1),
        found("*", PHONE, Validated, 1),
        // A document in a text.
        found("phone.email", EMAIL, Validated, 1),
    ];
    let compared = compare(&declared, &findings);
    let patch =
        json!({ "metadata": { "tags": { "shop.Order.email": ["PII"], "shop.Order.phone": ["Internal", "PII"] } } });
    assert_eq!(suggested_tags(&declared, &compared, MessagePart::Value), Some(patch));
    assert_eq!(suggested_tags(&declared, &compared, MessagePart::Key), None);
}

#[test]
fn the_patch_means_all_elements_of_an_array() {
    let text = json!({ "type": "object", "properties": { "to": { "type": "array", "items":
        { "type": "object", "properties": { "mail": { "type": "string" } } } } } });
    let schema = registered(SchemaType::Json, &text.to_string(), Contract::default());
    let declared = Declared::new([]).with_schema(MessagePart::Value, &schema);
    let compared = compare(&declared, &[found("to.mail", EMAIL, Validated, 1)]);
    let patch = suggested_tags(&declared, &compared, MessagePart::Value).unwrap();
    assert_eq!(patch, json!({ "metadata": { "tags": { "$.to[*].mail": ["PII"] } } }));
    let tags: &[(&str, &[&str])] = &[("$.to[*].mail", &["PII"])];
    let schema = registered(SchemaType::Json, &text.to_string(), contract(tags, Vec::new()));
    let declared = Declared::new([]).with_schema(MessagePart::Value, &schema);
    assert_eq!(states(&declared, &[found("to.mail", EMAIL, Validated, 1)]), expected(&[("to.mail", DeclaredAndFound)]));
}
