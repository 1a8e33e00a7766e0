//! HTTP/1 flows: message after message in both directions (RFC 9112).

mod body;
mod coding;
mod heads;
mod reading;
mod sniff;

use std::collections::VecDeque;

use self::{
    body::{Body, Progress},
    heads::Follows,
    reading::Reading,
};
use super::conversation::Outputs;
use crate::{
    packet::Way,
    parse::{
        Parse,
        http1::{self, Method},
    },
    reassembly::{Buffer, Piece},
};

/// Maximum number of bytes of a tunnel that are buffered until the proxy accepts it.
const MAX_HELD: usize = 16 * 1024;

/// The two directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    out: Side,
    back: Side,
    /// Requests without a response so far, in order.
    outstanding: VecDeque<Outstanding>,
}

/// The buffered bytes of a tunnel in both directions.
pub(super) struct Tunnel {
    pub(super) out: Buffer,
    pub(super) back: Buffer,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// The head so far.
    head: Buffer,
    at: At,
}

/// Where a direction is.
#[derive(Debug, Default)]
enum At {
    #[default]
    Head,
    Body(Box<Message>),
    /// After a CONNECT: what the client sends before the proxy has answered.
    Held(Buffer),
    /// Position unknown; reading resumes with the next segment that begins with a head.
    Lost,
    /// Not HTTP any more.
    Closed,
}

/// A message whose body is being read.
#[derive(Debug)]
struct Message {
    reading: Reading,
    body: Body,
    host: usize,
}

/// What a response needs to know of its request.
#[derive(Debug, Clone, Copy)]
struct Outstanding {
    method: Method,
    host: usize,
}

impl Exchange {
    /// Reads a piece of one direction. Returns what the tunnel carries, if one begins.
    pub(super) fn piece(&mut self, way: Way, piece: Piece<'_>, outputs: &mut Outputs<'_>) -> Option<Tunnel> {
        match piece {
            Piece::Data(bytes) => self.data(way, bytes, outputs),
            Piece::Gap(len) => {
                self.gap(way, len, outputs);
                None
            }
            Piece::End => {
                let side = self.side(way);
                side.head = Buffer::default();
                if let At::Body(message) = std::mem::replace(&mut side.at, At::Closed) {
                    message.end(way, outputs);
                }
                None
            }
        }
    }

    /// Whether nothing more is read of either direction.
    pub(super) fn is_closed(&self) -> bool {
        matches!((&self.out.at, &self.back.at), (At::Closed, At::Closed))
    }

    fn side(&mut self, way: Way) -> &mut Side {
        match way {
            Way::Out => &mut self.out,
            Way::Back => &mut self.back,
        }
    }

    fn data(&mut self, way: Way, mut bytes: &[u8], outputs: &mut Outputs<'_>) -> Option<Tunnel> {
        if matches!(self.side(way).at, At::Lost) && begins_head(way, bytes) {
            self.side(way).at = At::Head;
        }
        while !bytes.is_empty() {
            let side = self.side(way);
            match &mut side.at {
                At::Body(message) => {
                    let (used, progress) = message.body.feed(bytes, &mut message.reading, outputs.shared);
                    bytes = &bytes[used..];
                    self.progress(way, progress, outputs);
                }
                At::Held(held) => {
                    let room = MAX_HELD.saturating_sub(held.len());
                    held.extend(&bytes[..bytes.len().min(room)]);
                    return None;
                }
                At::Lost | At::Closed => return None,
                At::Head => {
                    let (used, follows) = self.head(way, bytes, outputs)?;
                    bytes = &bytes[used..];
                    match follows {
                        Follows::Message(message) => self.side(way).at = At::Body(message),
                        Follows::Nothing => {}
                        Follows::Hold => self.side(way).at = At::Held(Buffer::default()),
                        Follows::Closed => {
                            self.out.at = At::Closed;
                            self.back.at = At::Closed;
                        }
                        Follows::Lost => self.lose(way, outputs),
                        Follows::Tunnel => {
                            let out = match std::mem::replace(&mut self.out.at, At::Closed) {
                                At::Held(held) => held,
                                _ => Buffer::default(),
                            };
                            return Some(Tunnel { out, back: Buffer::copy_of(bytes) });
                        }
                    }
                }
            }
        }
        None
    }

    /// Skips lost bytes. Within a body of known length the position remains known.
    fn gap(&mut self, way: Way, len: u64, outputs: &mut Outputs<'_>) {
        let side = self.side(way);
        let progress = match &mut side.at {
            At::Body(message) => message.body.gap(len, &mut message.reading),
            At::Closed => return,
            At::Head | At::Held(_) | At::Lost => Progress::Malformed,
        };
        self.progress(way, progress, outputs);
    }

    /// Ends the message whose body is complete or cannot be read further.
    fn progress(&mut self, way: Way, progress: Progress, outputs: &mut Outputs<'_>) {
        if progress == Progress::More {
            return;
        }
        if let At::Body(message) = std::mem::take(&mut self.side(way).at) {
            message.end(way, outputs);
        }
        if progress == Progress::Malformed {
            self.lose(way, outputs);
        }
    }

    fn lose(&mut self, way: Way, outputs: &mut Outputs<'_>) {
        outputs.shared.counters.http_lost += 1;
        *self.side(way) = Side { head: Buffer::default(), at: At::Lost };
        // Requests or responses were missed, so they cannot be matched by their order.
        self.outstanding.clear();
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let sides: usize = [&self.out, &self.back].into_iter().map(Side::heap_bytes).sum();
        sides + self.outstanding.capacity() * size_of::<Outstanding>()
    }
}

/// Whether a segment looks like the beginning of a message.
fn begins_head(way: Way, segment: &[u8]) -> bool {
    let begins = match way {
        Way::Out => http1::begins_request(segment),
        Way::Back => http1::begins_response(segment),
    };
    begins == Parse::Value(())
}

impl Message {
    fn end(self, way: Way, outputs: &mut Outputs<'_>) {
        let Self { reading, body: _, host } = self;
        reading.end(host, way, outputs);
    }
}

impl Side {
    fn heap_bytes(&self) -> usize {
        self.head.heap_bytes()
            + match &self.at {
                At::Body(message) => size_of::<Message>() + message.reading.heap_bytes(),
                At::Held(held) => held.heap_bytes(),
                At::Head | At::Lost | At::Closed => 0,
            }
    }
}

#[cfg(test)]
mod tests;
