//! Copies of a ledger in object storage: the drill of docs/backup.md, and what goes wrong. By the command line, against an S3
//! server on loopback.

mod expiry;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{Ledger, NewRecord, RecordKind, Settings, Signer, Source};
use landfall_tests::object_store::{Fault, S3Server};

use crate::support::{Run, binary};

const BUCKET: &str = "evidence";
const ANCHORS: &str = "anchors";
const COPY: &str = "s3://evidence/production";
const ANCHORED: &str = "s3://anchors/production";

/// A ledger in a folder, its key elsewhere, and a server with two buckets.
struct Scene {
    folder: tempfile::TempDir,
    server: S3Server,
}

impl Scene {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let buckets = folder.path().join("buckets");
        fs::create_dir(&buckets).unwrap();
        let server = S3Server::start(&buckets).unwrap();
        for bucket in [BUCKET, ANCHORS] {
            server.bucket(bucket).unwrap();
        }
        Self { folder, server }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// Opens the ledger in a folder as a writer of that epoch; everything but lasting records expires at once.
    fn open(&self, folder: &str, epoch: u64) -> Ledger {
        let signer = Signer::open_or_create(&self.path("key.pem")).unwrap();
        fs::write(self.path("public.pem"), signer.public().to_pem()).unwrap();
        let settings = Settings { keep_windows: SignedDuration::ZERO, ..Settings::default() };
        Ledger::open_with(&self.path(folder), signer, epoch, settings).unwrap()
    }

