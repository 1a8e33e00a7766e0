//! HTTP/1 flows: message after message in both directions (RFC 9112).

mod body;
mod coding;
mod reading;
mod sniff;

use std::collections::VecDeque;

use landfall_observation::HostMethod;

use self::{
    body::{Body, Progress},
    reading::Reading,
};
use super::conversation::Hands;
use crate::{
    packet::Way,
    parse::{
        Parse,
        http1::{self, Framing, Method},
    },
    reassembly::{Buffer, Piece},
};

/// The longest head that is read.
const MAX_HEAD: usize = 16 * 1024;
/// How many requests can wait for their responses.
const MAX_OUTSTANDING: usize = 128;
/// How much of a tunnel is held until the proxy has agreed to it.
const MAX_HELD: usize = 16 * 1024;

/// The two directions of a connection.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    out: Side,
    back: Side,
    /// Requests without a response so far, the first one first.
    outstanding: VecDeque<Outstanding>,
}

/// What the client and the server say in a tunnel so far.
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
    /// Behind a CONNECT: what the client sends before the proxy has answered.
    Held(Buffer),
    /// Nobody knows where; the next segment that begins with a head tells.
    Lost,
    /// No HTTP any more.
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

/// What follows a head.
enum Follows {
    Message(Box<Message>),
    /// The message is complete.
    Nothing,
    Hold,
    Tunnel,
    Closed,
    Lost,
}

