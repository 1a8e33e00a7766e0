//! Holds delay the expiry of what names people, over restarts and lost databases, too.

use std::fs;

use super::{at, clean, records, seal_all, signer, take};
use crate::{Class, Hold, HoldEvent, HoldRecord, Holds, Ledger, LedgerError, NewRecord, Reader, RecordKind, Settings};

const DAY: i64 = 24 * 3600;

fn open(folder: &std::path::Path) -> Ledger {
    let keep_people = jiff::SignedDuration::from_hours(10 * 24);
    Ledger::open_with(folder, signer(), 0, Settings { keep_people, ..Settings::default() }).unwrap()
}

fn hold(name: &str) -> Hold {
    let (classes, reason) = ([Class::People].into(), "a claim".to_owned());
    Hold { name: name.to_owned(), classes, until: None, reason, by: Some("legal".to_owned()) }
}

/// Observations and a decision, sealed: segments 1 and 2.
fn sealed() -> (tempfile::TempDir, Ledger) {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..2, at(0));
    ledger.append(&[NewRecord { kind: RecordKind::Decision, at: at(0), body: b"{}" }]).unwrap();
    seal_all(&mut ledger, at(0));
    (folder, ledger)
}

#[test]
fn what_is_held_does_not_expire_until_the_hold_is_lifted() {
    let (folder, mut ledger) = sealed();
    ledger.set_hold(hold("LG-12-2026"), at(1)).unwrap();
    assert_eq!(ledger.expire(at(20 * DAY)).unwrap().segments, [1], "raw windows are not held");
    seal_all(&mut ledger, at(20 * DAY));
    // The record of the hold is held as well.
    assert_eq!(ledger.expire(at(60 * DAY)).unwrap().segments, [0; 0]);
    clean(folder.path(), at(60 * DAY));
    for lost in [false, true] {
        drop(ledger);
        if lost {
            fs::remove_file(folder.path().join("ledger.db")).unwrap();
        }
        ledger = open(folder.path());
        assert_eq!(ledger.holds().get("LG-12-2026"), Some(&hold("LG-12-2026")));
        assert_eq!(ledger.expire(at(60 * DAY)).unwrap().segments, [0; 0], "lost: {lost}");
    }
    ledger.lift_hold("LG-12-2026", "settled".to_owned(), None, at(61 * DAY)).unwrap();
    assert_eq!(ledger.holds().all().count(), 0);
    drop(ledger);
    let mut ledger = open(folder.path());
    assert_eq!(ledger.expire(at(61 * DAY)).unwrap().segments, [2, 3]);
    clean(folder.path(), at(61 * DAY));
    // The record of the lifting, with office and reason, is kept for its own period.
    let lifted: Vec<_> = records(folder.path()).iter().filter_map(HoldRecord::from_record).collect();
    let [HoldRecord { event: HoldEvent::Lifted, at: when, hold: Hold { reason, by: None, .. }, .. }] =
        lifted.as_slice()
    else {
        panic!("{lifted:?}")
    };
    assert_eq!((*when, reason.as_str()), (at(61 * DAY), "settled"));
}

#[test]
fn a_hold_can_end_by_itself_and_can_hold_raw_windows() {
    let (_folder, mut ledger) = sealed();
    let classes = [Class::People, Class::Windows].into();
    let until = Some(at(30 * DAY));
    ledger.set_hold(Hold { classes, until, ..hold("a") }, at(1)).unwrap();
    assert_eq!(ledger.expire(at(30 * DAY - 1)).unwrap().segments, [0; 0]);
    // Set again, it has other content.
    ledger.set_hold(Hold { until, ..hold("a") }, at(2)).unwrap();
    assert_eq!(ledger.expire(at(30 * DAY - 1)).unwrap().segments, [1]);
    ledger.set_hold(hold("b"), at(3)).unwrap();
    assert_eq!(ledger.expire(at(30 * DAY)).unwrap().segments, [0; 0], "another one holds");
    ledger.lift_hold("b", "settled".to_owned(), None, at(30 * DAY)).unwrap();
    assert_eq!(ledger.expire(at(30 * DAY)).unwrap().segments, [2]);
}

#[test]
fn holds_are_read_from_records_alone() {
    let (folder, mut ledger) = sealed();
    for name in ["a", "b", "c"] {
        ledger.set_hold(hold(name), at(1)).unwrap();
    }
    ledger.lift_hold("b", "settled".to_owned(), None, at(2)).unwrap();
    let mut holds = Holds::default();
    for record in Reader::open(folder.path()).unwrap().kinds(&[RecordKind::Decision]) {
        holds.take(&record.unwrap());
    }
    assert_eq!(&holds, ledger.holds());
    assert_eq!(holds.all().map(|hold| hold.name.as_str()).collect::<Vec<_>>(), ["a", "c"]);
    assert!(holds.is_held(Class::People, at(3)) && !holds.is_held(Class::Windows, at(3)));
}

#[test]
fn what_is_no_hold_is_refused_and_nothing_is_recorded() {
    let (folder, mut ledger) = sealed();
    let before = records(folder.path()).len();
    for bad in [
        hold(""),
        hold("a\nb"),
        hold(&"x".repeat(254)),
        Hold { reason: String::new(), ..hold("a") },
        Hold { classes: [Class::Windows].into(), ..hold("a") },
        Hold { classes: [Class::People, Class::Lasting].into(), ..hold("a") },
    ] {
        let error = ledger.set_hold(bad, at(1)).unwrap_err();
        assert!(matches!(error, LedgerError::Hold { .. }), "{error:?}");
    }
    let error = ledger.lift_hold("nobody", "settled".to_owned(), None, at(1)).unwrap_err();
    assert_eq!(error.to_string(), "no hold is named \"nobody\"");
    assert_eq!(records(folder.path()).len(), before);
}
