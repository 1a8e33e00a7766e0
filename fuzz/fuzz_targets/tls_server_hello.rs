//! A ServerHello from a stranger, whole and cut: once it is told, more bytes do not change it.
#![no_main]

use landfall_agent::parse::{Parse, tls::server_hello};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Parse::Value(early) = server_hello(&data[..data.len() / 2]) {
        assert_eq!(server_hello(data), Parse::Value(early));
    }
});
