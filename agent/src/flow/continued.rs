//! Which flows continued after they were reported early.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::BuildHasher as _,
};

use super::tuple::Tuple;

/// Memory per remembered flow: its entries in table and queue, which can take twice as much while they grow, and a
/// control byte for each slot of the table.
const COST: usize = 2 * (size_of::<(u64, i64)>() + size_of::<(u64, i64)>()) + 8;

/// Flows that were reported early, while they may still have packets. Bounded: beyond the limit the count is a lower
/// bound.
#[derive(Debug)]
pub(super) struct Continued {
    capacity: usize,
    hasher: RandomState,
    /// When each flow would have timed out, by the hash of its tuple.
    until: HashMap<u64, i64>,
    /// The same, in the order in which they were reported.
    queue: VecDeque<(u64, i64)>,
    count: u64,
    is_least: bool,
}

impl Continued {
    /// With a memory limit.
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

    /// Remembers a flow that was reported early and would have timed out at `until`.
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

    /// A flow begins, either a new one or one that was reported early.
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

    /// Drops flows that have timed out, in the order of the queue.
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
    fn a_flow_that_begins_again_before_its_timeout_continues() {
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
    fn memory_is_bounded_and_the_count_becomes_a_lower_bound() {
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
    fn timed_out_flows_are_dropped() {
        let mut continued = Continued::within(1 << 20);
        continued.evicted(&tuple(1), 0, 10);
        continued.evicted(&tuple(1), 5, 15);
        continued.evicted(&tuple(2), 15, 25);
        assert_eq!((continued.queue.len(), continued.until.len()), (1, 1));
    }
}
