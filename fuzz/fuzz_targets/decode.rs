//! Decodes arbitrary bytes as frames of a link type that the first byte chooses; the second cuts
//! frames off. Frames share a decoder, so that fragments meet and are put together.
#![no_main]

use jiff::Timestamp;
use landfall_agent::{
    decode::{Decoded, Decoder},
    fragments::{FragmentLimits, Reassembler},
    source::{Frame, LinkType},
};
use libfuzzer_sys::fuzz_target;

const NFLOG: u32 = 239;
const LINKS: [u32; 20] =
    [0, 1, 9, 51, 100, 101, 104, 105, 108, 113, 127, 166, 189, 204, 219, 228, 229, NFLOG, 276, 147];

fuzz_target!(|data: &[u8]| {
    let [choice, cut, frames @ ..] = data else { return };
    let number = LINKS[usize::from(*choice) % LINKS.len()];
    let link = LinkType::from_number(number);
    let mut decoder = Decoder::new();
    let limits = FragmentLimits { memory_bytes: 4096, datagrams: 8 };
    let mut reassembler = Reassembler::new(limits);
    let mut bytes = 0;
    for data in frames.chunks(usize::from(*cut).max(20)) {
        let original_len = data.len() as u32 + u32::from(*cut % 16);
        let frame = Frame { at: Timestamp::UNIX_EPOCH, link, original_len, data };
        if let Decoded::Packet(packet) = decoder.decode(&frame) {
            // The log of netfilter does not say how long a packet was, so that IP is believed.
            assert!(packet.ip_bytes <= original_len || number == NFLOG);
            assert!(packet.payload.len() <= packet.payload_len as usize);
            bytes += u64::from(packet.ip_bytes);
            let whole = reassembler.take(packet);
            assert_eq!(whole.ip_bytes, packet.ip_bytes);
            assert!(whole.payload.len() <= whole.payload_len as usize);
            assert!(reassembler.memory_bytes() <= limits.memory_bytes);
        }
    }
    let counters = decoder.counters();
    assert_eq!(counters.ip_bytes, bytes);
    assert_eq!(counters.frames, counters.packets + decoder.not_ip().total());
});
