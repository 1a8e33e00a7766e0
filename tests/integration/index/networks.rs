//! What the operator says of the cluster's own networks.

use std::time::Duration;

use kube::Api;
use landfall_api::{Condition, ConditionStatus, ProcessingAgreementSpec, RegisterStatus, Stored};
use serde_json::json;

use super::fixture::{API_SERVER, Fixture};
use crate::register_api::{apply_text, kubectl};

type Agreements = Api<Stored<ProcessingAgreementSpec>>;

/// A node as a kubelet and a controller leave it.
fn node(fixture: &Fixture, name: &str, region: &str, pods: &str, address: &str) {
    let node = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "labels": { "topology.kubernetes.io/region": region } },
        "spec": { "podCIDR": pods, "podCIDRs": [pods] },
        "status": { "addresses": [{ "type": "InternalIP", "address": address }] },
    });
    // The status goes with it only this way.
    kubectl(&fixture.plane, &["create", "-f", "-"], &node.to_string());
    kubectl(
        &fixture.plane,
        &["apply", "--server-side", "--force-conflicts", "--subresource=status", "-f", "-"],
        &node.to_string(),
    );
}

fn agreement(fixture: &Fixture, networks: &str) {
    let text = format!(
        "apiVersion: landfall.dev/v1alpha1\nkind: ProcessingAgreement\nmetadata: {{ name: crm, namespace: default }}\nspec:\n  \
         revision: \"1\"\n  processor: {{ legalName: Own GmbH, seat: DE, zone: Europe/Berlin }}\n  \
         scope: {{ categories: [{{ category: \"pd:Name\", clause: L1 }}] }}\n  {networks}\n"
    );
    apply_text(&fixture.plane, &text);
}

fn own_networks(status: &RegisterStatus) -> Option<&Condition> {
    status.conditions.iter().find(|it| it.r#type == "OwnNetworksDeclared")
}

async fn said(fixture: &Fixture, status: ConditionStatus) -> (Condition, RegisterStatus) {
    let agreements: Agreements = Api::namespaced_with(fixture.client.clone(), "default", &());
    let is = |it: &RegisterStatus| own_networks(it).is_some_and(|it| it.status == status);
    let status = fixture.status(&agreements, "crm", is).await;
    (own_networks(&status).unwrap().clone(), status)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clusters_networks_are_proposed_until_they_are_declared() {
    let Some(mut fixture) = Fixture::new(true).await else { return };
    node(&fixture, "node-eu", "eu-central-1", "10.244.1.0/24", "192.0.2.11");
    node(&fixture, "node-us", "us-east-1", "10.244.2.0/24", "192.0.2.12");
    fixture.restart().await;
    agreement(&fixture, "");
    let (condition, status) = said(&fixture, ConditionStatus::False).await;
    assert_eq!(condition.reason, "Undeclared");
    for expected in [
        "- 10.0.0.0/24 # Services",
        "- 10.244.1.0/24 # pods",
        "- 10.244.2.0/24 # pods",
        "- 192.0.2.11/32 # nodes",
        &format!("- {API_SERVER}/32 # API server"),
        "operator: # the legal entity that runs them",
        r#"nodes are labelled region "us-east-1""#,
    ] {
        assert!(condition.message.contains(expected), "{expected}: {}", condition.message);
    }
    let findings = status.findings.unwrap();

    // As it stands it is refused; with its gaps filled in it is taken, and that is all.
    let (_, text) = condition.message.split_once("\n\n").unwrap();
    let patch = ["-n", "default", "patch", "agr", "crm", "--type=merge", "-p"];
    let refused = fixture.plane.kubectl(&[&patch[..], &[text]].concat(), "").unwrap_err().to_string();
    assert!(refused.contains("spec.ownNetworks[0].operator: Required value"), "{refused}");
    let filled = text.replace("operator:", "operator: Own GmbH").replace("jurisdiction:", "jurisdiction: DE");
    kubectl(&fixture.plane, &[&patch[..], &[&filled]].concat(), "");
    let (condition, status) = said(&fixture, ConditionStatus::True).await;
    assert_eq!(
        (condition.reason.as_str(), condition.message.as_str()),
        ("Declared", "every known network of the cluster is declared")
    );
    assert_eq!(status.findings.unwrap().warnings, findings.warnings - 1);

    // Kubelets write their nodes all the time, and nodes come and go.
    fixture.rests().await;
    for number in 0..20 {
        let annotation = format!("test/heartbeat={number}");
        kubectl(&fixture.plane, &["annotate", "--overwrite", "node", "node-eu", &annotation], "");
    }
    kubectl(&fixture.plane, &["delete", "node", "node-us"], "");
    let writes = || {
        let audit = fixture.plane.audit().unwrap();
        audit.iter().filter(|entry| entry.resource == "processingagreements/status" && entry.verb == "patch").count()
    };
    let before = writes();
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(writes(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_read_makes_the_condition_unknown_and_stops_nothing() {
    let Some(mut fixture) = Fixture::new(true).await else { return };
    let rules = json!([
        { "apiGroups": ["landfall.dev"], "resources": ["*"], "verbs": ["*"] },
        { "apiGroups": [""], "resources": ["namespaces"], "verbs": ["list", "watch"] },
    ]);
    fixture.plane.grant("operator-without-nodes", rules).await.unwrap();
    fixture.client = fixture.plane.client_of("operator-without-nodes", &[]).await.unwrap();
    fixture.restart().await;
    agreement(&fixture, "ownNetworks: [{ cidrs: [0.0.0.0/0], operator: Own GmbH, jurisdiction: DE }]");
    let (condition, status) = said(&fixture, ConditionStatus::Unknown).await;
    assert_eq!(condition.reason, "NotReadable");
    for expected in ["Nodes cannot be listed", "servicecidrs", "the API server's addresses"] {
        assert!(condition.message.contains(expected), "{}", condition.message);
    }
    let ready = status.conditions.iter().find(|it| it.r#type == "Ready").unwrap();
    assert_eq!(ready.status, ConditionStatus::True);
    fixture.rests().await;
}
