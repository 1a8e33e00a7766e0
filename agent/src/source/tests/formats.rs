//! Files that are whole.

use super::*;

#[test]
fn classic_files_are_read_in_both_resolutions_and_byte_orders() {
    for order in [LITTLE, BIG] {
        for (magic, fraction) in [(0xa1b2_c3d4, 250_000), (0xa1b2_3c4d, 250_000_000)] {
            let file = [
                order.pcap(magic, 1),
                order.record(1_700_000_000, fraction, 60, b"first"),
                order.record(1_700_000_001, 0, 6, b"second"),
            ];
            let (frames, end) = read(file.concat());
            let expected = [
                seen("2023-11-14T22:13:20.25Z", LinkType::Ethernet, 60, b"first"),
                seen("2023-11-14T22:13:21Z", LinkType::Ethernet, 6, b"second"),
            ];
            assert_eq!(frames, expected);
            end.unwrap();
        }
    }
}

#[test]
fn records_of_the_modified_format_have_a_longer_header() {
    let record = LITTLE.record(1_700_000_000, 1, 2, b"ab");
    let file = [LITTLE.pcap(0xa1b2_cd34, 1), record[..16].to_vec(), vec![0; 8], b"ab".to_vec()].concat();
    let (frames, end) = read(file);
    assert_eq!(frames, [seen("2023-11-14T22:13:20.000001Z", LinkType::Ethernet, 2, b"ab")]);
    end.unwrap();
}

#[test]
fn a_fraction_that_runs_over_a_second_is_carried() {
    let file = [LITTLE.pcap(0xa1b2_c3d4, 1), LITTLE.record(1_700_000_000, 2_500_000, 1, b"x")].concat();
    assert_eq!(read(file).0, [seen("2023-11-14T22:13:22.5Z", LinkType::Ethernet, 1, b"x")]);
}

#[test]
fn bits_about_the_frame_check_sequence_are_not_part_of_the_link_type() {
    let file = [BIG.pcap(0xa1b2_c3d4, 0x5400_0001), BIG.record(1_700_000_000, 0, 1, b"x")].concat();
    assert_eq!(read(file).0, [seen("2023-11-14T22:13:20Z", LinkType::Ethernet, 1, b"x")]);
}

#[test]
fn pcapng_keeps_interfaces_clocks_and_byte_orders_of_sections_apart() {
    let (frames, end) = read(motley());
    let expected = [
        seen("2023-11-14T22:13:20.000000001Z", LinkType::Raw, 9, b"abcd"),
        seen("2023-11-14T22:13:21.000002Z", LinkType::Ethernet, 3, b"efg"),
        // A simple packet has no clock: it takes the last instant.
        seen("2023-11-14T22:13:21.000002Z", LinkType::Ethernet, 5, b"hijkl"),
        seen("2023-11-14T22:14:20.5Z", LinkType::LinuxSll, 1, b"m"),
        seen("2023-11-14T22:14:20.5Z", LinkType::LinuxSll, 6, b"nopq"),
        seen("2023-11-14T22:14:21Z", LinkType::LinuxSll, 5, b"rstuv"),
    ];
    assert_eq!(frames, expected);
    end.unwrap();
}

#[test]
fn frames_of_a_link_type_that_is_not_read_are_yielded_to_be_counted() {
    let head = [LITTLE.section(), LITTLE.interface(189, 0, 6, 0), LITTLE.interface(1, 0, 6, 0)].concat();
    let (good, odd) = (LITTLE.enhanced(1, 0, 1, b"x"), LITTLE.enhanced(0, 0, 1, b"y"));
    for (blocks, links) in [
        (vec![&good], vec![LinkType::Ethernet]),
        (vec![&good, &odd], vec![LinkType::Ethernet, LinkType::Unread(189)]),
        (vec![&odd, &odd, &good], vec![LinkType::Unread(189), LinkType::Unread(189), LinkType::Ethernet]),
    ] {
        let (frames, end) = read([&head[..], &blocks.into_iter().flatten().copied().collect::<Vec<_>>()].concat());
        assert_eq!(frames.iter().map(|frame| frame.link).collect::<Vec<_>>(), links);
        end.unwrap();
    }
    // A file without a frame that is read is no success, though its frames count.
    let (frames, end) = read([&head[..], &odd, &odd].concat());
    assert_eq!(frames.iter().map(|frame| frame.link).collect::<Vec<_>>(), [LinkType::Unread(189); 2]);
    let message = end.unwrap_err().to_string();
    assert!(
        message.starts_with("failed to read x.pcap at byte 128: the link type 189 (USB, Linux) is not read"),
        "{message}"
    );
}

#[test]
fn compressed_files_are_detected_by_their_first_bytes() {
    let plain = motley();
    let (expected, _) = read(plain.clone());
    let (head, tail) = plain.split_at(77);
    let files = [gzip(&plain), [gzip(head), gzip(tail)].concat(), zstd(&plain), [zstd(head), zstd(tail)].concat()];
    for file in files {
        let (frames, end) = read(file);
        assert_eq!(frames, expected);
        end.unwrap();
    }
}

#[test]
fn frames_longer_than_the_buffer_are_read() {
    let long = vec![7; 3 << 20];
    let file = [
        LITTLE.pcap(0xa1b2_c3d4, 1),
        LITTLE.record(1, 0, 2, b"ab"),
        LITTLE.record(2, 0, 3 << 20, &long),
        LITTLE.record(3, 0, 2, b"cd"),
    ];
    let (frames, end) = read(file.concat());
    assert_eq!(frames.iter().map(|frame| frame.data.len()).collect::<Vec<_>>(), [2, 3 << 20, 2]);
    assert_eq!(frames[2].data, b"cd");
    end.unwrap();
}

#[test]
fn many_records_cross_the_buffer_unharmed() {
    let mut file = LITTLE.pcap(0xa1b2_3c4d, 1);
    for number in 0..3000_u32 {
        file.extend(LITTLE.record(number, 0, 400, &number.to_le_bytes().repeat(100)));
    }
    let (frames, end) = read(file);
    end.unwrap();
    assert_eq!(frames.len(), 3000);
    assert!(frames.iter().zip(0..3000_u32).all(|(frame, number)| frame.data == number.to_le_bytes().repeat(100)));
}

#[test]
fn progress_counts_bytes_of_the_file_itself() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("motley.pcapng.gz");
    let bytes = gzip(&motley());
    std::fs::write(&path, &bytes).unwrap();
    let mut file = CaptureFile::open(&path).unwrap();
    while file.next_frame().unwrap().is_some() {}
    let size = bytes.len() as u64;
    assert_eq!(file.progress(), Progress { bytes_read: size, bytes_total: Some(size), frames: 6 });
}

#[test]
fn debug_output_of_a_frame_holds_none_of_its_bytes() {
    let frame = Frame { at: Timestamp::UNIX_EPOCH, link: LinkType::Raw, original_len: 9, data: &[77; 8] };
    assert_eq!(format!("{frame:?}"), "Frame { at: 1970-01-01T00:00:00Z, link: Raw, original_len: 9, data: 8 bytes }");
}
