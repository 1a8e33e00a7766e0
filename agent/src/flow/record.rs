//! Records and reports of flows.

use jiff::Timestamp;
use landfall_observation::Handshake;

use crate::packet::{FlowKey, Packet, Way};

/// A flow that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRecord<I> {
    /// The two ends; `src` is the initiator.
    pub key: FlowKey,
    /// Instant of the first packet.
    pub start: Timestamp,
    /// Instant of the last packet.
    pub end: Timestamp,
    /// From the initiator to the responder.
    pub out: Counters,
    /// From the responder to the initiator.
    pub back: Counters,
    /// What [`crate::flow::FlowTable::flush`] has not reported yet; part of the totals above.
    pub unreported: Delta,
    /// Whether the capture truncated packets of it.
    pub truncated: bool,
    /// Whether lengths of it were taken from frames instead of IP headers.
    pub length_from_frame: bool,
    /// Whether it gathers malformed IP packets.
    pub malformed: bool,
    /// Why it has ended.
    pub end_reason: EndReason,
    /// What the inspection found.
    pub inspection: I,
}

/// A report of a flow that is still open.
#[derive(Debug)]
pub struct FlowDelta<'a, I> {
    /// The two ends; `src` is the initiator.
    pub key: &'a FlowKey,
    /// The traffic since the last report.
    pub delta: Delta,
    /// Whether it gathers malformed IP packets.
    pub malformed: bool,
    /// The inspection so far; findings may be taken out of it.
    pub inspection: &'a mut I,
}

/// Traffic of one direction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// IP total lengths.
    pub bytes: u64,
    /// Packets.
    pub packets: u64,
}

/// A part of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta {
    /// Instant of its first packet; of the packet before it if it is empty.
    pub start: Timestamp,
    /// Instant of its last packet.
    pub end: Timestamp,
    /// From the initiator to the responder.
    pub out: Counters,
    /// From the responder to the initiator.
    pub back: Counters,
    /// Packets of both directions that are link-local.
    pub on_link: u64,
    /// Whether the flow began in this part; for TCP, whether its connection was accepted in it.
    pub opened: bool,
    /// State of the handshake at the end of this part.
    pub handshake: Handshake,
    /// Whether only one direction was seen of a connection that must have two.
    pub one_sided: bool,
}

/// Why a flow has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndReason {
    /// The TCP connection was closed or reset.
    Closed,
    /// It was idle for too long.
    Idle,
    /// Memory was needed; later packets are in another record.
    Evicted,
    /// The capture ended.
    EndOfCapture,
}

impl Counters {
    fn add(&mut self, packet: &Packet<'_>) {
        self.bytes += u64::from(packet.ip_bytes);
        self.packets += 1;
    }
}

impl Delta {
    /// Whether it has no packets.
    pub fn is_empty(&self) -> bool {
        self.out.packets == 0 && self.back.packets == 0
    }

    /// Whether all of it is link-local.
    pub fn stays_on_link(&self) -> bool {
        self.on_link > 0 && self.on_link == self.out.bytes + self.back.bytes
    }

    /// A part without packets that begins at `at`.
    pub(super) fn empty(at: Timestamp, opened: bool) -> Self {
        let nothing = Counters::default();
        let handshake = Handshake::Completed;
        Self { start: at, end: at, out: nothing, back: nothing, on_link: 0, opened, handshake, one_sided: false }
    }

    /// The same period without traffic, for a second observation of the part: bytes are counted once.
    pub fn without_bytes(self) -> Self {
        let nothing = Counters::default();
        Self { out: nothing, back: nothing, on_link: 0, opened: false, one_sided: false, ..self }
    }

    pub(super) fn add(&mut self, way: Way, packet: &Packet<'_>) {
        if self.is_empty() {
            (self.start, self.end) = (packet.at, packet.at);
        } else {
            // Packets can be out of order: from several interfaces, or after the clock was set back.
            self.start = self.start.min(packet.at);
            self.end = self.end.max(packet.at);
        }
        match way {
            Way::Out => self.out.add(packet),
            Way::Back => self.back.add(packet),
        }
        if packet.stays_on_link() {
            self.on_link += u64::from(packet.ip_bytes);
        }
    }
}
