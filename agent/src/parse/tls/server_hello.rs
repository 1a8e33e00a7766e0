use landfall_observation::TlsVersion;

use super::{
    SERVER_HELLO,
    extension::{ALPN, SUPPORTED_VERSIONS, alpn, extensions, find},
    record::first_message,
};
use crate::parse::{Parse, Reader};

/// The random value that makes a ServerHello a HelloRetryRequest (RFC 8446, 4.1.3).
const HELLO_RETRY_REQUEST: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11,
    0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a server chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerHello {
    /// The version of the connection; `None` for drafts and values no RFC assigns.
    pub version: Option<TlsVersion>,
    /// The application protocol chosen. TLS 1.3 sends it encrypted.
    pub alpn: Option<String>,
}

/// Reads the ServerHello, or the HelloRetryRequest, at the beginning of what a server sends.
pub fn server_hello(stream: &[u8]) -> Parse<ServerHello> {
    first_message(stream, SERVER_HELLO).and_then(|body| read(&body).map_or(Parse::NotThis, Parse::Value))
}

fn read(body: &[u8]) -> Option<ServerHello> {
    let mut reader = Reader::new(body);
    let legacy_version = reader.u16()?;
    let random = reader.take(32)?;
    let session_id = reader.vec8()?;
    reader.take(2 + 1)?;
    let block = if reader.is_empty() { &[][..] } else { reader.vec16()? };
    if session_id.len() > 32 || !reader.is_empty() {
        return None;
    }
    let found = extensions(block)?;
    let version = match find(&found, SUPPORTED_VERSIONS) {
        Some([high, low]) => TlsVersion::from_wire(u16::from_be_bytes([*high, *low])),
        Some(_) => return None,
        None if random == HELLO_RETRY_REQUEST => Some(TlsVersion::V1_3),
        None => TlsVersion::from_wire(legacy_version),
    };
    Some(ServerHello { version, alpn: find(&found, ALPN).map(alpn).unwrap_or_default().into_iter().next() })
}

#[cfg(test)]
mod tests;
