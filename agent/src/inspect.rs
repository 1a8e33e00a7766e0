//! Inspects the payload of flows: protocol, names and personal data.
//!
//! ```text
//! packet ─► reassembly ─► first bytes tell the protocol ─► hello | HTTP messages | DNS ─► Facts, findings
//! ```
//!
//! The protocol is recognised by content; only DNS by its port, 53. When nothing more can be learned from a flow, its
//! buffers are freed.

mod conversation;
mod dns;
mod findings;
mod hello;
mod http;
mod learned;
mod naming;
mod recognise;
#[cfg(test)]
mod tests;
mod upgrade;

pub(crate) use findings::add_finding;
pub use findings::{DirectionFindings, HostFindings};
pub use learned::{Facts, MAX_NAMES};
pub use recognise::{Handling, PROTOCOLS};

use std::{mem, sync::Arc};

use landfall_detect::State;
use landfall_observation::Transport;

use self::{conversation::Conversation, findings::Found, learned::Learned};
use crate::{
    flow::Inspect,
    names::{ClientEnd, Names, Namespace},
    packet::{FlowKey, Packet, Way},
    reassembly::Segment,
};

/// The port of DNS servers.
const DNS_PORT: u16 = 53;
/// Number of datagrams after which the protocol of a flow remains unknown.
const MAX_DATAGRAMS: u8 = 8;
/// Maximum number of idle detectors that are kept for later messages.
const MAX_IDLE_STATES: usize = 4;

/// State that all flows of a capture or node share.
#[derive(Debug, Default)]
pub struct Shared {
    /// Names from the DNS answers to clients.
    pub names: Names,
    /// Counters of payload that could not be read.
    pub counters: InspectCounters,
    detectors: Detectors,
    /// Idle detectors, which are reused because each is large and few messages are open at once.
    #[expect(clippy::vec_box, reason = "a state goes to a flow and comes back without being copied")]
    idle: Vec<Box<State>>,
}

/// Whether the detectors are enabled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Detectors {
    /// Queries, header fields and bodies go through the detectors.
    #[default]
    On,
    /// Bodies are skipped without decompression and take no memory. Protocols and names are still found.
    Off,
}

/// Counters of payload that could not be read. Byte counts are not affected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InspectCounters {
    /// Gaps in TCP streams that were skipped.
    pub gaps: u64,
    /// Bytes of those gaps.
    pub gap_bytes: u64,
    /// Times that an HTTP stream had to be resynchronised, after a gap or an invalid head.
    pub http_lost: u64,
    /// Compressed bodies that were read in part: too large, or compressed beyond what is plausible.
    pub bodies_cut: u64,
    /// Names that were left out because their flow already had [`MAX_NAMES`].
    pub names_left_out: u64,
}

/// The inspection of a flow's payload.
#[derive(Debug)]
pub struct Inspection {
    /// Names under which the client looked up the responder's address.
    looked_up: Vec<Arc<str>>,
    learned: Learned,
    found: Option<Box<Found>>,
    detectors: Detectors,
    stage: Stage,
}

/// State of the inspection.
#[derive(Debug)]
enum Stage {
    /// TCP before the first payload: the sequence numbers of the SYNs, by way.
    Opening([Option<u32>; 2]),
    Conversation(Box<Conversation>),
    /// UDP, after this number of datagrams.
    Datagrams(u8),
    /// Nothing more can be learned.
    Over,
}

/// Context for the inspection of a packet: the flow's results and the shared state.
struct InspectionContext<'s> {
    learned: &'s mut Learned,
    found: &'s mut Option<Box<Found>>,
    shared: &'s mut Shared,
    way: Way,
    packet: &'s Packet<'s>,
}

// === impl Shared ===

impl Shared {
    /// With an empty cache of names.
    pub fn new(names: Names) -> Self {
        Self { names, ..Self::default() }
    }

    /// With the detectors enabled or disabled.
    #[must_use]
    pub fn with(self, detectors: Detectors) -> Self {
        Self { detectors, ..self }
    }

    /// The names under which the client of a flow looked up its responder; `packet` is one of the flow.
    fn looked_up(&self, key: &FlowKey, packet: &Packet<'_>) -> Vec<Arc<str>> {
        let mac = if packet.src == key.src { packet.link.src } else { packet.link.dst };
        let client = ClientEnd { address: key.src, mac };
        self.names.names(Namespace::default(), client, key.dst, packet.at)
    }

    /// A detector for the next message, if they are enabled.
    fn detector(&mut self) -> Option<Box<State>> {
        (self.detectors == Detectors::On).then(|| self.idle.pop().unwrap_or_default())
    }

    /// Takes back a detector that has finished its record.
    fn give_back(&mut self, state: Box<State>) {
        if self.idle.len() < MAX_IDLE_STATES {
            self.idle.push(state);
        }
    }
}

// === impl Inspection ===

impl Inspect for Inspection {
    type Shared = Shared;

