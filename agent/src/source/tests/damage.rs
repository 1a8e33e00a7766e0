//! Files that are cut off, garbage, or lie about lengths.

use super::*;

fn message(bytes: impl Into<Vec<u8>>) -> String {
    read(bytes.into()).1.unwrap_err().to_string()
}

#[test]
fn what_is_no_capture_is_named_with_what_was_found() {
    let expected = "failed to read x.pcap at byte 0: expected a pcap or pcapng header (plain, gzip or zstd), found ";
    assert_eq!(message(""), format!("{expected}an empty file"));
    assert_eq!(message(gzip(b"")), format!("{expected}an empty file"));
    assert_eq!(message("PK\x03\x04 and so on"), format!("{expected}the bytes 50 4b 03 04"));
    assert_eq!(message("\n\r"), format!("{expected}the bytes 0a 0d"));
}

#[test]
fn a_missing_file_is_named() {
    let error = CaptureFile::open("/nonexistent/x.pcap").unwrap_err();
    assert_eq!(error.to_string(), "failed to open /nonexistent/x.pcap");
    assert!(matches!(CaptureFile::open("/"), Err(SourceError::Read { .. })), "a folder opens, but does not read");
}

#[test]
fn a_record_cut_off_ends_the_file_after_the_last_whole_frame() {
    let whole = [LITTLE.pcap(0xa1b2_c3d4, 1), LITTLE.record(1, 0, 5, b"first"), LITTLE.record(2, 0, 6, b"second")];
    let whole = whole.concat();
    let (frames, end) = read(whole[..whole.len() - 1].to_vec());
    assert_eq!(frames.len(), 1);
    assert_eq!(
        end.unwrap_err().to_string(),
        "x.pcap is truncated: expected a pcap record at byte 45 (22 bytes), found 21 bytes"
    );
    assert_eq!(
        message(&whole[..50]),
        "x.pcap is truncated: expected the header of a pcap record at byte 45 (16 bytes), found 5 bytes"
    );
}

#[test]
fn absurd_lengths_are_refused_without_reading_on() {
    let mut file = [LITTLE.pcap(0xa1b2_c3d4, 1), LITTLE.record(1, 0, 1, b"x"), LITTLE.record(1, 0, 0, b"")].concat();
    file[49..53].copy_from_slice(&u32::MAX.to_le_bytes());
    let (frames, end) = read(file);
    assert_eq!(frames.len(), 1);
    assert_eq!(
        end.unwrap_err().to_string(),
        "x.pcap is damaged at byte 41: expected a pcap record of at most 16 MiB, found a length of 4294967295 bytes"
    );

    for length in [0, 8, 13, 0x7fff_fffc_u32] {
        let mut file = motley();
        file[32..36].copy_from_slice(&length.to_le_bytes());
        assert_eq!(
            message(file),
            format!(
                "x.pcap is damaged at byte 28: expected a pcapng block of 12 bytes to 16 MiB in steps of four, \
                 found a length of {length} bytes"
            )
        );
    }
}

#[test]
fn contradictions_inside_pcapng_are_named() {
    let head = [LITTLE.section(), LITTLE.interface(1, 0, 6, 0)].concat();
    let mut lengths = head.clone();
    let last = lengths.len() - 4;
    lengths[last] ^= 4;
    assert!(message(lengths).contains("at byte 28: expected the same length at both ends of a pcapng block"));

    let unknown = [head.clone(), LITTLE.enhanced(1, 0, 0, b"")].concat();
    assert!(message(unknown).contains("expected an interface that the section describes, found interface 1"));

    let mut outside = [head.clone(), LITTLE.enhanced(0, 0, 4, b"abcd")].concat();
    outside[60 + 20] = 5;
    assert!(message(outside).contains("expected a pcapng packet inside its block, found 5 bytes in a block of 36"));

    let short = [head, LITTLE.block(6, b"")].concat();
    assert!(message(short).contains("expected a pcapng packet block, found one too short for its fields"));

    let clock = [LITTLE.section(), LITTLE.interface(1, 0, 0xff, 0)].concat();
    assert!(message(clock).contains("expected a clock of a pcapng interface, found a resolution beyond 64 bits"));

    let mut version = LITTLE.section();
    version[12] = 2;
    assert!(message(version).contains("expected version 1 of pcapng, found version 2"));
}

#[test]
fn a_classic_file_of_an_unknown_link_type_is_refused_at_once() {
    assert_eq!(
        message(LITTLE.pcap(0xa1b2_c3d4, 147)),
        "failed to read x.pcap at byte 0: the link type 147 (private use) is not read; expected Ethernet, Linux cooked \
         (both versions), loopback, raw IP, PPP, Cisco HDLC, PPPoE, MPLS, LLC, IEEE 802.11 (also with radiotap) and NFLOG"
    );
}

#[test]
fn frames_before_damage_in_a_compressed_stream_are_yielded() {
    let mut plain = LITTLE.pcap(0xa1b2_c3d4, 1);
    let mut noise = 1_u32;
    for number in 0..8000 {
        let data: Vec<u8> = (0..64)
            .map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            })
            .collect();
        plain.extend(LITTLE.record(number, 0, 64, &data));
    }
    for file in [gzip(&plain), zstd(&plain)] {
        let (frames, end) = read(file[..file.len() / 2].to_vec());
        assert!(frames.len() > 100, "{}", frames.len());
        assert!(matches!(end, Err(SourceError::Read { offset, .. }) if offset > 24), "{end:?}");
    }
}

#[test]
fn every_prefix_yields_the_whole_frames_in_it_and_says_that_it_is_cut() {
    let classic = [BIG.pcap(0xa1b2_3c4d, 1), BIG.record(1, 0, 5, b"first"), BIG.record(2, 0, 6, b"second")].concat();
    for sample in [classic, motley()] {
        let (all, _) = read(sample.clone());
        let mut clean_ends = 0;
        let mut most = 0;
        for end in 0..sample.len() {
            let (frames, outcome) = read(sample[..end].to_vec());
            assert!(all.starts_with(&frames));
            assert!(frames.len() >= most);
            most = frames.len();
            clean_ends += usize::from(outcome.is_ok());
        }
        // A cut between records or blocks cannot be distinguished from the end of the file.
        let boundaries = if sample[0] == 0x0a { 11 } else { 2 };
        assert_eq!(clean_ends, boundaries);
    }
}

#[test]
fn every_prefix_of_a_compressed_file_ends_with_an_error() {
    for sample in [gzip(&motley()), zstd(&motley())] {
        let (all, _) = read(sample.clone());
        for end in 0..sample.len() {
            let (frames, outcome) = read(sample[..end].to_vec());
            assert!(all.starts_with(&frames));
            assert!(outcome.is_err(), "{end} of {}", sample.len());
        }
    }
}

#[test]
fn single_flipped_bytes_never_panic() {
    let sample = motley();
    for at in 0..sample.len() {
        for flip in [1, 0x80, 0xff] {
            let mut bytes = sample.clone();
            bytes[at] ^= flip;
            let (frames, _) = read(bytes);
            assert!(frames.len() <= 6);
        }
    }
}
