use landfall_detect::Hint;

/// The header fields of a message.
#[derive(Debug)]
pub struct Fields<'b> {
    fields: Vec<(&'b str, &'b [u8])>,
}

/// How the end of a body is known (RFC 9112, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
    /// It ends with the connection.
    UntilClose,
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// It is not.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or by mistake RFC 1951.
    Deflate,
    /// A coding, or several, that are not read here.
    Unread,
}

/// What a body is, by its media type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Something to search, written this way.
    Text(Hint),
    /// Pictures, sound, archives: nothing to search.
    Binary,
    /// The type does not say.
    Unknown,
}

impl<'b> Fields<'b> {
    pub(super) fn new(parsed: &[httparse::Header<'b>]) -> Self {
        Self { fields: parsed.iter().map(|field| (field.name, field.value)).collect() }
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&'b str, &'b [u8])> {
        self.fields.iter().copied()
    }

    /// The value of the first field with this name, without white space around it.
    pub fn get(&self, name: &str) -> Option<&'b [u8]> {
        self.all(name).next()
    }

    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'b [u8]> + 's {
        self.fields.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim_ascii())
    }

    /// How the body of a request is delimited.
    pub(super) fn request_framing(&self) -> Option<Framing> {
        match self.transfer_encoding() {
            Some(true) => Some(Framing::Chunked),
            // The server cannot know the length either (RFC 9112, 6.3, rule 4).
            Some(false) => None,
            None => self.content_length().map(|len| Framing::Length(len.unwrap_or(0))),
        }
    }

    /// How the body of a response is delimited.
    pub(super) fn response_framing(&self) -> Option<Framing> {
        match self.transfer_encoding() {
            Some(true) => Some(Framing::Chunked),
            Some(false) => Some(Framing::UntilClose),
            None => self.content_length().map(|len| len.map_or(Framing::UntilClose, Framing::Length)),
        }
    }

    /// Whether the last transfer coding is `chunked`, if there are any.
    fn transfer_encoding(&self) -> Option<bool> {
        let last = self.all("transfer-encoding").last()?;
        let coding = last.rsplit(|b| *b == b',').next().unwrap_or_default().trim_ascii();
        Some(coding.eq_ignore_ascii_case(b"chunked"))
    }

    /// `None` if the fields contradict each other or are no number, `Some(None)` without one.
    #[expect(clippy::option_option, reason = "invalid, absent and present are three things")]
    fn content_length(&self) -> Option<Option<u64>> {
        let mut agreed = None;
        for part in self.all("content-length").flat_map(|value| value.split(|b| *b == b',')) {
            let len = decimal(part.trim_ascii())?;
            if *agreed.get_or_insert(len) != len {
                return None;
            }
        }
        Some(agreed)
    }

    /// How the body is compressed.
    pub fn coding(&self) -> Coding {
        let mut codings = self
            .all("content-encoding")
            .chain(self.all("transfer-encoding"))
            .flat_map(|value| value.split(|b| *b == b','))
            .map(<[u8]>::trim_ascii)
            .filter(|c| !(c.is_empty() || c.eq_ignore_ascii_case(b"identity") || c.eq_ignore_ascii_case(b"chunked")));
        match (codings.next(), codings.next()) {
            (None, _) => Coding::Identity,
            (Some(c), None) if c.eq_ignore_ascii_case(b"gzip") || c.eq_ignore_ascii_case(b"x-gzip") => Coding::Gzip,
            (Some(c), None) if c.eq_ignore_ascii_case(b"deflate") => Coding::Deflate,
            _ => Coding::Unread,
        }
    }

    /// What the body is.
    pub fn content(&self) -> Content {
        let Some(value) = self.get("content-type") else { return Content::Unknown };
        let essence = value.split(|b| *b == b';').next().unwrap_or_default().trim_ascii().to_ascii_lowercase();
        content(&essence)
    }
}

fn content(essence: &[u8]) -> Content {
    let Some(slash) = essence.iter().position(|b| *b == b'/') else { return Content::Unknown };
    let (kind, subtype) = (&essence[..slash], &essence[slash + 1..]);
    let suffixed = |suffix: &[u8]| subtype.ends_with(suffix);
    match (kind, subtype) {
        (_, b"json" | b"x-ndjson" | b"ndjson" | b"jsonl" | b"json-seq" | b"x-json") => Content::Text(Hint::Json),
        _ if suffixed(b"+json") => Content::Text(Hint::Json),
        (b"application", b"x-www-form-urlencoded") => Content::Text(Hint::Form),
        (b"text" | b"multipart" | b"message", _) | (_, b"xml") => Content::Text(Hint::Text),
        // Before the pictures: SVG is one of these.
        _ if suffixed(b"+xml") => Content::Text(Hint::Text),
        (b"image" | b"audio" | b"video" | b"font" | b"model", _)
        | (
            b"application",
            b"octet-stream" | b"pdf" | b"zip" | b"gzip" | b"zstd" | b"grpc" | b"wasm" | b"x-protobuf" | b"protobuf"
            | b"x-tar" | b"msgpack" | b"cbor",
        ) => Content::Binary,
        _ => Content::Unknown,
    }
}

/// A decimal number without sign that fits.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}
