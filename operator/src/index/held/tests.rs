use landfall_api::TransferPolicySpec;
use serde_json::{Value, json};

use super::*;

type Policies = Held<TransferPolicySpec>;

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

fn faults(held: &Policies) -> Vec<Option<&'static str>> {
    held.entries().map(|(_, entry)| entry.fault.as_ref().map(|fault| fault.reason)).collect()
}

#[test]
fn a_status_changes_nothing_and_a_specification_does() {
    let (mut held, checker) = (Policies::default(), Checker::default());
    assert!(held.refresh(&read(&[policy("a", 1, &sound())]), &checker));
    let mut written = policy("a", 1, &sound());
    written["metadata"]["resourceVersion"] = json!("7");
    written["status"] = json!({ "observedGeneration": 1 });
    assert!(!held.refresh(&read(std::slice::from_ref(&written)), &checker));
    let (_, entry) = held.entries().next().unwrap();
    assert_eq!(entry.resource_version.as_deref(), Some("7"));
    assert_eq!(entry.status.as_ref().unwrap().observed_generation, Some(1));
    written["metadata"]["labels"] = json!({ "tier": "strict" });
    assert!(held.refresh(&read(&[written]), &checker));
    assert!(held.refresh(&read(&[policy("a", 2, &json!({}))]), &checker));
    assert!(held.refresh(&[], &checker));
    assert!(!held.refresh(&[], &checker));
}

#[test]
fn a_broken_object_counts_in_its_last_good_form() {
    let (mut held, checker) = (Policies::default(), Checker::default());
    held.refresh(&read(&[policy("a", 1, &sound())]), &checker);
    let good = held.objects();
    assert!(held.refresh(&read(&[policy("a", 2, &json!({ "severity": 4 }))]), &checker));
    assert_eq!(held.objects(), good);
    assert_eq!(faults(&held), [Some(condition::UNDECODABLE)]);
    let broken_rule = json!({ "agreementRef": { "name": "a" }, "agreementSelector": {} });
    held.refresh(&read(&[policy("a", 3, &broken_rule)]), &checker);
    assert_eq!(held.objects(), good);
    assert_eq!(faults(&held), [Some(condition::REFUSED_BY_SCHEMA)]);
    held.refresh(&read(&[policy("a", 4, &json!({}))]), &checker);
    assert_eq!((held.objects() == good, faults(&held)), (false, vec![None]));
}

#[test]
fn a_new_object_that_is_broken_does_not_count() {
    let (mut held, checker) = (Policies::default(), Checker::default());
    let broken = json!({ "severity": "Shrill" });
    held.refresh(&read(&[policy("a", 1, &sound()), policy("b", 1, &broken)]), &checker);
    assert_eq!(held.objects().len(), 1);
    // Another object of the same name does not inherit.
    let mut other = policy("a", 1, &broken);
    other["metadata"]["uid"] = json!("other");
    held.refresh(&read(&[other]), &checker);
    assert_eq!(held.objects(), []);
}

#[test]
fn messages_name_fields_and_never_values() {
    let (mut held, checker) = (Policies::default(), Checker::default());
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
    held.refresh(&read(&state), &checker);
    let messages: Vec<_> =
        held.entries().filter_map(|(_, entry)| entry.fault.as_ref()).map(|fault| fault.message.clone()).collect();
    assert_eq!(messages.len(), state.len());
    for message in &messages {
        assert!(!message.contains("erika"), "{message}");
    }
    let expected = "cannot be read as TransferPolicy by this version: expected another value at \
                    spec.notPersonal[0].cidrs[0]; it does not count";
    assert_eq!(messages[1], expected);
}
