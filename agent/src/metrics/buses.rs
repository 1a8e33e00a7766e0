//! Metrics of the watch of buses, by bus. Registered where buses are watched.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use landfall_observation::{BusName, TopicPatterns};
use landfall_process::metrics::Families;
use prometheus::{
    IntCounterVec, IntGaugeVec, Registry,
    core::{Collector as _, MetricVec, MetricVecBuilder},
};

use super::set;
use crate::kafka::{
    changes::Change,
    message::DecodeError,
    sampler::{Counts, Lag, Progress},
};

/// Most topics with a label value of their own; patterns may select any number.
const MAX_TOPICS: usize = 200;
/// Label value of further topics. No topic has this name.
const OTHER_TOPICS: &str = "*";
/// What becomes of offsets, as [`Counts`] has it.
const OUTCOMES: [&str; 5] = ["inspected", "not_sampled", "deleted", "absent", "crashed"];

/// Metrics of the watch of buses.
#[derive(Debug)]
pub struct BusMetrics {
    read: IntGaugeVec,
    last_commit: IntGaugeVec,
    partitions: IntGaugeVec,
    lag: IntGaugeVec,
    changes: IntCounterVec,
    ended: IntCounterVec,
    offsets: IntCounterVec,
    bytes: IntCounterVec,
    known_shape: IntCounterVec,
    undecoded: IntCounterVec,
    errors: IntCounterVec,
    matches: IntCounterVec,
    /// Topics of which it is shown what they hold.
    topics: TopicPatterns,
    /// Buses and topics that have label values of their own.
    shown: Mutex<BTreeSet<(String, String)>>,
}

impl BusMetrics {
    /// Registers the families. What topics hold is shown of those that one of the `topics`, which may contain `*` and `?`,
    /// fits.
    pub fn register(registry: &Registry, topics: Vec<String>) -> Result<Self, prometheus::Error> {
        let families = Families(registry);
        let counters = |name: &str, help: &str| families.counters(name, help, &["bus"]);
        let gauges = |name: &str, help: &str| families.gauges(name, help, &["bus"]);
        Ok(Self {
            read: gauges("bus_read", "1 while a bus is read, else 0")?,
            last_commit: gauges(
                "bus_last_commit_timestamp_seconds",
                "When what was read of a bus was last stored, or there was nothing new to store; until then, since when it is watched",
            )?,
            partitions: families.gauges(
                "bus_partitions",
                "Partitions of a bus that this agent is to read, by whether it reads them; the others have no leader, or READ is missing",
                &["bus", "state"],
            )?,
            lag: gauges(
                "bus_lag_offsets",
                "Offsets of a bus, up to where its partitions ended within the last minute, that the agent has neither read nor left out",
            )?,
            changes: families.counters(
                "bus_changes_total",
                "Changes of a bus since the agent watches it, by what changed (docs/kafka.md)",
                &["bus", "change"],
            )?,
            ended: counters(
                "bus_inspections_ended_total",
                "Processes that read messages and ended by themselves: crashes, too much memory, silence",
            )?,
            offsets: families.counters(
                "bus_offsets_total",
                "Offsets that are done with, by what became of them (docs/kafka.md); what is read again after a failure counts again",
                &["bus", "outcome"],
            )?,
            bytes: counters("bus_message_bytes_total", "Bytes of keys, values and headers of the inspected messages")?,
            known_shape: counters(
                "bus_known_shape_messages_total",
                "Inspected messages whose value was not scanned, since many of the same shape had been",
            )?,
            undecoded: counters(
                "bus_undecoded_messages_total",
                "Inspected messages with a key, value or header that was not, or not wholly, decoded",
            )?,
            errors: families.counters(
                "bus_decode_errors_total",
                "Keys, values and headers that were not, or not wholly, decoded, by reason (docs/kafka.md)",
                &["bus", "reason"],
            )?,
            matches: families.counters(
                "bus_topic_matches_total",
                "Personal data found in inspected messages, by topic and category, of the topics that --bus-metric-topic names",
                &["bus", "category", "topic"],
            )?,
            topics: TopicPatterns { globs: topics, ..TopicPatterns::default() },
            shown: Mutex::default(),
        })
    }

