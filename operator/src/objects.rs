//! Keeps objects that the operator writes as they are wanted, whoever edits or deletes them meanwhile.
//!
//! ```text
//! what is wanted ─┐
//!                 ├─► what differs ─the most urgent first, so many a second─► API server
//! watch ─► store ─┘
//! ```
//!
//! Level-triggered: what counts is the difference between what is wanted and what is there, never how it came about.

mod budget;
pub mod call;
pub(crate) mod condition;
mod entries;
mod precedence;
pub mod watch;
mod write;

use std::{sync::Arc, time::Duration};

use kube::{
    Api, Client,
    runtime::reflector::{self, ObjectRef, Store},
};
use landfall_api::{Kind, Stored};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval},
};

pub(crate) use self::{
    budget::Budget,
    entries::{Entries, Key, Wanted},
    precedence::{Precedence, Turn},
};
use self::{entries::Due, write::write};
use crate::{
    metrics::UpkeepMetrics,
    objects::watch::{WatchErrors, follow},
};

/// How often is looked what differs.
const LOOK: Duration = Duration::from_millis(200);
/// Writes under way at once.
const AT_ONCE: usize = 16;

/// A kind whose objects the operator writes.
pub(crate) trait Written: Kind<Status: Said> + Said {
    /// Whether nobody else writes such objects. Then who wrote which field need not be kept: that would be as large as
    /// the status, and the API server would work it out anew at every write.
    const BY_OPERATOR_ALONE: bool;

    /// How soon `want` must be written where `said` stands; `None`: they say the same.
    fn urgency(said: Option<&Self::Status>, want: &Self::Status) -> Option<Urgency>;
}

/// What goes to and comes from the API server.
pub(crate) trait Said:
    Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<T: Clone + PartialEq + std::fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static> Said for T {}

/// How soon something must be written; the lesser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// At once, by rank.
    Now(u8),
    /// Figures alone: when there is time.
    WhenQuiet,
}

/// How much may be written.
#[derive(Debug, Clone)]
pub(crate) struct Pace {
    /// Writes of substance.
    pub(crate) substance: Budget,
    /// Writes of figures alone.
    pub(crate) figures: Budget,
    /// How old figures may get before they are written again.
    pub(crate) refresh: Duration,
    /// Whose turn it is when there is much to write.
    pub(crate) turn: Turn,
}

/// Keeps the objects of a kind. `feed` says what is wanted, by what is there; it is asked every time before anything is
/// written. Does not return.
pub(crate) async fn keep<S: Written>(
    client: Client,
    mut pace: Pace,
    metrics: UpkeepMetrics,
    errors: WatchErrors,
    mut feed: impl FnMut(&mut Entries<S>, &Store<Stored<S>>) + Send,
) where
    Stored<S>: Clone + DeserializeOwned + Serialize,
{
    let (store, filled) = reflector::store();
    let listed = store.clone();
    let mut watch = JoinSet::new();
    watch.spawn(follow(Api::<Stored<S>>::all(client.clone()), S::KIND, filled, errors, |_| ()));
    // Writing before the list would make anew what is there.
    if listed.wait_until_ready().await.is_err() {
        return;
    }
    let mut entries = Entries::default();
    let mut writes = JoinSet::new();
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = pace.turn.announced() => look.reset_immediately(),
            _ = look.tick() => {
                feed(&mut entries, &store);
                let now = Instant::now();
                entries.compare(&store, now);
                entries.line_up(pace.refresh, now);
                pace.turn.could(entries.lined_up());
                metrics.waiting(S::KIND, entries.waiting());
            }
            Some(done) = writes.join_next() => {
                // A write that panicked is a fault of ours: until the next start that object stays as it is, and all others go on.
                let Ok((key, outcome)) = done else { continue };
                metrics.written(S::KIND, &outcome);
                entries.written(&key, outcome, Instant::now());
            }
            ended = watch.join_next() => {
                // Whoever stops the program cancels its tasks.
                if !matches!(&ended, Some(Err(error)) if error.is_cancelled()) {
                    tracing::error!(kind = S::KIND, ?ended, "The watch of written objects has ended");
                }
                return;
            }
        }
        let room = AT_ONCE - writes.len();
        for Due { key, action } in entries.take_due(&mut pace, room, Instant::now()) {
            let client = client.clone();
            writes.spawn(async move {
                let outcome = write(client, &key, action).await;
                (key, outcome)
            });
        }
    }
}

/// The object that is there.
pub(crate) fn there<S: Written>(store: &Store<Stored<S>>, key: &Key) -> Option<Arc<Stored<S>>> {
    store.get(&ObjectRef::new(&key.name).within(&key.namespace))
}
