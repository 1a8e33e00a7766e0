//! Reassembles fragmented datagrams, so that their payload can be inspected.
//!
//! ```text
//! packet of a fragment ─► held ─► the last one missing brings the payload of the whole datagram
//! ```
//!
//! Only TCP and UDP are reassembled, because only they are inspected. Every fragment is still passed on at once as a
//! packet with its bytes. Buffers are bounded in bytes, datagrams and time, and abandoned datagrams are counted.

mod datagram;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    mem,
    net::IpAddr,
};

use self::datagram::{Datagram, Placed};
use crate::{decode, packet::Packet, reassembly::Buffer};

/// Protocol numbers that are reassembled.
const TCP: u8 = 6;
const UDP: u8 = 17;
/// How long to wait for the parts of a datagram, in capture time, as in Linux (`ipfrag_time`, half of RFC 8200's 60 s).
const TIMEOUT_MILLISECONDS: u64 = 30_000;
/// Memory of a datagram in addition to its parts: its entry, which the table can hold twice while it grows, and its
/// item in the queue.
const OVERHEAD: usize = 2 * (size_of::<(Key, Datagram)>() + size_of::<(Key, u64)>());

/// Limits of the buffers for incomplete datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentLimits {
    /// Bytes of memory.
    pub memory_bytes: usize,
    /// Datagrams.
    pub datagrams: usize,
}

/// Fragmented TCP and UDP datagrams by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FragmentCounters {
    /// Reassembled.
    pub reassembled: u64,
    /// Abandoned: their parts overlap (RFC 5722; RFC 8200, section 4.5) or contradict each other, or are too many.
    pub refused: u64,
    /// Abandoned: a part was truncated by the capture.
    pub cut: u64,
    /// Abandoned: a part did not arrive within half a minute.
    pub expired: u64,
    /// Abandoned: the buffers were full.
    pub evicted: u64,
}

/// Buffers the parts of incomplete datagrams.
#[derive(Debug)]
pub struct Reassembler {
    limits: FragmentLimits,
    held: HashMap<Key, Datagram>,
    /// The datagrams in the order of their first parts, each with its number.
    order: VecDeque<(Key, u64)>,
    /// Memory of all buffers.
    bytes: usize,
    begun: u64,
    /// The datagram that was completed last; the returned payload borrows from it.
    whole: Buffer,
    counters: FragmentCounters,
}

/// Identifies a datagram (RFC 791, RFC 8200).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    protocol_number: u8,
    id: u32,
}

impl Default for FragmentLimits {
    fn default() -> Self {
        Self { memory_bytes: 4 * 1024 * 1024, datagrams: 4096 }
    }
}

impl Reassembler {
    /// With empty buffers.
    pub fn new(limits: FragmentLimits) -> Self {
        Self {
            limits,
            held: HashMap::new(),
            order: VecDeque::new(),
            bytes: 0,
            begun: 0,
            whole: Buffer::default(),
            counters: FragmentCounters::default(),
        }
    }

    /// Datagrams by outcome so far.
    pub fn counters(&self) -> FragmentCounters {
        self.counters
    }

    /// Memory in use.
    pub fn memory_bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the part in a packet. If it completes the datagram, the packet is returned with the transport and the
    /// payload of the whole datagram, and otherwise as it was. Its byte count is not changed.
    pub fn take<'p>(&'p mut self, packet: Packet<'p>) -> Packet<'p> {
        let Some(part) = packet.fragment.filter(|part| matches!(part.protocol_number, TCP | UDP)) else {
            return packet;
        };
        let now = packet.at.as_millisecond();
        self.forget(now);
        let Packet { src, dst, .. } = packet;
        let key = Key { src, dst, protocol_number: part.protocol_number, id: part.id };
        // With further IP headers before the transport, offsets in the datagram differ from those in `body`.
        let is_transport = part.offset > 0 || packet.protocol_number == part.protocol_number;
        let datagram = self.held.entry(key).or_insert_with(|| {
            self.begun += 1;
            self.order.push_back((key, self.begun));
            self.bytes += OVERHEAD;
            Datagram::begin(self.begun, now)
        });
        let before = datagram.memory_bytes();
        let placed = if is_transport { datagram.place(&part) } else { datagram.refuse() };
        self.bytes = self.bytes - before + datagram.memory_bytes();
        match placed {
            Placed::Held => {
                self.make_room();
                // The payload is delivered with the whole datagram, so a FIN must wait for it.
                let tcp = packet.tcp.map(|tcp| crate::packet::TcpHeader { fin: false, ..tcp });
                Packet { tcp, payload_len: 0, ..packet }
            }
            Placed::Refused => {
                self.counters.refused += 1;
                packet
            }
            Placed::Cut => {
                self.counters.cut += 1;
                packet
            }
            Placed::GivenUp => packet,
            Placed::Complete(whole) => {
                self.counters.reassembled += 1;
                self.drop_held(&key);
                self.whole = whole;
                decode::completed(packet, part.protocol_number, self.whole.as_slice())
            }
        }
    }

    /// Drops datagrams that have waited too long, by the absolute difference, in case the clock was set back.
    fn forget(&mut self, now: i64) {
        while let Some((key, number)) = self.order.front().copied() {
            let current = self.held.get(&key).filter(|datagram| datagram.number == number);
            if current.is_some_and(|datagram| now.abs_diff(datagram.since) <= TIMEOUT_MILLISECONDS) {
                return;
            }
            let expired = current.is_some_and(|datagram| !datagram.is_given_up());
            self.counters.expired += u64::from(expired);
            self.drop_first(key, number);
        }
    }

    fn make_room(&mut self) {
        while (self.bytes > self.limits.memory_bytes || self.held.len() > self.limits.datagrams)
            && let Some((key, number)) = self.order.front().copied()
        {
            let current = self.held.get(&key).filter(|datagram| datagram.number == number);
            self.counters.evicted += u64::from(current.is_some_and(|datagram| !datagram.is_given_up()));
            self.drop_first(key, number);
        }
    }

    /// Drops the first item of the queue, and its datagram unless it is completed already.
    fn drop_first(&mut self, key: Key, number: u64) {
        self.order.pop_front();
        if self.held.get(&key).is_some_and(|datagram| datagram.number == number) {
            self.drop_held(&key);
        }
        if self.held.is_empty() {
            // The queue still has items of completed datagrams; this frees its memory.
            self.order = VecDeque::new();
            self.held = HashMap::new();
        }
    }

    fn drop_held(&mut self, key: &Key) {
        if let Some(datagram) = self.held.remove(key) {
            self.bytes -= datagram.memory_bytes() + OVERHEAD;
        }
        // Items of completed datagrams stay in the queue, but not more than of incomplete ones.
        if self.order.len() > 2 * self.held.len() + 64 {
            let held = mem::take(&mut self.held);
            self.order.retain(|(key, number)| held.get(key).is_some_and(|datagram| datagram.number == *number));
            self.held = held;
        }
    }
}
