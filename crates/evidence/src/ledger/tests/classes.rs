//! Classes of retention: segments and a period of their own, and what a later version of the program wrote.

use std::{fs, path::Path};

use jiff::SignedDuration;
use rusqlite::Connection;

use super::{at, clean, judgment, open, records, seal_all, signer, small, take};
use crate::{
    Class, Fault, Ledger, LedgerError, NewRecord, Reader, RecordCounts, RecordKind, Recorded, Settings, SignedManifest,
    count_records,
    files::{Folder, Part, SegmentName},
    segment::SegmentWriter,
    verify,
};

const DAY: i64 = 24 * 3600;

/// A record of every kind but observations.
fn append_all(ledger: &mut Ledger) {
    let kinds = RecordKind::ALL.into_iter().filter(|kind| *kind != RecordKind::Observation);
    let records: Vec<_> = kinds.map(|kind| NewRecord { kind, at: at(0), body: br#"{"a":1}"# }).collect();
    ledger.append(&records).unwrap();
}

/// The names of the segments that are there, and of those whose data is there.
fn segments(folder: &Path, suffix: &str) -> Vec<String> {
    let entries = fs::read_dir(folder.join("segments")).unwrap().map(|entry| entry.unwrap().file_name());
    let names = entries.filter_map(|name| Some(name.to_str()?.strip_suffix(suffix)?.to_owned()));
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

#[test]
fn each_class_has_segments_of_its_own_and_all_are_read_in_one_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path(), signer(), 0).unwrap();
    take(&mut ledger, 0..2, at(0));
    append_all(&mut ledger);
    let before = records(folder.path());
    assert_eq!(ledger.pending().records, 11);
    seal_all(&mut ledger, at(1));
    assert_eq!(ledger.pending().records, 0);
    let expected = ["00000001-windows", "00000002-lasting", "00000003-people"];
    assert_eq!(segments(folder.path(), ".manifest.json"), expected);
    assert_eq!(records(folder.path()), before);
    let people = Reader::open(folder.path()).unwrap().classes(&[Class::People]);
    let kinds: Vec<_> = people.map(|record| record.unwrap().kind.to_string()).collect();
    assert_eq!(kinds, ["decision", "draft", "notice"]);
    assert_eq!(clean(folder.path(), at(1)).records, 11);

    // Without the database, too, and it is rebuilt with the marks of all classes.
    drop(ledger);
    fs::remove_file(folder.path().join("ledger.db")).unwrap();
    assert_eq!(records(folder.path()), before);
    let mut ledger = open(folder.path());
    append_all(&mut ledger);
    assert_eq!(ledger.pending().records, 9);
    assert_eq!(records(folder.path()).len(), 20);
    clean(folder.path(), at(2));
}

#[test]
fn what_names_people_expires_after_its_period_and_the_chain_stays() {
    let folder = tempfile::tempdir().unwrap();
    let keep_people = SignedDuration::from_hours(10 * 24);
    let settings = Settings { keep_people, ..Settings::default() };
    let mut ledger = Ledger::open_with(folder.path(), signer(), 0, settings).unwrap();
    take(&mut ledger, 0..2, at(0));
    append_all(&mut ledger);
    seal_all(&mut ledger, at(0));
    assert_eq!(ledger.expire(at(7 * DAY)).unwrap().segments, [1]);
    assert_eq!(ledger.expire(at(10 * DAY - 1)).unwrap().segments, [0; 0]);
    // Over a restart, too.
    drop(ledger);
    let mut ledger = Ledger::open_with(folder.path(), signer(), 0, settings).unwrap();
    assert_eq!(ledger.expire(at(10 * DAY)).unwrap().segments, [3]);
    assert_eq!(segments(folder.path(), ".ndjson.zst"), ["00000002-lasting"]);
    let report = clean(folder.path(), at(10 * DAY));
    assert_eq!((report.segments, report.expired, report.records), (3, 2, 11));
    let early = verify(folder.path(), &signer().public(), at(10 * DAY - 1)).unwrap().findings;
    assert_eq!(early.len(), 1, "{early:?}");
    assert!(matches!(early[0].fault, Fault::DataAbsentEarly { .. }), "{early:?}");
    assert!(records(folder.path()).iter().all(|record| record.kind.known().unwrap().class() == Class::Lasting));
}

#[test]
fn the_period_of_what_names_people_is_four_years_unless_something_else_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::open(folder.path(), signer(), 0).unwrap();
    ledger.append(&[NewRecord { kind: RecordKind::Decision, at: at(0), body: b"{}" }]).unwrap();
    let manifest = ledger.seal(at(0)).unwrap().unwrap();
    assert_eq!((manifest.class, manifest.keep_until), (Class::People, Some(at(1461 * DAY))));
}

