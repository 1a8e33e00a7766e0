//! What goes wrong, and stays in bounds.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api,
    api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams},
};
use landfall_operator::register::Stale;
use serde_json::{Value, json};

use super::{RECIPIENT, fixture::Fixture};
use crate::register_api::apply_text;

fn recipients(fixture: &Fixture) -> Api<DynamicObject> {
    let resource = ApiResource {
        group: "landfall.dev".to_owned(),
        version: "v1alpha1".to_owned(),
        api_version: "landfall.dev/v1alpha1".to_owned(),
        kind: "Recipient".to_owned(),
        plural: "recipients".to_owned(),
    };
    Api::all_with(fixture.client.clone(), &resource)
}

/// As if a later version had been installed, with fields and values that this one does not know.
async fn accept_anything(fixture: &Fixture) {
    let api: Api<CustomResourceDefinition> = Api::all(fixture.client.clone());
    let mut definition = api.get("recipients.landfall.dev").await.unwrap();
    let anything = json!({ "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } });
    definition.spec.versions[0].schema = Some(serde_json::from_value(anything).unwrap());
    api.replace("recipients.landfall.dev", &PostParams::default(), &definition).await.unwrap();
    // The API server takes a moment to follow.
    for _ in 0..200 {
        let probe = json!({ "metadata": { "name": "probe" }, "spec": 1 });
        let probe = serde_json::from_value::<DynamicObject>(with_type(probe)).unwrap();
        let parameters = PostParams { dry_run: true, ..PostParams::default() };
        if recipients(fixture).create(&parameters, &probe).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the definition was not followed");
}

fn with_type(mut object: Value) -> Value {
    object["apiVersion"] = json!("landfall.dev/v1alpha1");
    object["kind"] = json!("Recipient");
    object
}

async fn change(fixture: &Fixture, patch: Value) {
    recipients(fixture).patch("acme", &PatchParams::default(), &Patch::Merge(patch)).await.unwrap();
}

/// Status, reason and message of a condition, once it is of this reason.
async fn condition(fixture: &Fixture, name: &str, aspect: &str, reason: &str) -> (String, String) {
    for _ in 0..400 {
        let object = recipients(fixture).get(name).await.unwrap();
        let conditions = object.data["status"]["conditions"].as_array().cloned().unwrap_or_default();
        if let Some(found) = conditions.iter().find(|it| it["type"] == aspect && it["reason"] == reason) {
            let text = |key: &str| found[key].as_str().unwrap().to_owned();
            return (text("status"), text("message"));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} never came to {aspect} for {reason}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broken_object_leaves_the_last_good_ruleset_in_force_and_says_so() {
    let Some(fixture) = Fixture::new(true).await else { return };
    apply_text(&fixture.plane, RECIPIENT);
    let good = fixture.wait("the sub-processor", |it| it.ruleset.recipients.contains_key("acme")).await;
    assert_eq!(fixture.metric("landfall_ruleset_stale"), 0);
    accept_anything(&fixture).await;

    change(&fixture, json!({ "spec": { "endpoints": 4 } })).await;
    let stale = fixture.wait("staleness", |it| it.stale.is_some()).await;
    assert_eq!(stale.version(), good.version());
    assert_eq!(stale.stale, Some(Stale::Objects { count: 1, first: "Recipient acme".to_owned() }));
    assert_eq!(fixture.metric("landfall_ruleset_stale"), 1);
    let (status, message) = condition(&fixture, "acme", "Ready", "Undecodable").await;
    assert_eq!(status, "False");
    let expected = "cannot be read as Recipient by this version: expected another value at spec.endpoints; \
                    its last good version is in force";
    assert_eq!(message, expected);

    // Refused by a rule, in words of the schema.
    let places = json!({ "value": ["US"], "anywhere": true, "source": "s", "asOf": "2026-08-05" });
    let endpoint =
        json!({ "name": "api", "hosts": ["a.example"], "source": "s", "asOf": "2026-08-05", "processing": places });
    change(&fixture, json!({ "spec": { "endpoints": [endpoint] } })).await;
    let (_, message) = condition(&fixture, "acme", "Compiled", "RefusedBySchema").await;
    assert!(message.contains("spec.endpoints[0].processing: expected either value"), "{message}");
    assert_eq!(fixture.now().version(), good.version());

    // The rest of the register stays live.
    let other = RECIPIENT.replace("name: acme }", "name: second }").replace("acme.example", "second.example");
    apply_text(&fixture.plane, &other);
    let both = fixture.wait("the other one", |it| it.ruleset.recipients.contains_key("second")).await;
    assert!(both.ruleset.recipients.contains_key("acme") && both.stale.is_some());

    apply_text(&fixture.plane, RECIPIENT);
    fixture.wait("all well again", |it| it.stale.is_none()).await;
    let (status, _) = condition(&fixture, "acme", "Ready", "InForce").await;
    assert_eq!(status, "True");
    fixture.rests().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_a_restart_a_broken_object_counts_in_its_last_good_form_and_in_no_other() {
    let Some(mut fixture) = Fixture::new(true).await else { return };
    let other = RECIPIENT.replace("name: acme }", "name: second }").replace("acme.example", "second.example");
    apply_text(&fixture.plane, &format!("{RECIPIENT}---{other}"));
    let good = fixture.wait("both", |it| it.ruleset.recipients.len() == 2).await;
    accept_anything(&fixture).await;
    change(&fixture, json!({ "spec": { "endpoints": 4 } })).await;
    fixture.wait("staleness", |it| it.stale.is_some()).await;

    fixture.restart().await;
    let again = fixture.wait("the ruleset", |_| true).await;
    assert_eq!(again.version(), good.version());
    assert_eq!(again.stale, Some(Stale::Objects { count: 1, first: "Recipient acme".to_owned() }));
    let (_, message) = condition(&fixture, "acme", "Ready", "Undecodable").await;
    assert!(message.ends_with("; its last good version is in force"), "{message}");

    // What was deleted meanwhile is gone, and what was written anew counts as it was written.
    recipients(&fixture).delete("second", &DeleteParams::default()).await.unwrap();
    fixture.restart().await;
    let without = fixture.wait("the other one's end", |it| it.ruleset.recipients.len() == 1).await;
    apply_text(&fixture.plane, &RECIPIENT.replace("acme.example", "acme-anew.example"));
    let mended = fixture.wait("the mended one", |it| it.stale.is_none()).await;
    assert_ne!(mended.version(), without.version());
    fixture.restart().await;
    let same = fixture.wait("the ruleset", |_| true).await;
    assert_eq!((same.version(), &same.stale), (mended.version(), &None));

    // A file that was changed, or is not there, counts for nothing.
    change(&fixture, json!({ "spec": { "endpoints": 4 } })).await;
    fixture.wait("staleness", |it| it.stale.is_some()).await;
    let text = std::fs::read_to_string(fixture.kept()).unwrap();
    assert!(text.contains("acme-anew.example"));
    std::fs::write(fixture.kept(), text.replace("acme-anew.example", "stranger.example")).unwrap();
    fixture.restart().await;
    let none = fixture.wait("the ruleset", |_| true).await;
    assert!(none.ruleset.recipients.is_empty() && none.stale.is_some());
    let (_, message) = condition_that_ends(&fixture, "; it is not in force").await;
    assert!(message.starts_with("cannot be read as Recipient by this version"), "{message}");
}

/// Status and message of the condition Ready, once it says this.
async fn condition_that_ends(fixture: &Fixture, end: &str) -> (String, String) {
    for _ in 0..100 {
        let (status, message) = condition(fixture, "acme", "Ready", "Undecodable").await;
        if message.ends_with(end) {
            return (status, message);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("never came to {end}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_of_a_later_version_stall_nothing() {
    let Some(fixture) = Fixture::new(true).await else { return };
    apply_text(&fixture.plane, RECIPIENT);
    let good = fixture.wait("the sub-processor", |it| it.ruleset.recipients.contains_key("acme")).await;
    accept_anything(&fixture).await;
    let later = json!({
        "spec": { "later": { "field": [1, 2, 3] }, "legalEntity": { "value": { "colour": "blue" } } },
        "status": { "conditions": "as text" },
    });
    change(&fixture, later).await;
    // Seen, and of the same meaning.
    let _ = condition_of_generation(&fixture, 2).await;
    assert_eq!((fixture.now().version(), &fixture.now().stale), (good.version(), &None));
    change(&fixture, json!({ "spec": { "legalEntity": { "source": "contract of 2026" } } })).await;
    fixture.wait("the next change", |it| it.version() != good.version()).await;
}

async fn condition_of_generation(fixture: &Fixture, generation: i64) -> Value {
    for _ in 0..400 {
        let object = recipients(fixture).get("acme").await.unwrap();
        if object.data["status"]["observedGeneration"] == generation {
            return object.data["status"].clone();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("generation {generation} was never observed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ruleset_outlives_a_restart_of_the_api_server() {
    let Some(mut fixture) = Fixture::new(true).await else { return };
    apply_text(&fixture.plane, RECIPIENT);
    let good = fixture.wait("the sub-processor", |it| it.ruleset.recipients.contains_key("acme")).await;
    fixture.plane.stop_api_server();
    let silent = fixture.wait("an outage", |it| matches!(it.stale, Some(Stale::Watch { .. }))).await;
    assert_eq!(silent.version(), good.version());
    fixture.plane.start_api_server().await.unwrap();
    apply_text(&fixture.plane, &RECIPIENT.replace("contract", "contract of 2026"));
    fixture.wait("the change", |it| it.version() != good.version()).await;
    let (status, _) = condition(&fixture, "acme", "Ready", "InForce").await;
    assert_eq!(status, "True");
    // No event may come where nothing changes: that the watches are back is told by time.
    fixture.wait("all well again", |it| it.stale.is_none()).await;
}
