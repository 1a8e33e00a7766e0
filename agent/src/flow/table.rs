//! The table of live flows: a slab of entries, an index by tuple, and queues by idle time.

use std::{collections::HashMap, fmt, time::Duration};

use jiff::Timestamp;

use super::{
    EndReason, FlowDelta, FlowRecord, Inspect,
    clock::Clock,
    continued::Continued,
    entry::Entry,
    queues::{Link, Queue, Queues},
    tuple::{End, Tuple},
};
use crate::packet::Packet;

/// Overhead of the allocator for an entry, in bytes.
const ALLOCATION: usize = 16;
/// Memory of a slot in addition to its entry. Vectors and the index double when they grow, and hold the old and the new
/// memory meanwhile. It is freed only when the table is empty.
const SLOT: usize = 3 * (size_of::<Link>() + size_of::<usize>() + size_of::<u32>()) + 4 * size_of::<(Tuple, u32)>();
/// Slots that an empty table keeps, so that a capture with few flows does not reallocate for each.
const KEPT_SLOTS: usize = 1024;

/// Limits of memory and idle time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all flows with their inspections, and for what these share.
    pub memory_bytes: usize,
    /// Idle time after which a closed TCP connection ends.
    pub closed: Duration,
    /// Idle time after which a flow of UDP, ICMP or another connectionless protocol ends.
    pub datagram: Duration,
    /// Idle time after which an open TCP connection, or SCTP association, ends.
    pub stream: Duration,
}

/// Counters of the table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableCounters {
    /// Flows that began.
    pub opened: u64,
    /// Flows that are live.
    pub live: u64,
    /// Flows that were emitted early to free memory. Their later packets are in another record.
    pub evicted: u64,
    /// Records that continue a flow that was emitted early.
    pub continued: u64,
    /// Whether `continued` is a lower bound, because more flows were emitted early than can be remembered.
    pub continued_is_least: bool,
    /// Times that the capture's clock was set back by more than a minute.
    pub clock_set_back: u64,
    /// Memory of the flows, as it counts against the limit.
    pub memory_bytes: u64,
}

/// Assigns packets to flows and emits each flow at its end.
pub struct FlowTable<I: Inspect> {
    limits: Limits,
    clock: Clock,
    index: HashMap<Tuple, u32>,
    entries: Vec<Option<Box<Entry<I>>>>,
    free: Vec<u32>,
    queues: Queues,
    /// Flows that the last report left out because they were not settled.
    held: Vec<u32>,
    /// Flows that were emitted early.
    continued: Continued,
    /// Memory of all inspections.
    heap_bytes: usize,
    opened: u64,
    evicted: u64,
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 256 * 1024 * 1024,
            closed: Duration::from_secs(5),
            datagram: Duration::from_secs(10),
            stream: Duration::from_mins(5),
        }
    }
}

impl Limits {
    fn milliseconds(&self, queue: Queue) -> i64 {
        let duration = match queue {
            Queue::Closed => self.closed,
            Queue::Datagram => self.datagram,
            Queue::Stream => self.stream,
        };
        i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
    }
}

// === impl FlowTable ===

