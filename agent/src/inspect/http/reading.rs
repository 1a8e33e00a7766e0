use landfall_detect::{Hint, State, scan};

use super::{
    coding::{Decoded, Inflate},
    sniff::sniff,
};
use crate::{
    inspect::{DirectionFindings, Shared, conversation::Outputs},
    packet::Way,
    parse::http1::{Coding, Content, Fields},
};

/// Estimated heap memory of a detector: its window, keys and places.
const STATE_BYTES: usize = 16 * 1024;
/// Fields about the transfer, the software or the cache, not about people.
const PASSED_OVER: [&str; 34] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "content-security-policy",
    "content-type",
    "date",
    "dnt",
    "etag",
    "expect",
    "expires",
    "host",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "last-modified",
    "pragma",
    "range",
    "server",
    "strict-transport-security",
    "te",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
];

/// A message that is passed through the detectors as one record.
#[derive(Debug)]
pub(super) struct Reading {
    /// `None` if detectors are disabled: then the message is not read.
    state: Option<Box<State>>,
    content: Content,
    coding: Coding,
    decoding: Decoding,
    /// Bytes that the detectors saw.
    seen: u64,
}

/// How the body's bytes become text.
#[derive(Debug)]
enum Decoding {
    Plain,
    Inflate(Box<Inflate>),
    /// The rest of the body is not read.
    Stopped,
}

impl Reading {
    pub(super) fn new(shared: &mut Shared) -> Self {
        Self {
            state: shared.detector(),
            content: Content::Unknown,
            coding: Coding::Identity,
            decoding: Decoding::Stopped,
            seen: 0,
        }
    }

    /// The query of a request's target.
    pub(super) fn query(&mut self, query: &[u8]) {
        self.scan(query, Hint::Form);
    }

    /// The header fields of a message.
    pub(super) fn fields(&mut self, fields: &Fields<'_>) {
        if self.state.is_none() {
            return;
        }
        let telling = |name: &str| !PASSED_OVER.iter().any(|passed| name.eq_ignore_ascii_case(passed));
        for (name, value) in fields.iter().filter(|(name, _)| telling(name)) {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                self.scan(part, Hint::Headers);
            }
        }
        self.content = fields.content();
        self.coding = fields.coding();
    }

    /// Starts the body.
    pub(super) fn expect_body(&mut self) {
        let Some(state) = &mut self.state else { return };
        self.decoding = match (self.content, self.coding) {
            (Content::Binary, _) | (_, Coding::Unread) => Decoding::Stopped,
            (_, Coding::Identity) => Decoding::Plain,
            (_, Coding::Gzip) => Decoding::Inflate(Box::new(Inflate::gzip())),
            (_, Coding::Deflate) => Decoding::Inflate(Box::new(Inflate::deflate())),
        };
        // The query of the target is written as a form, too.
        state.end_part();
    }

    /// Bytes of the body.
    pub(super) fn body(&mut self, bytes: &[u8], shared: &mut Shared) {
        match std::mem::replace(&mut self.decoding, Decoding::Stopped) {
            Decoding::Plain => {
                self.decoding = Decoding::Plain;
                self.text(bytes);
            }
            Decoding::Inflate(mut inflate) => {
                let outcome = inflate.feed(bytes, |text| {
                    self.text(text);
                    // A body that turns out not to be text is not read further.
                    self.content != Content::Binary
                });
                match outcome {
                    Decoded::More if self.content != Content::Binary => self.decoding = Decoding::Inflate(inflate),
                    Decoded::TooMuch => shared.counters.bodies_cut += 1,
                    Decoded::More | Decoded::Done | Decoded::Malformed => {}
                }
            }
            Decoding::Stopped => {}
        }
    }

    /// Skips lost bytes of the body. After them a compressed body cannot be read.
    pub(super) fn gap(&mut self) {
        if let Some(state) = &mut self.state {
            state.end_part();
        }
        if matches!(self.decoding, Decoding::Inflate(_)) {
            self.decoding = Decoding::Stopped;
        }
    }

    /// Ends the message, even if it is incomplete.
    pub(super) fn end(self, host: usize, way: Way, outputs: &mut Outputs<'_>) {
        let Some(mut state) = self.state else { return };
        let findings = state.finish();
        outputs.shared.give_back(state);
        if self.seen > 0 {
            let found = DirectionFindings { findings, payload_bytes_seen: self.seen };
            outputs.found.get_or_insert_default().add(host, way, found);
        }
    }

    /// Text of the body.
    fn text(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        if self.content == Content::Unknown {
            self.content = sniff(text);
        }
        match self.content {
            Content::Text(hint) => self.scan(text, hint),
            Content::Binary | Content::Unknown => self.decoding = Decoding::Stopped,
        }
    }

    fn scan(&mut self, bytes: &[u8], hint: Hint) {
        if let Some(state) = &mut self.state {
            scan(state, bytes, hint);
            self.seen += bytes.len() as u64;
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let inflate = match &self.decoding {
            Decoding::Inflate(inflate) => inflate.heap_bytes(),
            Decoding::Plain | Decoding::Stopped => 0,
        };
        self.state.as_ref().map_or(0, |_| size_of::<State>() + STATE_BYTES) + inflate
    }
}
