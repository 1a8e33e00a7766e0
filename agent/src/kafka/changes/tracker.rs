//! Compares each state of a cluster with what was known before.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use jiff::{SignedDuration, Timestamp};

use super::{BrokerAddress, Change, ClusterState, CopyTo, ReadPermission};
use crate::{
    kafka::{
        host_place::HostPlace,
        inventory::{Configuration, Part},
    },
    locate::Locator,
};

/// How long a reader may be away: groups rebalance, and their members are restarted one after the other.
const LEFT_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Tells what changes of a cluster.
#[derive(Debug, Default)]
pub struct ChangeTracker {
    /// The id of the cluster that is meant, if only one is.
    expected: Option<String>,
    known: Option<Known>,
}

/// What is known of a cluster.
#[derive(Debug, Default)]
struct Known {
    cluster_id: String,
    brokers: BTreeMap<i32, BrokerAddress>,
    topics: BTreeMap<String, Configuration>,
    readers: BTreeMap<String, BTreeMap<String, Reader>>,
    unseen_groups: BTreeSet<String>,
    permissions: Option<BTreeSet<ReadPermission>>,
    copies: BTreeSet<CopyTo>,
    sinks: BTreeSet<CopyTo>,
    limits: BTreeSet<(Part, String)>,
    gaps: BTreeSet<String>,
}

/// The members of a group on a host.
#[derive(Debug)]
struct Reader {
    topics: BTreeSet<String>,
    seen: Timestamp,
}

// === impl ChangeTracker ===

impl ChangeTracker {
    /// Of the cluster with this id, or of whichever there is.
    pub fn of(expected: Option<String>) -> Self {
        Self { expected, known: None }
    }

    /// Takes the state of the cluster at an instant, and returns what changed since the one before. Another cluster begins anew,
    /// or is passed over where only one is meant.
    pub fn take(&mut self, state: &ClusterState, locator: &Locator, now: Timestamp) -> Vec<Change> {
        let Some(cluster_id) = &state.cluster_id else { return Vec::new() };
        if self.expected.as_ref().is_some_and(|expected| expected != cluster_id) {
            return Vec::new();
        }
        if let Some(known) = self.known.as_mut().filter(|known| known.cluster_id == *cluster_id) {
            return known.take(state, locator, now);
        }
        let mut known = Known { cluster_id: cluster_id.clone(), ..Known::default() };
        known.take(state, locator, now);
        self.known = Some(known);
        Vec::new()
    }
}

// === impl Known ===

impl Known {
    fn take(&mut self, state: &ClusterState, locator: &Locator, now: Timestamp) -> Vec<Change> {
        let mut changes = Vec::new();
        self.take_brokers(state, locator, &mut changes);
        self.take_topics(state, &mut changes);
        self.take_readers(state, locator, now, &mut changes);
        self.take_permissions(state, &mut changes);
        self.take_connectors(state, &mut changes);
        self.limits.clone_from(&state.limits);
        self.gaps.clone_from(&state.gaps);
        changes
    }

    /// A broker that is down is not listed: it is kept, and is not new when it is back.
    fn take_brokers(&mut self, state: &ClusterState, locator: &Locator, changes: &mut Vec<Change>) {
        for broker in &state.brokers {
            let place = || HostPlace::of_host(&broker.host, locator);
            match self.brokers.insert(broker.id, broker.clone()) {
                None => changes.push(Change::BrokerAppeared { broker: broker.clone(), place: place() }),
                Some(before) if before != *broker => {
                    changes.push(Change::BrokerMoved { before, after: broker.clone(), place: place() });
                }
                Some(_) => {}
            }
        }
    }

    fn take_topics(&mut self, state: &ClusterState, changes: &mut Vec<Change>) {
        let sees_more = self.sees_more(state, &[Part::Topics]);
        for (topic, settings) in &state.topics {
            let Some(known) = self.topics.get_mut(topic) else {
                self.topics.insert(topic.clone(), settings.clone());
                if !sees_more {
                    changes.push(Change::TopicAppeared { topic: topic.clone() });
                }
                continue;
            };
            for (setting, after) in settings {
                // One that was not known is not new.
                let before = known.insert(setting.clone(), after.clone()).filter(|before| before != after);
                let told = |before| Change::SettingChanged {
                    topic: topic.clone(),
                    setting: setting.clone(),
                    before,
                    after: after.clone(),
                };
                changes.extend(before.map(told));
            }
        }
        if !is_limited(state, Part::Topics) {
            let gone = self.topics.extract_if(.., |topic, _| !state.topics.contains_key(topic));
            changes.extend(gone.map(|(topic, _)| Change::TopicGone { topic }));
        }
    }

