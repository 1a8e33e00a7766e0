//! Partitions that no broker answers for: named, and in a sample given up, so that they do not hold up the others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    io::Write,
    time::{Duration, Instant},
};

use super::{
    super::{
        partition::State,
        plan::Until,
        report::{Report, Unread},
    },
    Inspecting, InspectingError,
    consumer::PartitionKey,
};

/// How long a sample waits for a leader. After a broker has died, another one leads its partitions within seconds if it can.
const LEADER_LIMIT: Duration = Duration::from_secs(10);
/// After how long without a message a sample looks whether the rest can be read.
const QUIET_LIMIT: Duration = Duration::from_secs(5);
/// Most partitions of a topic that a sentence names.
const MAX_NAMED: usize = 10;

/// The partitions that no broker answers for.
#[derive(Debug, Default)]
pub(super) struct Leaderless {
    since: BTreeMap<PartitionKey, Instant>,
    given_up: BTreeSet<PartitionKey>,
}

// === impl Leaderless ===

impl Leaderless {
    /// Takes which partitions were asked for in vain from `begun` on; the others have a leader. Those come back for which nobody
    /// has answered for the whole limit.
    fn see(&mut self, missing: BTreeSet<PartitionKey>, begun: Instant, now: Instant) -> BTreeSet<PartitionKey> {
        self.since.retain(|key, _| missing.contains(key));
        for key in missing {
            self.since.entry(key).or_insert(begun);
        }
        let lasting = self.since.iter().filter(|(_, since)| now.duration_since(**since) >= LEADER_LIMIT);
        lasting.map(|(key, _)| key.clone()).collect()
    }

    /// No broker answers at all, which says nothing about single partitions.
    pub(super) fn forget(&mut self) {
        self.since.clear();
    }

    /// Whether a sample goes on without this partition.
    pub(super) fn is_given_up(&self, key: &PartitionKey) -> bool {
        self.given_up.contains(key)
    }
}

impl<W: Write> Inspecting<'_, W> {
    /// Tells of partitions that were asked for in vain from `begun` on. A sample gives up those that stay so; whether any is
    /// left to be asked for again.
    pub(super) fn see_leaderless(
        &mut self,
        missing: &BTreeSet<PartitionKey>,
        begun: Instant,
    ) -> Result<bool, InspectingError> {
        let count = missing.len();
        let lasting = self.leaderless.see(missing.clone(), begun, Instant::now());
        if self.plan.until != Until::PresentEnd {
            self.tell(missing, "have no leader that answers; they are asked again")?;
            return Ok(count > 0);
        }
        let waiting = missing.difference(&lasting).cloned().collect();
        self.tell(&waiting, "have no leader that answers; they are asked again")?;
        self.tell(&lasting, "have no leader that answers: they are left out")?;
        for (topic, partitions) in by_topic(&lasting) {
            self.output.write(&Report::Unread(Unread { topic: topic.to_owned(), partitions }))?;
        }
        for key in &lasting {
            self.leaderless.since.remove(key);
            self.leaderless.given_up.insert(key.clone());
            self.give_up(key)?;
        }
        Ok(count > lasting.len())
    }

    /// Looks, once nothing comes any more, for partitions of a sample whose leader is gone.
    pub(super) fn look_for_leaders(&mut self) -> Result<(), InspectingError> {
        let begun = Instant::now();
        if begun.duration_since(self.heard) < QUIET_LIMIT {
            return Ok(());
        }
        let reading = self.partitions.iter().filter(|(_, partition)| partition.state() == State::Reading);
        let reading: Vec<_> = reading.map(|(key, _)| key.clone()).collect();
        if self.consumer.partitions(|topic| self.plan.reads(topic)).is_err() {
            self.leaderless.forget();
            return Ok(());
        }
        let ends = self.consumer.ends(&reading);
        let missing = reading.into_iter().filter(|key| !ends.contains_key(key)).collect();
        self.see_leaderless(&missing, begun).map(drop)
    }

    fn tell(&mut self, partitions: &BTreeSet<PartitionKey>, what: &str) -> Result<(), InspectingError> {
        for (topic, numbers) in by_topic(partitions) {
            self.output.problem(Some(topic), format!("partitions {} {what}", named(&numbers)))?;
        }
        Ok(())
    }
}

fn by_topic(partitions: &BTreeSet<PartitionKey>) -> BTreeMap<&str, Vec<i32>> {
    let mut topics = BTreeMap::<_, Vec<_>>::new();
    for (topic, partition) in partitions {
        topics.entry(topic.as_str()).or_default().push(*partition);
    }
    topics
}

/// The first of them, and how many there are more.
fn named(numbers: &[i32]) -> String {
    let first: Vec<_> = numbers.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let mut text = first.join(", ");
    if let Some(more @ 1..) = numbers.len().checked_sub(MAX_NAMED) {
        let _ = write!(text, " and {more} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_given_up_after_the_whole_time_without_a_leader() {
        let key = |partition: i32| ("orders".to_owned(), partition);
        let begin = Instant::now();
        let after = |seconds: u64| begin + Duration::from_secs(seconds);
        let mut leaderless = Leaderless::default();
        assert!(leaderless.see([key(0), key(1)].into(), begin, begin).is_empty());
        // The second one has a leader for a moment.
        assert!(leaderless.see([key(0)].into(), after(4), after(4)).is_empty());
        let lasting = leaderless.see([key(0), key(1)].into(), after(10), after(10));
        assert_eq!(lasting, [key(0)].into());
        leaderless.forget();
        assert!(leaderless.see([key(0)].into(), after(12), after(12)).is_empty());
    }

    #[test]
    fn few_partitions_are_named_and_the_others_counted() {
        assert_eq!(named(&[1, 4]), "1, 4");
        let many: Vec<_> = (0..13).collect();
        assert_eq!(named(&many), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 3 more");
    }
}
