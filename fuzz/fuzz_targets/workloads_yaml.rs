//! The workloads file: it reads or is refused with a line, and attributes.
#![no_main]

use std::net::{IpAddr, Ipv4Addr};

use jiff::Timestamp;
use landfall_agent::attribution::{Workloads, WorkloadsError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| match Workloads::parse("fuzz.yaml", data) {
    Ok(workloads) => drop(workloads.attribute(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), Timestamp::UNIX_EPOCH)),
    Err(WorkloadsError::Invalid { line, .. }) => assert!(line > 0),
    Err(error) => unreachable!("{error}"),
});
