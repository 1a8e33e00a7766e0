//! Which flows continued after they were reported early.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher as _,
};

use super::tuple::Tuple;

/// What remembering one flow costs: its places in the table and in the queue, both of which can take twice as much while
/// they grow, and a byte of control for each slot of the table.
const COST: usize = 2 * (size_of::<(u64, i64)>() + size_of::<(u64, i64)>()) + 8;

/// Flows that were reported early, for as long as packets can still be theirs. Bounded: beyond that the count is the least
/// that is so.
#[derive(Debug)]
pub(super) struct Continued {
    capacity: usize,
    hasher: RandomState,
    /// By the hashes of their tuples, when their silence would have ended them.
    until: HashMap<u64, i64>,
    /// The same in the order of being reported.
    queue: VecDeque<(u64, i64)>,
    count: u64,
    is_least: bool,
}

impl Continued {
    /// Remembers in so many bytes.
    pub(super) fn within(memory_bytes: usize) -> Self {
        Self {
            capacity: memory_bytes / COST,
            hasher: RandomState::new(),
            until: HashMap::new(),
            queue: VecDeque::new(),
            count: 0,
            is_least: false,
        }
    }

    /// A flow was reported early; its silence would have ended it at `until`.
    pub(super) fn evicted(&mut self, tuple: &Tuple, now: i64, until: i64) {
        self.forget(now);
        if self.queue.len() >= self.capacity {
            self.is_least = true;
            let Some(oldest) = self.queue.pop_front() else { return };
            self.remove(oldest);
        }
        let hash = self.hasher.hash_one(tuple);
        self.until.insert(hash, until);
        self.queue.push_back((hash, until));
    }

    /// A flow begins, be it anew or because it was reported early.
    pub(super) fn begins(&mut self, tuple: &Tuple, now: i64) {
        if self.until.is_empty() {
            return;
        }
        let until = self.until.remove(&self.hasher.hash_one(tuple));
        self.count += u64::from(until.is_some_and(|until| until > now));
    }

    /// How many continued, and whether there may have been more.
    pub(super) fn count(&self) -> (u64, bool) {
        (self.count, self.is_least)
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.queue.len() * COST
    }

    /// Drops those that are over, in the order of the queue.
    fn forget(&mut self, now: i64) {
        while let Some(&oldest) = self.queue.front()
            && oldest.1 <= now
        {
            self.queue.pop_front();
            self.remove(oldest);
        }
    }

    fn remove(&mut self, (hash, until): (u64, i64)) {
        if self.until.get(&hash) == Some(&until) {
            self.until.remove(&hash);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use landfall_observation::Transport;

    use super::*;
    use crate::packet::FlowKey;

    fn tuple(port: u16) -> Tuple {
        let [src, dst] = [IpAddr::from([192, 0, 2, 1]), IpAddr::from([198, 51, 100, 2])];
        let key = FlowKey { transport: Transport::Udp, protocol_number: 17, src, src_port: port, dst, dst_port: 53 };
        Tuple::from_flow_key(&key, false).0
    }

    #[test]
    fn a_flow_that_begins_before_its_silence_would_have_ended_it_goes_on() {
        let mut continued = Continued::within(1 << 20);
        for (port, until) in [(1, 300), (2, 10), (3, 10), (4, 300)] {
            continued.evicted(&tuple(port), 0, until);
        }
        for port in [1, 2, 5] {
            continued.begins(&tuple(port), 10);
        }
        assert_eq!(continued.count(), (1, false), "the second was over by then, the fifth is new");
        continued.begins(&tuple(1), 20);
        assert_eq!(continued.count(), (1, false), "and once is once");
    }

    #[test]
    fn what_is_remembered_is_bounded_and_then_the_count_is_the_least() {
        let mut continued = Continued::within(10 * COST);
        for port in 0..100 {
            continued.evicted(&tuple(port), 0, 300);
            assert!(continued.memory_bytes() <= 10 * COST && continued.until.len() <= 10);
        }
        (0..100).for_each(|port| continued.begins(&tuple(port), 1));
        assert_eq!(continued.count(), (10, true));
        let mut none = Continued::within(0);
        none.evicted(&tuple(1), 0, 300);
        none.begins(&tuple(1), 1);
        assert_eq!(none.count(), (0, true));
    }

    #[test]
    fn what_is_over_leaves() {
        let mut continued = Continued::within(1 << 20);
        continued.evicted(&tuple(1), 0, 10);
        continued.evicted(&tuple(1), 5, 15);
        continued.evicted(&tuple(2), 15, 25);
        assert_eq!((continued.queue.len(), continued.until.len()), (1, 1));
    }
}
