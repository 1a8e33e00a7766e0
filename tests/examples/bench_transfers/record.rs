//! What a watch of the Transfers sees, and when.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use kube::{
    Api, Client, ResourceExt as _,
    runtime::{WatchStreamExt as _, watcher},
};
use landfall_api::{Stored, TransferSpec, TransferStatus};
use landfall_observation::Outcome;

use crate::Failure;

/// Events as they come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// How each stood when it was last looked.
    before: BTreeMap<String, TransferStatus>,
    events: Vec<(Instant, String, TransferStatus)>,
    last: Option<Instant>,
}

/// What changed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    pub(crate) worsened: usize,
    pub(crate) changed: usize,
    pub(crate) first: Option<Instant>,
    pub(crate) last_worsened: Option<Instant>,
    pub(crate) last_changed: Option<Instant>,
    /// How many came after one that was less urgent.
    pub(crate) out_of_order: usize,
    /// How many places later than they should have at most.
    pub(crate) furthest: usize,
    /// How many went from which verdict to which.
    pub(crate) moves: BTreeMap<(String, String), usize>,
}

impl Record {
    /// Watches; returns when there are so many Transfers with a verdict.
    pub(crate) async fn begin(client: Client, transfers: usize, patience: Duration) -> Result<Self, Failure> {
        let record = Self::default();
        let writing = record.clone();
        let api = Api::<Stored<TransferSpec>>::all(client);
        tokio::spawn(async move {
            let mut events =
                std::pin::pin!(watcher(api, watcher::Config::default()).default_backoff().applied_objects());
            while let Some(event) = events.next().await {
                let Ok(object) = event else { continue };
                let name = format!("{}/{}", object.namespace().unwrap_or_default(), object.name_any());
                let mut seen = writing.lock();
                let now = Instant::now();
                seen.last = Some(now);
                seen.events.push((now, name, object.status.unwrap_or_default()));
            }
        });
        let began = Instant::now();
        loop {
            let there = record.now().values().filter(|status| status.outcome.is_some()).count();
            if there >= transfers {
                return Ok(record);
            }
            if began.elapsed() > patience {
                return Err(format!("{there} of {transfers} Transfers came").into());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    /// Waits until nothing was seen for so long.
    pub(crate) fn await_quiet(&self, quiet: Duration, patience: Duration) -> Result<(), Failure> {
        let began = Instant::now();
        while self.last().max(began).elapsed() < quiet {
            if began.elapsed() > patience {
                return Err("Transfers are written without end".into());
            }
            sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    /// When something was seen last.
    pub(crate) fn last(&self) -> Instant {
        self.lock().last.unwrap_or_else(Instant::now)
    }

    /// What was seen so far is how it was before.
    pub(crate) fn forget(&self) {
        let now = self.now();
        let mut seen = self.lock();
        seen.before = now;
        seen.events.clear();
    }

    /// What changed since then. A change counts from the first sight of how it stays.
    pub(crate) fn changes(&self) -> Changes {
        let after = self.now();
        let seen = self.lock();
        let mut changes = Changes::default();
        let mut ranks = Vec::new();
        let mut known = BTreeMap::new();
        for (name, status) in &after {
            let before = seen.before.get(name).cloned().unwrap_or_default();
            if substance(&before) != substance(status) {
                let is_worse = status.outcome > before.outcome;
                let text = |outcome: Option<Outcome>| outcome.map_or("nothing".to_owned(), |it| format!("{it}"));
                *changes.moves.entry((text(before.outcome), text(status.outcome))).or_default() += 1;
                changes.changed += 1;
                changes.worsened += usize::from(is_worse);
                // What got worse before what did not, and of either the worst first.
                known.insert(name.as_str(), (!is_worse, std::cmp::Reverse(status.outcome)));
            }
        }
        for (at, name, status) in &seen.events {
            let is_final = after.get(name).is_some_and(|after| substance(after) == substance(status));
            let Some(rank) = is_final.then(|| known.remove(name.as_str())).flatten() else { continue };
            ranks.push(rank);
            changes.first = changes.first.or(Some(*at));
            changes.last_changed = Some(*at);
            if !rank.0 {
                changes.last_worsened = Some(*at);
            }
        }
        let mut sorted: Vec<_> = (0..ranks.len()).collect();
        sorted.sort_by_key(|place| ranks.get(*place));
        let late = sorted.iter().enumerate().map(|(due, place)| place.saturating_sub(due));
        changes.out_of_order = late.clone().filter(|late| *late > 0).count();
        changes.furthest = late.max().unwrap_or_default();
        changes
    }

    /// How each stands.
    fn now(&self) -> BTreeMap<String, TransferStatus> {
        let seen = self.lock();
        let mut now = seen.before.clone();
        now.extend(seen.events.iter().map(|(_, name, status)| (name.clone(), status.clone())));
        now
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All but figures, and which version of the register said so.
fn substance(status: &TransferStatus) -> TransferStatus {
    TransferStatus { volume: None, last_seen: None, judged_at: None, ruleset: None, coverage: None, ..status.clone() }
}
