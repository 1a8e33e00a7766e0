use landfall_api::TransferPolicySpec;
use serde_json::{Value, json};

use super::*;

type Policies = LastGoodObjects<TransferPolicySpec>;

fn read(objects: &[Value]) -> Vec<Arc<DeserializeGuard<Stored<TransferPolicySpec>>>> {
    objects.iter().map(|object| Arc::new(serde_json::from_value(object.clone()).unwrap())).collect()
}

fn policy(name: &str, generation: i64, spec: &Value) -> Value {
    json!({
        "apiVersion": "landfall.dev/v1alpha1",
        "kind": "TransferPolicy",
        "metadata": {
            "name": name, "namespace": "privacy", "uid": name, "generation": generation,
            "resourceVersion": generation.to_string(),
        },
        "spec": spec,
    })
}

fn sound() -> Value {
    json!({ "minimumTls": "1.3" })
}

fn faults(policies: &Policies) -> Vec<Option<&'static str>> {
    policies.entries().map(|(_, entry)| entry.fault.as_ref().map(|fault| fault.reason)).collect()
}

#[test]
fn a_status_update_is_no_change_and_a_specification_update_is() {
    let (mut policies, checker) = (Policies::default(), Checker::default());
    assert!(policies.refresh(&read(&[policy("a", 1, &sound())]), &checker));
    let mut written = policy("a", 1, &sound());
    written["metadata"]["resourceVersion"] = json!("7");
    written["status"] = json!({ "observedGeneration": 1 });
    assert!(!policies.refresh(&read(std::slice::from_ref(&written)), &checker));
    let (_, entry) = policies.entries().next().unwrap();
    assert_eq!(entry.resource_version.as_deref(), Some("7"));
    assert_eq!(entry.status.as_ref().unwrap().observed_generation, Some(1));
    written["metadata"]["labels"] = json!({ "tier": "strict" });
    assert!(policies.refresh(&read(&[written]), &checker));
    assert!(policies.refresh(&read(&[policy("a", 2, &json!({}))]), &checker));
    assert!(policies.refresh(&[], &checker));
    assert!(!policies.refresh(&[], &checker));
}

#[test]
fn the_last_good_version_of_an_invalid_object_is_in_force() {
    let (mut policies, checker) = (Policies::default(), Checker::default());
    policies.refresh(&read(&[policy("a", 1, &sound())]), &checker);
    let good = policies.objects();
    assert!(policies.refresh(&read(&[policy("a", 2, &json!({ "severity": 4 }))]), &checker));
    assert_eq!(policies.objects(), good);
    assert_eq!(faults(&policies), [Some(condition::UNDECODABLE)]);
    let broken_rule = json!({ "agreementRef": { "name": "a" }, "agreementSelector": {} });
    policies.refresh(&read(&[policy("a", 3, &broken_rule)]), &checker);
    assert_eq!(policies.objects(), good);
    assert_eq!(faults(&policies), [Some(condition::REFUSED_BY_SCHEMA)]);
    policies.refresh(&read(&[policy("a", 4, &json!({}))]), &checker);
    assert_eq!((policies.objects() == good, faults(&policies)), (false, vec![None]));
}

#[test]
fn a_new_invalid_object_is_not_in_force() {
    let (mut policies, checker) = (Policies::default(), Checker::default());
    let invalid = json!({ "severity": "Shrill" });
    policies.refresh(&read(&[policy("a", 1, &sound()), policy("b", 1, &invalid)]), &checker);
    assert_eq!(policies.objects().len(), 1);
    // Another object of the same name does not inherit the last good version.
    let mut other = policy("a", 1, &invalid);
    other["metadata"]["uid"] = json!("other");
    policies.refresh(&read(&[other]), &checker);
    assert_eq!(policies.objects(), []);
}

