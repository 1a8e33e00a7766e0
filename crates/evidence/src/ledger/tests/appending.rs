use super::{at, judgment, numbers, open, records, signer, small, source, take};
use crate::{
    Batch, BatchOutcome, Ledger, LedgerError, MAX_RECORD, NewRecord, Origin, RecordKind, Refusal, RefusalReason, Source,
};

#[test]
fn an_observation_is_taken_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let first = take(&mut ledger, 0..3, at(0));
    assert_eq!(first, BatchOutcome { appended: Some(1..=3), duplicates: 0, acknowledged: Some(2), missed: 0 });
    let again = take(&mut ledger, 1..5, at(1));
    assert_eq!(again, BatchOutcome { appended: Some(4..=5), duplicates: 2, acknowledged: Some(4), missed: 0 });
    let old = take(&mut ledger, 0..2, at(2));
    assert_eq!(old, BatchOutcome { appended: None, duplicates: 2, acknowledged: Some(4), missed: 0 });
    assert_eq!(ledger.acknowledged(&source()).unwrap(), Some(4));
    drop(ledger);

    let mut ledger = open(folder.path());
    assert_eq!(take(&mut ledger, 0..6, at(3)).count(), 1);
    assert_eq!(numbers(folder.path()), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn skipped_numbers_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    assert_eq!(take(&mut ledger, 2..4, at(0)).missed, 2);
    assert_eq!(take(&mut ledger, 10..11, at(0)).missed, 6);
    assert_eq!(ledger.missed(&source()).unwrap(), 8);
}

#[test]
fn sources_and_epochs_count_apart() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    let later = Source { epoch: 2, ..source() };
    let other = Source { agent: "node-2".to_owned(), ..source() };
    for source in [&later, &other] {
        assert_eq!(ledger.acknowledged(source).unwrap(), None);
        assert_eq!(ledger.take(source, &[(0, b"{}")], at(0)).unwrap().count(), 1);
    }
    assert_eq!(ledger.next_epoch("local", "node-1").unwrap(), 3);
    assert_eq!(ledger.next_epoch("local", "node-9").unwrap(), 0);
    let last = records(folder.path()).pop().unwrap();
    assert_eq!((last.id, last.origin), (5, Some(Origin { source: other, seq: 0 })));
}

#[test]
fn a_bad_batch_is_refused_whole_and_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    let (good, bad) = (source(), Source { agent: "node-2".to_owned(), ..source() });
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MAX_RECORD));
    let batches = [
        Batch { source: &bad, observations: &[(0, b"{}"), (1, b"no json")] },
        Batch { source: &good, observations: &[(0, b"{}")] },
        Batch { source: &bad, observations: &[(0, long.as_bytes())] },
        Batch { source: &bad, observations: &[(3, b"{}"), (2, b"{}")] },
        Batch { source: &bad, observations: &[(u64::MAX, b"{}")] },
    ];
    let taken = ledger.take_all(&batches, at(0)).unwrap();
    let refused = |index, reason| Err(Refusal { index, reason });
    assert_eq!(
        taken,
        [
            refused(1, RefusalReason::NotAnObject),
            Ok(BatchOutcome { appended: Some(1..=1), duplicates: 0, acknowledged: Some(0), missed: 0 }),
            refused(0, RefusalReason::TooLong(long.len())),
            refused(1, RefusalReason::NotAscending { seq: 2, previous: 3 }),
            refused(0, RefusalReason::NumberTooLarge(u64::MAX)),
        ]
    );
    assert_eq!(ledger.acknowledged(&bad).unwrap(), None);
    assert_eq!(records(folder.path()).len(), 1);
}

#[test]
fn an_observation_needs_a_source() {
    let folder = tempfile::tempdir().unwrap();
    let record = NewRecord { kind: RecordKind::Observation, at: at(0), body: b"{}" };
    let error = open(folder.path()).append(&[record]).unwrap_err();
    assert!(matches!(error, LedgerError::Refused(Refusal { index: 0, reason: RefusalReason::NoSource })), "{error}");
}