    /// `landfall ledger` with the server's credentials.
    fn ledger(&self, arguments: &[&str]) -> Run {
        let mut command = Command::new(binary());
        command.arg("ledger").args(arguments).env_remove("COLUMNS").env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        self.server.configure(&mut command);
        let output = command.output().unwrap();
        let run = Run {
            status: output.status.code().expect("no signal ended it"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(!self.server.variables()[3..].iter().any(|(_, secret)| said.contains(secret)), "{said}");
        run
    }

    fn archive(&self, folder: &str) -> Run {
        self.ledger(&["archive", &self.text(folder), COPY, "--anchor", ANCHORED])
    }

    fn restore(&self, folder: &str, more: &[&str]) -> Run {
        let (folder, key) = (self.text(folder), self.text("public.pem"));
        self.ledger(&[&["restore", COPY, &folder, "--public-key", &key][..], more].concat())
    }

    /// Verifies a folder or a URL.
    fn verify(&self, what: &str, more: &[&str]) -> Run {
        let key = self.text("public.pem");
        self.ledger(&[&["verify", what, "--public-key", &key, "-o", "json"][..], more].concat())
    }

    fn objects(&self) -> Vec<String> {
        self.server.names(BUCKET, "production/segments")
    }
}

/// Appends records of all classes, and seals them.
fn fill(ledger: &mut Ledger, seqs: std::ops::Range<u64>) {
    let source = Source { cluster: "test".to_owned(), agent: "node-a".to_owned(), epoch: 0 };
    for seq in seqs {
        ledger.take(&source, &[(seq, br#"{"schema":"landfall.observation/v1"}"#)], Timestamp::now()).unwrap();
        let at = Timestamp::now();
        for kind in [RecordKind::Rollup, RecordKind::Decision] {
            ledger.append(&[NewRecord { kind, at, body: br#"{"schema":"landfall.test/v1"}"# }]).unwrap();
        }
        while ledger.seal(Timestamp::now()).unwrap().is_some() {}
    }
}

fn said(run: &Run, status: i32, texts: &[&str]) {
    let all = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.status, status, "{all}");
    for text in texts {
        assert!(all.contains(text), "{text}\n{all}");
    }
}

fn head(run: &Run) -> String {
    let summary = run.json().pop().unwrap();
    let head = &summary["head"];
    format!("{}:{}:{}", head["number"], head["records"], head["hash"].as_str().unwrap())
}

fn finding(run: &Run, fault: &str) -> serde_json::Value {
    let rows = run.json();
    let found = rows.iter().find(|row| row["fault"] == fault);
    found.unwrap_or_else(|| panic!("{fault}: {}{}", run.stdout, run.stderr)).clone()
}

#[test]
fn the_drill_brings_a_lost_ledger_back_and_it_goes_on() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 3);
    fill(&mut ledger, 0..2);
    said(&scene.archive("ledger"), 0, &["6 segments copied, 6 in all", "anchored the head 6:6:"]);
    // What is there is not copied again.
    said(&scene.archive("ledger"), 0, &["0 segments copied, 6 in all"]);
    assert_eq!(scene.objects().len(), 18);
    let noted = head(&scene.verify(&scene.text("ledger"), &["--anchor", ANCHORED]));
    assert_eq!(head(&scene.verify(COPY, &["--head", &noted, "--anchor", ANCHORED])), noted);

    // Records that are not sealed are lost with the folder.
    let lost = [NewRecord { kind: RecordKind::Rollup, at: Timestamp::now(), body: b"{}" }];
    ledger.append(&lost).unwrap();
    drop(ledger);
    fs::remove_dir_all(scene.path("ledger")).unwrap();

    said(&scene.restore("ledger", &["--head", &noted, "--anchor", ANCHORED]), 0, &[&noted, "6 segments"]);
    said(&scene.restore("ledger", &[]), 2, &["expected an empty folder, found "]);
    let verified = scene.verify(&scene.text("ledger"), &["--head", &noted, "--anchor", ANCHORED]);
    assert_eq!((verified.status, head(&verified)), (0, noted.clone()), "{}", verified.stderr);
    let restored = landfall_evidence::restored(&scene.path("ledger")).unwrap().unwrap();
    assert_eq!((restored.from.as_str(), restored.writer_epoch, restored.head), (COPY, 3, noted.clone()));

    // The writer goes on, knows what it had acknowledged, and its segments are those of a later epoch.
    let mut ledger = scene.open("ledger", restored.writer_epoch + 1);
    let source = Source { cluster: "test".to_owned(), agent: "node-a".to_owned(), epoch: 0 };
    assert_eq!(ledger.acknowledged(&source).unwrap(), Some(1));
    fill(&mut ledger, 2..3);
    said(&scene.archive("ledger"), 0, &["3 segments copied, 9 in all"]);
    let verified = scene.verify(COPY, &["--head", &noted, "--anchor", ANCHORED]);
    assert_eq!(verified.status, 0, "{}", verified.stderr);
    assert!(head(&verified).starts_with("9:9:"), "{}", verified.stdout);
}

#[test]
fn two_histories_do_not_share_a_copy() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..1);
    said(&scene.archive("ledger"), 0, &["3 in all"]);
    said(&scene.restore("second", &[]), 0, &[]);
    // The first writer is still alive, and its copy goes on.
    fill(&mut ledger, 1..2);
    said(&scene.archive("ledger"), 0, &["6 in all"]);
    let before = scene.objects();
    let mut second = scene.open("second", 2);
    fill(&mut second, 1..2);
    let refused = scene.archive("second");
    said(&refused, 2, &["segment 5", COPY, "exists with other content (HeadDiffers)"]);
    assert_eq!(scene.objects(), before);
    // Even if the other history has another class under the number.
    let mut third = scene.open("third", 1);
    third.append(&[NewRecord { kind: RecordKind::Rollup, at: Timestamp::now(), body: b"{}" }]).unwrap();
    third.seal(Timestamp::now()).unwrap().unwrap();
    said(&scene.archive("third"), 2, &["segment 1", "00000001-windows.manifest.json", "HeadDiffers"]);
    assert_eq!(scene.verify(COPY, &["--anchor", ANCHORED]).status, 0);
}

#[test]
fn a_truncated_ledger_and_another_history_contradict_their_anchors() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..1);
    said(&scene.archive("ledger"), 0, &["anchored the head 3:3:"]);
    fill(&mut ledger, 1..2);
    said(&scene.archive("ledger"), 0, &["anchored the head 6:6:"]);
    drop(ledger);
    assert_eq!(scene.server.names(ANCHORS, "production/heads"), ["00000003.head", "00000006.head"]);
    assert_eq!(scene.verify(&scene.text("ledger"), &["--anchor", ANCHORED]).status, 0);

    // Somebody with the signing key cuts off the end and writes another one.
    let ledger = scene.path("ledger");
    fs::remove_file(ledger.join("ledger.db")).unwrap();
    for entry in fs::read_dir(ledger.join("segments")).unwrap().map(Result::unwrap) {
        if entry.file_name().to_str().unwrap() >= "00000004" {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    assert_eq!(scene.verify(&scene.text("ledger"), &[]).status, 0, "nothing in the folder shows it");
    let cut = scene.verify(&scene.text("ledger"), &["--anchor", ANCHORED]);
    assert_eq!((cut.status, &finding(&cut, "EndMissing")["segments"]), (1, &3.into()));

    fill(&mut scene.open("ledger", 1), 5..6);
    assert_eq!(scene.verify(&scene.text("ledger"), &[]).status, 0, "nothing in the folder shows it");
    let other = scene.verify(&scene.text("ledger"), &["--anchor", ANCHORED]);
    assert_eq!((other.status, &finding(&other, "HeadDiffers")["segment"]), (1, &6.into()));
    // Nor can it be anchored or copied where the first history is.
    said(&scene.archive("ledger"), 2, &["segment 5", "HeadDiffers"]);

    // An anchor that the ledger's key did not sign is none.
    let stranger = Scene::start();
    fill(&mut stranger.open("ledger", 1), 0..1);
    said(&stranger.archive("ledger"), 0, &[]);
    let strange = fs::read(stranger.server.file(ANCHORS, "production/heads/00000003.head")).unwrap();
    fs::write(scene.server.file(ANCHORS, "production/heads/00000003.head"), strange).unwrap();
    let refused = scene.verify(&scene.text("ledger"), &["--anchor", ANCHORED]);
    said(&refused, 2, &["s3://anchors/production/heads/00000003.head: not signed with a key of this ledger"]);
    said(&scene.verify(&scene.text("ledger"), &["--anchor", "s3://anchors/nothing"]), 2, &["s3://anchors/nothing"]);
}

/// Number and end of an object's name, what is done to it, the fault that is found, and its segment.
type Case<'a> = (&'a str, &'a str, &'a dyn Fn(&Path), &'a str, u64);

#[test]
fn what_was_tampered_with_or_is_missing_is_named_and_not_restored() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..3);
    said(&scene.archive("ledger"), 0, &["9 in all"]);
    let find = |number: &str, suffix: &str| {
        let names = scene.objects();
        let name = names.iter().find(|name| name.starts_with(number) && name.ends_with(suffix)).unwrap();
        scene.server.file(BUCKET, &format!("production/segments/{name}"))
    };
    let cases: [Case<'_>; 5] = [
        ("00000002", ".zst", &|path| fs::write(path, b"other").unwrap(), "RecordsDiffer", 2),
        ("00000002", ".zst", &|path| fs::write(path, vec![0; 1 << 20]).unwrap(), "RecordsDiffer", 2),
        ("00000005", ".zst", &|path| fs::remove_file(path).unwrap(), "DataMissing", 5),
        ("00000005", ".leaves", &|path| fs::remove_file(path).unwrap(), "LeavesChanged", 5),
        ("00000005", ".json", &|path| fs::remove_file(path).unwrap(), "ManifestMissing", 5),
    ];
    // Each into a folder of its own: what was fetched rightly once is not fetched again.
    for (index, (number, suffix, spoil, fault, segment)) in cases.into_iter().enumerate() {
        let back = format!("back{index}");
        let object = find(number, suffix);
        let right = fs::read(&object).unwrap();
        spoil(&object);
        let verified = scene.verify(COPY, &[]);
        // A manifest that is missing leaves its data; what the copy lists decides.
        let fault = if fault == "ManifestMissing" { "SegmentMissing" } else { fault };
        let found = finding(&verified, fault);
        assert_eq!((verified.status, &found["segment"]), (1, &segment.into()), "{}", verified.stdout);
        assert!(found["file"].as_str().unwrap().starts_with("s3://evidence/production/segments/"), "{found}");
        let restored = scene.restore(&back, &[]);
        said(
            &restored,
            1,
            &[&format!("segment {segment}"), "s3://evidence/production/segments/", "nothing was put into"],
        );
        assert!(!scene.path(&back).join("segments").exists());
        fs::write(object, right).unwrap();
    }
    // An interrupted restoration is no ledger, and the next attempt completes it.
    assert!(Ledger::open(&scene.path("back4"), Signer::generate().unwrap(), 1).is_err());
    said(&scene.restore("back4", &[]), 0, &["9 segments"]);
    let noted = head(&scene.verify(COPY, &[]));

    // The end is missing: the noted head shows it, and the loss can be accepted.
    for name in scene.objects().iter().filter(|name| name.starts_with("00000009")) {
        fs::remove_file(scene.server.file(BUCKET, &format!("production/segments/{name}"))).unwrap();
    }
    said(&scene.restore("short", &["--head", &noted]), 1, &["ends with segment 8", "nothing was put into"]);
    said(&scene.restore("short", &["--head", &noted, "--incomplete"]), 1, &["restored 8 segments"]);
    assert_eq!(scene.verify(&scene.text("short"), &[]).status, 0);
}

#[test]
fn a_server_that_refuses_is_slow_or_dies_is_named() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..2);
    scene.server.fail(Fault::Denied);
    said(&scene.archive("ledger"), 2, &["segment ", COPY, "the store denies access (403"]);
    scene.server.fail(Fault::Overloaded);
    said(&scene.archive("ledger"), 2, &["segment ", COPY, "the store does not answer (503"]);
    // It dies after the data of a segment, before its manifest.
    scene.server.fail(Fault::DiesAfter(4));
    said(&scene.archive("ledger"), 2, &["segment 2", COPY, "the store does not answer"]);
    assert!(!scene.objects().iter().any(|name| name.starts_with("00000002") && name.ends_with("manifest.json")));
    scene.server.fail(Fault::Slow(Duration::from_millis(20)));
    said(&scene.archive("ledger"), 0, &["5 segments copied, 6 in all"]);

    scene.server.fail(Fault::Denied);
    said(&scene.restore("back", &[]), 2, &[COPY, "the store denies access (403 AccessDenied)"]);
    said(&scene.verify(COPY, &[]), 2, &[COPY, "the store denies access (403 AccessDenied)"]);
    scene.server.fail(Fault::None);
    let none = scene.ledger(&["verify", "s3://missing/production", "--public-key", &scene.text("public.pem")]);
    said(&none, 2, &["s3://missing/production"]);
    let empty = scene.ledger(&["verify", "s3://evidence/other", "--public-key", &scene.text("public.pem")]);
    said(&empty, 2, &["s3://evidence/other: nothing of a ledger is there"]);
    let password = scene.ledger(&["verify", "s3://user:hunter2@evidence/x", "--public-key", &scene.text("public.pem")]);
    said(&password, 2, &["credentials come from the environment"]);
    assert!(!password.stderr.contains("hunter2"), "{}", password.stderr);
}