    fn take_readers(&mut self, state: &ClusterState, locator: &Locator, now: Timestamp, changes: &mut Vec<Change>) {
        let sees_more = self.sees_more(state, &[Part::Groups, Part::GroupMembers]);
        let place = |host: &str| HostPlace::of_host(host, locator);
        for (group, hosts) in &state.readers {
            let is_seen_anew = sees_more || self.unseen_groups.contains(group);
            let known = self.readers.entry(group.clone()).or_default();
            let places: BTreeSet<HostPlace> = known.keys().map(|host| place(host)).collect();
            let mut appeared: BTreeMap<HostPlace, BTreeSet<String>> = BTreeMap::new();
            for (host, topics) in hosts {
                let at = place(host);
                if !is_seen_anew && !places.contains(&at) {
                    appeared.entry(at).or_default().extend(topics.iter().cloned());
                }
                known.insert(host.clone(), Reader { topics: topics.clone(), seen: now });
            }
            let told = |(place, topics)| Change::ReaderAppeared { group: group.clone(), topics, place };
            changes.extend(appeared.into_iter().map(told));
        }
        let are_groups_limited = is_limited(state, Part::Groups);
        for (group, known) in &mut self.readers {
            let is_listed = state.readers.contains_key(group);
            if state.unseen_groups.contains(group) || (!is_listed && are_groups_limited) {
                // Whether its members are there is not known.
                for reader in known.values_mut() {
                    reader.seen = now;
                }
                continue;
            }
            let is_away = |reader: &Reader| now.duration_since(reader.seen) >= LEFT_AFTER;
            let mut left: BTreeMap<HostPlace, BTreeSet<String>> = BTreeMap::new();
            for (host, reader) in known.extract_if(.., |_, reader| is_away(reader)) {
                left.entry(place(&host)).or_default().extend(reader.topics);
            }
            if left.is_empty() {
                continue;
            }
            let places: BTreeSet<HostPlace> = known.keys().map(|host| place(host)).collect();
            left.retain(|at, _| !places.contains(at));
            let told = |(place, topics)| Change::ReaderLeft { group: group.clone(), topics, place };
            changes.extend(left.into_iter().map(told));
        }
        self.readers.retain(|group, known| !known.is_empty() || state.readers.contains_key(group));
        self.unseen_groups.clone_from(&state.unseen_groups);
    }

    fn take_permissions(&mut self, state: &ClusterState, changes: &mut Vec<Change>) {
        let Some(permissions) = &state.permissions else { return };
        let before = self.permissions.replace(permissions.clone());
        if let Some(before) = before {
            changes.extend(permissions.difference(&before).cloned().map(Change::ReadAllowed));
        }
    }

    fn take_connectors(&mut self, state: &ClusterState, changes: &mut Vec<Change>) {
        // Connect answers again: what it tells may be old.
        let sees_more = self.gaps.difference(&state.gaps).next().is_some();
        let is_whole = state.gaps.is_empty();
        let take = |known: &mut BTreeSet<CopyTo>, now: &BTreeSet<CopyTo>| {
            let before = mem::replace(known, now.clone());
            let new: Vec<_> = now.difference(&before).filter(|_| !sees_more).cloned().collect();
            if !is_whole {
                known.extend(before);
            }
            new
        };
        changes.extend(take(&mut self.copies, &state.copies).into_iter().map(Change::CopyAppeared));
        changes.extend(take(&mut self.sinks, &state.sinks).into_iter().map(Change::SinkAppeared));
    }

    /// Whether something that could not be seen of one of these parts before can be seen now.
    fn sees_more(&self, state: &ClusterState, parts: &[Part]) -> bool {
        self.limits.difference(&state.limits).any(|(part, _)| parts.contains(part))
    }
}

/// Whether a part of the inventory is not complete.
fn is_limited(state: &ClusterState, part: Part) -> bool {
    state.limits.iter().any(|(of, _)| *of == part)
}