/// Changes the name of a kind in the database, as a later version of the program would have written it, and signs that.
fn written_by_a_later_version(folder: &Path) -> Ledger {
    let mut ledger = open(folder);
    take(&mut ledger, 0..1, at(0));
    ledger.append(&[judgment(at(0), r#"{"judged":1}"#)]).unwrap();
    drop(ledger);
    let database = Connection::open(folder.join("ledger.db")).unwrap();
    database.execute_batch("UPDATE records SET kind = 'approval', class = 2 WHERE id = 2; DELETE FROM tail").unwrap();
    drop(database);
    // A database without a signature counts as new, so that the test can sign it.
    let store = crate::store::Store::open(&folder.join("ledger.db")).unwrap();
    let mut state = store.state().unwrap().unwrap();
    for class in Class::ALL {
        let chain = state.tail.get_mut(class);
        store
            .each(0, Some(class), &mut |waiting| {
                chain.last = crate::tail::link(chain.last, crate::tail::Row::from_record(&waiting.record).digest());
                Ok(true)
            })
            .unwrap();
    }
    let change = store.begin().unwrap();
    change.set_tail(&crate::tail::SignedTail::sign(&state, &signer())).unwrap();
    change.commit().unwrap();
    drop(store);
    let database = Connection::open(folder.join("ledger.db")).unwrap();
    let digest = |record: &crate::Record| crate::tail::fingerprint(crate::tail::Row::from_record(record).digest());
    for record in Reader::open(folder).unwrap().map(Result::unwrap) {
        let known = digest(&record);
        database
            .execute("UPDATE records SET fingerprint = ?1 WHERE id = ?2", (known, record.id.cast_signed()))
            .unwrap();
    }
    Ledger::open_with(folder, signer(), 0, small()).unwrap()
}

#[test]
fn a_kind_of_a_later_version_is_verified_listed_and_sealed_in_its_class() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = written_by_a_later_version(folder.path());
    let unknown = Recorded::Unknown("approval".to_owned());
    let expected = |not_yet_sealed, segments| RecordCounts {
        observations: 1,
        kinds: [(unknown.clone(), 1)].into(),
        not_yet_sealed,
        segments,
        expired: 0,
    };
    assert_eq!(records(folder.path())[1].kind, unknown);
    assert_eq!(count_records(folder.path()).unwrap(), expected(2, 0));
    clean(folder.path(), at(1));

    seal_all(&mut ledger, at(1));
    clean(folder.path(), at(1));
    assert_eq!(segments(folder.path(), ".manifest.json"), ["00000001-windows", "00000002-people"]);
    let line = r#"{"id":2,"at":"2026-11-18T11:06:40Z","kind":"approval","body":{"judged":1}}"#;
    let read = records(folder.path());
    assert_eq!((&read[1].kind, str::from_utf8(&read[1].to_line().unwrap()).unwrap()), (&unknown, line));
    assert_eq!(count_records(folder.path()).unwrap(), expected(0, 2));
    // A filter by kind selects only known kinds.
    let known = Reader::open(folder.path()).unwrap().kinds(&RecordKind::ALL);
    assert_eq!(known.map(|record| record.unwrap().id).collect::<Vec<_>>(), [1]);
    assert_eq!(ledger.expire(at(1 + 1461 * DAY)).unwrap().segments, [1, 2], "it goes with its class");
}

/// A manifest of a later format after the last one.
fn add_later(folder: &Path) {
    let folder = Folder::new(folder);
    let name = SegmentName { number: 2, class: Class::Lasting };
    let first = folder.read_manifest(SegmentName { number: 1, class: Class::Windows }).unwrap();
    let writer = SegmentWriter::create(&folder, name).unwrap();
    assert!(writer.finish().unwrap().is_none());
    crate::segment::discard(&folder, name);
    let later =
        crate::Manifest { number: 2, format: 2, class: Class::Lasting, previous: Some(first.hash), ..first.manifest };
    fs::write(folder.segment(name, Part::Manifest), later.sign(&signer()).to_bytes()).unwrap();
}

#[test]
fn a_ledger_of_a_later_format_is_refused_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..5, at(0));
    seal_all(&mut ledger, at(1));
    drop(ledger);
    add_later(folder.path());
    let database = fs::read(folder.path().join("ledger.db")).unwrap();
    let why = "written by a later version of landfall: format 2, this one reads up to 1";
    let error = Ledger::open_with(folder.path(), signer(), 7, small()).unwrap_err();
    assert!(matches!(error, LedgerError::Later { found: 2, known: 1, .. }), "{error:?}");
    assert!(error.to_string().ends_with(why), "{error}");
    assert_eq!(fs::read(folder.path().join("ledger.db")).unwrap(), database);
    assert_eq!(segments(folder.path(), ".manifest.json").len(), 2);
    let report = verify(folder.path(), &signer().public(), at(2)).unwrap();
    let texts: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(texts, [format!("segments/00000002-lasting.manifest.json: segment 2: {why}")]);
    assert_eq!(report.head.map(|head| head.number), Some(1));
    let read: Vec<_> = Reader::open(folder.path()).unwrap().collect();
    assert!(matches!(read.last(), Some(Err(LedgerError::Later { .. }))), "{read:?}");

    // Nor is a database of later tables.
    let later = tempfile::tempdir().unwrap();
    drop(open(later.path()));
    Connection::open(later.path().join("ledger.db")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let error = Ledger::open(later.path(), signer(), 0).unwrap_err();
    assert!(error.to_string().contains("written by a later version of landfall: tables 99"), "{error}");
    Connection::open(later.path().join("ledger.db")).unwrap().execute_batch("PRAGMA user_version = 2").unwrap();
    let error = Ledger::open(later.path(), signer(), 0).unwrap_err();
    assert!(matches!(error, LedgerError::Foreign { found: 2, .. }), "{error:?}");
}

#[test]
fn a_manifest_names_its_format() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..1, at(0));
    seal_all(&mut ledger, at(1));
    let text = fs::read_to_string(folder.path().join("segments/00000001-windows.manifest.json")).unwrap();
    assert!(text.starts_with(r#"{"schema":"landfall.ledger.manifest/v1","format":1,"number":1,"#), "{text}");
    let without = text.replace(r#""format":1,"#, "");
    assert!(SignedManifest::parse(without.as_bytes()).is_err());
}
