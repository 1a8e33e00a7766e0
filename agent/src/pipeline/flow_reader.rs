//! Turns frames into flow records.

use std::sync::Arc;

use jiff::Timestamp;

use crate::{
    attribution::Workloads,
    decode::{DecodeCounters, Decoded, Decoder, FrameKinds},
    flow::{FlowRecord, FlowTable, Limits, TableCounters},
    fragments::{FragmentCounters, FragmentLimits, Reassembler},
    inspect::{Detectors, InspectCounters, Inspection, Shared},
    link_addresses,
    names::{NameCounters, Names},
    source::{Frame, Item},
    translation::Translation,
};

/// Share of the flow memory for names (one in this many). A name takes about as much as a small flow.
const FOR_NAMES: usize = 8;
/// Share of the flow memory for fragments (one in this many), at most [`FragmentLimits::default`].
const FOR_FRAGMENTS: usize = 32;

/// Turns frames into flow records: decoder, flow table and inspection.
#[derive(Debug)]
pub struct FlowReader {
    decoder: Decoder,
    fragments: Reassembler,
    pub(super) table: FlowTable<Inspection>,
    shared: Shared,
}

/// Counters of what was read and of anomalies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadCounters {
    /// Frames and packets.
    pub decoded: DecodeCounters,
    /// Frames that are not IP packets, by kind.
    pub not_ip: FrameKinds,
    /// Fragmented datagrams.
    pub fragments: FragmentCounters,
    /// Flows.
    pub table: TableCounters,
    /// Payload that could not be read.
    pub inspected: InspectCounters,
    /// Names learnt from DNS.
    pub names: NameCounters,
}

// === impl FlowReader ===

impl FlowReader {
    /// A reader that knows no workloads.
    pub fn new(limits: Limits) -> Self {
        Self::knowing(limits, Arc::default(), Translation::default())
    }

    /// A reader that knows workloads and NAT64 prefixes.
    pub fn knowing(limits: Limits, workloads: Arc<Workloads>, translation: Translation) -> Self {
        let Limits { memory_bytes, .. } = limits;
        let most = FragmentLimits::default();
        let of_fragments = most.memory_bytes.min(memory_bytes / FOR_FRAGMENTS);
        let limits = Limits { memory_bytes: memory_bytes - of_fragments, ..limits };
        Self {
            decoder: Decoder::new(),
            fragments: Reassembler::new(FragmentLimits { memory_bytes: of_fragments, ..most }),
            table: FlowTable::new(limits),
            shared: Shared::new(Names::new(memory_bytes / FOR_NAMES, workloads, translation)),
        }
    }

    /// Disables the detectors, so that bodies are skipped. Must be called before the first frame.
    #[must_use]
    pub fn without_detectors(self) -> Self {
        Self { shared: self.shared.with(Detectors::Off), ..self }
    }

    /// Processes an item of a source; passes flows that end with it to `out`.
    pub fn take(&mut self, item: &Item<'_>, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        match item {
            Item::Frame(frame) => self.frame(frame, out),
            Item::Tick(tick) => self.tick(tick.now, out),
            Item::Link(_) => {}
        }
    }

    /// Processes a frame; passes flows that end with it to `out`.
    pub fn frame(&mut self, frame: &Frame<'_>, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        match self.decoder.decode(frame) {
            Decoded::Packet(mut packet) => {
                packet.link_broadcast = frame.is_broadcast();
                packet.link = link_addresses::ends(frame);
                let packet = self.fragments.take(packet);
                self.table.packet(&packet, &mut self.shared, out);
            }
            Decoded::NotIp(_) => {}
        }
    }

    /// Advances the clock without a frame; passes flows that have ended by `now` to `out`.
    pub fn tick(&mut self, now: Timestamp, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        self.table.advance(now, out);
    }

    /// Ends all flows.
    pub fn finish(self, out: &mut impl FnMut(FlowRecord<Inspection>)) {
        self.table.finish(out);
    }

    /// Counters of what was read and of anomalies.
    pub fn counters(&self) -> ReadCounters {
        ReadCounters {
            decoded: self.decoder.counters(),
            not_ip: self.decoder.not_ip().clone(),
            fragments: self.fragments.counters(),
            table: self.table.counters(),
            inspected: self.shared.counters,
            names: self.shared.names.counters(),
        }
    }
}
