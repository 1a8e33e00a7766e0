//! The operator's copies: they follow what is sealed, a store that refuses keeps nothing but the copies waiting, and a ledger
//! that was restored goes on under another key and another Lease.

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use landfall_evidence::{PublicKey, Signer};
use landfall_observation::Window;
use landfall_tests::{
    cluster::{self, ControlPlane, Options},
    object_store::{Fault, S3Server},
    operator::{CLUSTER, Operator, install},
};

use crate::{
    operator::Agent,
    support::{Run, binary},
};

const PATIENCE: Duration = Duration::from_mins(2);
const COPY: &str = "s3://evidence/production";
const ANCHORED: &str = "s3://anchors/production";

fn start(server: &S3Server, folder: &Path, kubeconfig: &Path, more: &[&str]) -> Operator {
    let variables: Vec<_> = server.variables().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let around: Vec<_> = ["env"].into_iter().chain(variables.iter().map(String::as_str)).collect();
    let flags = ["--log-level", "warn,kube_client=off", "--seal", "0s", "--ledger-archive", COPY];
    let anchor = ["--ledger-anchor", ANCHORED, "--ledger-anchor-interval", "0s"];
    let operator = Operator::start(folder, kubeconfig, &around, &[&flags[..], &anchor[..], more].concat()).unwrap();
    operator.await_ready(PATIENCE).unwrap();
    operator
}

/// Delivers one observation more.
fn deliver(agent: &Agent, token: &str, seq: u64) {
    let mut observation =
        landfall_observation::decode(include_str!("../../crates/observation/testdata/flow.json").trim()).unwrap();
    CLUSTER.clone_into(&mut observation.identity.cluster);
    "node-a".clone_into(&mut observation.identity.agent);
    observation.identity.seq = seq;
    let now = Timestamp::now();
    observation.window = Window { start: now, end: now };
    let line = landfall_observation::encode(&observation) + "\n";
    assert_eq!(agent.deliver(token, line.as_bytes()), (200, seq.to_string()));
}

