//! DNS flows: the names in queries, and the answers that name later flows.

use std::{net::IpAddr, sync::Arc};

use jiff::Timestamp;
use landfall_observation::HostMethod;

use super::{InspectionContext, Shared, learned::Learned, recognise::Kind};
use crate::{
    names::Namespace,
    packet::Way,
    parse::{
        Parse,
        dns::{Message, message, stream_message},
    },
    reassembly::{Buffer, Piece},
};

/// The longest message in a stream with its length, and one more that begins behind it.
const MAX_HELD: usize = 2 * (2 + 65_535);

/// A connection to a DNS server: the buffer of each direction, by way, until a direction turns out not to be DNS.
#[derive(Debug, Default)]
pub(super) struct DnsStream {
    held: [Option<Buffer>; 2],
    refused: [bool; 2],
}

/// Reads a datagram from or to port 53; returns whether it is a DNS message.
pub(super) fn datagram(context: &mut InspectionContext<'_>) -> bool {
    let Parse::Value(read) = message(context.packet.payload) else { return false };
    take_in(read, context.way, context.packet.dst, context.packet.at, context.learned, context.shared);
    true
}

/// Processes a message that `to` received.
fn take_in(message: Message, way: Way, to: IpAddr, at: Timestamp, learned: &mut Learned, shared: &mut Shared) {
    let Message { response, question, addresses } = message;
    learned.become_kind(Kind::Dns);
    learned.reader = Some(Kind::Dns);
    let Some(question) = question else { return };
    // Only answers to the client count: one that the other side sends unasked names nothing.
    if response && way == Way::Back && !addresses.is_empty() {
        let name: Arc<str> = Arc::from(question.as_str());
        for address in addresses {
            shared.names.answered(Namespace::default(), to, address, &name, at);
        }
    }
    shared.counters.names_left_out += u64::from(learned.state(question, HostMethod::Dns).is_none());
}

impl DnsStream {
    /// Whether neither direction is DNS.
    pub(super) fn is_over(&self) -> bool {
        self.refused == [true, true]
    }

    pub(super) fn piece(
        &mut self,
        way: Way,
        piece: Piece<'_>,
        to: IpAddr,
        at: Timestamp,
        learned: &mut Learned,
        shared: &mut Shared,
    ) {
        let index = way as usize;
        if self.refused[index] {
            return;
        }
        let Piece::Data(bytes) = piece else {
            // After a gap the start of the next message is not known.
            self.refuse(index);
            return;
        };
        let mut held = self.held[index].take().unwrap_or_default();
        held.extend(bytes);
        let mut at_byte = 0;
        loop {
            match stream_message(&held.as_slice()[at_byte..]) {
                Parse::Value((len, message)) => {
                    at_byte += len;
                    take_in(message, way, to, at, learned, shared);
                }
                Parse::NotThis => return self.refuse(index),
                Parse::NeedMore => break,
            }
        }
        let rest = &held.as_slice()[at_byte..];
        if rest.len() > MAX_HELD {
            return self.refuse(index);
        }
        self.held[index] = match (at_byte, rest) {
            (_, []) => None,
            (0, _) => Some(held),
            (_, rest) => Some(Buffer::copy_of(rest)),
        };
    }

    fn refuse(&mut self, index: usize) {
        self.refused[index] = true;
        self.held[index] = None;
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.held.iter().flatten().map(Buffer::heap_bytes).sum()
    }
}
