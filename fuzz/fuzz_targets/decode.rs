//! Decodes arbitrary bytes as frames of a link type that the first byte chooses; the second cuts
//! frames off. Frames share a decoder, so that fragments meet.
#![no_main]

use jiff::Timestamp;
use landfall_agent::{
    decode::{Decoded, Decoder},
    source::{Frame, LinkType},
};
use libfuzzer_sys::fuzz_target;

const LINKS: [u32; 8] = [0, 1, 101, 108, 113, 228, 229, 276];

fuzz_target!(|data: &[u8]| {
    let [choice, cut, frames @ ..] = data else { return };
    let Some(link) = LinkType::from_number(LINKS[usize::from(*choice) % LINKS.len()]) else { return };
    let mut decoder = Decoder::new();
    let mut bytes = 0;
    for data in frames.chunks(usize::from(*cut).max(20)) {
        let original_len = data.len() as u32 + u32::from(*cut % 16);
        let frame = Frame { at: Timestamp::UNIX_EPOCH, link, original_len, data };
        if let Decoded::Packet(packet) = decoder.decode(&frame) {
            assert!(packet.ip_bytes <= original_len);
            assert!(packet.payload.len() <= packet.payload_len as usize);
            bytes += u64::from(packet.ip_bytes);
        }
    }
    assert_eq!(decoder.counters().ip_bytes, bytes);
});
