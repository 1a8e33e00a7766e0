//! Reassembles fragmented datagrams, so that their payload can be inspected.
//!
//! ```text
//! packet of a fragment ─► held ─► the last one missing brings the payload of the whole datagram
//! ```
//!
//! Only TCP and UDP are reassembled, which are inspected. Every fragment is still a packet with its bytes; none waits for
//! another. Buffers are bounded in bytes, datagrams and time, and datagrams that are given up are counted.

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

/// Protocol numbers of what is read.
const TCP: u8 = 6;
const UDP: u8 = 17;
/// How long a datagram's parts are waited for by capture time, as Linux does (`ipfrag_time`, half of RFC 8200's 60 s).
const TIMEOUT_MILLISECONDS: u64 = 30_000;
/// What a datagram costs beside its parts: its entry, which the table can hold twice while it grows, and its place in
/// the order.
const OVERHEAD: usize = 2 * (size_of::<(Key, Datagram)>() + size_of::<(Key, u64)>());

/// How much may be held of datagrams that are not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentLimits {
    /// Bytes of memory.
    pub memory_bytes: usize,
    /// Datagrams.
    pub datagrams: usize,
}

/// What became of fragmented datagrams of TCP and UDP.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FragmentCounters {
    /// Put together and read.
    pub reassembled: u64,
    /// Given up: their parts overlap (RFC 5722, RFC 8200 4.5) or contradict each other, or are too many.
    pub refused: u64,
    /// Given up: a part was not captured to its end.
    pub cut: u64,
    /// Given up: a part did not come within half a minute.
    pub expired: u64,
    /// Given up: there was no room.
    pub evicted: u64,
}

/// Holds the parts of datagrams that are not complete.
#[derive(Debug)]
pub struct Reassembler {
    limits: FragmentLimits,
    held: HashMap<Key, Datagram>,
    /// The datagrams in the order of their first parts, each with its number.
    order: VecDeque<(Key, u64)>,
    /// Memory of all that is held.
    bytes: usize,
    begun: u64,
    /// The datagram that was completed last: its payload is read from here.
    whole: Buffer,
    counters: FragmentCounters,
}

/// What tells datagrams apart (RFC 791, RFC 8200).
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
    /// Nothing is held.
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

    /// What became of datagrams so far.
    pub fn counters(&self) -> FragmentCounters {
        self.counters
    }

    /// Memory of what is held.
    pub fn memory_bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the part that a packet holds. If it is the last one missing, the packet comes back with the transport and
    /// the payload of the whole datagram; its own bytes stay what they are.
    pub fn take<'p>(&'p mut self, packet: Packet<'p>) -> Packet<'p> {
        let Some(part) = packet.fragment.filter(|part| matches!(part.protocol_number, TCP | UDP)) else {
            return packet;
        };
        let now = packet.at.as_millisecond();
        self.forget(now);
        let Packet { src, dst, .. } = packet;
        let key = Key { src, dst, protocol_number: part.protocol_number, id: part.id };
        // Headers of IP stand between its own and the transport's: offsets in the datagram are not those of `body`.
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
                // The payload comes with the whole datagram, and the end of the stream behind it.
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

    /// Drops what has waited for too long. A clock that goes backwards counts by its distance as well.
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

    /// Drops the first of the order, and its datagram unless that is gone already.
    fn drop_first(&mut self, key: Key, number: u64) {
        self.order.pop_front();
        if self.held.get(&key).is_some_and(|datagram| datagram.number == number) {
            self.drop_held(&key);
        }
        if self.held.is_empty() {
            // The order holds the completed ones as well; it gives its memory back with them.
            self.order = VecDeque::new();
            self.held = HashMap::new();
        }
    }

    fn drop_held(&mut self, key: &Key) {
        if let Some(datagram) = self.held.remove(key) {
            self.bytes -= datagram.memory_bytes() + OVERHEAD;
        }
        // Places of completed datagrams are left behind in the order, but not more of them than of others.
        if self.order.len() > 2 * self.held.len() + 64 {
            let held = mem::take(&mut self.held);
            self.order.retain(|(key, number)| held.get(key).is_some_and(|datagram| datagram.number == *number));
            self.held = held;
        }
    }
}