#[test]
fn messages_name_fields_and_never_values() {
    let (mut policies, checker) = (Policies::default(), Checker::default());
    let secret = "erika@example.org";
    let wrong = [
        json!({ "severity": secret }),
        json!({ "notPersonal": [{ "name": "a", "reason": "r", "cidrs": [secret] }] }),
        json!({ "exceptions": [{ "edge": { "recipient": secret }, "reason": "r", "until": secret, "decider": "d" }] }),
        json!({ "allowedJurisdictions": [secret], "minimumTls": secret }),
        json!({ "agreementRef": secret }),
        json!({ "notPersonal": [{ "name": secret.repeat(9), "reason": "r", "ports": [1] }] }),
    ];
    let state: Vec<_> = wrong.iter().enumerate().map(|(index, spec)| policy(&format!("p{index}"), 1, spec)).collect();
    policies.refresh(&read(&state), &checker);
    let messages: Vec<_> =
        policies.entries().filter_map(|(_, entry)| entry.fault.as_ref()).map(|fault| fault.message.clone()).collect();
    assert_eq!(messages.len(), state.len());
    for message in &messages {
        assert!(!message.contains("erika"), "{message}");
    }
    let expected = "cannot be read as TransferPolicy by this version: expected another value at \
                    spec.notPersonal[0].cidrs[0]; it is not in force";
    assert_eq!(messages[1], expected);
}

#[test]
fn the_saved_version_of_an_invalid_object_is_in_force_after_a_restart() {
    let (mut before, checker) = (Policies::default(), Checker::default());
    before.refresh(&read(&["a", "b", "c", "d"].map(|name| policy(name, 1, &sound()))), &checker);
    let saved: Vec<_> = before.last_good_forms().collect();
    assert_eq!(saved.len(), 4);

    // Meanwhile one became invalid, one was updated, one was deleted, and one was replaced by another of the same name.
    let mut other = policy("d", 1, &json!({ "severity": 4 }));
    other["metadata"]["uid"] = json!("other");
    let invalid = policy("a", 2, &json!({ "severity": 4 }));
    let state = read(&[invalid, policy("b", 2, &json!({ "minimumTls": "1.2" })), other]);
    let mut after = Policies::default();
    after.restore(&saved, &checker);
    assert!(after.refresh(&state, &checker));
    let mut anew = Policies::default();
    anew.refresh(&state[1..2], &checker);
    assert_eq!(after.objects(), [&before.objects()[..1], &anew.objects()].concat());
    assert_eq!(faults(&after), [Some(condition::UNDECODABLE), None, Some(condition::UNDECODABLE)]);
    let messages: Vec<_> =
        after.entries().filter_map(|(_, entry)| entry.fault.as_ref()).map(|it| it.message.clone()).collect();
    assert!(
        messages[0].ends_with("; its last good version is in force") && messages[1].ends_with("; it is not in force")
    );
    // It is saved again, for the next restart.
    assert_eq!(after.last_good_forms().next().as_ref(), saved.first());
    assert!(!after.refresh(&state, &checker));
}

#[test]
fn invalid_saved_versions_are_ignored() {
    let checker = Checker::default();
    let invalid = read(&[policy("a", 2, &json!({ "severity": 4 }))]);
    let object = |edit: &dyn Fn(&mut Value)| {
        let mut object = policy("a", 1, &sound());
        edit(&mut object);
        [LastGoodForm { uid: "a".to_owned(), object }]
    };
    let counts = |saved: &[LastGoodForm]| {
        let mut policies = Policies::default();
        policies.restore(saved, &checker);
        policies.refresh(&invalid, &checker);
        policies.objects().len()
    };
    assert_eq!(counts(&object(&|_| {})), 1);
    assert_eq!(counts(&object(&|object| object["kind"] = json!("Recipient"))), 0);
    assert_eq!(counts(&object(&|object| object["spec"]["severity"] = json!("Shrill"))), 0);
    assert_eq!(
        counts(&object(&|object| object["spec"] = json!({ "agreementRef": { "name": "a" }, "agreementSelector": {} }))),
        0
    );
    assert_eq!(counts(&object(&|object| *object = Value::Null)), 0);
}