    /// A bus is watched from now on. One that was watched before and not forgotten goes on.
    pub(crate) fn begin(&self, bus: &BusName, now: Timestamp) {
        let bus = &*bus.to_string();
        for family in [&self.ended, &self.bytes, &self.known_shape, &self.undecoded] {
            family.with_label_values(&[bus]);
        }
        for outcome in OUTCOMES {
            self.offsets.with_label_values(&[bus, outcome]);
        }
        for kind in Change::KINDS {
            self.changes.with_label_values(&[bus, kind]);
        }
        for error in DecodeError::ALL {
            self.errors.with_label_values(&[bus, error.as_str()]);
        }
        self.read.with_label_values(&[bus]);
        let last_commit = self.last_commit.with_label_values(&[bus]);
        if last_commit.get() == 0 {
            last_commit.set(now.as_second());
        }
    }

    /// A bus is no longer watched: no alert is to speak of it.
    pub(crate) fn forget(&self, bus: &BusName) {
        let bus = &*bus.to_string();
        for family in [&self.read, &self.last_commit, &self.partitions, &self.lag] {
            forget(family, bus);
        }
        let counters =
            [&self.changes, &self.ended, &self.offsets, &self.bytes, &self.known_shape, &self.undecoded, &self.errors];
        for family in counters.into_iter().chain([&self.matches]) {
            forget(family, bus);
        }
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).retain(|(of, _)| of != bus);
    }

    pub(crate) fn set_read(&self, bus: &BusName, is_read: bool) {
        self.read.with_label_values(&[&bus.to_string()]).set(i64::from(is_read));
    }

    /// What was read is stored.
    pub(crate) fn committed(&self, bus: &BusName, now: Timestamp) {
        self.last_commit.with_label_values(&[&bus.to_string()]).set(now.as_second());
    }

    pub(crate) fn changed(&self, bus: &BusName, change: &Change) {
        self.changes.with_label_values(&[&bus.to_string(), change.kind()]).inc();
    }

    /// An inspecting process ended by itself.
    pub(crate) fn ended(&self, bus: &BusName) {
        self.ended.with_label_values(&[&bus.to_string()]).inc();
    }

    pub(crate) fn lags(&self, bus: &BusName, lag: Lag) {
        let bus = &*bus.to_string();
        let Lag { partitions, read, offsets } = lag;
        set(&self.partitions.with_label_values(&[bus, "read"]), read);
        set(&self.partitions.with_label_values(&[bus, "not_read"]), partitions.saturating_sub(read));
        set(&self.lag.with_label_values(&[bus]), offsets);
    }

    /// A range of offsets is done with.
    pub(crate) fn progressed(&self, bus: &BusName, progress: &Progress) {
        let bus = &*bus.to_string();
        let Progress { topic, counts, errors, findings, .. } = progress;
        let Counts { inspected, crashed, not_sampled, deleted, absent, decoded, known_shape, bytes, .. } = *counts;
        for (outcome, count) in OUTCOMES.into_iter().zip([inspected, not_sampled, deleted, absent, crashed]) {
            self.offsets.with_label_values(&[bus, outcome]).inc_by(count);
        }
        self.bytes.with_label_values(&[bus]).inc_by(bytes);
        self.known_shape.with_label_values(&[bus]).inc_by(known_shape);
        self.undecoded.with_label_values(&[bus]).inc_by(inspected.saturating_sub(decoded));
        for (error, parts) in errors {
            self.errors.with_label_values(&[bus, error.as_str()]).inc_by(*parts);
        }
        if !findings.is_empty() && self.topics.matches(topic) {
            let topic = if self.is_shown(bus, topic) { topic } else { OTHER_TOPICS };
            for found in findings {
                self.matches.with_label_values(&[bus, found.category.as_str(), topic]).inc_by(found.matches);
            }
        }
    }

    /// Whether a topic has a label value of its own; it gets one while there are few.
    fn is_shown(&self, bus: &str, topic: &str) -> bool {
        let key = (bus.to_owned(), topic.to_owned());
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.contains(&key) || (shown.len() < MAX_TOPICS && shown.insert(key))
    }
}

/// Removes what a family has of a bus.
fn forget<T: MetricVecBuilder>(family: &MetricVec<T>, bus: &str) {
    for collected in family.collect() {
        for metric in collected.get_metric() {
            let labels: HashMap<_, _> =
                metric.get_label().iter().map(|label| (label.name(), label.value().to_owned())).collect();
            if labels.get("bus").is_some_and(|of| of == bus) {
                // Fails for what is gone already.
                let _ = family.remove(&labels);
            }
        }
    }
}

#[cfg(test)]
mod tests;