/// Waits for a metric.
fn until(operator: &Operator, metric: &str, is_so: impl Fn(f64) -> bool) {
    let began = Instant::now();
    loop {
        let value = operator.metric(metric);
        if value.is_some_and(&is_so) {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{metric} {value:?}");
        sleep(Duration::from_millis(100));
    }
}

/// Waits until everything that is sealed is copied, and its head anchored.
fn copied(operator: &Operator, server: &S3Server, segments: usize) {
    let began = Instant::now();
    let manifests = || {
        let names = server.names("evidence", "production/segments");
        names.iter().filter(|name| name.ends_with("manifest.json")).count()
    };
    let waits = |store: &str| {
        operator.metric(&format!("landfall_ledger_archive_segments_pending{{store=\"{store}\"}}")) != Some(0.0)
    };
    while manifests() < segments || waits("archive") || waits("anchor") {
        assert!(began.elapsed() < PATIENCE, "{} of {segments}", manifests());
        sleep(Duration::from_millis(100));
    }
}

fn ledger(server: &S3Server, arguments: &[&str]) -> Run {
    let mut command = std::process::Command::new(binary());
    command.arg("ledger").args(arguments);
    server.configure(&mut command);
    let output = command.output().unwrap();
    Run {
        status: output.status.code().expect("no signal ended it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_follow_the_ledger_through_refusals_a_rotation_and_a_loss() {
    let Some(plane) = cluster::or_skip(ControlPlane::start(Options::default()).await) else { return };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = install(&plane).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::create_dir(path("buckets")).unwrap();
    let server = S3Server::start(&path("buckets")).unwrap();
    for bucket in ["evidence", "anchors"] {
        server.bucket(bucket).unwrap();
    }
    let token = plane.token("landfall-system", "landfall-agent", Some("landfall-operator")).await.unwrap();
    let key =
        |file: &str| -> PublicKey { Signer::from_pem(&fs::read_to_string(path(file)).unwrap()).unwrap().public() };

    let operator = start(&server, folder.path(), &kubeconfig, &[]);
    let agent = Agent::of(&operator, &plane);
    deliver(&agent, &token, 0);
    copied(&operator, &server, 1);
    fs::write(path("first.pem"), key("key.pem").to_pem()).unwrap();

    // A store that denies costs nothing but lag.
    server.fail(Fault::Denied);
    deliver(&agent, &token, 1);
    for store in ["archive", "anchor"] {
        let failures = format!("landfall_ledger_archive_failures_total{{reason=\"denied\",store=\"{store}\"}}");
        until(&operator, &failures, |failures| failures >= 1.0);
        let oldest = format!("landfall_ledger_archive_oldest_pending_timestamp_seconds{{store=\"{store}\"}}");
        until(&operator, &oldest, |oldest| oldest > 0.0);
    }
    deliver(&agent, &token, 2);
    assert_eq!(operator.metric("landfall_ledger_stalled"), Some(0.0));
    assert_eq!(operator.ask("/readyz").unwrap().0, 200);
    server.fail(Fault::Slow(Duration::from_millis(50)));
    copied(&operator, &server, 2);
    server.fail(Fault::None);
    assert!(operator.stop().unwrap().success());

    // The key is changed while the copy goes on.
    fs::rename(path("key.pem"), path("previous.pem")).unwrap();
    let previous = path("previous.pem").display().to_string();
    let operator = start(&server, folder.path(), &kubeconfig, &["--previous-signing-key", &previous]);
    let agent = Agent::of(&operator, &plane);
    deliver(&agent, &token, 3);
    copied(&operator, &server, 4);
    fs::write(path("second.pem"), key("key.pem").to_pem()).unwrap();
    for public in ["first.pem", "second.pem"] {
        let public = path(public).display().to_string();
        let verified = ledger(&server, &["verify", COPY, "--public-key", &public, "--anchor", ANCHORED]);
        assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    }
    // What it seals at its end waits for the next one, or for a person.
    assert!(operator.stop().unwrap().success());
    let (target, public) = (path("ledger").display().to_string(), path("second.pem").display().to_string());
    assert_eq!(ledger(&server, &["archive", &target, COPY, "--anchor", ANCHORED]).status, 0);

    // The volume is lost, the key is not; the cluster is a new one, whose Lease begins at 1.
    fs::remove_dir_all(path("ledger")).unwrap();
    let restored = ledger(&server, &["restore", COPY, &target, "--public-key", &public, "--anchor", ANCHORED]);
    assert_eq!(restored.status, 0, "{}", restored.stderr);
    let before = landfall_evidence::restored(&path("ledger")).unwrap().unwrap();
    assert!(before.writer_epoch >= 2, "{before:?}");
    plane.kubectl(&["-n", "landfall-system", "delete", "lease", "landfall-operator"], "").unwrap();
    let segments = landfall_evidence::segments(&path("ledger")).unwrap().len();
    let operator = start(&server, folder.path(), &kubeconfig, &[]);
    let agent = Agent::of(&operator, &plane);
    deliver(&agent, &token, 4);
    copied(&operator, &server, segments + 1);
    assert!(operator.stop().unwrap().success());
    let continued = landfall_evidence::segments(&path("ledger")).unwrap();
    assert!(continued[segments].manifest.writer_epoch > before.writer_epoch);
    let verified = ledger(&server, &["verify", &target, "--public-key", &public, "--anchor", ANCHORED]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_none_ends_the_operator_without_repeating_it() {
    let Some(plane) = cluster::or_skip(ControlPlane::start(Options::default()).await) else { return };
    let kubeconfig = plane.kubeconfig("person", &["system:masters"]).unwrap();
    for (places, why) in [
        (&["--ledger-archive", "s3://user:hunter2@evidence"][..], "--ledger-archive: expected a URL without a user"),
        (&["--ledger-anchor", "evidence"], "--ledger-anchor: expected s3://"),
        (&["--ledger-archive", COPY, "--ledger-anchor", COPY], "--ledger-anchor: expected another place"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let output = std::process::Command::new(landfall_tests::built("landfall-operator").unwrap())
            .args(["--cluster", CLUSTER, "--listen", "127.0.0.1:0", "--ingest", "127.0.0.1:0"])
            .arg("--ledger")
            .arg(folder.path().join("ledger"))
            .arg("--signing-key")
            .arg(folder.path().join("key.pem"))
            .arg("--kubeconfig")
            .arg(&kubeconfig)
            .args(places)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success() && said.contains(why) && !said.contains("hunter2"), "{said}");
    }
}