#[test]
fn a_cursor_moves_with_the_records_that_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    assert_eq!(ledger.cursor("judge").unwrap(), 0);
    assert_eq!(ledger.advance("judge", 3, &[judgment(at(1), "{}")]).unwrap(), Some(4..=4));
    assert_eq!((ledger.cursor("judge").unwrap(), ledger.last_record()), (3, 4));
    for asked in [2, 5] {
        let error = ledger.advance("judge", asked, &[judgment(at(1), "{}")]).unwrap_err();
        let expected = format!("cursor judge stands at record 3 of 4 and cannot go to {asked}");
        assert_eq!(error.to_string(), expected);
    }
    let error = ledger.advance("judge", 4, &[judgment(at(1), "[]")]).unwrap_err();
    assert!(matches!(error, LedgerError::Refused(_)), "{error}");
    assert_eq!((ledger.cursor("judge").unwrap(), records(folder.path()).len()), (3, 4));
}

#[test]
fn a_cursor_remembers_in_the_same_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    take(&mut ledger, 0..3, at(0));
    let memory = [("a", Some("{}")), ("b", Some("{}"))];
    ledger.advance_with("judge", 2, &[], &memory).unwrap();
    ledger.advance_with("judge", 3, &[], &[("a", None), ("b", Some("[]"))]).unwrap();
    // What cannot be appended is not remembered either.
    ledger.advance_with("judge", 3, &[judgment(at(1), "[]")], &[("c", Some("{}"))]).unwrap_err();
    drop(ledger);
    let ledger = open(folder.path());
    assert_eq!(ledger.memory("judge").unwrap(), [("b".to_owned(), "[]".to_owned())]);
    assert_eq!(ledger.memory("another").unwrap(), []);
}

#[test]
fn what_a_cursor_has_not_passed_can_be_read_again_though_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = open(folder.path());
    ledger.cursor("judge").unwrap();
    take(&mut ledger, 0..7, at(0));
    super::seal_all(&mut ledger, at(1));
    let again: Vec<u64> = ledger.since(0, 100).unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(again, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(numbers(folder.path()), [0, 1, 2, 3, 4, 5, 6]);

    ledger.advance("judge", 6, &[judgment(at(2), "{}")]).unwrap();
    super::seal_all(&mut ledger, at(3));
    let again: Vec<u64> = ledger.since(0, 100).unwrap().into_iter().map(|record| record.id).collect();
    assert_eq!(again, [7, 8]);
    assert_eq!(records(folder.path()).len(), 8);
}

#[test]
fn only_one_writer_at_a_time_and_none_of_an_older_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let open = |epoch| Ledger::open_with(folder.path(), signer(), epoch, small());
    let ledger = open(3).unwrap();
    assert!(matches!(open(4).unwrap_err(), LedgerError::Locked(_)));
    drop(ledger);
    drop(open(5).unwrap());
    let error = open(4).unwrap_err();
    assert!(matches!(error, LedgerError::Fenced { held: 5, ours: 4 }), "{error}");
    open(5).unwrap();
}

#[test]
fn a_writer_is_fenced_where_a_lock_does_not_hold() {
    let folder = tempfile::tempdir().unwrap();
    let mut stale = open(folder.path());
    take(&mut stale, 0..1, at(0));
    // As a file system without locks would let it: another process takes over while this one sleeps.
    std::fs::remove_file(folder.path().join("ledger.lock")).unwrap();
    let mut fresh = Ledger::open_with(folder.path(), signer(), 1, small()).unwrap();
    take(&mut fresh, 1..2, at(1));
    let fenced = |error: LedgerError| matches!(error, LedgerError::Fenced { held: 1, ours: 0 });
    assert!(fenced(stale.take(&source(), &[(1, b"{}")], at(2)).unwrap_err()));
    assert!(fenced(stale.seal(at(2)).unwrap_err()));
    assert!(fenced(stale.expire(at(2)).unwrap_err()));
    assert_eq!(numbers(folder.path()), [0, 1]);
}

#[test]
fn another_key_needs_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let error = Ledger::open(folder.path(), crate::Signer::generate().unwrap(), 0).unwrap_err();
    assert!(matches!(error, LedgerError::KeyChanged { .. }), "{error}");
    let published = std::fs::read_to_string(folder.path().join("public-key.pem")).unwrap();
    assert_eq!(published, signer().public().to_pem());
}