#[test]
fn either_key_verifies_a_copy_across_a_rotation() {
    let scene = Scene::start();
    let mut ledger = scene.open("ledger", 1);
    fill(&mut ledger, 0..1);
    said(&scene.archive("ledger"), 0, &["3 in all"]);
    let new = Signer::open_or_create(&scene.path("key-2.pem")).unwrap();
    fs::write(scene.path("public-2.pem"), new.public().to_pem()).unwrap();
    ledger.rotate_key(new, landfall_evidence::KeyChangeReason::Superseded, Timestamp::now()).unwrap();
    fill(&mut ledger, 1..2);
    said(&scene.archive("ledger"), 0, &["4 segments copied, 7 in all", "anchored the head 7:7:"]);
    for key in ["public.pem", "public-2.pem"] {
        let verified =
            scene.ledger(&["verify", COPY, "--public-key", &scene.text(key), "--anchor", ANCHORED, "-o", "json"]);
        assert_eq!(
            (verified.status, verified.json()[0]["keys"].as_array().unwrap().len()),
            (0, 2),
            "{}",
            verified.stderr
        );
        let folder = format!("from-{key}");
        let arguments = ["restore", COPY, &scene.text(&folder), "--public-key", &scene.text(key), "--anchor", ANCHORED];
        said(&scene.ledger(&arguments), 0, &["7 segments"]);
    }
}
