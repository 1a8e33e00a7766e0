//! Unsealed records, changed in the database by somebody who knows SQLite but does not have the key.

use std::path::Path;

use rusqlite::Connection;

use super::{at, clean, judgment, open, records, seal_all, signer, small, take};
use crate::{Fault, Finding, Ledger, LedgerError, Reader, verify};

/// A ledger with a sealed segment of each class, and seven observations and two judgments that are unsealed.
fn waiting() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    ledger.append(&[judgment(at(0), r#"{"judged":0}"#)]).unwrap();
    seal_all(&mut ledger, at(1));
    take(&mut ledger, 3..10, at(2));
    ledger.append(&[judgment(at(2), r#"{"judged":1}"#), judgment(at(2), r#"{"judged":2}"#)]).unwrap();
    assert_eq!(clean(folder.path(), at(2)).not_yet_sealed, Some(9));
    (folder, ledger)
}

fn sql(folder: &Path, statement: &str) {
    Connection::open(folder.join("ledger.db")).unwrap().execute_batch(statement).unwrap();
}

fn findings(folder: &Path) -> Vec<Finding> {
    verify(folder, &signer().public(), at(2)).unwrap().findings
}

fn tail(record: Option<u64>, fault: Fault) -> Finding {
    Finding { segment: 0, file: "ledger.db".to_owned(), record, fault }
}

#[test]
fn every_change_of_what_waits_is_seen() {
    // Records 1 to 3 and 4 are sealed; 5 to 11 are observations, 12 and 13 judgments.
    for (statement, record, fault) in [
        (r#"UPDATE records SET body = '{"judged":7}' WHERE id = 12"#, Some(12), Fault::TailChanged),
        (r#"UPDATE records SET body = '{"seen":77}' WHERE id = 9"#, Some(9), Fault::TailChanged),
        ("UPDATE records SET at = at + 1 WHERE id = 13", Some(13), Fault::TailChanged),
        ("UPDATE records SET seq = 99 WHERE id = 6", Some(6), Fault::TailChanged),
        ("UPDATE records SET kind = 'decision' WHERE id = 12", Some(12), Fault::TailChanged),
        ("UPDATE records SET class = 2 WHERE id = 12", None, Fault::TailChanged),
        ("UPDATE sources SET cluster = 'other'", Some(5), Fault::TailChanged),
        ("DELETE FROM records WHERE id = 8", None, Fault::TailChanged),
        ("DELETE FROM records WHERE id = 13", None, Fault::TailChanged),
        ("DELETE FROM records WHERE id = 5", None, Fault::TailChanged),
        ("DELETE FROM records", None, Fault::TailChanged),
        (
            r#"INSERT INTO records (id, kind, class, at, body, fingerprint)
               VALUES (14, 'judgment', 1, 1795000002000000, '{"judged":3}', 0)"#,
            Some(14),
            Fault::TailChanged,
        ),
        ("DELETE FROM records WHERE id = 13; UPDATE state SET last_record = 12", None, Fault::TailSignature),
        ("UPDATE state SET windows_sealed = 11", None, Fault::TailSignature),
        ("UPDATE tail SET signature = replace(signature, 'a', 'b')", None, Fault::TailSignature),
        ("DELETE FROM tail", None, Fault::TailUnsigned),
    ] {
        let (folder, ledger) = waiting();
        drop(ledger);
        sql(folder.path(), statement);
        let expected = tail(record, fault);
        assert_eq!(findings(folder.path()), std::slice::from_ref(&expected), "{statement}");
        let mut reader = Reader::open(folder.path()).unwrap();
        assert_eq!(reader.verify(&signer().public(), at(2), &[]).findings, [expected], "{statement}");
    }
}

#[test]
fn forged_digests_do_not_hide_a_change() {
    let (folder, ledger) = waiting();
    drop(ledger);
    sql(folder.path(), r#"UPDATE records SET body = '{"judged":7}' WHERE id = 12"#);
    // The attacker also updates the digest stored next to the record; the chain still differs.
    let other = tempfile::tempdir().unwrap();
    let mut forged = open(other.path());
    take(&mut forged, 0..3, at(0));
    forged.append(&[judgment(at(0), r#"{"judged":0}"#)]).unwrap();
    take(&mut forged, 3..10, at(2));
    forged.append(&[judgment(at(2), r#"{"judged":7}"#)]).unwrap();
    drop(forged);
    let known: i64 = Connection::open(other.path().join("ledger.db"))
        .unwrap()
        .query_row("SELECT fingerprint FROM records WHERE id = 12", [], |row| row.get(0))
        .unwrap();
    sql(folder.path(), &format!("UPDATE records SET fingerprint = {known} WHERE id = 12"));
    assert_eq!(findings(folder.path()), [tail(None, Fault::TailChanged)]);
}

#[test]
fn what_was_changed_is_never_signed() {
    let (folder, mut ledger) = waiting();
    // While a writer has the ledger open; it detects the change when it seals.
    sql(folder.path(), r#"UPDATE records SET body = '{"judged":7}' WHERE id = 12"#);
    while let Ok(Some(_)) = ledger.seal(at(3)) {}
    let error = ledger.seal(at(3)).unwrap_err();
    assert!(
        matches!(&error, LedgerError::TailChanged(finding) if **finding == tail(Some(12), Fault::TailChanged)),
        "{error:?}"
    );
    assert!(error.to_string().starts_with("ledger.db: not yet sealed, record 12: "), "{error}");
    drop(ledger);
    // A later writer does not continue from this state.
    let error = Ledger::open_with(folder.path(), signer(), 1, small()).unwrap_err();
    assert!(matches!(error, LedgerError::TailChanged(_)), "{error:?}");
    // As the message says, it continues without the unsealed records.
    std::fs::rename(folder.path().join("ledger.db"), folder.path().join("ledger.db.kept")).unwrap();
    let mut ledger = Ledger::open_with(folder.path(), signer(), 1, small()).unwrap();
    take(&mut ledger, 0..12, at(4));
    seal_all(&mut ledger, at(5));
    clean(folder.path(), at(5));
}

#[test]
fn the_tail_holds_through_sealing_and_opening() {
    let (folder, mut ledger) = waiting();
    for round in 0..3 {
        // Segments have five records, so some of the seven remain unsealed.
        ledger.seal(at(3)).unwrap();
        clean(folder.path(), at(3));
        drop(ledger);
        ledger = Ledger::open_with(folder.path(), signer(), round, small()).unwrap();
        take(&mut ledger, 10 + round * 4..14 + round * 4, at(4));
        clean(folder.path(), at(4));
    }
    seal_all(&mut ledger, at(5));
    assert_eq!(clean(folder.path(), at(5)).not_yet_sealed, Some(0));
}

#[test]
fn a_reader_that_verifies_hands_out_the_same_and_nothing_that_is_changed_meanwhile() {
    let (folder, ledger) = waiting();
    let key = signer().public();
    let expected = records(folder.path());
    let mut reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.verify(&key, at(2), &[]).findings, []);
    assert_eq!(reader.map(Result::unwrap).collect::<Vec<_>>(), expected);

    let mut reader = Reader::open(folder.path()).unwrap();
    assert_eq!(reader.verify(&key, at(2), &[]).findings, []);
    let data = folder.path().join("segments/00000002-lasting.ndjson.zst");
    let text = String::from_utf8(zstd::decode_all(std::fs::read(&data).unwrap().as_slice()).unwrap()).unwrap();
    let changed = text.replace(r#"{"judged":0}"#, r#"{"judged":7}"#);
    assert_ne!(changed, text);
    std::fs::write(&data, zstd::encode_all(changed.as_bytes(), 3).unwrap()).unwrap();
    let read: Vec<_> = reader.collect();
    let good: Vec<_> = read.iter().flatten().collect();
    assert!(good.iter().all(|record| !record.body.contains("judged\":7")), "{good:?}");
    assert!(matches!(read.last(), Some(Err(LedgerError::Unproven(finding))) if finding.segment == 2), "{read:?}");
    drop(ledger);
}
