//! A ClientHello from a stranger: whatever it holds, a name that comes out is a host name.
#![no_main]

use landfall_agent::{
    names::host_name,
    parse::{Parse, tls::client_hello},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Parse::Value(hello) = client_hello(data)
        && let Some(name) = hello.server_name
    {
        assert_eq!(host_name(name.as_bytes()), Some(name));
    }
});
