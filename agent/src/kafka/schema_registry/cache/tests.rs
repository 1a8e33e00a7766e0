use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use super::*;

const LIMITS: Limits = Limits { entries: 3, bytes: 100 };

fn fetched(value: u32, bytes: usize) -> Fetched<u32> {
    Fetched { lookup: Ok(Arc::new(value)), bytes, holds: None }
}

fn not_found(seconds: u64) -> Fetched<u32> {
    Fetched { lookup: Err(NoSchema::NotFound), bytes: 0, holds: Some(Duration::from_secs(seconds)) }
}

/// The value that is known of a key, without a look-up.
fn kept(cache: &Cache<u32, u32>, key: u32, now: Instant) -> Option<u32> {
    lock(&cache.state).known(&key, now)?.ok().map(|value| *value)
}

#[test]
fn what_is_known_is_not_fetched_again() {
    let (cache, now) = (Cache::new(LIMITS), Instant::now());
    let (lookup, was_known) = cache.get(&1, now, || fetched(10, 1));
    assert_eq!((lookup.ok().as_deref(), was_known), (Some(&10), false));
    let later = now + Duration::from_hours(1000);
    let (lookup, was_known) = cache.get(&1, later, || panic!("it is known"));
    assert_eq!((lookup.ok().as_deref(), was_known), (Some(&10), true));
}

#[test]
fn what_is_not_there_is_asked_for_again_later() {
    let (cache, now) = (Cache::new(LIMITS), Instant::now());
    assert!(matches!(cache.get(&1, now, || not_found(300)), (Err(NoSchema::NotFound), false)));
    let almost = now + Duration::from_millis(299_999);
    assert!(matches!(cache.get(&1, almost, || panic!("it is known")), (Err(NoSchema::NotFound), true)));
    let (lookup, was_known) = cache.get(&1, now + Duration::from_mins(5), || fetched(10, 1));
    assert_eq!((lookup.ok().as_deref(), was_known), (Some(&10), false));
}

#[test]
fn what_was_not_asked_for_longest_goes_first() {
    let (cache, now) = (Cache::new(LIMITS), Instant::now());
    for key in 1..=3 {
        let _ = cache.get(&key, now, || fetched(key, 10));
    }
    let _ = cache.get(&1, now, || panic!("it is known"));
    let _ = cache.get(&4, now, || fetched(4, 10));
    assert_eq!([1, 2, 3, 4].map(|key| kept(&cache, key, now)), [Some(1), None, Some(3), Some(4)]);
}

#[test]
fn memory_is_bounded() {
    let (cache, now) = (Cache::new(LIMITS), Instant::now());
    let _ = cache.get(&1, now, || fetched(1, 60));
    let _ = cache.get(&2, now, || fetched(2, 60));
    assert_eq!([1, 2].map(|key| kept(&cache, key, now)), [None, Some(2)]);
    let (lookup, _) = cache.get(&3, now, || fetched(3, 101));
    assert_eq!(lookup.ok().as_deref(), Some(&3), "given once, kept never");
    assert_eq!([2, 3].map(|key| kept(&cache, key, now)), [Some(2), None]);
    assert_eq!(lock(&cache.state).bytes, 60);
}

#[test]
fn those_who_ask_at_once_wait_for_one_look_up() {
    const OTHERS: usize = 4;
    let (cache, now) = (Cache::new(LIMITS), Instant::now());
    let fetches = AtomicUsize::new(0);
    let (begun, is_begun) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let first = scope.spawn(|| {
            cache.get(&1, now, move || {
                begun.send(()).unwrap();
                is_released.recv().unwrap();
                // It holds no longer than this moment: whoever waited gets it all the same.
                Fetched { lookup: Ok(Arc::new(10)), bytes: 1, holds: Some(Duration::ZERO) }
            })
        });
        is_begun.recv().unwrap();
        let (cache, fetches) = (&cache, &fetches);
        let ask = move || {
            let fetch = || {
                fetches.fetch_add(1, Ordering::SeqCst);
                fetched(11, 1)
            };
            cache.get(&1, now, fetch).0.ok().map(|value| *value)
        };
        let others: Vec<_> = (0..OTHERS).map(|_| scope.spawn(ask)).collect();
        // Each that waits holds the flight; the map and the first hold it as well.
        while Arc::strong_count(&lock(&cache.state).flights[&1]) < OTHERS + 2 {
            thread::yield_now();
        }
        release.send(()).unwrap();
        assert_eq!(first.join().unwrap().0.ok().as_deref(), Some(&10));
        for other in others {
            assert_eq!(other.join().unwrap(), Some(10));
        }
    });
    assert_eq!(fetches.into_inner(), 0);
    assert!(lock(&cache.state).flights.is_empty());
}

#[test]
fn a_look_up_that_panics_leaves_nobody_waiting() {
    let (cache, now) = (Cache::<u32, u32>::new(LIMITS), Instant::now());
    let panicked = catch_unwind(AssertUnwindSafe(|| cache.get(&1, now, || panic!("made up"))));
    assert!(panicked.is_err());
    let (lookup, was_known) = cache.get(&1, now, || fetched(10, 1));
    assert_eq!((lookup.ok().as_deref(), was_known), (Some(&10), false));
}
