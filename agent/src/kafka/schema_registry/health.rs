//! Whether a registry is asked at all: one that fails is left alone for a while, and so is one that is asked for many
//! schemas that do not exist.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use landfall_process::backoff::Backoff;

const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// Any value that begins with a zero byte looks as if it named a schema. So many ids that do not exist are looked up in a
/// period; new ones wait for the next.
const MAX_MISSES: u32 = 100;
const MISSES_PERIOD: Duration = Duration::from_mins(1);

/// What became of the last requests.
#[derive(Debug)]
pub(super) struct Health(Mutex<State>);

#[derive(Debug)]
struct State {
    backoff: Backoff,
    /// No request before this; after it one, until it succeeds.
    failing_until: Option<Instant>,
    is_tried: bool,
    misses: u32,
    misses_since: Option<Instant>,
}

/// Leave to ask. Dropped without an outcome, it counts as a failure, so that nobody waits for it.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    health: &'a Health,
    now: Instant,
    is_done: bool,
}

// === impl Health ===

impl Health {
    pub(super) fn new() -> Self {
        let backoff = Backoff::new(FIRST_WAIT, LONGEST_WAIT);
        let (failing_until, is_tried, misses, misses_since) = (None, false, 0, None);
        Self(Mutex::new(State { backoff, failing_until, is_tried, misses, misses_since }))
    }

    /// Leave to ask now, if the registry is not left alone.
    pub(super) fn admit(&self, now: Instant) -> Option<Permit<'_>> {
        let mut state = self.state();
        if state.misses_since.is_some_and(|since| now.saturating_duration_since(since) >= MISSES_PERIOD) {
            (state.misses, state.misses_since) = (0, None);
        }
        if state.misses >= MAX_MISSES {
            return None;
        }
        if let Some(until) = state.failing_until {
            if now < until || state.is_tried {
                return None;
            }
            state.is_tried = true;
        }
        Some(Permit { health: self, now, is_done: false })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whoever panicked left a state that is complete.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Permit ===

impl Permit<'_> {
    /// The registry answered.
    pub(super) fn succeeded(mut self) {
        self.is_done = true;
        let mut state = self.health.state();
        (state.failing_until, state.is_tried) = (None, false);
        state.backoff.reset();
    }

    /// The registry answered that there is no such schema.
    pub(super) fn missed(self) {
        let now = self.now;
        {
            let mut state = self.health.state();
            state.misses = state.misses.saturating_add(1);
            state.misses_since.get_or_insert(now);
        }
        self.succeeded();
    }

    /// The registry did not answer, or cannot. Several requests that were under way together count once.
    pub(super) fn failed(mut self, now: Instant) {
        self.fail(now);
    }

    fn fail(&mut self, now: Instant) {
        self.is_done = true;
        let mut state = self.health.state();
        let is_counted = state.failing_until.is_some_and(|until| self.now < until);
        if !is_counted {
            let wait = state.backoff.next_wait();
            state.failing_until = Some(now + wait);
        }
        state.is_tried = false;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.fail(self.now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_registry_is_asked_once_in_each_wait() {
        let (health, start) = (Health::new(), Instant::now());
        health.admit(start).unwrap().failed(start);
        let mut now = start;
        for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
            let wait = Duration::from_secs(wait);
            assert!(health.admit(now).is_none());
            assert!(health.admit(now + wait.saturating_sub(Duration::from_millis(1))).is_none());
            now += wait;
            let permit = health.admit(now).unwrap();
            assert!(health.admit(now).is_none(), "one at a time tries");
            permit.failed(now);
        }
        now += Duration::from_mins(1);
        health.admit(now).unwrap().succeeded();
        health.admit(now).unwrap().failed(now);
        assert!(health.admit(now + Duration::from_secs(1)).is_some(), "the waits begin again");
    }

    #[test]
    fn failures_of_one_moment_count_once() {
        let (health, start) = (Health::new(), Instant::now());
        let permits: Vec<Permit<'_>> = (0..5).map(|_| health.admit(start).unwrap()).collect();
        for permit in permits {
            permit.failed(start);
        }
        assert!(health.admit(start + Duration::from_secs(1)).is_some());
    }

    #[test]
    fn a_permit_that_is_lost_blocks_nobody() {
        let (health, start) = (Health::new(), Instant::now());
        health.admit(start).unwrap().failed(start);
        let later = start + Duration::from_secs(1);
        drop(health.admit(later).unwrap());
        assert!(health.admit(later + Duration::from_secs(2)).is_some());
    }

    #[test]
    fn schemas_that_do_not_exist_are_looked_up_at_a_bounded_rate() {
        let (health, start) = (Health::new(), Instant::now());
        for _ in 0..MAX_MISSES {
            health.admit(start).unwrap().missed();
        }
        assert!(health.admit(start).is_none());
        assert!(health.admit(start + MISSES_PERIOD).is_some());
    }
}
