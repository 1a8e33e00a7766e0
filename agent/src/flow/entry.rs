//! A live flow.

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{Handshake, Transport};

use super::{
    Delta, EndReason, FlowDelta, FlowRecord, Inspect, initiator,
    queues::Queue,
    tuple::{End, Tuple},
};
use crate::packet::{FlowKey, Packet, TcpHeader, Way};

/// Maximum time until a TCP segment is answered: acknowledgements are delayed by less than 0.5 s (RFC 9293, section
/// 3.8.6.3), and few round trips take a second.
const ANSWERED: SignedDuration = SignedDuration::from_secs(3);

/// The state of a flow.
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one flow")]
pub(super) struct Entry<I> {
    pub(super) key: FlowKey,
    initiator: End,
    /// The number of the flow, which orders flows that begin in the same instant.
    pub(super) number: u64,
    total: Delta,
    unreported: Delta,
    ended: Ended,
    handshake: Handshake,
    /// Whether a TCP segment was seen that must be acknowledged.
    expects_answer: bool,
    truncated: bool,
    length_from_frame: bool,
    pub(super) malformed: bool,
    /// Memory of the inspection after the last packet.
    pub(super) heap_bytes: usize,
    inspection: I,
}

/// Which ends of a TCP connection have closed it.
#[derive(Clone, Copy, Default)]
struct Ended {
    out: bool,
    back: bool,
    reset: bool,
}

impl<I: Inspect> Entry<I> {
    /// Starts a flow with its first packet.
    pub(super) fn begin(packet: &Packet<'_>, number: u64, shared: &mut I::Shared) -> Self {
        let sent = FlowKey {
            transport: packet.transport,
            protocol_number: packet.protocol_number,
            src: packet.src,
            src_port: packet.src_port,
            dst: packet.dst,
            dst_port: packet.dst_port,
        };
        let key = if packet.malformed {
            FlowKey { transport: Transport::Other, src_port: 0, dst_port: 0, ..sent }
        } else if initiator::is_sender(packet) {
            sent
        } else {
            FlowKey { src: sent.dst, src_port: sent.dst_port, dst: sent.src, dst_port: sent.src_port, ..sent }
        };
        let (_, initiator) = Tuple::from_flow_key(&key, packet.malformed);
        let inspection = I::begin(&key, packet, shared);
        Self {
            key,
            initiator,
            number,
            total: Delta::empty(packet.at, true),
            unreported: Delta::empty(packet.at, true),
            ended: Ended::default(),
            handshake: if is_syn(packet) { Handshake::Unanswered } else { Handshake::Completed },
            expects_answer: false,
            truncated: false,
            length_from_frame: false,
            malformed: packet.malformed,
            heap_bytes: 0,
            inspection,
        }
    }

    /// Counts and inspects a packet that `sender` sent.
    pub(super) fn packet(&mut self, sender: End, packet: &Packet<'_>, shared: &mut I::Shared) {
        let way = if sender == self.initiator { Way::Out } else { Way::Back };
        self.total.add(way, packet);
        self.unreported.add(way, packet);
        self.truncated |= packet.truncated;
        self.length_from_frame |= packet.length_from_frame;
        if let Some(tcp) = packet.tcp {
            self.ended.packet(way, tcp);
            self.expects_answer |= tcp.syn || tcp.fin || packet.payload_len > 0;
        }
        self.handshake = handshake(self.handshake, way, packet);
        self.inspection.packet(way, packet, shared);
        self.heap_bytes = self.inspection.heap_bytes();
    }

    /// Whether a packet is the first of another connection between the same ports.
    pub(super) fn is_followed_by(&self, packet: &Packet<'_>) -> bool {
        self.is_closed() && is_syn(packet)
    }

    /// The queue of its timeout.
    pub(super) fn queue(&self) -> Queue {
        match self.key.transport {
            _ if self.is_closed() => Queue::Closed,
            Transport::Tcp | Transport::Sctp => Queue::Stream,
            Transport::Udp | Transport::Icmp | Transport::Other => Queue::Datagram,
        }
    }

