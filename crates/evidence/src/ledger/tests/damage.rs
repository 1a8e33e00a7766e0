//! The effects of a power failure: torn pages, lost logs, lost databases.

use std::{fs, path::Path};

use super::{at, clean, judgment, numbers, open, records, seal_all, signer, small, take};
use crate::{Ledger, LedgerError};

/// A copy of the ledger's files while the writer still runs, as they would be after a crash.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.join("segments")).unwrap();
    for folder in ["", "segments"] {
        for entry in fs::read_dir(from.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            // The index of the log is rebuilt; it never survives a loss of power.
            if path.is_file() && !path.to_str().unwrap().ends_with("-shm") {
                fs::copy(&path, to.join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
    }
}

#[test]
fn a_torn_end_of_the_log_costs_what_was_not_synced_and_nothing_else() {
    let origin = tempfile::tempdir().unwrap();
    let mut ledger = open(origin.path());
    take(&mut ledger, 0..6, at(0));
    seal_all(&mut ledger, at(1));
    for round in 0..4 {
        take(&mut ledger, 6 + round * 2..8 + round * 2, at(2));
    }
    let length = fs::metadata(origin.path().join("ledger.db-wal")).unwrap().len();
    let mut seen = std::collections::BTreeSet::new();
    for cut in (0..=length).rev().step_by(1501) {
        for garbage in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            copy(origin.path(), folder.path());
            let log = folder.path().join("ledger.db-wal");
            let mut bytes = fs::read(&log).unwrap();
            let end = usize::try_from(cut).unwrap();
            if garbage {
                bytes[end..].fill(0x5a);
            } else {
                bytes.truncate(end);
            }
            fs::write(&log, bytes).unwrap();
            let mut ledger = match Ledger::open_with(folder.path(), signer(), 0, small()) {
                Ok(ledger) => ledger,
                Err(error) => panic!("cut at {cut}: {error:?}"),
            };
            let held = numbers(folder.path());
            assert!(held.len() >= 6, "what is sealed is there: {held:?}");
            assert_eq!(held, (0..held.len() as u64).collect::<Vec<_>>(), "cut at {cut}");
            seen.insert(held.len());
            // The agent sends again what was not acknowledged for this state.
            take(&mut ledger, 0..14, at(3));
            assert_eq!(numbers(folder.path()), (0..14).collect::<Vec<_>>());
            seal_all(&mut ledger, at(4));
            clean(folder.path(), at(4));
        }
    }
    assert!(seen.len() >= 4, "the cuts meet several transactions: {seen:?}");
}

#[test]
fn a_lost_log_is_made_up_for_by_the_segments() {
    let origin = tempfile::tempdir().unwrap();
    let mut ledger = open(origin.path());
    take(&mut ledger, 0..12, at(0));
    ledger.append(&[judgment(at(0), "{}")]).unwrap();
    seal_all(&mut ledger, at(1));
    let folder = tempfile::tempdir().unwrap();
    copy(origin.path(), folder.path());
    fs::remove_file(folder.path().join("ledger.db-wal")).unwrap();
    let mut ledger = open(folder.path());
    assert_eq!(ledger.recovery().adopted, [1, 2, 3, 4]);
    assert_eq!(ledger.acknowledged(&super::source()).unwrap(), Some(11));
    assert_eq!(take(&mut ledger, 0..13, at(2)).appended, Some(14..=14));
    seal_all(&mut ledger, at(3));
    assert_eq!(numbers(folder.path()), (0..13).collect::<Vec<_>>());
    clean(folder.path(), at(3));
}

#[test]
fn a_lost_database_is_rebuilt_from_the_segments() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..12, at(0));
    seal_all(&mut ledger, at(1));
    drop(ledger);
    fs::remove_file(folder.path().join("ledger.db")).unwrap();
    let mut ledger = open(folder.path());
    assert_eq!(take(&mut ledger, 0..13, at(2)).count(), 1);
    assert_eq!(records(folder.path()).len(), 13);
    clean(folder.path(), at(2));
}

#[test]
fn a_damaged_database_is_named_and_never_overwritten() {
    let origin = tempfile::tempdir().unwrap();
    let mut ledger = open(origin.path());
    for round in 0..50 {
        take(&mut ledger, round * 20..round * 20 + 20, at(0));
    }
    drop(ledger);
    let database = origin.path().join("ledger.db");
    let bytes = fs::read(&database).unwrap();
    let (mut named, pages) = (0, bytes.len() / 4096);
    assert!(pages > 10);
    for page in 0..pages {
        let mut torn = bytes.clone();
        torn[page * 4096..page * 4096 + 2048].fill(0xa5);
        fs::write(&database, &torn).unwrap();
        let outcome = Ledger::open_with(origin.path(), signer(), 0, small()).map(|ledger| ledger.since(0, 10_000));
        if let Err(error) | Ok(Err(error)) = outcome {
            // A record that SQLite still reads is not the one that was appended.
            let is_named = matches!(error, LedgerError::Database { .. } | LedgerError::TailChanged(_));
            assert!(is_named, "{error:?}");
            assert!(error.to_string().contains("ledger.db"), "{error}");
            named += 1;
        }
    }
    assert!(named >= pages / 2, "{named} of {pages}");
}

#[test]
fn a_file_that_is_no_ledger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ledger.db"), "not a database at all, but long enough to be read as one".repeat(99))
        .unwrap();
    let error = Ledger::open(folder.path(), signer(), 0).unwrap_err();
    assert!(matches!(error, LedgerError::Database { .. }), "{error:?}");
    let error = crate::verify(&folder.path().join("nowhere"), &signer().public(), at(0)).unwrap_err();
    assert!(matches!(error, LedgerError::NoFolder(_)), "{error:?}");
}

#[test]
fn a_manifest_that_does_not_follow_keeps_the_writer_out() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (folder, sealed_at, segments) in [(&one, at(1), 1), (&other, at(2), 2)] {
        let mut ledger = open(folder.path());
        take(&mut ledger, 0..10, at(0));
        for _ in 0..segments {
            ledger.seal(sealed_at).unwrap();
        }
    }
    let name = "segments/00000002-windows.manifest.json";
    fs::copy(other.path().join(name), one.path().join(name)).unwrap();
    let error = Ledger::open_with(one.path(), signer(), 0, small()).unwrap_err();
    assert!(matches!(&error, LedgerError::NotNext { after: 1, why: "it follows another one", .. }), "{error:?}");
}
