//! The flow table: packets in, flows with exact bytes per direction out.
//!
//! A flow ends when its connection closes, when it is idle, when memory is needed, or with the capture. In any case its
//! record is emitted: bytes can be split over records, but are never lost.

mod clock;
mod continued;
mod entry;
mod initiator;
mod queues;
mod record;
mod table;
#[cfg(test)]
mod tests;
mod tuple;

pub(crate) use self::{initiator::is_sender, tuple::Tuple};
pub use self::{
    record::{Counters, Delta, EndReason, FlowDelta, FlowRecord},
    table::{FlowTable, Limits, TableCounters},
};
use crate::packet::{FlowKey, Packet, Way};

/// Inspects the payload of a flow: names, protocol, personal data.
pub trait Inspect: Sized {
    /// State that all flows share, such as the DNS answers seen.
    type Shared;

    /// Starts a flow. Its first packet is also passed to [`Self::packet`] afterwards.
    fn begin(key: &FlowKey, first: &Packet<'_>, shared: &mut Self::Shared) -> Self;

    /// Inspects a packet of the flow.
    fn packet(&mut self, way: Way, packet: &Packet<'_>, shared: &mut Self::Shared);

    /// Whether protocol and names, which distinguish observations, are final. A flow that is not settled is reported a
    /// little later.
    fn is_settled(&self) -> bool {
        true
    }

    /// Heap memory in bytes. Called after each packet, so it must be cheap.
    fn heap_bytes(&self) -> usize;

    /// Memory of the shared state in bytes, which also counts against the limit. Called after each packet.
    fn shared_bytes(shared: &Self::Shared) -> usize;
}
