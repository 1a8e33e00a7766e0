//! Extensions that both hellos share.

use crate::parse::Reader;

/// ALPN (RFC 7301).
pub(super) const ALPN: u16 = 16;
/// Server name indication (RFC 6066).
pub(super) const SERVER_NAME: u16 = 0;
/// The versions offered, or the one chosen (RFC 8446, 4.2.1).
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
/// Encrypted Client Hello.
pub(super) const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// How many ALPN names are kept.
const MAX_ALPN: usize = 16;
/// The longest ALPN name kept; the registered ones have up to 17 bytes.
const MAX_ALPN_LEN: usize = 32;

/// The extensions of a hello by type, each at most once: the first counts. `None` if the block
/// is malformed.
pub(super) fn extensions(block: &[u8]) -> Option<Vec<(u16, &[u8])>> {
    let mut reader = Reader::new(block);
    let mut found: Vec<(u16, &[u8])> = Vec::new();
    while !reader.is_empty() {
        let kind = reader.u16()?;
        let body = reader.vec16()?;
        let wanted = [SERVER_NAME, ALPN, SUPPORTED_VERSIONS, ENCRYPTED_CLIENT_HELLO].contains(&kind);
        if wanted && found.iter().all(|(seen, _)| *seen != kind) {
            found.push((kind, body));
        }
    }
    Some(found)
}

/// The body of one extension.
pub(super) fn find<'a>(extensions: &[(u16, &'a [u8])], kind: u16) -> Option<&'a [u8]> {
    extensions.iter().find(|(seen, _)| *seen == kind).map(|(_, body)| *body)
}

/// The well-formed names of an ALPN extension in their order, GREASE (RFC 8701) left out.
pub(super) fn alpn(body: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let Some(list) = Reader::new(body).vec16() else { return names };
    let mut reader = Reader::new(list);
    while let Some(name) = reader.vec8() {
        if names.len() < MAX_ALPN {
            names.extend(alpn_name(name));
        }
    }
    names
}

/// An ALPN name as text. The client chooses these bytes, so that only what has the form of a
/// registered name goes any further.
fn alpn_name(bytes: &[u8]) -> Option<String> {
    let well_formed = (1..=MAX_ALPN_LEN).contains(&bytes.len())
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"./-_".contains(b));
    if well_formed { String::from_utf8(bytes.to_vec()).ok() } else { None }
}
