//! `landfall ledger show` and `export` verify what they show: what was tampered with is never printed as good.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use landfall_evidence::{Ledger, NewRecord, RecordKind, Signer};
use tempfile::TempDir;

use crate::{
    ledger::watch_into,
    support::{Run, landfall, path},
};

fn watched() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    watch_into(folder.path());
    folder
}

fn ledger(command: &str, folder: &Path, more: &[&str]) -> Run {
    landfall(["ledger", command, folder.to_str().unwrap()].iter().chain(more))
}

/// The data of the first segment of a class.
fn segment(folder: &Path, class: &str) -> PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder.join("segments")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.to_str().unwrap().ends_with(&format!("-{class}.ndjson.zst")));
    files.sort();
    files.swap_remove(0)
}

/// Takes a segment apart, changes the first line that has `from`, and puts it together again; gives that line's number.
fn edit(data: &Path, from: &str, to: &str) -> usize {
    let text = zstd::decode_all(fs::read(data).unwrap().as_slice()).unwrap();
    let mut lines: Vec<String> = String::from_utf8(text).unwrap().lines().map(str::to_owned).collect();
    let number = lines.iter().position(|line| line.contains(from)).unwrap();
    lines[number] = lines[number].replace(from, to);
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    fs::write(data, zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    number
}

const UNLAWFUL: &str = r#""outcome":"Unlawful""#;
const PERMITTED: &str = r#""outcome":"Permitted""#;

fn is_refused(run: &Run, finding: &str) {
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{}", run.stderr);
    assert!(run.stderr.contains(finding), "expected {finding:?} in {}", run.stderr);
    for next in ["nothing of it is shown", "`landfall ledger verify ", "show it anyway, marked, with --unverified"] {
        assert!(run.stderr.contains(next), "expected {next:?} in {}", run.stderr);
    }
}

#[test]
fn what_is_in_order_is_shown_and_said_to_be() {
    let folder = watched();
    for command in ["show", "export"] {
        let inside = ledger(command, folder.path(), &[]);
        assert_eq!(inside.status, 0, "{}", inside.stderr);
        let said = "note: verified, 2 segments in their chain, with the key ";
        assert!(inside.stderr.contains(said) && inside.stderr.contains("that lies in the folder"), "{}", inside.stderr);
        let key = folder.path().join("public-key.pem");
        let given = ledger(command, folder.path(), &["--public-key", key.to_str().unwrap()]);
        assert_eq!((given.status, &given.stdout), (0, &inside.stdout));
        assert!(given.stderr.contains("(--public-key)") && !given.stderr.contains("lies in"), "{}", given.stderr);
    }
    let rows = ledger("show", folder.path(), &["-o", "json"]).json();
    assert!(!rows.is_empty() && rows.iter().all(|row| row.get("unverified").is_none()), "{rows:?}");
}

#[test]
fn an_edited_verdict_is_not_shown() {
    let folder = watched();
    let data = segment(folder.path(), "lasting");
    let record = edit(&data, UNLAWFUL, PERMITTED);
    let name = data.file_name().unwrap().to_str().unwrap();
    let finding = format!("error: segments/{name}: segment 2, record {record}: the record was changed");
    for run in [
        ledger("show", folder.path(), &[]),
        ledger("show", folder.path(), &["-o", "json"]),
        ledger("export", folder.path(), &[]),
        ledger("export", folder.path(), &["--kind", "judgment", "--body"]),
    ] {
        is_refused(&run, &finding);
    }
    // Of the observations nothing was changed, and nothing else of what is shown.
    let observations = ledger("export", folder.path(), &["--kind", "observation"]);
    assert!(observations.status == 0 && !observations.stdout.is_empty(), "{}", observations.stderr);
}

#[test]
fn unverified_rows_say_so() {
    let folder = watched();
    let whole = ledger("export", folder.path(), &["--kind", "judgment"]);
    edit(&segment(folder.path(), "lasting"), UNLAWFUL, PERMITTED);
    let rows = ledger("show", folder.path(), &["--unverified", "-o", "json"]);
    assert_eq!(rows.status, 0, "{}", rows.stderr);
    assert!(rows.json().iter().all(|row| row["unverified"] == true), "{}", rows.stdout);
    assert!(rows.stderr.contains("nothing was verified (--unverified)"), "{}", rows.stderr);
    let table = ledger("show", folder.path(), &["--unverified"]);
    let body: Vec<_> = table.stdout.lines().skip(1).take_while(|line| !line.is_empty()).collect();
    assert!(!body.is_empty() && body.iter().all(|line| line.starts_with("UNVERIFIED ")), "{}", table.stdout);
    let exported = ledger("export", folder.path(), &["--unverified", "--kind", "judgment"]);
    assert_eq!(exported.json().len(), whole.json().len());
    let bodies = ledger("export", folder.path(), &["--unverified", "--kind", "observation", "--body"]);
    for run in [&exported, &bodies] {
        assert!(
            run.status == 0 && run.stdout.lines().all(|line| line.starts_with(r#"{"unverified":true,"#)),
            "{}",
            run.stdout
        );
    }
    // They are still observations.
    let register = path("examples/crm-processor");
    let judged = crate::support::landfall_reading(
        ["judge", "--register", &register, "--observations", "-", "-o", "json"],
        bodies.stdout.as_bytes(),
    );
    assert!(judged.status == 0 && !judged.stdout.is_empty(), "{}", judged.stderr);
}

#[test]
fn an_attacker_with_another_key_is_seen_by_the_key_from_elsewhere() {
    let (folder, elsewhere) = (watched(), tempfile::tempdir().unwrap());
    let key = elsewhere.path().join("auditor.pem");
    fs::copy(folder.path().join("public-key.pem"), &key).unwrap();
    let forged = watched();
    for run in [
        ledger("show", forged.path(), &["--public-key", key.to_str().unwrap()]),
        ledger("export", forged.path(), &["--public-key", key.to_str().unwrap()]),
    ] {
        is_refused(&run, "segment 1: signed with key ");
    }
    fs::remove_file(forged.path().join("public-key.pem")).unwrap();
    let run = ledger("show", forged.path(), &[]);
    assert!(
        run.status == 2 && run.stdout.is_empty() && run.stderr.contains("public-key.pem: cannot be read"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_chain_with_a_hole_shows_nothing() {
    let folder = watched();
    for part in ["ndjson.zst", "leaves", "manifest.json"] {
        fs::remove_file(folder.path().join(format!("segments/00000001-windows.{part}"))).unwrap();
    }
    is_refused(&ledger("show", folder.path(), &[]), "segment 1: the segment is missing");
    is_refused(&ledger("export", folder.path(), &["--kind", "judgment"]), "segment 1: the segment is missing");
}

#[test]
fn a_cut_off_end_is_seen_by_a_noted_head() {
    let folder = watched();
    let verified = ledger("verify", folder.path(), &[]);
    let head = verified.stdout.lines().find_map(|line| line.strip_prefix("head ")).unwrap();
    for part in ["ndjson.zst", "leaves", "manifest.json"] {
        fs::remove_file(folder.path().join(format!("segments/00000002-lasting.{part}"))).unwrap();
    }
    fs::remove_file(folder.path().join("ledger.db")).unwrap();
    is_refused(&ledger("export", folder.path(), &["--head", head]), "the noted head is missing");
}

/// A ledger with a judgment that is not sealed yet.
fn with_tail() -> TempDir {
    let folder = watched();
    let judgments = ledger("export", folder.path(), &["--kind", "judgment", "--body"]);
    let unlawful = judgments.stdout.lines().find(|line| line.contains(UNLAWFUL)).unwrap();
    let signer = Signer::from_pem(&fs::read_to_string(folder.path().join("signing-key.pem")).unwrap()).unwrap();
    let mut open = Ledger::open(folder.path(), signer, 0).unwrap();
    let record = NewRecord { kind: RecordKind::Judgment, at: Timestamp::now(), body: unlawful.as_bytes() };
    open.append(&[record]).unwrap();
    folder
}

#[test]
fn an_edited_row_of_the_open_tail_is_not_shown() {
    let folder = with_tail();
    let good = ledger("show", folder.path(), &[]);
    assert!(good.status == 0 && good.stderr.contains("not yet sealed: 1"), "{}", good.stderr);
    let database = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
    let id: i64 = database.query_row("SELECT max(id) FROM records", [], |row| row.get(0)).unwrap();
    let changed = database
        .execute(
            "UPDATE records SET body = replace(body, ?1, ?2) WHERE id = ?3",
            rusqlite::params![UNLAWFUL, PERMITTED, id],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(database);
    let finding =
        format!("ledger.db: not yet sealed, record {id}: the unsealed records are not those that were appended");
    is_refused(&ledger("show", folder.path(), &[]), &finding);
    is_refused(&ledger("export", folder.path(), &[]), &finding);
    let verified = ledger("verify", folder.path(), &[]);
    assert!(verified.status == 1 && verified.stdout.contains(&finding), "{}", verified.stdout);
    // Nor does a run go on from there and sign it.
    let mut arguments = crate::support::watch_all();
    arguments.extend(["--ledger".to_owned(), folder.path().to_str().unwrap().to_owned()]);
    let run = landfall(arguments);
    assert!(run.status == 2 && run.stderr.contains("are not signed in this state"), "{}", run.stderr);
}

#[test]
fn drafts_are_made_of_what_is_proven() {
    let folder = watched();
    let draft =
        |more: &[&str]| landfall(["register", "draft", "--ledger", folder.path().to_str().unwrap()].iter().chain(more));
    assert_eq!(draft(&[]).status, 0);
    edit(&segment(folder.path(), "windows"), r#""bytes":"#, r#""bytes":1"#);
    let run = draft(&[]);
    assert!(
        run.status == 1 && run.stdout.is_empty() && run.stderr.contains("the record was changed"),
        "{}",
        run.stderr
    );
    let run = draft(&["--unverified"]);
    assert!(run.status == 0 && run.stdout.starts_with("# UNVERIFIED: "), "{}", run.stdout);
}
