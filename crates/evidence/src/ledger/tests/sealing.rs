use std::fs;

use jiff::SignedDuration;

use super::{at, clean, judgment, numbers, open, records, seal_all, take};
use crate::{Class, Expired, Reader, RecordKind, Report};

const DAY: i64 = 24 * 3600;

#[test]
fn what_is_sealed_reads_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    for round in 0..4 {
        take(&mut ledger, round * 3..round * 3 + 3, at(0));
        ledger.append(&[judgment(at(0), r#"{"a":1}"#)]).unwrap();
    }
    let before = records(folder.path());
    assert_eq!((before.len(), ledger.pending().records), (16, 16));
    let first = ledger.seal(at(1)).unwrap().unwrap();
    assert_eq!(
        (first.number, first.class, first.records, first.first_record, first.last_record),
        (1, Class::Windows, 5, 1, 6)
    );
    assert_eq!(clean(folder.path(), at(1)).not_yet_sealed, Some(11));
    assert_eq!(records(folder.path()), before);
    seal_all(&mut ledger, at(1));
    assert_eq!(ledger.pending().records, 0);
    assert_eq!(records(folder.path()), before);
    let Report { segments, records: sealed, not_yet_sealed, .. } = clean(folder.path(), at(1));
    assert_eq!((segments, sealed, not_yet_sealed), (4, 16, Some(0)));
    take(&mut ledger, 12..13, at(2));
    assert_eq!(records(folder.path()).len(), 17);
    drop(ledger);
    assert_eq!(records(folder.path()).len(), 17);
}

#[test]
fn folder_and_key_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..9, at(0));
    seal_all(&mut ledger, at(1));
    drop(ledger);
    fs::remove_file(folder.path().join("ledger.db")).unwrap();
    let report = clean(folder.path(), at(1));
    assert_eq!((report.records, report.not_yet_sealed), (9, None));
    assert_eq!(numbers(folder.path()).len(), 9);
}

#[test]
fn what_is_not_asked_for_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    for second in 0..10 {
        take(&mut ledger, second..second + 1, at(second.cast_signed()));
        ledger.append(&[judgment(at(second.cast_signed()), "{}")]).unwrap();
        if second == 6 {
            seal_all(&mut ledger, at(7));
        }
    }
    let ids = |reader: Reader| reader.map(|record| record.unwrap().id).collect::<Vec<_>>();
    let reader = || Reader::open(folder.path()).unwrap();
    assert_eq!(ids(reader()), (1..=20).collect::<Vec<_>>());
    assert_eq!(ids(reader().kinds(&[RecordKind::Judgment])), (1..=10).map(|id| id * 2).collect::<Vec<_>>());
    assert_eq!(ids(reader().from(at(5)).until(at(8))), (11..=16).collect::<Vec<_>>());
    assert_eq!(ids(reader().after(13).kinds(&[RecordKind::Observation])), [15, 17, 19]);
    assert!(ids(reader().kinds(&[])).is_empty());
}

#[test]
fn raw_windows_expire_and_the_rest_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..7, at(0));
    ledger.append(&[judgment(at(0), "{}")]).unwrap();
    seal_all(&mut ledger, at(10));
    assert_eq!(ledger.expire(at(10 + 7 * DAY - 1)).unwrap(), Expired::default());
    let expired = ledger.expire(at(10 + 7 * DAY)).unwrap();
    assert_eq!(expired.segments, [1, 2]);
    assert!(expired.bytes > 0);
    let report = clean(folder.path(), at(10 + 7 * DAY));
    assert_eq!((report.segments, report.expired, report.records), (3, 2, 8));
    assert_eq!(
        records(folder.path()).iter().map(|record| record.kind.clone()).collect::<Vec<_>>(),
        [RecordKind::Judgment]
    );
    // The ledger goes on, and knows what it had.
    drop(ledger);
    let mut ledger = open(folder.path());
    assert_eq!(take(&mut ledger, 0..8, at(8 * DAY)).count(), 1);
    seal_all(&mut ledger, at(8 * DAY));
    assert_eq!(clean(folder.path(), at(8 * DAY)).segments, 4);
}

#[test]
fn a_clock_that_is_set_back_breaks_nothing_and_expires_nothing_early() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(30 * DAY));
    // Back by twenty days; sealed by that clock, then the clock is right again.
    take(&mut ledger, 3..6, at(10 * DAY));
    let manifest = ledger.seal(at(10 * DAY)).unwrap().unwrap();
    assert_eq!((manifest.from, manifest.to, manifest.sealed_at), (at(10 * DAY), at(30 * DAY), at(10 * DAY)));
    take(&mut ledger, 6..9, at(10 * DAY + 1));
    drop(ledger);
    let mut ledger = open(folder.path());
    seal_all(&mut ledger, at(10 * DAY + 2));
    take(&mut ledger, 9..10, at(30 * DAY + 1));
    seal_all(&mut ledger, at(30 * DAY + 1));
    for now in [at(10 * DAY + 2), at(30 * DAY + 1), at(37 * DAY - 1)] {
        assert_eq!(ledger.expire(now).unwrap(), Expired::default());
        clean(folder.path(), now);
    }
    assert_eq!(numbers(folder.path()), (0..10).collect::<Vec<_>>());
    assert_eq!(ledger.expire(at(38 * DAY)).unwrap().segments, [1, 2, 3]);
}

#[test]
fn the_end_of_time_is_an_instant_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let (first, last) = (jiff::Timestamp::MIN, jiff::Timestamp::MAX);
    take(&mut ledger, 0..1, first);
    take(&mut ledger, 1..2, last);
    let manifest = ledger.seal(last).unwrap().unwrap();
    assert_eq!(manifest.keep_until, Some(last));
    assert!(last.duration_since(manifest.to) < SignedDuration::from_secs(1));
    clean(folder.path(), last);
}

#[test]
fn the_database_shrinks_when_records_are_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = crate::Ledger::open(folder.path(), super::signer(), 0).unwrap();
    let body = format!(r#"{{"text":"{}"}}"#, "x".repeat(1000));
    for round in 0..20 {
        let observations: Vec<(u64, &[u8])> = (0..100).map(|seq| (round * 100 + seq, body.as_bytes())).collect();
        ledger.take(&super::source(), &observations, at(0)).unwrap();
    }
    seal_all(&mut ledger, at(1));
    drop(ledger);
    let left = fs::metadata(folder.path().join("ledger.db")).unwrap().len();
    assert!(left < 200_000, "{left} bytes of two million are left");
}
