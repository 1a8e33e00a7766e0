//! Parsers of plaintext protocols. Every byte here is untrusted.
//!
//! A parser looks at the beginning of a stream (or at one datagram) and answers with a [`Parse`]:
//! a value, "not this protocol", or "need more bytes". It keeps no state, allocates no more than
//! its input justifies, and never fails in another way.

mod reader;

pub mod banner;
pub mod broker;
pub mod database;
pub mod datagram;
pub mod dns;
pub mod http1;
pub mod ldap;
pub mod text;
pub mod tls;

use reader::Reader;

/// Outcome of a parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parse<T> {
    /// It is this protocol, with this value.
    Value(T),
    /// It is not this protocol, or it is malformed.
    NotThis,
    /// It can be this protocol; more bytes decide.
    NeedMore,
}

impl<T> Parse<T> {
    /// The same outcome with the value changed by `f`.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Parse<U> {
        self.and_then(|value| Parse::Value(f(value)))
    }

    /// The result of `f` for the value; without a value, the same outcome.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Parse<U>) -> Parse<U> {
        match self {
            Self::Value(value) => f(value),
            Self::NotThis => Parse::NotThis,
            Self::NeedMore => Parse::NeedMore,
        }
    }

    /// The more certain of this outcome and `other`: a value, then "need more bytes", then "not this protocol".
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Value(value), _) => Self::Value(value),
            (Self::NeedMore, Self::NotThis) => Self::NeedMore,
            (_, other) => other,
        }
    }

    /// More bytes decide if it can still be this protocol.
    fn need_more_if(possible: bool) -> Self {
        if possible { Self::NeedMore } else { Self::NotThis }
    }

    /// The value, if there is one.
    #[cfg(test)]
    pub(crate) fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotThis | Self::NeedMore => None,
        }
    }
}

/// Whether `bytes` begin with `expected`, compared up to the shorter length.
fn begins_with(bytes: &[u8], expected: &[u8]) -> Parse<()> {
    let common = bytes.len().min(expected.len());
    if bytes[..common] != expected[..common] {
        Parse::NotThis
    } else if common < expected.len() {
        Parse::NeedMore
    } else {
        Parse::Value(())
    }
}

/// Whether a byte may be in a name or a word.
fn printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}
