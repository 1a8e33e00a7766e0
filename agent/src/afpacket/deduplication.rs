//! Counts each packet once, even if it passes several captured interfaces.
//!
//! A packet between two pods of a node enters at one host-side veth and leaves at another. The interface at which a
//! flow is counted *claims* it: the one behind which the initiator is, otherwise the one where the flow is seen first.
//! Its frames at other interfaces are copies. Frames of all interfaces arrive in one ring in the order in which the
//! kernel saw them, so the first interface on a packet's way is seen first. docs/decisions/0011 has the reasons.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::{
    decode::{Decoded, Decoder},
    flow::{Tuple, is_sender},
    packet::Packet,
    source::Frame,
};

/// Minimum number of flows, and of addresses, that are remembered: the capacity of a hash table with 65,536 slots
/// (7/8).
const REMEMBERED: usize = 57_344;

/// The direction in which a frame passes an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InterfaceDirection {
    /// From what is behind the interface to this host.
    In,
    /// From this host to what is behind the interface.
    Out,
}

/// Decides which interface counts which flow.
#[derive(Debug, Default)]
pub(super) struct Deduplicator {
    decoder: Decoder,
    /// Addresses that have sent a packet, and the interface at which it entered.
    behind: Recent<IpAddr, u32>,
    claims: Recent<Tuple, u32>,
}

/// A map that remembers at least the [`REMEMBERED`] entries that were used last, and at most twice
/// as many.
#[derive(Debug)]
struct Recent<K, V> {
    new: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl Deduplicator {
    /// Whether a frame counts where it was captured. Frames without IP count everywhere.
    pub(super) fn counts(&mut self, frame: &Frame<'_>, interface: u32, direction: InterfaceDirection) -> bool {
        let Decoded::Packet(packet) = self.decoder.decode(frame) else { return true };
        if direction == InterfaceDirection::In && is_somebody(packet.src) {
            self.behind.insert(packet.src, interface);
        }
        if packet.malformed {
            // A damaged packet can have any address, so it claims nothing and counts where it enters.
            return direction == InterfaceDirection::In || self.elsewhere(packet.src, interface).is_none();
        }
        let (tuple, _) = Tuple::from_packet(&packet);
        // A connection that begins here may be a new one with the same ports as an earlier one.
        let anew = direction == InterfaceDirection::In && begins(&packet);
        let claimed = self.claims.get(&tuple).filter(|_| !anew);
        let claim = claimed.unwrap_or_else(|| self.claim(&packet, interface, direction));
        if claimed.is_none() {
            self.claims.insert(tuple, claim);
        }
        claim == interface
    }

    /// The interface at which a packet from an address came in last.
    pub(super) fn seen_at(&self, address: IpAddr) -> Option<u32> {
        self.behind.peek(&address)
    }

    /// Forgets a removed interface.
    pub(super) fn forget(&mut self, interface: u32) {
        self.behind.retain(|_, at| *at != interface);
        self.claims.retain(|_, at| *at != interface);
    }

    /// The interface that counts a new flow.
    ///
    /// A flow of an initiator behind another captured interface has been counted there, under
    /// another destination if that was translated in between (a Service), or will be.
    fn claim(&mut self, packet: &Packet<'_>, interface: u32, direction: InterfaceDirection) -> u32 {
        let (far, far_begins) = match direction {
            InterfaceDirection::In => (packet.dst, !is_sender(packet)),
            InterfaceDirection::Out => (packet.src, is_sender(packet)),
        };
        match self.elsewhere(far, interface) {
            Some(other) if far_begins => other,
            _ => interface,
        }
    }

    /// The other interface behind which an address is.
    fn elsewhere(&mut self, address: IpAddr, interface: u32) -> Option<u32> {
        self.behind.get(&address).filter(|&at| at != interface)
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self { new: HashMap::new(), old: HashMap::new() }
    }
}

impl<K: Hash + Eq + Copy, V: Copy> Recent<K, V> {
    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(value) = self.new.get(key) {
            return Some(*value);
        }
        let value = *self.old.get(key)?;
        self.insert(*key, value);
        Some(value)
    }

    fn peek(&self, key: &K) -> Option<V> {
        self.new.get(key).or_else(|| self.old.get(key)).copied()
    }

    fn insert(&mut self, key: K, value: V) {
        if self.new.len() >= REMEMBERED {
            // The tables keep their memory, because a busy node fills them every few seconds.
            std::mem::swap(&mut self.old, &mut self.new);
            self.new.clear();
        }
        self.new.insert(key, value);
    }

    fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.new.retain(|key, value| keep(key, value));
        self.old.retain(|key, value| keep(key, value));
    }
}

/// Whether a packet opens a connection.
fn begins(packet: &Packet<'_>) -> bool {
    packet.tcp.is_some_and(|tcp| tcp.syn && !tcp.ack)
}

/// Whether an address identifies a party: hosts without an address use the unspecified one.
fn is_somebody(address: IpAddr) -> bool {
    address != IpAddr::V4(Ipv4Addr::UNSPECIFIED) && address != IpAddr::V6(Ipv6Addr::UNSPECIFIED)
}

#[cfg(test)]
mod tests;
