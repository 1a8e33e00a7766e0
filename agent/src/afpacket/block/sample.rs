//! Blocks as the kernel writes them, for tests.

use super::{ADDRESS, BLOCK_FIRST, BLOCK_FRAMES, BLOCK_STATUS, FRAME_HEADER, RawFrame, STATUS_VLAN, STATUS_VLAN_TYPE};

/// Where the frames of a sample begin.
const FIRST: usize = 48;

/// A block of frames, each described like the one that is to be read; of the ranges only the
/// distance between frame and network header counts.
pub(in crate::afpacket) fn block(frames: &[(RawFrame, &[u8])]) -> Vec<u8> {
    let mut block = vec![0_u8; FIRST];
    put(&mut block, BLOCK_STATUS, 1);
    put(&mut block, BLOCK_FRAMES, u32::try_from(frames.len()).unwrap());
    put(&mut block, BLOCK_FIRST, u32::try_from(FIRST).unwrap());
    for (described, bytes) in frames {
        let start = block.len();
        let mac = (FRAME_HEADER + ADDRESS).next_multiple_of(16);
        let next = (mac + bytes.len()).next_multiple_of(8);
        block.resize(start + next, 0);
        let network = mac + (described.network - described.bytes.start);
        let (tag, kind) = described.vlan.unwrap_or_default();
        let status = 1 | if described.vlan.is_some() { STATUS_VLAN | STATUS_VLAN_TYPE } else { 0 };
        let words = [
            u32::try_from(next).unwrap(),
            described.seconds,
            described.nanoseconds,
            u32::try_from(bytes.len()).unwrap(),
            described.original_len,
            status | if described.losing { super::STATUS_LOSING } else { 0 },
            u32::try_from(mac).unwrap(),
            0,
            u32::from(tag),
            u32::from(kind),
        ];
        for (index, word) in words.into_iter().enumerate() {
            put(&mut block, start + 4 * index, word);
        }
        block[start + 24..start + 26].copy_from_slice(&u16::try_from(mac).unwrap().to_ne_bytes());
        block[start + 26..start + 28].copy_from_slice(&u16::try_from(network).unwrap().to_ne_bytes());
        block[start + 36..start + 38].copy_from_slice(&kind.to_ne_bytes());
        let address = start + FRAME_HEADER;
        block[address + 2..address + 4].copy_from_slice(&described.protocol.to_be_bytes());
        put(&mut block, address + 4, described.interface);
        block[address + 8..address + 10].copy_from_slice(&described.hardware.to_ne_bytes());
        block[address + 10] = described.packet_type;
        block[start + mac..start + mac + bytes.len()].copy_from_slice(bytes);
    }
    block
}

/// An Ethernet frame of interface 2 that came in.
pub(in crate::afpacket) fn frame(bytes: &[u8]) -> RawFrame {
    RawFrame {
        seconds: 1_780_000_000,
        nanoseconds: 5,
        original_len: u32::try_from(bytes.len()).unwrap(),
        losing: false,
        vlan: None,
        bytes: 0..bytes.len(),
        network: 14,
        protocol: 0x0800,
        interface: 2,
        hardware: 1,
        packet_type: 0,
    }
}

fn put(block: &mut [u8], at: usize, word: u32) {
    block[at..at + 4].copy_from_slice(&word.to_ne_bytes());
}
