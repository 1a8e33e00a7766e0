use super::{
    sample::{block, frame},
    *,
};

fn all(block: &[u8]) -> Result<Vec<RawFrame>, DamagedBlock> {
    let mut walk = Walk::begin(block)?;
    let mut frames = Vec::new();
    while let Some(frame) = walk.next(block)? {
        frames.push(frame);
    }
    Ok(frames)
}

#[test]
fn frames_come_in_their_order_with_all_that_the_kernel_says_of_them() {
    let sent = RawFrame { packet_type: 4, interface: 7, vlan: Some((0x2005, 0x88a8)), ..frame(&[1; 60]) };
    let cut = RawFrame { original_len: 9000, losing: true, protocol: 0x86dd, ..frame(&[2; 33]) };
    let block = block(&[(sent.clone(), &[1; 60]), (cut.clone(), &[2; 33])]);
    let found = all(&block).unwrap();
    for ((found, expected), byte) in found.iter().zip([sent, cut]).zip([1, 2]) {
        assert!(block[found.bytes.clone()].iter().all(|&is| is == byte));
        assert_eq!(found.network, found.bytes.start + 14);
        let placed = RawFrame { bytes: found.bytes.clone(), network: found.network, ..expected };
        assert_eq!(*found, placed);
    }
    assert_eq!(found.len(), 2);
}

#[test]
fn an_untyped_tag_is_that_of_802_1q() {
    let tagged = RawFrame { vlan: Some((5, 0)), ..frame(&[0; 60]) };
    let mut block = block(&[(tagged, &[0; 60])]);
    block[48 + 20] &= !(u8::try_from(STATUS_VLAN_TYPE).unwrap());
    assert_eq!(all(&block).unwrap()[0].vlan, Some((5, ETHERTYPE_VLAN)));
}

#[test]
fn every_prefix_of_a_block_gives_its_whole_frames_and_then_an_error() {
    let block = block(&[(frame(&[1; 60]), &[1; 60]), (frame(&[2; 1000]), &[2; 1000]), (frame(&[3; 60]), &[3; 60])]);
    let whole = all(&block).unwrap();
    assert_eq!(whole.len(), 3);
    for length in 0..block.len() {
        let prefix = &block[..length];
        let mut read = Vec::new();
        let outcome = Walk::begin(prefix).and_then(|mut walk| {
            while let Some(frame) = walk.next(prefix)? {
                read.push(frame);
            }
            Ok(())
        });
        let fitting: Vec<_> = whole.iter().filter(|frame| frame.bytes.end <= length).cloned().collect();
        assert_eq!(read, fitting, "{length}");
        assert_eq!(outcome.is_err(), fitting.len() < 3, "{length}");
    }
}

#[test]
fn hostile_offsets_end_the_walk() {
    let good = block(&[(frame(&[1; 60]), &[1; 60]), (frame(&[2; 60]), &[2; 60])]);
    // Number of frames, first offset, next offset, captured length, link offset, network offset.
    for at in [12, 16, 48, 48 + 12, 48 + 24, 48 + 26] {
        for value in [0, 1, 47, 0x7fff_ffff, 0x8000_0000, u32::MAX] {
            let mut block = good.clone();
            block[at..at + 4].copy_from_slice(&value.to_ne_bytes());
            let mut walk = Walk::begin(&block).unwrap();
            let mut frames = 0;
            while let Ok(Some(frame)) = walk.next(&block) {
                assert!(
                    frame.bytes.end <= block.len() && frame.bytes.contains(&frame.network)
                        || frame.bytes.is_empty()
                        || frame.network == frame.bytes.end
                );
                frames += 1;
                assert!(frames <= block.len(), "{at} {value}");
            }
        }
    }
}
