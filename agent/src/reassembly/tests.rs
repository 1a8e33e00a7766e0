use super::*;

const LIMITS: Limits = Limits { stream: 1 << 20, early: 1 << 16 };

/// What was delivered: bytes as they are, gaps as so many `?`, the end as `$`.
#[derive(Default)]
struct Read(Vec<u8>);

impl Read {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Data(bytes) => self.0.extend(bytes),
            Piece::Gap(len) => self.0.extend(std::iter::repeat_n(b'?', usize::try_from(len).unwrap())),
            Piece::End => self.0.push(b'$'),
        }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap()
    }
}

fn data(seq: u32, payload: &[u8]) -> Segment<'_> {
    Segment { seq, syn: false, fin: false, payload, missing: 0 }
}

fn syn(seq: u32) -> Segment<'static> {
    Segment { syn: true, ..data(seq, b"") }
}

fn fin(seq: u32) -> Segment<'static> {
    Segment { fin: true, ..data(seq, b"") }
}

/// The output of an assembler for `segments`, before and after the end of the stream.
fn read(limits: Limits, segments: &[Segment<'_>]) -> (String, String) {
    let mut assembler = Assembler::new(limits);
    let mut read = Read::default();
    for segment in segments {
        assembler.segment(*segment, |piece| read.piece(piece));
    }
    let before = read.text().to_owned();
    assembler.finish(|piece| read.piece(piece));
    assert_eq!(assembler.heap_bytes(), 0);
    (before, read.text().to_owned())
}

fn in_the_end(segments: &[Segment<'_>]) -> String {
    read(LIMITS, segments).1
}

#[test]
fn segments_in_order_are_delivered_at_once_and_the_end_with_the_fin() {
    let (before, after) = read(LIMITS, &[syn(99), data(100, b"hello "), data(106, b"world"), fin(111)]);
    assert_eq!((before.as_str(), after.as_str()), ("hello world$", "hello world$"));
}

#[test]
fn a_stream_that_begins_in_the_middle_begins_with_its_first_segment() {
    assert_eq!(in_the_end(&[data(5000, b"cd"), data(4998, b"ab"), data(5002, b"ef")]), "cdef$");
    assert_eq!(in_the_end(&[data(5000, b"cd"), data(4998, b"abCDef")]), "cdef$", "only what reaches beyond is new");
}

#[test]
fn every_order_of_segments_gives_the_same_stream() {
    let parts = [data(100, b"ab"), data(102, b"cde"), data(105, b"f"), data(106, b"ghi"), fin(109)];
    permutations(parts.len(), &mut |order| {
        let mut segments = vec![syn(99)];
        segments.extend(order.iter().map(|index| parts[*index]));
        assert_eq!(read(LIMITS, &segments).0, "abcdefghi$", "{order:?}");
    });
}

#[test]
fn where_segments_overlap_the_first_copy_wins_in_every_order() {
    // Each copy writes its own letter; position p must show the first segment that covered it,
    // unless it was delivered already.
    let parts: [(u32, &[u8]); 5] = [(0, b"aaaa"), (2, b"bbbb"), (1, b"cc"), (3, b"dddddd"), (6, b"eee")];
    permutations(parts.len(), &mut |order| {
        let mut segments = vec![syn(u32::MAX - 2)];
        let mut expected = [0_u8; 9];
        for index in order {
            let (offset, bytes) = parts[*index];
            segments.push(data((u32::MAX - 1).wrapping_add(offset), bytes));
            for (slot, byte) in expected.iter_mut().skip(offset as usize).zip(bytes) {
                if *slot == 0 {
                    *slot = *byte;
                }
            }
        }
        let whole = std::str::from_utf8(&expected).unwrap();
        assert_eq!(read(LIMITS, &segments).0, whole, "{order:?}");
    });
}

#[test]
fn retransmissions_and_keep_alives_add_nothing() {
    let segments = [
        syn(0),
        syn(0),
        data(1, b"abc"),
        data(1, b"abc"),
        data(3, b"X"),
        data(1, b"XXXdef"),
        data(6, b"\0"),
        data(7, b"g"),
        fin(8),
        fin(8),
    ];
    assert_eq!(in_the_end(&segments), "abcdefg$");
}

#[test]
fn sequence_numbers_wrap_around() {
    let start = u32::MAX - 2;
    let segments = [syn(start - 1), data(1, b"ef"), data(start, b"abcd"), data(3, b"gh"), fin(5)];
    assert_eq!(read(LIMITS, &segments).0, "abcdefgh$");
}

#[test]
fn data_on_the_syn_counts() {
    assert_eq!(in_the_end(&[Segment { syn: true, ..data(9, b"ab") }, data(12, b"cd")]), "abcd$");
}

#[test]
fn a_gap_is_waited_for_and_skipped_at_the_end() {
    let segments = [syn(0), data(1, b"ab"), data(6, b"fg"), fin(8)];
    assert_eq!(read(LIMITS, &segments), ("ab".to_owned(), "ab???fg$".to_owned()));
}

#[test]
fn a_gap_that_does_not_close_within_the_bound_is_skipped_and_counted() {
    let limits = Limits { early: 1000, ..LIMITS };
    let mut assembler = Assembler::new(limits);
    let mut read = Read::default();
    assembler.segment(syn(0), |piece| read.piece(piece));
    for n in 0..20 {
        assembler.segment(data(11 + n * 100, &[b'x'; 100]), |piece| read.piece(piece));
        assert!(assembler.heap_bytes() <= limits.early);
    }
    assert_eq!(assembler.gaps(), (1, 10));
    assert_eq!(read.text(), format!("{}{}", "?".repeat(10), "x".repeat(2000)));
}

#[test]
fn many_tiny_segments_are_bounded_by_what_they_cost() {
    let mut assembler = Assembler::new(Limits { early: 10_000, ..LIMITS });
    assembler.segment(syn(0), |_| {});
    for n in 0..100_000 {
        assembler.segment(data(2 + n * 2, b"x"), |_| {});
        assert!(assembler.heap_bytes() <= 10_000);
    }
    assert!(assembler.gaps().0 > 99_000);
}

#[test]
fn bytes_that_were_not_captured_are_a_gap_at_once() {
    let cut = Segment { missing: 3, ..data(1, b"ab") };
    assert_eq!(read(LIMITS, &[syn(0), cut, data(6, b"fg")]).0, "ab???fg");
    assert_eq!(read(LIMITS, &[syn(0), data(6, b"fg"), cut]).0, "ab???fg");
    assert_eq!(read(LIMITS, &[syn(0), data(3, b"cdefg"), cut]).0, "abcdefg", "another copy was whole");
}

#[test]
fn nothing_is_delivered_beyond_the_limit_of_the_stream() {
    let limits = Limits { stream: 5, ..LIMITS };
    assert_eq!(read(limits, &[syn(0), data(1, b"abc"), data(4, b"defgh"), data(9, b"ij")]).0, "abcde");
    let mut assembler = Assembler::new(limits);
    assembler.segment(syn(0), |_| {});
    assembler.segment(data(3, &[b'x'; 1000]), |_| {});
    assert!(assembler.heap_bytes() < 200, "no room is spent on what would not be delivered");
}

#[test]
fn segments_of_no_live_window_are_ignored() {
    assert_eq!(in_the_end(&[syn(0), data(1, b"ab"), data(1 << 31, b"zz"), data(3, b"cd")]), "abcd$");
    assert_eq!(in_the_end(&[syn(0), data(1, b"ab"), data(0x6000_0000, b"zz"), data(3, b"cd")]), "abcd$");
}

#[test]
fn a_stream_cut_at_every_byte_and_swapped_is_the_same() {
    let whole = b"the quick brown fox jumps";
    for cut in 0..=whole.len() {
        let (first, second) = whole.split_at(cut);
        let second = data(1 + u32::try_from(cut).unwrap(), second);
        let expected = std::str::from_utf8(whole).unwrap();
        assert_eq!(read(LIMITS, &[syn(0), data(1, first), second]).0, expected);
        assert_eq!(read(LIMITS, &[syn(0), second, data(1, first)]).0, expected);
    }
}

/// Calls `with` for each order of `n` indices.
fn permutations(n: usize, with: &mut impl FnMut(&[usize])) {
    fn extend(order: &mut Vec<usize>, n: usize, with: &mut impl FnMut(&[usize])) {
        if order.len() == n {
            return with(order);
        }
        for index in 0..n {
            if !order.contains(&index) {
                order.push(index);
                extend(order, n, with);
                order.pop();
            }
        }
    }
    extend(&mut Vec::new(), n, with);
}
