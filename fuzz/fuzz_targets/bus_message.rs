//! Messages of a bus from a stranger: key, value and a header.
#![no_main]

use landfall_agent::kafka::message::{Inspector, Limits, Message};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|parts: (Option<&[u8]>, Option<&[u8]>, &str)| {
    let (key, value, header) = parts;
    let limits = Limits::default();
    let inspected = Inspector::new(limits).inspect(&Message { key, value, headers: vec![(header, value)] });
    let read = 3 * limits.part + limits.decoded;
    assert!(inspected.bytes_inspected <= u64::try_from(read).unwrap());
});
