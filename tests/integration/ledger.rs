//! `landfall watch --ledger` and what `landfall ledger` makes of it.

use std::{fs, path::Path};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Run, landfall, landfall_reading, path, watch_all};

/// Watches the recorded captures into a ledger in `folder`.
pub(crate) fn watch_into(folder: &Path) -> Run {
    let mut arguments = watch_all();
    arguments.extend(["-o", "json", "--ledger", folder.to_str().unwrap()].map(str::to_owned));
    let run = landfall(arguments);
    assert_eq!(run.status, 0, "{}", run.stderr);
    run
}

fn ledger(command: &str, folder: &Path, more: &[&str]) -> Run {
    landfall(["ledger", command, folder.to_str().unwrap()].iter().chain(more))
}

fn watched() -> (TempDir, Run) {
    let folder = tempfile::tempdir().unwrap();
    let run = watch_into(folder.path());
    (folder, run)
}

/// Edge and outcome of each line, sorted.
fn outcomes(lines: &[Value]) -> Vec<String> {
    let mut outcomes: Vec<_> = lines
        .iter()
        .map(|line| {
            let [exporter, recipient, endpoint] = ["exporter", "recipient", "endpoint"].map(|key| &line[key]);
            format!("{exporter} {recipient} {endpoint} {}", line["verdict"]["outcome"])
        })
        .collect();
    outcomes.sort();
    outcomes
}

fn sum<'a>(lines: impl IntoIterator<Item = &'a Value>, pointer: &str) -> u64 {
    lines.into_iter().map(|line| line.pointer(pointer).unwrap().as_u64().unwrap()).sum()
}

#[test]
fn what_was_watched_stands_in_the_ledger() {
    let (folder, run) = watched();
    let shown = ledger("show", folder.path(), &["-o", "json"]);
    assert_eq!((shown.status, outcomes(&shown.json())), (0, outcomes(&run.json())));
    assert_eq!(sum(&shown.json(), "/bytesSent"), sum(&run.json(), "/volume/bytesSent"));

    let verified = ledger("verify", folder.path(), &["-o", "json"]);
    assert_eq!(verified.status, 0, "{}", verified.stderr);
    let summary = &verified.json()[0];
    assert_eq!((&summary["notYetSealed"], &summary["findings"]), (&0.into(), &0.into()));
    assert!(verified.stderr.contains("proves nothing against whoever can change the folder"), "{}", verified.stderr);

    let table = ledger("show", folder.path(), &[]);
    assert!(table.stdout.trim_start().starts_with("VERDICT"), "{}", table.stdout);
    assert!(table.stdout.contains("Unlawful") && table.stderr.contains(" observations, "), "{}", table.stderr);
}

#[test]
fn exported_observations_give_the_same_verdicts() {
    let (folder, run) = watched();
    let exported = ledger("export", folder.path(), &["--kind", "observation", "--body"]);
    assert_eq!(exported.status, 0, "{}", exported.stderr);
    let register = path("examples/crm-processor");
    let judged = landfall_reading(
        ["judge", "--register", &register, "--observations", "-", "-o", "json"],
        exported.stdout.as_bytes(),
    );
    assert_eq!((judged.status, judged.stdout), (0, run.stdout));
}

#[test]
fn a_second_run_goes_on_where_the_first_ended() {
    let (folder, _) = watched();
    let first = ledger("export", folder.path(), &[]).json();
    watch_into(folder.path());
    let both = ledger("export", folder.path(), &[]).json();
    assert_eq!((both.len(), &both[..first.len()]), (first.len() * 2, &first[..]));
    assert!(both.iter().zip(1..).all(|(record, id)| record["id"] == id));
    let epochs: Vec<_> = both.iter().filter_map(|record| record.pointer("/origin/epoch")?.as_u64()).collect();
    assert_eq!((epochs.first(), epochs.last()), (Some(&0), Some(&1)));
    assert_eq!(ledger("verify", folder.path(), &[]).status, 0);
}

#[test]
fn records_are_exported_by_kind_and_time() {
    let (folder, run) = watched();
    let judgments = ledger("export", folder.path(), &["--kind", "judgment"]).json();
    assert!(judgments.len() >= run.json().len());
    assert!(judgments.iter().all(|record| record["kind"] == "judgment"));
    assert!(judgments.iter().all(|record| record["body"]["schema"] == "landfall.judgment/v1"));
    let at = judgments[0]["at"].as_str().unwrap();
    let before = ledger("export", folder.path(), &["--kind", "judgment,notice", "--until", at]);
    assert_eq!((before.status, before.stdout.as_str()), (0, ""));
    let since = ledger("export", folder.path(), &["--kind", "judgment", "--from", at]);
    assert_eq!(since.json(), judgments);
}

#[test]
fn the_key_is_for_its_owner_alone_and_proof_is_for_everybody() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _) = watched();
    let key = folder.path().join("signing-key.pem");
    assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);

    // What an auditor gets: segments and, by another way, the key.
    let (copy, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let public = elsewhere.path().join("auditor.pem");
    fs::copy(folder.path().join("public-key.pem"), &public).unwrap();
    fs::create_dir(copy.path().join("segments")).unwrap();
    for entry in fs::read_dir(folder.path().join("segments")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join("segments").join(entry.file_name())).unwrap();
    }
    let verified = ledger("verify", copy.path(), &["--public-key", public.to_str().unwrap(), "-o", "json"]);
    assert_eq!((verified.status, verified.stderr.as_str()), (0, ""));
    assert_eq!(verified.json()[0]["notYetSealed"], Value::Null);
}

