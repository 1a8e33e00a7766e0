//! DNS messages made for tests.

use std::net::IpAddr;

/// A name on the wire, not compressed.
pub(crate) fn name(text: &str) -> Vec<u8> {
    let mut wire = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        wire.push(u8::try_from(label.len()).unwrap());
        wire.extend(label.as_bytes());
    }
    wire.push(0);
    wire
}

/// A resource record of class IN.
pub(crate) fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(data.len()).unwrap().to_be_bytes();
    [owner, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &len, data].concat()
}

/// A message with one question for addresses.
pub(crate) fn message(flags: u16, question: &str, answers: &[Vec<u8>]) -> Vec<u8> {
    let count = u16::try_from(answers.len()).unwrap().to_be_bytes();
    let header = [&[0x12, 0x34], &flags.to_be_bytes()[..], &[0, 1], &count, &[0, 0, 0, 0]].concat();
    [header, name(question), vec![0, 1, 0, 1], answers.concat()].concat()
}

/// A query.
pub(crate) fn query(question: &str) -> Vec<u8> {
    message(0x0100, question, &[])
}

/// A response with addresses whose owner is a pointer to the question.
pub(crate) fn response(question: &str, addresses: &[IpAddr]) -> Vec<u8> {
    let answers: Vec<_> = addresses.iter().map(|address| address_record(&[0xc0, 12], *address)).collect();
    message(0x8180, question, &answers)
}

/// An A or AAAA record.
pub(crate) fn address_record(owner: &[u8], address: IpAddr) -> Vec<u8> {
    match address {
        IpAddr::V4(v4) => record(owner, 1, &v4.octets()),
        IpAddr::V6(v6) => record(owner, 28, &v6.octets()),
    }
}

/// The message behind its length, as in TCP.
pub(crate) fn in_stream(message: &[u8]) -> Vec<u8> {
    [&u16::try_from(message.len()).unwrap().to_be_bytes()[..], message].concat()
}