impl Exchange {
    /// Reads a piece of one direction. Returns what the tunnel carries, if one begins.
    pub(super) fn piece(&mut self, way: Way, piece: Piece<'_>, hands: &mut Hands<'_>) -> Option<Tunnel> {
        match piece {
            Piece::Data(bytes) => self.data(way, bytes, hands),
            Piece::Gap(len) => {
                self.gap(way, len, hands);
                None
            }
            Piece::End => {
                let side = self.side(way);
                side.head = Buffer::default();
                if let At::Body(message) = std::mem::replace(&mut side.at, At::Closed) {
                    message.end(way, hands);
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

    fn data(&mut self, way: Way, mut bytes: &[u8], hands: &mut Hands<'_>) -> Option<Tunnel> {
        if matches!(self.side(way).at, At::Lost) && begins_head(way, bytes) {
            self.side(way).at = At::Head;
        }
        while !bytes.is_empty() {
            let side = self.side(way);
            match &mut side.at {
                At::Body(message) => {
                    let (used, progress) = message.body.feed(bytes, &mut message.reading, hands.shared);
                    bytes = &bytes[used..];
                    self.progress(way, progress, hands);
                }
                At::Held(held) => {
                    let room = MAX_HELD.saturating_sub(held.len());
                    held.extend(&bytes[..bytes.len().min(room)]);
                    return None;
                }
                At::Lost | At::Closed => return None,
                At::Head => {
                    let (used, follows) = self.head(way, bytes, hands)?;
                    bytes = &bytes[used..];
                    match follows {
                        Follows::Message(message) => self.side(way).at = At::Body(message),
                        Follows::Nothing => {}
                        Follows::Hold => self.side(way).at = At::Held(Buffer::default()),
                        Follows::Closed => {
                            self.out.at = At::Closed;
                            self.back.at = At::Closed;
                        }
                        Follows::Lost => self.lose(way, hands),
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

    /// Bytes are lost. Within a body of known length the place stays known.
    fn gap(&mut self, way: Way, len: u64, hands: &mut Hands<'_>) {
        let side = self.side(way);
        let progress = match &mut side.at {
            At::Body(message) => message.body.gap(len, &mut message.reading),
            At::Closed => return,
            At::Head | At::Held(_) | At::Lost => Progress::Malformed,
        };
        self.progress(way, progress, hands);
    }

    /// Ends the message whose body is done, or beyond reading.
    fn progress(&mut self, way: Way, progress: Progress, hands: &mut Hands<'_>) {
        if progress == Progress::More {
            return;
        }
        if let At::Body(message) = std::mem::take(&mut self.side(way).at) {
            message.end(way, hands);
        }
        if progress == Progress::Malformed {
            self.lose(way, hands);
        }
    }

    fn lose(&mut self, way: Way, hands: &mut Hands<'_>) {
        hands.shared.counters.http_lost += 1;
        *self.side(way) = Side { head: Buffer::default(), at: At::Lost };
        // Requests or responses were missed, so they cannot be told apart by their order.
        self.outstanding.clear();
    }

    /// Reads on in a head. `None` if it is not complete; else how many of the bytes belong to it.
    fn head(&mut self, way: Way, bytes: &[u8], hands: &mut Hands<'_>) -> Option<(usize, Follows)> {
        let mut head = std::mem::take(&mut self.side(way).head);
        let before = head.len();
        // A head ends with a line end, so other bytes need no new look.
        let look = before == 0 || memchr::memchr(b'\n', bytes).is_some();
        let outcome = if before == 0 {
            self.read_head(way, bytes, hands)
        } else {
            head.extend(&bytes[..bytes.len().min(MAX_HEAD - before)]);
            if look { self.read_head(way, head.as_slice(), hands) } else { Parse::NeedMore }
        };
        match outcome {
            // A head that was incomplete without these bytes ends among them.
            Parse::Value((len, follows)) => Some((len.saturating_sub(before), follows)),
            Parse::NotThis => Some((bytes.len(), Follows::Lost)),
            Parse::NeedMore if before + bytes.len() >= MAX_HEAD => Some((bytes.len(), Follows::Lost)),
            Parse::NeedMore => {
                if before == 0 {
                    head.extend(bytes);
                }
                self.side(way).head = head;
                None
            }
        }
    }

    /// The length of a head and what follows it.
    fn read_head(&mut self, way: Way, stream: &[u8], hands: &mut Hands<'_>) -> Parse<(usize, Follows)> {
        match way {
            Way::Out => http1::request(stream).map(|request| (request.len, self.request(&request, hands))),
            Way::Back => http1::response(stream).map(|response| (response.len, self.response(&response, hands))),
        }
    }

    fn request(&mut self, request: &http1::Request<'_>, hands: &mut Hands<'_>) -> Follows {
        let method = request.method;
        let host_method = if method == Method::Connect { HostMethod::HttpConnect } else { HostMethod::HttpHost };
        // Requests that name no host, or one too many, count for the first.
        let host = request.host.clone().and_then(|host| hands.learned.state(host, host_method)).unwrap_or(0);
        if self.outstanding.len() == MAX_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(Outstanding { method, host });
        if method == Method::Connect {
            // What it says is meant for the proxy; only what the tunnel carries goes to the target.
            return Follows::Hold;
        }
        hands.learned.readable = true;
        let mut reading = Reading::new(hands.shared);
        reading.query(request.query);
        reading.fields(&request.fields);
        Self::message(Way::Out, reading, request.framing, host, hands)
    }

    fn response(&mut self, response: &http1::Response<'_>, hands: &mut Hands<'_>) -> Follows {
        if response.status == 101 {
            return Follows::Closed;
        }
        if (100..200).contains(&response.status) {
            return Follows::Nothing;
        }
        let unknown = Outstanding { method: Method::Other, host: 0 };
        let Outstanding { method, host } = self.outstanding.pop_front().unwrap_or(unknown);
        if method == Method::Connect {
            if (200..300).contains(&response.status) {
                return Follows::Tunnel;
            }
            self.connect_refused(hands);
        }
        hands.learned.readable |= method != Method::Connect;
        let mut reading = Reading::new(hands.shared);
        reading.fields(&response.fields);
        Self::message(Way::Back, reading, response.framing(method), host, hands)
    }

    /// The proxy wants something else first: what the client sent behind its CONNECT is HTTP.
    fn connect_refused(&mut self, hands: &mut Hands<'_>) {
        if let At::Held(held) = std::mem::replace(&mut self.out.at, At::Head)
            && !held.is_empty()
        {
            // No tunnel can begin here: that needs a response.
            self.data(Way::Out, held.as_slice(), hands);
        }
    }

    fn message(
        way: Way,
        mut reading: Reading,
        framing: Option<Framing>,
        host: usize,
        hands: &mut Hands<'_>,
    ) -> Follows {
        let Some(framing) = framing else {
            reading.end(host, way, hands);
            return Follows::Lost;
        };
        if framing == Framing::Length(0) {
            reading.end(host, way, hands);
            return Follows::Nothing;
        }
        reading.expect_body();
        Follows::Message(Box::new(Message { reading, body: Body::new(framing), host }))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let sides: usize = [&self.out, &self.back].into_iter().map(Side::heap_bytes).sum();
        sides + self.outstanding.capacity() * size_of::<Outstanding>()
    }
}

/// Whether a segment looks as if a message began with it.
fn begins_head(way: Way, segment: &[u8]) -> bool {
    let begins = match way {
        Way::Out => http1::begins_request(segment),
        Way::Back => http1::begins_response(segment),
    };
    begins == Parse::Value(())
}

impl Message {
    fn end(self, way: Way, hands: &mut Hands<'_>) {
        let Self { reading, body: _, host } = self;
        reading.end(host, way, hands);
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