#[test]
fn tampering_is_named_and_fails() {
    let (folder, _) = watched();
    let segments = folder.path().join("segments");
    let data = segments.join("00000001-windows.ndjson.zst");
    let sound = fs::read(&data).unwrap();
    let mut damaged = sound.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0x55;
    fs::write(&data, damaged).unwrap();
    let verified = ledger("verify", folder.path(), &[]);
    assert_eq!(verified.status, 1);
    let first = verified.stdout.lines().next().unwrap();
    assert!(first.starts_with("segments/00000001-windows.ndjson.zst: segment 1, record "), "{first}");

    fs::remove_file(&data).unwrap();
    let verified = ledger("verify", folder.path(), &["-o", "json"]);
    assert_eq!((verified.status, &verified.json()[0]["fault"]), (1, &"DataAbsentEarly".into()));
    let later = ledger("verify", folder.path(), &["--at", "2099-01-01T00:00:00Z"]);
    assert_eq!(later.status, 0, "{}", later.stdout);
    fs::write(&data, sound).unwrap();
    assert_eq!(ledger("verify", folder.path(), &[]).status, 0);

    let (other, _) = watched();
    let foreign = other.path().join("public-key.pem");
    let verified = ledger("verify", folder.path(), &["--public-key", foreign.to_str().unwrap(), "-o", "json"]);
    assert_eq!((verified.status, &verified.json()[0]["fault"]), (1, &"SignatureForeign".into()));
}

/// Leaves nothing of the last segment, nor of what else knows of it.
fn cut_off_the_end(folder: &Path) {
    let segments = folder.join("segments");
    let mut names: Vec<_> = fs::read_dir(&segments).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    let last = names.last().unwrap().to_str().unwrap()[..8].to_owned();
    for name in names.iter().filter(|name| name.to_str().unwrap().starts_with(&last)) {
        fs::remove_file(segments.join(name)).unwrap();
    }
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(folder.join(name));
    }
}

#[test]
fn a_noted_head_tells_of_an_end_that_was_cut_off() {
    let (folder, _) = watched();
    let verified = ledger("verify", folder.path(), &[]);
    let noted = verified.stdout.lines().find_map(|line| line.strip_prefix("head ")).unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let heads = elsewhere.path().join("heads.txt");
    fs::write(&heads, format!("# after the first run\n{noted}\n")).unwrap();
    let against = |more: &[&str]| {
        let run = ledger("verify", folder.path(), &[&["--head", heads.to_str().unwrap()], more].concat());
        (run.status, run.stdout.lines().next().unwrap_or_default().to_owned(), run.stderr)
    };
    watch_into(folder.path());
    let (status, first, stderr) = against(&["--head", &noted]);
    assert!(status == 0 && first.starts_with("in order: "), "{first}\n{stderr}");

    // Cut back to before the head: nothing in the folder tells.
    while ledger("verify", folder.path(), &["--head", &noted]).status == 0 {
        cut_off_the_end(folder.path());
    }
    let alone = ledger("verify", folder.path(), &[]);
    assert!(alone.status == 0 && alone.stdout.starts_with("in order: "), "{}", alone.stdout);
    let number: u64 = noted.split(':').next().unwrap().parse().unwrap();
    let (status, first, _) = against(&[]);
    let expected = format!(
        "segments: segment {number}: the noted head is missing: the ledger ends with segment {}, 1 more with ",
        number - 1
    );
    assert!(status == 1 && first.starts_with(&expected), "{first}");
    let json = ledger("verify", folder.path(), &["--head", &noted, "-o", "json"]).json();
    assert_eq!((&json[0]["fault"], &json[0]["segments"]), (&"EndMissing".into(), &1.into()));

    let (other, _) = watched();
    let run = ledger("verify", other.path(), &["--head", &noted]);
    assert!(run.status == 1 && run.stdout.contains(": not the manifest that was noted (hash "), "{}", run.stdout);
}

#[test]
fn what_is_no_head_is_refused() {
    let (folder, _) = watched();
    let notes = folder.path().join("heads.txt");
    fs::write(&notes, "# nothing yet\n\n6:30:abc\n").unwrap();
    let manifest = folder.path().join("segments/00000001-windows.manifest.json");
    let (foreign, _) = watched();
    let foreign = foreign.path().join("segments/00000001-windows.manifest.json");
    assert_eq!(ledger("verify", folder.path(), &["--head", manifest.to_str().unwrap()]).status, 0);
    for (head, expected) in [
        ("6:30:abc", "--head 6:30:abc: expected a head, NUMBER:RECORDS:HASH, or a file with heads"),
        (notes.to_str().unwrap(), "heads.txt: line 3: expected a head, NUMBER:RECORDS:HASH"),
        (foreign.to_str().unwrap(), "manifest.json: the manifest is not signed with key "),
        (folder.path().to_str().unwrap(), "expected a head, NUMBER:RECORDS:HASH, or a file with heads"),
    ] {
        let run = ledger("verify", folder.path(), &["--head", head]);
        assert!(run.status == 2 && run.stderr.contains(expected), "{head}: {}", run.stderr);
    }
}

#[test]
fn what_is_no_ledger_is_unusable() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["verify", "show", "export"] {
        let run = ledger(command, folder.path(), &[]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{command}");
        assert!(run.stderr.contains(folder.path().to_str().unwrap()), "{}", run.stderr);
    }
    let key = folder.path().join("public-key.pem");
    fs::write(&key, "-----BEGIN PUBLIC KEY-----\n").unwrap();
    let run = ledger("verify", folder.path(), &[]);
    assert!(run.status == 2 && run.stderr.contains("expected an Ed25519 public key"), "{}", run.stderr);
}
