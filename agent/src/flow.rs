//! The flow table.
//!
//! Being written.

use crate::packet::{FlowKey, Packet, Way};
use jiff::Timestamp;

/// What looks into the payload of a flow: names, protocol, personal data.
pub trait Inspect: Sized {
    /// What all flows share, such as the DNS answers seen.
    type Shared;

    /// A flow begins; `at` is the instant of its first packet.
    fn begin(key: &FlowKey, at: Timestamp, shared: &mut Self::Shared) -> Self;

    /// A packet of the flow.
    fn packet(&mut self, way: Way, packet: &Packet<'_>, shared: &mut Self::Shared);

    /// Bytes of memory held beyond the struct itself.
    fn heap_bytes(&self) -> usize;
}
