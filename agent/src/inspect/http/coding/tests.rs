use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};

use super::*;

const TEXT: &str = "name=Erika&mail=erika@example.org&note=Gr\u{fc}\u{df}e ";

fn text() -> Vec<u8> {
    TEXT.repeat(40).into_bytes()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn zlib(text: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn raw(text: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// The text, and how it ended, of a body fed in pieces of `size`.
fn inflate(mut inflate: Inflate, body: &[u8], size: usize) -> (Vec<u8>, Decoded) {
    let mut text = Vec::new();
    for piece in body.chunks(size) {
        let outcome = inflate.feed(piece, |part| {
            text.extend_from_slice(part);
            true
        });
        if outcome != Decoded::More {
            return (text, outcome);
        }
    }
    (text, Decoded::More)
}

#[test]
fn a_body_is_decompressed_however_it_is_cut() {
    let text = text();
    for (make, body) in [
        (Inflate::gzip as fn() -> Inflate, gzip(&text)),
        (Inflate::deflate, zlib(&text)),
        (Inflate::deflate, raw(&text)),
    ] {
        for size in [1, 2, 3, 7, 64, body.len()] {
            assert_eq!(inflate(make(), &body, size), (text.clone(), Decoded::Done), "pieces of {size}");
        }
    }
}

#[test]
fn a_gzip_header_with_name_comment_and_extra_field_is_passed_over() {
    let plain = gzip(b"hello");
    let head =
        [&[0x1f, 0x8b, 8, 4 | 8 | 16 | 2, 0, 0, 0, 0, 0, 3][..], &[3, 0, 1, 2, 3], b"name\0", b"a note\0", &[0, 0]];
    let body = [&head.concat(), &plain[10..]].concat();
    for size in 1..body.len() {
        assert_eq!(inflate(Inflate::gzip(), &body, size), (b"hello".to_vec(), Decoded::Done));
    }
}

#[test]
fn every_prefix_gives_a_prefix_of_the_text() {
    let text = text();
    for (make, body) in [(Inflate::gzip as fn() -> Inflate, gzip(&text)), (Inflate::deflate, zlib(&text))] {
        for end in 0..body.len() {
            let (part, _) = inflate(make(), &body[..end], body.len());
            assert!(text.starts_with(&part), "{end} bytes");
        }
    }
}

#[test]
fn what_is_not_compressed_that_way_is_refused() {
    for body in [&b"{\"a\": 1}"[..], b"\x1f\x8b\x07\0\0\0", b"\x1f\x8b\x08\xff\0\0\0\0\0\0\0\0"] {
        assert_eq!(inflate(Inflate::gzip(), body, body.len()).1, Decoded::Malformed);
    }
    let endless_name = [&[0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3][..], &[b'a'; 2 * MAX_HEADER]].concat();
    assert_eq!(inflate(Inflate::gzip(), &endless_name, 100).1, Decoded::Malformed);
}

#[test]
fn a_bomb_stops_at_the_bounds() {
    let zeros = vec![b'a'; 64 << 20];
    let bomb = gzip(&zeros);
    assert!(bomb.len() < 80 * 1024);
    let (text, outcome) = inflate(Inflate::gzip(), &bomb, 1460);
    assert_eq!(outcome, Decoded::TooMuch);
    // The first packet's worth already exceeds what is plausible for it.
    assert!((text.len() as u64) < FREE_TEXT + MAX_RATIO * 1460 + STEP as u64);
    let (text, outcome) = inflate(Inflate::gzip(), &bomb, bomb.len());
    assert_eq!((text.len() as u64, outcome), (MAX_TEXT, Decoded::TooMuch));
}

#[test]
fn a_reader_that_wants_no_more_ends_the_body() {
    let mut calls = 0;
    let outcome = Inflate::gzip().feed(&gzip(&vec![b'x'; 100_000]), |_| {
        calls += 1;
        false
    });
    assert_eq!((calls, outcome), (1, Decoded::Done));
}

#[test]
fn debug_shows_no_text() {
    let mut inflate = Inflate::gzip();
    inflate.feed(&gzip(b"erika@example.org")[..12], |_| true);
    assert!(!format!("{inflate:?}").contains("erika"));
}
