//! What agents of earlier versions send, today's operator takes: it is upgraded before them. `wire/` has a batch of each
//! version, frozen, as an agent of a test cluster sent it (docs/testing.md says how one is added).

use std::{fs, path::Path, time::Duration};

use landfall_tests::{
    cluster::{self, ControlPlane, Options},
    intake::{self, Intake},
    operator::{Operator, install},
};
use serde_json::Value;

use crate::support::root;

const READY: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_earlier_agents_are_taken_and_kept_as_they_came() {
    let options = Options { controllers: true, ..Options::default() };
    let Some(plane) = cluster::or_skip(ControlPlane::start(options).await) else { return };
    // Another test of this process may have set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = install(&plane).await.unwrap();
    let token = plane.token("landfall-system", "landfall-agent", Some("landfall-operator")).await.unwrap();
    let batches: Vec<_> =
        fs::read_dir(root().join("tests/integration/wire")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!batches.is_empty());
    for batch in batches {
        let folder = tempfile::tempdir().unwrap();
        let flags = ["--log-level", "warn,kube_client=off"];
        let operator = Operator::start(folder.path(), &kubeconfig, &[], &flags).unwrap();
        operator.await_ready(READY).unwrap();
        let way = Intake::of(&operator, &intake::authority(&plane).unwrap()).unwrap();
        let sent = fs::read(&batch).unwrap();
        let lines = String::from_utf8(zstd::decode_all(&sent[..]).unwrap()).unwrap();
        let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();

        assert_eq!(way.alive(&way.client(), &token).unwrap(), 204, "a heartbeat");
        let (status, said) = way.deliver(&way.client(), &token, &sent, Some("zstd")).unwrap();

        assert_eq!(status, 200, "{}: {said}", batch.display());
        let said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(said["acknowledged"], last["seq"], "what an earlier agent reads in the answer");
        assert!(operator.stop().unwrap().success());
        assert_eq!(bodies(&folder.path().join("ledger")), lines, "{}", batch.display());
    }
}

/// The observations of a ledger as they came, a line each.
fn bodies(ledger: &Path) -> String {
    let records = landfall_evidence::Reader::open(ledger).unwrap().kinds(&[landfall_evidence::RecordKind::Observation]);
    records.map(|record| record.unwrap().body + "\n").collect()
}
