//! Walks over arbitrary bytes as a block of the packet ring, and decodes what is called a frame.
#![no_main]

use jiff::Timestamp;
use landfall_agent::{
    afpacket::Walk,
    decode::Decoder,
    source::{Frame, LinkType},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut decoder = Decoder::new();
    let Ok(mut walk) = Walk::begin(data) else { return };
    let mut frames = 0;
    while let Ok(Some(frame)) = walk.next(data) {
        assert!(frame.bytes.start <= frame.network && frame.network <= frame.bytes.end);
        let data = &data[frame.bytes];
        let link = LinkType::Ethernet;
        decoder.decode(&Frame { at: Timestamp::UNIX_EPOCH, link, original_len: frame.original_len, data });
        frames += 1;
    }
    // Each frame takes at least its header.
    assert!(frames <= data.len() / 48 + 1);
});
