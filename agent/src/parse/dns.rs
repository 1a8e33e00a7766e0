//! DNS messages (RFC 1035), as far as names and addresses go.
//!
//! The question counts as soon as it is complete, and the answers as far as they are. Readers of
//! whole messages lose what is cut off or odd: docs/decisions/0006-dns-messages-are-decoded-here.md.

use std::net::IpAddr;

use super::{Parse, Reader};
use crate::names::host_name;

/// Bytes of the header.
const HEADER: usize = 12;
/// The longest name on the wire (RFC 1035, 2.3.4).
const MAX_NAME: usize = 255;
/// How many compression pointers a name may follow. Real ones follow one or two.
const MAX_POINTERS: usize = 16;
/// How many answers of a message are read.
const MAX_ANSWERS: usize = 256;

const TYPE_A: u16 = 1;
const TYPE_AAAA: u16 = 28;
const CLASS_IN: u16 = 1;

/// A query, or the response to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Whether it is a response.
    pub response: bool,
    /// The name asked for, if it has the form of a host name. Responses repeat it.
    pub question: Option<String>,
    /// The addresses that a response without an error gives for the question, at the end of the
    /// CNAME chain if there is one. The names of the chain are not the client's words, so they
    /// are not kept.
    pub addresses: Vec<IpAddr>,
}

/// Reads a message: the payload of a UDP datagram, or what stands behind the length in TCP.
///
/// [`Parse::NeedMore`] says that the message ends before its question does.
pub fn message(bytes: &[u8]) -> Parse<Message> {
    let Some(header) = bytes.first_chunk::<HEADER>() else { return Parse::NeedMore };
    let [_, _, flags, code, q_high, q_low, a_high, a_low, ..] = *header;
    let response = flags & 0x80 != 0;
    let opcode = (flags >> 3) & 0x0f;
    let questions = u16::from_be_bytes([q_high, q_low]);
    // Only standard queries name what a client is about to connect to, and all software asks
    // one question at a time (RFC 9619).
    if opcode != 0 || questions != 1 {
        return Parse::NotThis;
    }
    let (name, behind) = match name_at(bytes, HEADER) {
        Parse::Value(found) => found,
        Parse::NotThis => return Parse::NotThis,
        Parse::NeedMore => return Parse::NeedMore,
    };
    let mut reader = Reader::new(bytes.get(behind..).unwrap_or_default());
    let (Some(_kind), Some(class)) = (reader.u16(), reader.u16()) else { return Parse::NeedMore };
    let question = host_name(&name);
    // The response code is in the low four bits; 0 is no error.
    let answered = response && code.trailing_zeros() >= 4 && class == CLASS_IN && question.is_some();
    let count = usize::from(u16::from_be_bytes([a_high, a_low])).min(MAX_ANSWERS);
    let addresses = if answered { addresses(bytes, behind + 4, count) } else { Vec::new() };
    Parse::Value(Message { response, question, addresses })
}

/// The first message of a stream with its length, which stands before it in two bytes.
pub fn stream_message(stream: &[u8]) -> Parse<(usize, Message)> {
    let Some(body) = Reader::new(stream).vec16() else {
        // Whether a stream is DNS shows before the message is complete.
        return match stream.get(2..).map(message) {
            Some(Parse::NotThis) => Parse::NotThis,
            _ => Parse::NeedMore,
        };
    };
    match message(body) {
        Parse::Value(message) => Parse::Value((2 + body.len(), message)),
        Parse::NotThis | Parse::NeedMore => Parse::NotThis,
    }
}

/// The addresses among the answers, as far as the answers are well-formed, each once.
fn addresses(bytes: &[u8], mut at: usize, count: usize) -> Vec<IpAddr> {
    let mut found = Vec::new();
    for _ in 0..count {
        let Some((kind, class, data, end)) = record_at(bytes, at) else { break };
        at = end;
        let address = match kind {
            TYPE_A => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
            TYPE_AAAA => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
            _ => None,
        };
        found.extend(address.filter(|address| class == CLASS_IN && !found.contains(address)));
    }
    found
}

/// Type, class and data of the resource record at `at`, and where the next one begins.
fn record_at(bytes: &[u8], at: usize) -> Option<(u16, u16, &[u8], usize)> {
    let owner_end = skip_name(bytes, at)?;
    let mut reader = Reader::new(bytes.get(owner_end..)?);
    let kind = reader.u16()?;
    let class = reader.u16()?;
    reader.take(4)?;
    let data = reader.vec16()?;
    Some((kind, class, data, owner_end + 10 + data.len()))
}

/// Where a name ends, without following its pointer.
fn skip_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            len @ 1..=63 => at += 1 + usize::from(len),
            0xc0.. => return Some(at + 2),
            _ => return None,
        }
    }
}

/// The name at `at` in text form, and where it ends. A dot inside a label would make two names
/// of one, so such a name reads as no name.
fn name_at(bytes: &[u8], at: usize) -> Parse<(Vec<u8>, usize)> {
    let Some(end) = skip_name(bytes, at) else {
        let reserved = skip_to_cut(bytes, at);
        return if reserved { Parse::NotThis } else { Parse::NeedMore };
    };
    if end > bytes.len() {
        return Parse::NeedMore;
    }
    let mut name = Vec::new();
    let mut at = at;
    let mut pointers = 0;
    loop {
        match bytes.get(at..).unwrap_or_default() {
            [0, ..] => return Parse::Value((name, end)),
            [high @ 0xc0..=0xff, low, ..] => {
                let target = usize::from(u16::from_be_bytes([high & 0x3f, *low]));
                pointers += 1;
                // Pointers lead backwards; together with the count that ends every loop.
                if target >= at || pointers > MAX_POINTERS {
                    return Parse::NotThis;
                }
                at = target;
            }
            [len @ 1..=63, rest @ ..] => {
                let Some(label) = rest.get(..usize::from(*len)) else { return Parse::NotThis };
                if !name.is_empty() {
                    name.push(b'.');
                }
                name.extend(label.iter().map(|b| if *b == b'.' { 0 } else { *b }));
                if name.len() > MAX_NAME {
                    return Parse::NotThis;
                }
                at += 1 + label.len();
            }
            _ => return Parse::NotThis,
        }
    }
}

/// Whether a name that does not end has a label of a reserved type, rather than being cut off.
fn skip_to_cut(bytes: &[u8], mut at: usize) -> bool {
    while let Some(len) = bytes.get(at) {
        if *len > 63 {
            return *len < 0xc0;
        }
        at += 1 + usize::from(*len);
    }
    false
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
