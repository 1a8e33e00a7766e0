//! An Incident that a person writes and that is about no edge: one operator as a process, beside a real API server.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use landfall_evidence::{PublicKey, Reader, RecordKind};
use landfall_tests::{
    cluster::{self, ControlPlane, Options},
    operator::{Operator, install},
};
use serde_json::{Value, json};

const PATIENCE: Duration = Duration::from_mins(2);
const NAME: &str = "lost-laptop";

fn start(folder: &Path, kubeconfig: &Path) -> Operator {
    let operator = Operator::start(folder, kubeconfig, &[], &["--log-level", "warn,kube_client=off"]).unwrap();
    operator.await_ready(Duration::from_mins(1)).unwrap();
    operator
}

/// The Incident, once it is as it should be.
fn await_incident(plane: &ControlPlane, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let list = plane.kubectl(&["-n", "privacy", "get", "incidents", "-o", "json"], "").unwrap();
        let list: Value = serde_json::from_str(&list).unwrap();
        if let Some(incident) = list["items"].as_array().unwrap().first().filter(|it| holds(it)) {
            return incident.clone();
        }
        assert!(began.elapsed() < PATIENCE, "{what}: {list}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// How many records of each kind the ledger holds.
fn records(folder: &Path) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let kinds = [RecordKind::Incident, RecordKind::Decision, RecordKind::Draft, RecordKind::Notice];
    for record in Reader::open(&folder.join("ledger")).unwrap().kinds(&kinds) {
        *counts.entry(record.unwrap().kind.to_string()).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_about_no_edge_comes_back_as_people_wrote_it() {
    let options = Options { controllers: true, ..Options::default() };
    let Some(plane) = cluster::or_skip(ControlPlane::start(options).await) else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = install(&plane).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let operator = start(folder.path(), &kubeconfig);
    let spec = json!({
        "agreementRef": { "name": "crm-processor" }, "firstAwareness": "2026-11-23T10:00:00Z", "discoveredBy": "Person",
        "nature": { "codes": ["LostDevice"], "summary": "a laptop was lost" },
    });
    let object = json!({
        "apiVersion": "landfall.dev/v1alpha1", "kind": "Incident",
        "metadata": { "name": NAME, "namespace": "privacy" }, "spec": spec,
    });
    let _ = plane.kubectl(&["create", "namespace", "privacy"], "");
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &object.to_string()).unwrap();
    let has_clocks = |it: &Value| it["status"]["firstReport"]["due"] == "2026-11-23T14:00:00Z";
    let written = await_incident(&plane, "clocks", has_clocks);
    // Known since long: both reports are overdue.
    let expected =
        [("decision", 1), ("draft", 4), ("incident", 2)].map(|(kind, count)| (kind.to_owned(), count)).into();
    let is_drafted = || records(folder.path()) == expected;
    let began = Instant::now();
    while !is_drafted() {
        assert!(began.elapsed() < PATIENCE, "{:?}", records(folder.path()));
        std::thread::sleep(Duration::from_millis(200));
    }

    let delete = || plane.kubectl(&["-n", "privacy", "delete", "incident", NAME], "").unwrap();
    delete();
    let is_another = |it: &Value| it["metadata"]["uid"] != written["metadata"]["uid"] && has_clocks(it);
    let again = await_incident(&plane, "the Incident again", is_another);
    assert_eq!(again["spec"], written["spec"]);

    // So it does where it is deleted while the operator is away, and nothing is written down twice.
    operator.kill();
    delete();
    let operator = start(folder.path(), &kubeconfig);
    let once_more = await_incident(&plane, "the Incident once more", has_clocks);
    assert_eq!(
        (&once_more["spec"], &once_more["status"]["fullReport"]),
        (&written["spec"], &written["status"]["fullReport"])
    );
    let reports = [
        "-n",
        "privacy",
        "get",
        "configmap",
        "lost-laptop-reports",
        "-o",
        "jsonpath={.metadata.ownerReferences[0].uid}",
    ];
    let began = Instant::now();
    while plane.kubectl(&reports, "").ok().as_deref() != once_more["metadata"]["uid"].as_str() {
        assert!(began.elapsed() < PATIENCE, "the drafts are not written");
        std::thread::sleep(Duration::from_millis(200));
    }
    std::thread::sleep(Duration::from_secs(3));
    assert!(is_drafted(), "{:?}", records(folder.path()));
    assert!(operator.stop().unwrap().success());
    the_previous_key_hands_over(folder.path(), &kubeconfig);
}

/// Started with another key, and with the one that signed so far.
fn the_previous_key_hands_over(folder: &Path, kubeconfig: &Path) {
    let ledger = folder.join("ledger");
    let published = || std::fs::read_to_string(ledger.join("public-key.pem")).unwrap();
    let first = PublicKey::from_pem(&published()).unwrap();
    let previous = folder.join("previous.pem");
    std::fs::rename(folder.join("key.pem"), &previous).unwrap();
    let flags = ["--log-level", "warn,kube_client=off", "--previous-signing-key", previous.to_str().unwrap()];
    for gone in [false, true] {
        if gone {
            // It is needed once.
            std::fs::remove_file(&previous).unwrap();
        }
        let operator = Operator::start(folder, kubeconfig, &[], &flags).unwrap();
        operator.await_ready(Duration::from_mins(1)).unwrap();
        assert!(operator.stop().unwrap().success());
    }
    let second = PublicKey::from_pem(&published()).unwrap();
    assert_ne!(first, second);
    for key in [&first, &second] {
        let report = landfall_evidence::verify(&ledger, key, jiff::Timestamp::now()).unwrap();
        assert_eq!((report.findings, report.keys), (vec![], vec![first.id(), second.id()]));
    }
    let kinds: Vec<_> = Reader::open(&ledger).unwrap().map(|record| record.unwrap().kind.to_string()).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "key-change").count(), 1, "{kinds:?}");
}
