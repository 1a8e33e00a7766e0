//! Published cloud ranges in the three formats: a document reads or is refused, and answers.
#![no_main]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use landfall_agent::locate::CloudRanges;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(ranges) = CloudRanges::parse("fuzz.json", data) {
        assert!(!ranges.is_empty());
        for address in [IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
            let _ = ranges.locate(address);
        }
    }
});
