//! Flows in the order of their last packets, one queue per timeout.

/// Queues by timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// TCP connections that were closed or reset.
    Closed,
    /// Flows of UDP, ICMP and other transports without connections.
    Datagram,
    /// Open connections.
    Stream,
}

impl Queue {
    pub(super) const ALL: [Self; 3] = [Self::Closed, Self::Datagram, Self::Stream];
}

/// No slot.
const NONE: u32 = u32::MAX;

/// Doubly linked lists through the slots of the table. Each queue is ordered by `touched`, because the table's clock is
/// monotonic.
#[derive(Debug)]
pub(super) struct Queues {
    links: Vec<Link>,
    ends: [Ends; 3],
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    before: u32,
    behind: u32,
    queue: Queue,
    touched: i64,
}

#[derive(Debug, Clone, Copy)]
struct Ends {
    first: u32,
    last: u32,
}

impl Queues {
    pub(super) fn new() -> Self {
        Self { links: Vec::new(), ends: [Ends { first: NONE, last: NONE }; 3] }
    }

    /// Appends `slot`, which is in no queue.
    pub(super) fn append(&mut self, slot: u32, queue: Queue, touched: i64) {
        let last = self.ends[queue as usize].last;
        let link = Link { before: last, behind: NONE, queue, touched };
        let index = slot as usize;
        if index < self.links.len() {
            self.links[index] = link;
        } else {
            self.links.resize(index + 1, link);
        }
        match last {
            NONE => self.ends[queue as usize].first = slot,
            _ => self.links[last as usize].behind = slot,
        }
        self.ends[queue as usize].last = slot;
    }

    /// Takes `slot` out of its queue.
    pub(super) fn remove(&mut self, slot: u32) {
        let Link { before, behind, queue, touched: _ } = self.links[slot as usize];
        match before {
            NONE => self.ends[queue as usize].first = behind,
            _ => self.links[before as usize].behind = behind,
        }
        match behind {
            NONE => self.ends[queue as usize].last = before,
            _ => self.links[behind as usize].before = before,
        }
    }

    /// Moves `slot` to the end of a queue.
    pub(super) fn touch(&mut self, slot: u32, queue: Queue, touched: i64) {
        if self.ends[queue as usize].last == slot {
            self.links[slot as usize].touched = touched;
        } else {
            self.remove(slot);
            self.append(slot, queue, touched);
        }
    }

    /// The least recently touched slot of a queue, and when that was.
    pub(super) fn first(&self, queue: Queue) -> Option<(u32, i64)> {
        let slot = self.ends[queue as usize].first;
        (slot != NONE).then(|| (slot, self.links[slot as usize].touched))
    }

    /// The most recently touched slot of a queue.
    pub(super) fn last(&self, queue: Queue) -> Option<u32> {
        Some(self.ends[queue as usize].last).filter(|slot| *slot != NONE)
    }

    /// The slot of its queue that was touched last before `slot`.
    pub(super) fn before(&self, slot: u32) -> Option<u32> {
        Some(self.links[slot as usize].before).filter(|slot| *slot != NONE)
    }

    /// The slot of its queue that was touched next after `slot`.
    pub(super) fn behind(&self, slot: u32) -> Option<u32> {
        Some(self.links[slot as usize].behind).filter(|slot| *slot != NONE)
    }

    /// The least recently touched slot of all queues, and when that was.
    pub(super) fn oldest(&self) -> Option<(u32, i64)> {
        let firsts = Queue::ALL.iter().filter_map(|queue| self.first(*queue));
        firsts.min_by_key(|(_, touched)| *touched)
    }

    /// Frees the memory; no slot may be in a queue.
    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(queues: &mut Queues) -> Vec<u32> {
        std::iter::from_fn(|| {
            let (slot, _) = queues.oldest()?;
            queues.remove(slot);
            Some(slot)
        })
        .collect()
    }

    #[test]
    fn the_longest_silent_slot_of_all_queues_comes_first() {
        let mut queues = Queues::new();
        queues.append(0, Queue::Stream, 1);
        queues.append(1, Queue::Datagram, 2);
        queues.append(2, Queue::Stream, 3);
        queues.append(3, Queue::Datagram, 4);
        queues.touch(0, Queue::Stream, 5);
        queues.touch(3, Queue::Closed, 6);
        queues.touch(3, Queue::Closed, 7);
        assert_eq!(queues.first(Queue::Closed), Some((3, 7)));
        assert_eq!(drain(&mut queues), [1, 2, 0, 3]);
        assert_eq!(queues.oldest(), None);
    }

    #[test]
    fn a_queue_is_walked_both_ways_in_the_order_of_touching() {
        let mut queues = Queues::new();
        for slot in 0..3 {
            queues.append(slot, Queue::Stream, 1);
        }
        queues.append(3, Queue::Datagram, 1);
        queues.touch(1, Queue::Stream, 1);
        let walked = std::iter::successors(queues.last(Queue::Stream), |slot| queues.before(*slot));
        assert_eq!(walked.collect::<Vec<_>>(), [1, 2, 0]);
        let walked = std::iter::successors(Some(0), |slot| queues.behind(*slot));
        assert_eq!(walked.collect::<Vec<_>>(), [0, 2, 1]);
        assert_eq!(queues.last(Queue::Closed), None);
    }

    #[test]
    fn slots_are_taken_out_of_the_middle_and_used_again() {
        let mut queues = Queues::new();
        for slot in 0..4 {
            queues.append(slot, Queue::Stream, i64::from(slot));
        }
        queues.remove(1);
        queues.remove(3);
        queues.append(1, Queue::Stream, 9);
        assert_eq!(drain(&mut queues), [0, 2, 1]);
    }
}
