//! Certificate authorities that a client trusts.

use std::io;

use ureq::tls::{Certificate, PemItem, parse_pem};

/// The certificates of a PEM file; an error if there is none.
pub(crate) fn certificates(pem: &[u8]) -> io::Result<Vec<Certificate<'static>>> {
    let invalid = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| invalid(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() { Err(invalid("expected certificates in PEM".to_owned())) } else { Ok(certificates) }
}
