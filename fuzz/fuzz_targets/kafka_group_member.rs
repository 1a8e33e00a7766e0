//! What members of groups say of themselves, from a stranger.
#![no_main]

use landfall_agent::kafka::group_member::{assignment, subscription, worker};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = (subscription(data), assignment(data), worker(data));
});