    pub(super) fn start(&self) -> Timestamp {
        self.total.start
    }

    pub(super) fn is_closed(&self) -> bool {
        self.ended.reset || (self.ended.out && self.ended.back)
    }

    /// Whether packets came since the last report.
    pub(super) fn has_unreported(&self) -> bool {
        !self.unreported.is_empty()
    }

    /// Whether a report would be too early, because the next packets may still determine protocol or names.
    pub(super) fn is_unsettled_since(&self, instant: Timestamp) -> bool {
        let is_settled = self.handshake.is_completed() && self.inspection.is_settled();
        self.unreported.start > instant && !is_settled
    }

    /// Passes the unreported traffic to `out`.
    pub(super) fn report(&mut self, out: &mut impl FnMut(FlowDelta<'_, I>)) {
        let delta = self.take_unreported(false);
        out(FlowDelta { key: &self.key, delta, malformed: self.malformed, inspection: &mut self.inspection });
        self.heap_bytes = self.inspection.heap_bytes();
    }

    /// Takes the unreported traffic. A connection counts in the part in which it is accepted.
    fn take_unreported(&mut self, is_last: bool) -> Delta {
        let one_sided = self.is_one_sided(is_last);
        let is_open = self.handshake.is_completed();
        let opened = self.unreported.opened;
        let next = Delta::empty(self.total.end, opened && !is_open);
        let delta = std::mem::replace(&mut self.unreported, next);
        Delta { opened: opened && is_open, handshake: self.handshake, one_sided, ..delta }
    }

    /// Whether only one direction was seen of an established TCP connection. Before the flow ends, the other end is
    /// given time to answer.
    fn is_one_sided(&self, is_last: bool) -> bool {
        let Delta { start, end, out, back, .. } = &self.total;
        let [less, more] = [out.packets.min(back.packets), out.packets.max(back.packets)];
        // A single packet does not show it: it may be the last or first one of a connection at the edge of the capture.
        less == 0
            && more >= 2
            && self.expects_answer
            && !self.malformed
            && self.handshake.is_completed()
            && (is_last || end.duration_since(*start) >= ANSWERED)
    }

    pub(super) fn into_record(mut self, end_reason: EndReason) -> FlowRecord<I> {
        let unreported = self.take_unreported(true);
        let Self {
            key,
            initiator: _,
            number: _,
            total: Delta { start, end, out, back, on_link: _, opened: _, handshake: _, one_sided: _ },
            unreported: _,
            ended: _,
            handshake: _,
            expects_answer: _,
            truncated,
            length_from_frame,
            malformed,
            heap_bytes: _,
            inspection,
        } = self;
        FlowRecord {
            key,
            start,
            end,
            out,
            back,
            unreported,
            truncated,
            length_from_frame,
            malformed,
            end_reason,
            inspection,
        }
    }
}

/// Whether a packet requests a connection.
fn is_syn(packet: &Packet<'_>) -> bool {
    packet.tcp.is_some_and(|tcp| tcp.syn && !tcp.ack)
}

/// State of the handshake after a packet. Every segment except SYN and RST shows an accepted connection, even one with
/// an unreadable header, or the acknowledgement after the SYN in a capture of one direction. SCTP's INIT is not
/// distinguished from data and counts as delivered.
fn handshake(before: Handshake, way: Way, packet: &Packet<'_>) -> Handshake {
    match (before, packet.tcp) {
        (Handshake::Completed, _) => Handshake::Completed,
        (_, Some(tcp)) if tcp.rst => {
            if way == Way::Back {
                Handshake::Refused
            } else {
                before
            }
        }
        (_, Some(tcp)) if tcp.syn && !tcp.ack => before,
        _ => Handshake::Completed,
    }
}

impl Ended {
    fn packet(&mut self, way: Way, tcp: TcpHeader) {
        self.reset |= tcp.rst;
        match way {
            Way::Out => self.out |= tcp.fin,
            Way::Back => self.back |= tcp.fin,
        }
    }
}
