//! What Kafka Connect says of its connectors, from a stranger.
#![no_main]

use landfall_agent::kafka::connect::connectors;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = connectors(200, data);
});
