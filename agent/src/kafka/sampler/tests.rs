//! Accounting of a partition, without a broker.

use std::{collections::BTreeSet, time::Duration};

use super::{
    budget::{Allowance, Budget},
    partition::{Partition, Passed, State, Take},
    report::{Counts, Progress},
};

fn partition(next: i64, end: Option<i64>, messages: u64) -> Partition {
    let allowance = Allowance::new(Budget { messages, ..Budget::default() });
    Partition::new("orders", 0, next, end, allowance, BTreeSet::from([13]))
}

/// Inspects a message as the process does, of which only the count matters here.
fn read(partition: &mut Partition, offset: i64) -> Take {
    let take = partition.take(offset);
    if take == Take::Inspect {
        partition.progress.counts.inspected += 1;
        partition.allowance.spend(10, Duration::ZERO);
        partition.advance();
    }
    take
}

fn counts(partition: &mut Partition) -> (i64, i64, Counts) {
    let progress = partition.take_progress().unwrap();
    assert!(progress.is_complete(), "{progress:?}");
    (progress.begin, progress.end, progress.counts)
}

#[test]
fn offsets_without_a_message_are_told_from_messages() {
    let mut partition = partition(10, Some(20), 100);
    assert_eq!(read(&mut partition, 9), Take::Nothing, "it is accounted for");
    for offset in [10, 12, 13, 15] {
        read(&mut partition, offset);
    }
    let expected = Counts { inspected: 3, crashed: 1, absent: 2, ..Counts::default() };
    assert_eq!(counts(&mut partition), (10, 16, expected));
    assert_eq!(partition.take_progress(), None);
    // The marks of a transaction at the end are no messages.
    partition.reach_end(20);
    assert_eq!(counts(&mut partition), (16, 20, Counts { absent: 4, ..Counts::default() }));
    assert_eq!(partition.state(), State::Done);
}

#[test]
fn reading_up_to_the_present_end_leaves_out_what_came_later() {
    let mut one = partition(0, Some(2), 100);
    for offset in [0, 1, 2] {
        read(&mut one, offset);
    }
    assert_eq!((counts(&mut one).1, one.state()), (2, State::Done));
    // The last message before the end may be of an aborted transaction.
    let mut other = partition(0, Some(2), 100);
    read(&mut other, 0);
    assert_eq!(read(&mut other, 5), Take::Nothing);
    assert_eq!(counts(&mut other), (0, 2, Counts { inspected: 1, absent: 1, ..Counts::default() }));
    assert_eq!(other.state(), State::Done);
}

#[test]
fn what_the_budget_leaves_out_is_counted() {
    let mut once = partition(0, Some(10), 2);
    for offset in 0..4 {
        read(&mut once, offset);
    }
    assert_eq!(counts(&mut once), (0, 10, Counts { inspected: 2, not_sampled: 8, ..Counts::default() }));
    assert_eq!(once.state(), State::Done);

    let mut followed = partition(0, None, 2);
    for offset in 0..4 {
        read(&mut followed, offset);
    }
    assert_eq!((counts(&mut followed).1, followed.state()), (2, State::Resting));
    let allowance = Allowance::new(Budget { messages: 2, ..Budget::default() });
    assert_eq!(followed.begin_period(allowance, 2, 10), Some(8));
    assert_eq!(counts(&mut followed), (2, 8, Counts { not_sampled: 6, ..Counts::default() }));
    assert_eq!(read(&mut followed, 8), Take::Inspect);
    // Nothing moves where the budget reaches everything.
    assert_eq!(followed.begin_period(allowance, 2, 10), None);
    assert_eq!(followed.next(), 9);
}

#[test]
fn deleted_offsets_are_counted_once() {
    let mut partition = partition(0, None, 100);
    read(&mut partition, 0);
    partition.pass(7, Passed::Deleted);
    partition.pass(5, Passed::Deleted);
    read(&mut partition, 7);
    assert_eq!(counts(&mut partition), (0, 8, Counts { inspected: 2, deleted: 6, ..Counts::default() }));
}

#[test]
fn a_range_that_leaves_out_an_offset_is_not_complete() {
    let counts = Counts { inspected: 2, ..Counts::default() };
    let progress = |end| Progress { begin: 3, end, counts, ..Progress::default() };
    assert!(progress(5).is_complete());
    assert!(!progress(6).is_complete() && !progress(4).is_complete() && !progress(2).is_complete());
}
