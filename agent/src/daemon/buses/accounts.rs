//! Up to where buses are accounted for: the state of the spool.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc::SyncSender},
};

use landfall_observation::{BusName, Identity, Observation, encode};
use landfall_process::readiness::Readiness;
use prometheus::IntGauge;
use serde::{Deserialize, Serialize};

use crate::{
    daemon::health::SPOOL_NOT_WRITABLE,
    kafka::observer::TopicPositions,
    spool::{Entry, Spool, SpoolError},
};

/// Up to where a bus is accounted for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BusAccount {
    /// The id of the cluster that the positions are of.
    pub(super) cluster_id: Option<String>,
    pub(super) topics: TopicPositions,
}

/// Keeps the accounts of all buses.
#[derive(Debug)]
pub(super) struct Accounts {
    spool: Arc<Mutex<Spool>>,
    kept: Mutex<Kept>,
    /// Notified when observations are in the spool.
    appended: SyncSender<()>,
    readiness: Readiness,
    writable: IntGauge,
}

#[derive(Debug)]
struct Kept {
    /// The identity of the next observation: those of all buses are numbered together.
    next: Identity,
    state: State,
}

/// The state of the spool.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    /// By `namespace/name`.
    buses: BTreeMap<String, BusAccount>,
}

// === impl BusAccount ===

impl BusAccount {
    /// Keeps the partitions of which this is true.
    pub(super) fn retain(&mut self, is_kept: impl Fn(&str, i32) -> bool) {
        for (topic, partitions) in &mut self.topics {
            partitions.retain(|partition, _| is_kept(topic, *partition));
        }
        self.topics.retain(|_, partitions| !partitions.is_empty());
    }
}

// === impl Accounts ===

impl Accounts {
    /// Goes on with the accounts of the spool.
    pub(super) fn new(
        spool: Arc<Mutex<Spool>>,
        first: Identity,
        appended: SyncSender<()>,
        readiness: Readiness,
        writable: IntGauge,
    ) -> Self {
        let state = lock(&spool).state().cloned().map(serde_json::from_value).transpose();
        let state = state.unwrap_or_else(|error| {
            tracing::error!(%error, "The positions of buses cannot be read; their reading begins anew");
            None
        });
        readiness.done(SPOOL_NOT_WRITABLE);
        writable.set(1);
        let kept = Mutex::new(Kept { next: first, state: state.unwrap_or_default() });
        Self { spool, kept, appended, readiness, writable }
    }

    /// The account of a bus.
    pub(super) fn of(&self, bus: &BusName) -> BusAccount {
        lock(&self.kept).state.buses.get(&bus.to_string()).cloned().unwrap_or_default()
    }

    /// Whether the spool takes more.
    pub(super) fn has_room(&self) -> bool {
        lock(&self.spool).has_room()
    }

    /// Puts observations and the account that they bring about into the spool, both or neither.
    pub(super) fn commit(
        &self,
        bus: &BusName,
        observations: Vec<Observation>,
        account: &BusAccount,
    ) -> Result<(), SpoolError> {
        let mut kept = lock(&self.kept);
        let numbered = (kept.next.seq..).zip(observations).map(|(seq, observation)| {
            let identity = Identity { seq, ..kept.next.clone() };
            Entry { epoch: identity.epoch, seq, line: encode(&Observation { identity, ..observation }) }
        });
        let entries: Vec<_> = numbered.collect();
        let mut state = kept.state.clone();
        state.buses.insert(bus.to_string(), account.clone());
        let value = serde_json::to_value(&state).expect("names and numbers have a JSON form");
        let outcome = lock(&self.spool).commit(&entries, &value);
        self.readiness.set(SPOOL_NOT_WRITABLE, outcome.is_ok());
        self.writable.set(i64::from(outcome.is_ok()));
        outcome?;
        kept.next.seq += entries.len() as u64;
        kept.state = state;
        // A full channel already holds a notification.
        let _ = self.appended.try_send(());
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
