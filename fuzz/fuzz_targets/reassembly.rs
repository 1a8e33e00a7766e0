//! Segments in any order: offsets add up, memory stays within its bound.
#![no_main]

use landfall_agent::reassembly::{Assembler, Limits, Piece, Segment};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let limits = Limits { stream: 1 << 16, early: 4096 };
    let mut assembler = Assembler::new(limits);
    let mut delivered = 0_u64;
    let mut ended = false;
    let mut count = |piece: Piece<'_>| {
        assert!(!ended, "nothing comes behind the end");
        match piece {
            Piece::Data(bytes) => delivered += bytes.len() as u64,
            Piece::Gap(len) => delivered += len,
            Piece::End => ended = true,
        }
    };
    let payload = [0_u8; 255];
    for command in data.chunks_exact(4) {
        let [low, high, len, flags] = [command[0], command[1], command[2], command[3]];
        let segment = Segment {
            seq: u32::from(u16::from_le_bytes([low, high])).wrapping_sub(1 << 15),
            syn: flags & 1 != 0,
            fin: flags & 2 != 0,
            payload: &payload[..usize::from(len)],
            missing: u32::from(flags >> 4),
        };
        assembler.segment(segment, &mut count);
        assert!(assembler.heap_bytes() <= limits.early);
    }
    assembler.finish(&mut count);
    assert!(ended && delivered <= limits.stream && assembler.heap_bytes() == 0);
});
