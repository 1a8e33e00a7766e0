use landfall_observation::TlsVersion;

use super::{
    CLIENT_HELLO,
    extension::{ALPN, ENCRYPTED_CLIENT_HELLO, SERVER_NAME, SUPPORTED_VERSIONS, alpn, extensions, find},
    record::first_message,
};
use crate::{
    names::host_name,
    parse::{Parse, Reader},
};

/// Name type of a host in the server name list (RFC 6066, 3).
const HOST_NAME: u8 = 0;

/// What a client says before anything is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// Server name indication, if it is a well-formed host name.
    pub server_name: Option<String>,
    /// Application protocols offered, the client's first choice first.
    pub alpn: Vec<String>,
    /// Versions offered that are known, in the client's order.
    pub versions: Vec<TlsVersion>,
    /// Whether there is an Encrypted Client Hello extension, be it GREASE or real: from outside
    /// they look the same.
    pub ech: bool,
}

/// Reads the ClientHello at the beginning of what a client sends. One in the layout of SSLv2 is
/// [`Parse::NotThis`].
pub fn client_hello(stream: &[u8]) -> Parse<ClientHello> {
    first_message(stream, CLIENT_HELLO).and_then(|body| read(&body).map_or(Parse::NotThis, Parse::Value))
}

fn read(body: &[u8]) -> Option<ClientHello> {
    let mut reader = Reader::new(body);
    let legacy_version = reader.u16()?;
    reader.take(32)?;
    let session_id = reader.vec8()?;
    let cipher_suites = reader.vec16()?;
    let compression = reader.vec8()?;
    let plausible = session_id.len() <= 32
        && cipher_suites.len() >= 2
        && cipher_suites.len().is_multiple_of(2)
        && !compression.is_empty();
    // Up to TLS 1.2 the extensions may be left out altogether.
    let block = if reader.is_empty() { &[][..] } else { reader.vec16()? };
    if !plausible || !reader.is_empty() {
        return None;
    }
    let found = extensions(block)?;
    Some(ClientHello {
        server_name: find(&found, SERVER_NAME).and_then(server_name),
        alpn: find(&found, ALPN).map(alpn).unwrap_or_default(),
        versions: match find(&found, SUPPORTED_VERSIONS) {
            Some(body) => versions(body),
            None => TlsVersion::from_wire(legacy_version).into_iter().collect(),
        },
        ech: find(&found, ENCRYPTED_CLIENT_HELLO).is_some(),
    })
}

/// The first host name of the list.
fn server_name(body: &[u8]) -> Option<String> {
    let mut list = Reader::new(Reader::new(body).vec16()?);
    while let (Some(kind), Some(name)) = (list.u8(), list.vec16()) {
        if kind == HOST_NAME {
            return host_name(name);
        }
    }
    None
}

fn versions(body: &[u8]) -> Vec<TlsVersion> {
    let list = Reader::new(body).vec8().unwrap_or_default();
    // Values of GREASE and drafts are no version that anyone negotiates for good.
    list.chunks_exact(2).filter_map(|pair| TlsVersion::from_wire(u16::from_be_bytes([pair[0], pair[1]]))).collect()
}

#[cfg(test)]
mod tests;