    fn begin(key: &FlowKey, first: &Packet<'_>, shared: &mut Shared) -> Self {
        shared.names.met(first);
        let stage = match key.transport {
            Transport::Tcp => Stage::Opening([None, None]),
            Transport::Udp => Stage::Datagrams(0),
            Transport::Sctp | Transport::Icmp | Transport::Other => Stage::Over,
        };
        let looked_up = shared.looked_up(key, first);
        Self { looked_up, learned: Learned::default(), found: None, detectors: shared.detectors, stage }
    }

    fn packet(&mut self, way: Way, packet: &Packet<'_>, shared: &mut Shared) {
        if matches!(self.stage, Stage::Over) || packet.malformed {
            return;
        }
        // The DNS answer can be captured after the first packet of the connection, from another queue.
        if self.looked_up.is_empty() && way == Way::Out && !packet.payload.is_empty() {
            let client = ClientEnd { address: packet.src, mac: packet.link.src };
            self.looked_up = shared.names.names(Namespace::default(), client, packet.dst, packet.at);
        }
        let Self { looked_up: _, learned, found, detectors: _, stage } = self;
        let mut context = InspectionContext { learned, found, shared, way, packet };
        let next = match stage {
            Stage::Opening(_) | Stage::Conversation(_) => tcp(stage, &mut context),
            Stage::Datagrams(seen) => datagram(*seen, &mut context),
            Stage::Over => None,
        };
        if let Some(next) = next {
            self.stage = next;
        }
    }

    fn is_settled(&self) -> bool {
        match &self.stage {
            Stage::Opening(_) | Stage::Datagrams(0) => false,
            Stage::Conversation(conversation) => conversation.is_settled(&self.learned),
            Stage::Datagrams(_) | Stage::Over => true,
        }
    }

    fn heap_bytes(&self) -> usize {
        let stage = match &self.stage {
            Stage::Conversation(conversation) => mem::size_of::<Conversation>() + conversation.heap_bytes(),
            Stage::Opening(_) | Stage::Datagrams(_) | Stage::Over => 0,
        };
        let found = self.found.as_ref().map_or(0, |found| mem::size_of::<Found>() + found.heap_bytes());
        // The text of the names looked up is shared with the cache.
        stage + found + self.learned.heap_bytes() + self.looked_up.capacity() * mem::size_of::<Arc<str>>()
    }

    fn shared_bytes(shared: &Shared) -> usize {
        shared.names.memory_bytes()
    }
}

impl Inspection {
    /// The facts so far.
    pub fn facts(&self) -> Facts {
        self.learned.facts(&self.looked_up)
    }

    /// The findings of messages that ended since the last call, apart for each host that the
    /// requests of one connection name.
    pub fn take_findings(&mut self) -> Vec<HostFindings> {
        self.found.take().map(|found| found.into_hosts(&self.learned)).unwrap_or_default()
    }

    /// Ends the inspection: reads what is buffered after gaps, and messages without an end, as far as possible. Must be
    /// called when a flow leaves the table, before its last findings are taken.
    pub fn finish(&mut self) {
        let Stage::Conversation(conversation) = &mut self.stage else { return };
        // Names and idle detectors are not needed any more.
        let mut nobody = Shared::default().with(self.detectors);
        conversation.finish(&mut self.learned, &mut self.found, &mut nobody);
        self.stage = Stage::Over;
    }
}

/// A packet of TCP.
fn tcp(stage: &mut Stage, context: &mut InspectionContext<'_>) -> Option<Stage> {
    let packet = context.packet;
    let header = packet.tcp?;
    if let Stage::Opening(starts) = stage {
        if header.syn {
            starts[context.way as usize] = Some(header.seq);
        }
        if packet.payload.is_empty() {
            return None;
        }
        let dns = packet.dst_port == DNS_PORT || packet.src_port == DNS_PORT;
        *stage = Stage::Conversation(Box::new(Conversation::new(*starts, dns)));
    }
    let Stage::Conversation(conversation) = stage else { return None };
    let segment = Segment {
        seq: header.seq,
        syn: header.syn,
        fin: header.fin,
        payload: packet.payload,
        missing: packet.payload_len.saturating_sub(u32::try_from(packet.payload.len()).unwrap_or(u32::MAX)),
    };
    conversation.segment(segment, context);
    conversation.is_over(context.learned).then_some(Stage::Over)
}

/// A packet of UDP.
fn datagram(seen: u8, context: &mut InspectionContext<'_>) -> Option<Stage> {
    let packet = context.packet;
    if packet.payload.is_empty() {
        return None;
    }
    if packet.dst_port == DNS_PORT || packet.src_port == DNS_PORT {
        if !dns::datagram(context) {
            context.learned.unrecognised(context.way, packet.payload);
        }
        return None;
    }
    if let Some(kind) = recognise::datagram(packet.payload, packet.payload_len) {
        context.learned.become_kind(kind);
        return Some(Stage::Over);
    }
    context.learned.unrecognised(context.way, packet.payload);
    Some(if seen + 1 < MAX_DATAGRAMS { Stage::Datagrams(seen + 1) } else { Stage::Over })
}
