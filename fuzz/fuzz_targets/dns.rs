//! DNS messages from a stranger, as a datagram and in a stream.
#![no_main]

use landfall_agent::{
    names::host_name,
    parse::{Parse, dns},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Parse::Value(message) = dns::message(data) {
        assert!(message.addresses.len() <= data.len());
        if let Some(name) = message.question {
            assert_eq!(host_name(name.as_bytes()), Some(name));
        }
    }
    let mut rest = data;
    while let Parse::Value((len, _)) = dns::stream_message(rest) {
        rest = &rest[len..];
    }
});
