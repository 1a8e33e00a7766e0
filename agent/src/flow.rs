//! The flow table: packets in, flows with exact bytes per direction out.
//!
//! A flow ends when its connection closes, when it is idle, when room is needed, or with the
//! capture. Whatever ends it, its record is emitted: bytes can be split over records, never lost.

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

/// What looks into the payload of a flow: names, protocol, personal data.
pub trait Inspect: Sized {
    /// What all flows share, such as the DNS answers seen.
    type Shared;

    /// A flow begins with this packet, which comes again as the first one.
    fn begin(key: &FlowKey, first: &Packet<'_>, shared: &mut Self::Shared) -> Self;

    /// A packet of the flow.
    fn packet(&mut self, way: Way, packet: &Packet<'_>, shared: &mut Self::Shared);

    /// Whether what tells observations apart (protocol, names) is known as well as it will be. What
    /// is not settled yet is reported a little later.
    fn is_settled(&self) -> bool {
        true
    }

    /// Bytes of memory held beyond the struct itself. Asked after each packet, hence to be cheap.
    fn heap_bytes(&self) -> usize;

    /// Bytes of memory that the flows hold together, which count against the limit as well. Asked as often.
    fn shared_bytes(shared: &Self::Shared) -> usize;
}
