//! The ledger over the operator's HTTPS: who may read it, what is read, by the plugin of kubectl, too; and the certificate of a
//! replica that does not lead.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use landfall_evidence::{Reader, RecordKind};
use landfall_tests::{
    intake::{self, Intake},
    operator::Operator,
    plugin::Plugin,
};
use serde_json::{Value, json};

use crate::{
    support::{Run, binary},
    transfer_faults::breach,
    transfers::{PATIENCE, Scene, at_a_glance},
};

/// Status and text of an answer.
fn get(intake: &Intake, port: u16, path: &str, token: Option<&str>) -> Result<(u16, String), ureq::Error> {
    let client = intake.client();
    let mut request = client.get(format!("https://localhost:{port}{path}"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.call()?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

/// `kubectl landfall ledger ARGUMENTS`, as somebody with all rights.
fn landfall(scene: &Scene, folder: &tempfile::TempDir, arguments: &[&str]) -> Run {
    let plugin = Plugin::install(folder.path(), binary().as_ref()).unwrap();
    let kubeconfig = scene.plane.kubeconfig("person", &["system:masters"]).unwrap();
    let server = format!("https://localhost:{}", scene.operator.ingest.port());
    let mut command = Command::new(scene.plane.programs().path("kubectl"));
    command.args(["landfall", "ledger"]).args(arguments).args(["--server", &server]);
    let command = command
        .env("PATH", plugin.path(scene.plane.programs()))
        .env("HOME", folder.path())
        .env("KUBECONFIG", kubeconfig)
        .env("LC_ALL", "C")
        .env("COLUMNS", "300");
    let output = command.output().unwrap();
    Run {
        status: output.status.code().expect("no signal ended it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn reason(answer: &(u16, String)) -> (u16, Value) {
    let status: Value = serde_json::from_str(&answer.1).unwrap();
    assert_eq!((&status["kind"], &status["code"]), (&json!("Status"), &json!(answer.0)));
    (answer.0, status["reason"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_read_over_https_by_whom_a_role_allows_it() {
    let Some(mut scene) = Scene::start().await else { return };
    let intake = Intake::of(&scene.operator, &intake::authority(&scene.plane).unwrap()).unwrap();
    let port = scene.operator.ingest.port();
    let token =
        async |account: &str| scene.plane.token("landfall-system", account, Some("landfall-operator")).await.unwrap();
    let (reader, agent) = (token("landfall-ledger-reader").await, token("landfall-agent").await);
    for path in ["/v1/ledger", "/v1/ledger/records", "/v1/ledger/verification"] {
        assert_eq!(reason(&get(&intake, port, path, None).unwrap()), (401, json!("Unauthorized")), "{path}");
        assert_eq!(reason(&get(&intake, port, path, Some(&agent)).unwrap()), (403, json!("Forbidden")), "{path}");
    }
    let odd = get(&intake, port, "/v1/ledger/records?kind=secret", Some(&reader)).unwrap();
    assert_eq!(reason(&odd), (400, json!("BadRequest")));

    scene.traffic("sync", "eu.api.openai.com");
    scene.send(breach("leak"));
    let judged = json!([["openai", "Permitted", 100], ["unregistered:stranger.example", "Unlawful", 100]]);
    scene.await_transfers("they are judged", |it| at_a_glance(it) == judged);
    let (status, records) = get(&intake, port, "/v1/ledger/records?kind=judgment", Some(&reader)).unwrap();
    let kinds: Vec<Value> = records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((status, kinds.len()), (200, 2), "{records}");
    assert!(kinds.iter().all(|record| record["kind"] == "judgment" && record["body"]["recipient"].is_string()));

    // The plugin needs no more than an address, and says what is missing.
    let folder = tempfile::tempdir().unwrap();
    let exported = landfall(&scene, &folder, &["export", "--kind", "observation"]);
    assert_eq!((exported.status, exported.stdout.lines().count()), (0, 2), "{}", exported.stderr);
    let ours = Reader::open(&scene.folder.path().join("ledger")).unwrap().kinds(&[RecordKind::Observation]);
    let ours: Vec<_> = ours.map(|record| String::from_utf8(record.unwrap().to_line().unwrap()).unwrap()).collect();
    assert_eq!(exported.stdout.lines().collect::<Vec<_>>(), ours);
    let shown = landfall(&scene, &folder, &["show"]);
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    assert!(shown.stdout.contains("Unlawful") && shown.stdout.contains("2 edges"), "{}", shown.stdout);
    let refused = landfall(&scene, &folder, &["verify", "--service-account", "landfall-system/landfall-agent"]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("needs list and get on ledgers.landfall.dev"), "{}", refused.stderr);

    // Sealed, it is listed and verifies. What was changed is said, and not shown.
    let scene = scene.resume();
    let listed = landfall(&scene, &folder, &["list", "-o", "json"]);
    assert_eq!(listed.status, 0, "{}", listed.stderr);
    let segments = listed.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    assert!(segments.filter(|line| line["type"] == "segment").count() >= 1, "{}", listed.stdout);
    let verified = landfall(&scene, &folder, &["verify"]);
    assert_eq!((verified.status, verified.stdout.starts_with("in order: ")), (0, true), "{}", verified.stdout);
    let ledger = scene.folder.path().join("ledger/segments");
    let files = std::fs::read_dir(&ledger).unwrap().map(|entry| entry.unwrap().path());
    let data = files
        .into_iter()
        .find(|path| path.to_string_lossy().contains("windows") && !path.to_string_lossy().contains("manifest"));
    std::fs::write(data.unwrap(), b"something else").unwrap();
    let damaged = landfall(&scene, &folder, &["verify"]);
    assert_eq!(damaged.status, 1, "{} {}", damaged.stdout, damaged.stderr);
    let withheld = landfall(&scene, &folder, &["export", "--kind", "observation"]);
    assert_eq!((withheld.status, withheld.stdout.as_str()), (2, ""));
    assert!(withheld.stderr.contains("the ledger is not as it was written"), "{}", withheld.stderr);

    a_replica_serves_the_same_certificate(&scene, &intake);
}

/// The webhooks to come are served by every replica.
fn a_replica_serves_the_same_certificate(scene: &Scene, intake: &Intake) {
    let elsewhere = tempfile::tempdir().unwrap();
    let flags = ["--log-level", "warn,kube_client=off", "--pod-name", "landfall-operator-1"];
    let replica = Operator::start(elsewhere.path(), scene.kubeconfig(), &[], &flags).unwrap();
    replica.await_ready(Duration::from_mins(1)).unwrap();
    let began = Instant::now();
    loop {
        match get(intake, replica.ingest.port(), "/healthz", None) {
            Ok(answer) => {
                assert_eq!(answer, (200, "ok\n".to_owned()));
                break;
            }
            Err(error) => assert!(began.elapsed() < PATIENCE, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(get(intake, replica.ingest.port(), "/v1/ledger", None).unwrap().0, 404);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "it writes nothing");
    assert!(replica.stop().unwrap().success());
}
