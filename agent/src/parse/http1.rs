//! Heads of HTTP/1 messages (RFC 9112), through the crate `httparse`; what they say about the
//! body is read here.

mod chunked;
mod fields;
#[cfg(test)]
mod tests;

pub use chunked::{Chunked, ChunkedPart};
pub use fields::{Coding, Content, Fields, Framing};

use std::str;

use super::{Parse, begins_with};
use crate::names::authority;

/// How many fields a head may have. Servers allow about a hundred.
const MAX_FIELDS: usize = 128;
/// Methods that tell a request by its first word: RFC 9110, PATCH, WebDAV and what is in use.
const METHODS: [&[u8]; 24] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
    b"PROPFIND ",
    b"PROPPATCH ",
    b"MKCOL ",
    b"COPY ",
    b"MOVE ",
    b"LOCK ",
    b"UNLOCK ",
    b"REPORT ",
    b"SEARCH ",
    b"QUERY ",
    b"PURGE ",
    b"LINK ",
    b"UNLINK ",
    b"SUBSCRIBE ",
    b"NOTIFY ",
];

/// What a request's method means for what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The response has no body.
    Head,
    /// The connection becomes a tunnel if the response is a success.
    Connect,
    /// Any other.
    Other,
}

/// The head of a request.
#[derive(Debug)]
pub struct Request<'b> {
    /// Bytes of the head, with the empty line.
    pub len: usize,
    /// The method.
    pub method: Method,
    /// The host that the target or `Host` names, if it is a well-formed name. An absolute target
    /// prevails (RFC 9112, 3.2.2).
    pub host: Option<String>,
    /// The query of the target, without the question mark.
    pub query: &'b [u8],
    /// The header fields.
    pub fields: Fields<'b>,
    /// How the body is delimited; `None` if the head contradicts itself.
    pub framing: Option<Framing>,
}

/// The head of a response.
#[derive(Debug)]
pub struct Response<'b> {
    /// Bytes of the head, with the empty line.
    pub len: usize,
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub fields: Fields<'b>,
}

/// Whether a client begins with a request line of HTTP, by its method.
pub fn begins_request(stream: &[u8]) -> Parse<()> {
    METHODS.iter().fold(Parse::NotThis, |best, method| match (best, begins_with(stream, method)) {
        (Parse::Value(()), _) | (_, Parse::Value(())) => Parse::Value(()),
        (Parse::NeedMore, _) | (_, Parse::NeedMore) => Parse::NeedMore,
        (Parse::NotThis, Parse::NotThis) => Parse::NotThis,
    })
}

/// Whether a server begins with a status line of HTTP/1.
pub fn begins_response(stream: &[u8]) -> Parse<()> {
    begins_with(stream, b"HTTP/1.")
}

/// Reads the head of a request.
pub fn request(stream: &[u8]) -> Parse<Request<'_>> {
    let mut room = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Request::new(&mut room);
    let len = match parsed.parse(stream) {
        Ok(httparse::Status::Complete(len)) => len,
        Ok(httparse::Status::Partial) => return Parse::NeedMore,
        Err(_) => return Parse::NotThis,
    };
    let (Some(method), Some(target)) = (parsed.method, parsed.path) else { return Parse::NotThis };
    let fields = Fields::new(parsed.headers);
    let method = match method {
        "HEAD" => Method::Head,
        "CONNECT" => Method::Connect,
        _ => Method::Other,
    };
    let (named, query) = split_target(method, target);
    Parse::Value(Request {
        len,
        method,
        host: match named {
            Some(named) => authority(named),
            None => fields.get("host").and_then(authority),
        },
        query,
        framing: if method == Method::Connect { Some(Framing::Length(0)) } else { fields.request_framing() },
        fields,
    })
}

/// Reads the head of a response.
pub fn response(stream: &[u8]) -> Parse<Response<'_>> {
    let mut room = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut parsed = httparse::Response::new(&mut room);
    match parsed.parse(stream) {
        Ok(httparse::Status::Complete(len)) => match parsed.code {
            Some(status) => Parse::Value(Response { len, status, fields: Fields::new(parsed.headers) }),
            None => Parse::NotThis,
        },
        Ok(httparse::Status::Partial) => Parse::NeedMore,
        Err(_) => Parse::NotThis,
    }
}

/// The authority that a request target names, if it does, and its query (RFC 9112, 3.2).
fn split_target(method: Method, target: &str) -> (Option<&[u8]>, &[u8]) {
    if method == Method::Connect {
        return (Some(target.as_bytes()), &[]);
    }
    let (before, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('#').next().unwrap_or_default();
    let named = before.split_once("://").filter(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    (named.map(|(_, rest)| rest.split('/').next().unwrap_or_default().as_bytes()), query.as_bytes())
}

impl Response<'_> {
    /// How the body is delimited, in answer to a request with `method` (RFC 9112, 6.3); `None`
    /// if the head contradicts itself.
    pub fn framing(&self, method: Method) -> Option<Framing> {
        match (method, self.status) {
            (Method::Head, _) | (_, 100..=199 | 204 | 304) | (Method::Connect, 200..=299) => Some(Framing::Length(0)),
            _ => self.fields.response_framing(),
        }
    }
}