impl<I: Inspect> FlowTable<I> {
    /// An empty table.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            clock: Clock::default(),
            index: HashMap::new(),
            entries: Vec::new(),
            free: Vec::new(),
            queues: Queues::new(),
            held: Vec::new(),
            continued: Continued::within(limits.memory_bytes / 8),
            heap_bytes: 0,
            opened: 0,
            evicted: 0,
        }
    }

    /// Emits the flows that have ended by the time of a packet, then adds the packet to its flow.
    ///
    /// Memory can exceed the limit only by what this one packet adds, and only until this returns.
    pub fn packet(&mut self, packet: &Packet<'_>, shared: &mut I::Shared, out: &mut impl FnMut(FlowRecord<I>)) {
        let now = self.clock.advance(packet.at);
        self.expire(now, out);
        let (tuple, sender) = Tuple::from_packet(packet);
        let mut known = self.index.get(&tuple).copied();
        if let Some(slot) = known
            && self.entry(slot).is_some_and(|entry| entry.is_followed_by(packet))
        {
            self.end(slot, EndReason::Closed, out);
            known = None;
        }
        let slot = match known {
            Some(slot) => slot,
            None => self.begin(tuple, packet, now, shared, out),
        };
        self.account(slot, sender, packet, now, shared);
        self.make_room(now, I::shared_bytes(shared), out);
    }

    /// Advances the clock without a packet: emits the flows that have ended by `at`.
    pub fn advance(&mut self, at: Timestamp, out: &mut impl FnMut(FlowRecord<I>)) {
        let now = self.clock.advance(at);
        self.expire(now, out);
    }

    /// Reports the traffic of each live flow since the last report. Each packet is in exactly one report, or in the
    /// `unreported` part of a record.
    ///
    /// The time depends on the number of flows with something to report, not on all: a capture whose clock jumps at
    /// every packet has a report for each.
    pub fn flush(&mut self, out: &mut impl FnMut(FlowDelta<'_, I>)) {
        self.flush_settled(Timestamp::MAX, out);
    }

    /// The same, but leaves out flows that are not settled and have nothing to report from before
    /// `unsettled_since`. They are reported by a later call, or by their record.
    pub fn flush_settled(&mut self, unsettled_since: Timestamp, out: &mut impl FnMut(FlowDelta<'_, I>)) {
        for slot in std::mem::take(&mut self.held) {
            // It may have ended since, and its slot belong to another flow.
            if self.entry(slot).is_some_and(Entry::has_unreported) {
                self.report(slot, unsettled_since, out);
            }
        }
        for queue in Queue::ALL {
            // Queues are ordered: all flows before one without new packets have none either.
            let (mut next, mut before) = (None, self.queues.last(queue));
            while let Some(slot) = before
                && self.entry(slot).is_some_and(Entry::has_unreported)
            {
                next = Some(slot);
                before = self.queues.before(slot);
            }
            while let Some(slot) = next {
                if self.entry(slot).is_some_and(Entry::has_unreported) {
                    self.report(slot, unsettled_since, out);
                }
                next = self.queues.behind(slot);
            }
        }
        // A flow that was left out before and had packets since is visited twice.
        self.held.sort_unstable();
        self.held.dedup();
    }

    /// Emits all remaining flows, in the order in which they began.
    pub fn finish(self, out: &mut impl FnMut(FlowRecord<I>)) {
        let mut entries: Vec<_> = self.entries.into_iter().flatten().collect();
        entries.sort_unstable_by_key(|entry| (entry.start(), entry.number));
        for entry in entries {
            let reason = if entry.is_closed() { EndReason::Closed } else { EndReason::EndOfCapture };
            out(entry.into_record(reason));
        }
    }

    /// The counters so far.
    pub fn counters(&self) -> TableCounters {
        let (continued, continued_is_least) = self.continued.count();
        TableCounters {
            opened: self.opened,
            live: self.index.len() as u64,
            evicted: self.evicted,
            continued,
            continued_is_least,
            clock_set_back: self.clock.set_back(),
            memory_bytes: self.memory_bytes() as u64,
        }
    }

    fn memory_bytes(&self) -> usize {
        let flows = self.entries.len() * SLOT + self.index.len() * Self::entry_bytes();
        flows + self.heap_bytes + self.continued.memory_bytes()
    }

    const fn entry_bytes() -> usize {
        size_of::<Entry<I>>() + ALLOCATION
    }

    fn entry(&self, slot: u32) -> Option<&Entry<I>> {
        self.entries.get(slot as usize)?.as_deref()
    }

    fn expire(&mut self, now: i64, out: &mut impl FnMut(FlowRecord<I>)) {
        for queue in Queue::ALL {
            let timeout = self.limits.milliseconds(queue);
            let reason = if queue == Queue::Closed { EndReason::Closed } else { EndReason::Idle };
            while let Some((slot, touched)) = self.queues.first(queue)
                && now.saturating_sub(touched) >= timeout
            {
                self.end(slot, reason, out);
            }
        }
    }

    /// Makes room and inserts a new flow.
    fn begin(
        &mut self,
        tuple: Tuple,
        packet: &Packet<'_>,
        now: i64,
        shared: &mut I::Shared,
        out: &mut impl FnMut(FlowRecord<I>),
    ) -> u32 {
        let more = Self::entry_bytes() + if self.free.is_empty() { SLOT } else { 0 };
        self.make_room(now, I::shared_bytes(shared) + more, out);
        self.opened += 1;
        self.continued.begins(&tuple, now);
        let entry = Some(Box::new(Entry::begin(packet, self.opened, shared)));
        let slot = if let Some(slot) = self.free.pop() {
            self.entries[slot as usize] = entry;
            slot
        } else {
            self.entries.push(entry);
            u32::try_from(self.entries.len() - 1).expect("memory ends long before 2^32 flows")
        };
        self.index.insert(tuple, slot);
        // Accounting the packet moves it to the right queue.
        self.queues.append(slot, Queue::Stream, now);
        slot
    }

    fn account(&mut self, slot: u32, sender: End, packet: &Packet<'_>, now: i64, shared: &mut I::Shared) {
        let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        self.heap_bytes -= entry.heap_bytes;
        entry.packet(sender, packet, shared);
        self.heap_bytes += entry.heap_bytes;
        self.queues.touch(slot, entry.queue(), now);
    }

    /// Evicts the least recently active flows until `more` bytes fit.
    fn make_room(&mut self, now: i64, more: usize, out: &mut impl FnMut(FlowRecord<I>)) {
        while self.memory_bytes().saturating_add(more) > self.limits.memory_bytes
            && let Some((slot, touched)) = self.queues.oldest()
        {
            let Some(entry) = self.entry(slot) else { return };
            if entry.is_closed() {
                self.end(slot, EndReason::Closed, out);
                continue;
            }
            let until = touched.saturating_add(self.limits.milliseconds(entry.queue()));
            let (tuple, _) = Tuple::from_flow_key(&entry.key, entry.malformed);
            self.continued.evicted(&tuple, now, until);
            self.evicted += 1;
            self.end(slot, EndReason::Evicted, out);
        }
    }

    /// Reports a flow, or holds it back.
    fn report(&mut self, slot: u32, unsettled_since: Timestamp, out: &mut impl FnMut(FlowDelta<'_, I>)) {
        let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::as_mut) else { return };
        if entry.is_unsettled_since(unsettled_since) {
            self.held.push(slot);
            return;
        }
        self.heap_bytes -= entry.heap_bytes;
        entry.report(out);
        self.heap_bytes += entry.heap_bytes;
    }

    /// Removes a flow from the table and emits it.
    fn end(&mut self, slot: u32, reason: EndReason, out: &mut impl FnMut(FlowRecord<I>)) {
        self.queues.remove(slot);
        let Some(entry) = self.entries.get_mut(slot as usize).and_then(Option::take) else { return };
        let (tuple, _) = Tuple::from_flow_key(&entry.key, entry.malformed);
        self.index.remove(&tuple);
        self.heap_bytes -= entry.heap_bytes;
        self.free.push(slot);
        if self.index.is_empty() && self.entries.len() > KEPT_SLOTS {
            self.free_memory();
        }
        out(entry.into_record(reason));
    }

    /// Frees the memory of an empty table.
    fn free_memory(&mut self) {
        self.index = HashMap::new();
        self.entries = Vec::new();
        self.free = Vec::new();
        self.held = Vec::new();
        self.queues.clear();
    }
}

impl<I: Inspect> fmt::Debug for FlowTable<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlowTable")
            .field("limits", &self.limits)
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
