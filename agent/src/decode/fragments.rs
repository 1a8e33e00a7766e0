//! The ports of fragmented datagrams, which only their first fragments carry.
//!
//! Fragments are not buffered: one that arrives before the first one of its datagram has no port.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

use landfall_observation::Transport;

use super::Fragment;
use crate::packet::Packet;

/// Maximum number of remembered datagrams, about half a megabyte.
const CAPACITY: usize = 4096;
/// How long a datagram is remembered, in capture time: as long as Linux waits for missing fragments.
const TIMEOUT_MILLISECONDS: u64 = 30_000;

/// Datagrams whose first fragment was seen.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    known: HashMap<Key, Known>,
    /// Keys in the order in which they were remembered, each with the number of its remembering.
    order: VecDeque<(Key, u64)>,
    remembered: u64,
    forgotten: u64,
}

/// Identifies a datagram (RFC 791, RFC 8200).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    src: IpAddr,
    dst: IpAddr,
    protocol_number: u8,
    id: u32,
}

#[derive(Debug)]
struct Known {
    ports: Ports,
    at_milliseconds: i64,
    number: u64,
}

/// The flow to which a datagram belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    pub(super) transport: Transport,
    pub(super) protocol_number: u8,
    pub(super) src_port: u16,
    pub(super) dst_port: u16,
}

impl Fragments {
    /// Datagrams that were evicted to free memory.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Remembers the ports in a first fragment. A later one replaces it, because identifications are reused.
    pub(super) fn remember(&mut self, packet: &Packet<'_>, fragment: Fragment, ports: Ports) {
        let (key, at_milliseconds) = (Key::new(packet, fragment), packet.at.as_millisecond());
        self.remembered += 1;
        let number = self.remembered;
        self.known.insert(key, Known { ports, at_milliseconds, number });
        self.order.push_back((key, number));
        while let Some(&(key, number)) = self.order.front() {
            let current = self.known.get(&key).filter(|known| known.number == number);
            let stale = current.is_none_or(|known| known.is_stale(at_milliseconds));
            let full = self.order.len() > CAPACITY;
            if !stale && !full {
                break;
            }
            self.forgotten += u64::from(!stale);
            if current.is_some() {
                self.known.remove(&key);
            }
            self.order.pop_front();
        }
    }

    /// The flow of a later fragment, if the first one of its datagram was seen recently.
    pub(super) fn recall(&self, packet: &Packet<'_>, fragment: Fragment) -> Option<Ports> {
        let known = self.known.get(&Key::new(packet, fragment))?;
        (!known.is_stale(packet.at.as_millisecond())).then_some(known.ports)
    }
}

impl Key {
    fn new(packet: &Packet<'_>, fragment: Fragment) -> Self {
        let Fragment { id, protocol_number, offset: _, more: _ } = fragment;
        Self { src: packet.src, dst: packet.dst, protocol_number, id }
    }
}

impl Known {
    /// Whether it is too old, by the absolute difference, in case the clock was set back.
    fn is_stale(&self, now_milliseconds: i64) -> bool {
        now_milliseconds.abs_diff(self.at_milliseconds) > TIMEOUT_MILLISECONDS
    }
}
