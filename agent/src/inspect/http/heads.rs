//! Heads of messages, and what follows from them.

use landfall_observation::HostMethod;

use super::{At, Exchange, Message, Outstanding, body::Body, reading::Reading};
use crate::{
    inspect::{conversation::Outputs, recognise::Kind},
    packet::Way,
    parse::{
        Parse,
        http1::{self, Framing, Method},
    },
};

/// The longest head that is read.
const MAX_HEAD: usize = 16 * 1024;
/// Maximum number of requests that wait for their responses.
const MAX_OUTSTANDING: usize = 128;

/// What comes after a head.
pub(super) enum Follows {
    Message(Box<Message>),
    /// The message is complete.
    Nothing,
    Hold,
    Tunnel,
    Closed,
    Lost,
}

impl Exchange {
    /// Continues reading a head. `None` if it is not complete; otherwise how many of the bytes belong to it.
    pub(super) fn head(&mut self, way: Way, bytes: &[u8], outputs: &mut Outputs<'_>) -> Option<(usize, Follows)> {
        let mut head = std::mem::take(&mut self.side(way).head);
        let before = head.len();
        // A head ends with a line end, so other bytes need no new look.
        let look = before == 0 || memchr::memchr(b'\n', bytes).is_some();
        let outcome = if before == 0 {
            self.read_head(way, bytes, outputs)
        } else {
            head.extend(&bytes[..bytes.len().min(MAX_HEAD - before)]);
            if look { self.read_head(way, head.as_slice(), outputs) } else { Parse::NeedMore }
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
    fn read_head(&mut self, way: Way, stream: &[u8], outputs: &mut Outputs<'_>) -> Parse<(usize, Follows)> {
        match way {
            Way::Out => http1::request(stream).map(|request| (request.len, self.request(&request, outputs))),
            Way::Back => http1::response(stream).map(|response| (response.len, self.response(&response, outputs))),
        }
    }

    fn request(&mut self, request: &http1::Request<'_>, outputs: &mut Outputs<'_>) -> Follows {
        let method = request.method;
        let host_method = if method == Method::Connect { HostMethod::HttpConnect } else { HostMethod::HttpHost };
        // Requests that name no host, or one too many, count for the first.
        let host = request.host.clone().map(|host| outputs.learned.state(host, host_method));
        outputs.shared.counters.names_left_out += u64::from(host == Some(None));
        let host = host.flatten().unwrap_or(0);
        if self.outstanding.len() == MAX_OUTSTANDING {
            self.outstanding.pop_front();
        }
        self.outstanding.push_back(Outstanding { method, host });
        if method == Method::Connect {
            // The request itself is for the proxy; only the content of the tunnel goes to the target.
            return Follows::Hold;
        }
        outputs.learned.reader = Some(Kind::Http);
        let mut reading = Reading::new(outputs.shared);
        reading.query(request.query);
        reading.fields(&request.fields);
        Self::message(Way::Out, reading, request.framing, host, outputs)
    }

    fn response(&mut self, response: &http1::Response<'_>, outputs: &mut Outputs<'_>) -> Follows {
        if response.status == 101 {
            outputs.learned.reader = Some(Kind::Http);
            outputs.learned.not_read = true;
            if let Some(kind) = response.fields.get("upgrade").and_then(upgraded) {
                outputs.learned.become_kind(kind);
            }
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
            self.connect_refused(outputs);
        }
        if method != Method::Connect {
            outputs.learned.reader = Some(Kind::Http);
        }
        let mut reading = Reading::new(outputs.shared);
        reading.fields(&response.fields);
        Self::message(Way::Back, reading, response.framing(method), host, outputs)
    }

    /// The proxy did not accept the tunnel: what the client sent after its CONNECT is HTTP.
    fn connect_refused(&mut self, outputs: &mut Outputs<'_>) {
        if let At::Held(held) = std::mem::replace(&mut self.out.at, At::Head)
            && !held.is_empty()
        {
            // No tunnel can begin here: that needs a response.
            self.data(Way::Out, held.as_slice(), outputs);
        }
    }

    fn message(
        way: Way,
        mut reading: Reading,
        framing: Option<Framing>,
        host: usize,
        outputs: &mut Outputs<'_>,
    ) -> Follows {
        let Some(framing) = framing else {
            reading.end(host, way, outputs);
            return Follows::Lost;
        };
        if framing == Framing::Length(0) {
            reading.end(host, way, outputs);
            return Follows::Nothing;
        }
        reading.expect_body();
        Follows::Message(Box::new(Message { reading, body: Body::new(framing), host }))
    }
}

/// The protocol that a server changes to (RFC 9110, 7.8; RFC 6455, 4.2.2).
fn upgraded(protocol: &[u8]) -> Option<Kind> {
    let is = |name: &[u8]| protocol.eq_ignore_ascii_case(name);
    if is(b"websocket") {
        Some(Kind::WebSocket)
    } else if is(b"h2c") {
        Some(Kind::Http2)
    } else {
        None
    }
}
