//! The corpus of good and bad objects at a real API server; `crates/register/tests/objects.rs` asks the loader.

use std::fs;

use landfall_tests::cluster;

use crate::{
    register_api::{dry_run, install},
    support::{landfall, root},
};

/// Name and text of each object.
fn objects(folder: &str) -> Vec<(String, String)> {
    let mut objects: Vec<_> = fs::read_dir(root().join("tests/objects").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| (file.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&file).unwrap()))
        .collect();
    objects.sort();
    objects
}

#[tokio::test]
async fn the_api_server_answers_as_the_loader_does() {
    let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
    let client = cluster::or_skip(plane.client().await).unwrap();
    install(&client).await;
    let mut wrong = Vec::new();
    for (name, text) in objects("good") {
        if let Err(status) = dry_run(&client, &text).await {
            wrong.push(format!("{name} is refused: {}", status.message));
        }
    }
    for (name, text) in objects("bad") {
        let expected = text.lines().next().unwrap().strip_prefix("# expects: ").unwrap();
        let Err(status) = dry_run(&client, &text).await else {
            wrong.push(format!("{name} is taken"));
            continue;
        };
        let causes = status.details.map(|details| details.causes).unwrap_or_default();
        // Of a mapping where a list should be, the fields are unknown.
        let unknown = ["\"", "."].map(|end| format!("unknown field \"{expected}{end}"));
        let is_unknown = unknown.iter().any(|text| status.message.contains(text));
        if !causes.iter().any(|cause| cause.field == expected) && !is_unknown {
            wrong.push(format!("{name}: expected {expected}, found {}", status.message));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples of `docs/reference`, with their status.
#[tokio::test]
async fn the_api_server_takes_the_examples_of_the_reference() {
    cluster::with_namespace("reference", async |client, namespace| {
        install(&client).await;
        let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
        for (name, text) in objects("reference") {
            let there = |namespace: &str| {
                let moved = |text: String, own| {
                    text.replace(&format!("namespace: {own} }}\nspec"), &format!("namespace: {namespace} }}\nspec"))
                };
                ["privacy", "crm"].into_iter().fold(text.clone(), moved)
            };
            if let Err(status) = dry_run(&client, &there("default")).await {
                panic!("{name}: {}", status.message);
            }
            if !text.contains("\nstatus:") {
                continue;
            }
            let text = there(&namespace);
            let apply = ["apply", "--server-side", "--validate=strict", "-f", "-"];
            for part in [&[][..], &["--subresource=status", "--force-conflicts"]] {
                plane.kubectl(&[&apply, part].concat(), &text).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    })
    .await;
}

#[test]
fn the_manifests_are_printed_as_they_are_generated() {
    let yaml = landfall(["crds"]);
    let texts: Vec<_> = landfall_api::MANIFESTS.iter().map(|(_, text)| format!("---\n{text}")).collect();
    assert_eq!((yaml.status, yaml.stdout), (0, texts.concat()));
    let json = landfall(["crds", "-o", "json"]);
    assert_eq!((json.status, json.json()), (0, landfall_api::manifests()));
}

const ONE_EXPORTER: &str = "expected exactly one of workload and topic";
const INCIDENT: &str = "apiVersion: landfall.dev/v1alpha1
kind: Incident
metadata: { name: acme, namespace: NAMESPACE }
spec:
  agreementRef: { name: crm }
  edge:
    cluster: test
    agreement: { namespace: NAMESPACE, name: crm }
    exporter: { workload: { namespace: crm, kind: Deployment, name: sync } }
    recipient: unregistered:acme.example
  firstAwareness: 2026-11-23T08:00:00Z
  discoveredBy: Alert
  nature: { codes: [UnregisteredRecipient], obligations: [SUB-LIST], summary: data went to a recipient that no list has }
";

#[tokio::test]
async fn an_incident_keeps_its_clock_and_closes_with_reasons() {
    cluster::with_namespace("incident", async |client, namespace| {
        install(&client).await;
        let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
        let apply =
            |text: &str| plane.kubectl(&["apply", "--server-side", "-f", "-"], text).map_err(|error| error.to_string());
        let incident = INCIDENT.replace("NAMESPACE", &namespace);
        apply(&incident).unwrap();
        let refused = [
            ("firstAwareness: 2026-11-23T08", "firstAwareness: 2026-11-23T09", "never starts the clock anew"),
            ("recipient: unregistered:acme.example", "recipient: acme", "another edge is another Incident"),
            (
                "exporter: { workload: { namespace: crm, kind: Deployment, name: sync } }",
                "exporter: {}",
                "spec.edge.exporter",
            ),
            ("exporter: {", "exporter: { topic: { namespace: crm, bus: events, name: orders },", ONE_EXPORTER),
            ("SUB-LIST], summary", "SUB-LIST], colour: blue, summary", "field not declared in schema"),
        ];
        for (from, to, expected) in refused {
            let told = apply(&incident.replace(from, to)).unwrap_err();
            assert!(told.contains(expected), "{told}");
        }
        let measures =
            "  closing: { measures: [stopped the workload], by: Data protection office, at: 2026-11-23T10:00:00Z";
        let told = apply(&format!("{incident}{measures} }}\n")).unwrap_err();
        assert!(told.contains("spec.closing.reasoning: Required value"), "{told}");
        apply(&format!("{incident}{measures}, reasoning: nothing can leave it any more }}\n")).unwrap();
    })
    .await;
}
