//! What has expired goes from the copy, too.

use std::{fs, io::Write, path::PathBuf, process::Command};

use jiff::Timestamp;
use landfall_evidence::Hold;
use landfall_tests::object_store::Fault;

use super::{COPY, Scene, fill, said};

/// Where the test `expire` finds the ledger.
const LEDGER: &str = "LANDFALL_TEST_LEDGER";
/// Begins its line.
const EXPIRED: &str = "expired: ";

impl Scene {
    /// Deletes from the copy what has expired; what that came to.
    fn expire(&self) -> String {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "archive::expiry::expire", "--ignored", "--nocapture"])
            .env(LEDGER, self.path("ledger"));
        self.server.configure(&mut command);
        let output = command.output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        let found = stdout.lines().find_map(|line| line.strip_prefix(EXPIRED));
        found.unwrap_or_else(|| panic!("{stdout}{stderr}")).to_owned()
    }
}

#[tokio::test]
async fn data_past_its_period_is_deleted_unless_held_or_locked() {
    let scene = Scene::start();
    let copy = format!("file://{}", scene.text("copy"));
    let location = landfall_archive::Location::open(&copy).unwrap();
    let mut archiver = landfall_archive::Archiver::new(scene.path("ledger"), location);
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..1);
    while archiver.archive_next(Timestamp::now()).await.unwrap().is_some() {}
    let hold = Hold {
        name: "claim".to_owned(),
        classes: [landfall_evidence::Class::People, landfall_evidence::Class::Windows].into(),
        until: None,
        reason: "claim".to_owned(),
        by: None,
    };
    ledger.set_hold(hold, Timestamp::now()).unwrap();
    let under_hold = archiver.expire(ledger.holds().clone(), Timestamp::now()).await.unwrap();
    assert_eq!(under_hold, landfall_archive::Expiry::default());
    ledger.lift_hold("claim", "settled".to_owned(), None, Timestamp::now()).unwrap();
    let segments = scene.path("copy/segments");
    let first = segments.join("00000001-windows.ndjson.zst");
    assert!(first.exists());
    let expired = archiver.expire(ledger.holds().clone(), Timestamp::now()).await.unwrap();
    assert_eq!((expired.deleted, expired.refused), (2, 0));
    assert!(!first.exists() && segments.join("00000001-windows.manifest.json").exists());
    assert_eq!(fs::read_dir(&segments).unwrap().count(), 7);
    // What has expired is neither missed nor copied again.
    assert_eq!(scene.verify(&copy, &[]).status, 0);
    ledger.expire(Timestamp::now()).unwrap();
    while ledger.seal(Timestamp::now()).unwrap().is_some() {}
    while archiver.archive_next(Timestamp::now()).await.unwrap().is_some() {}
    said(
        &scene.ledger(&["restore", &copy, &scene.text("back"), "--public-key", &scene.text("public.pem")]),
        0,
        &["the data of 1 had expired"],
    );
}

#[test]
fn what_a_store_refuses_to_delete_is_counted_and_deleted_later() {
    let scene = Scene::start();
    fill(&mut scene.open("ledger", 1), 0..1);
    said(&scene.archive("ledger"), 0, &["segments copied"]);
    let before = scene.objects();
    scene.server.fail(Fault::Locked);
    assert_eq!(scene.expire(), "deleted 0, refused 2: denied");
    assert_eq!(scene.objects(), before);
    said(&scene.verify(COPY, &[]), 0, &[]);
    scene.server.fail(Fault::None);
    assert_eq!(scene.expire(), "deleted 2, refused 0");
    assert_eq!(scene.objects().len(), before.len() - 2);
    said(&scene.verify(COPY, &[]), 0, &[]);
}

/// Not a test of its own: a store takes its credentials from the environment of the process, which is that of all tests.
#[tokio::test]
#[ignore = "run by Scene::expire"]
async fn expire() {
    let Some(folder) = std::env::var_os(LEDGER) else { return };
    let location = landfall_archive::Location::open(COPY).unwrap();
    let mut archiver = landfall_archive::Archiver::new(PathBuf::from(folder), location);
    while archiver.archive_next(Timestamp::now()).await.unwrap().is_some() {}
    let expiry = archiver.expire(landfall_evidence::Holds::default(), Timestamp::now()).await.unwrap();
    let landfall_archive::Expiry { deleted, refused, refusal } = expiry;
    let reason = refusal.map(|refusal| {
        assert!(refusal.object.starts_with("s3://evidence/production/segments/0"), "{refusal}");
        assert!(!refusal.to_string().contains("AKIDEXAMPLE"), "{refusal}");
        format!(": {:?}", refusal.reason).to_lowercase()
    });
    let line = format!("\n{EXPIRED}deleted {deleted}, refused {refused}{}\n", reason.unwrap_or_default());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}
