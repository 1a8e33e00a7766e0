//! The result does not depend on how the bytes are cut, nor the memory on their number.

use super::*;

/// Bytes that a state has on the heap.
fn heap_size(state: &State) -> usize {
    state.passage.heap_size() + state.json.heap_size()
}

#[test]
fn the_cut_into_chunks_leaves_no_trace() {
    for (hint, text) in SAMPLES {
        let bytes = text.as_bytes();
        let whole = read(&[(bytes, hint)]);
        assert!(!whole.0.is_empty());
        for at in 0..=bytes.len() {
            assert_eq!(read(&[(&bytes[..at], hint), (&bytes[at..], hint)]), whole, "{hint:?} cut at {at}");
        }
        for size in [1, 2, 3, 7] {
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (chunk, hint)).collect();
            assert_eq!(read(&chunks), whole, "{hint:?} in chunks of {size}");
        }
    }
}

#[test]
fn matches_at_every_distance_from_a_window_edge_are_counted_once() {
    for hint in [Hint::Text, Hint::Json] {
        for fill in (3300..4200).step_by(3) {
            let text = format!("\"{} erika@example.org +49 151 23456789 x\"", "x ".repeat(fill / 2));
            let shifted =
                format!("\"{}- DE89370400440532013000 203.0.113.7{}\"", "x ".repeat(fill / 2), " y".repeat(2000));
            for (text, expected) in [(text, ["email", "phone"]), (shifted, ["iban", "ip-address"])] {
                let found = findings(&text, hint);
                let counts: Vec<_> = found.iter().map(|(detector, matches, _)| (detector.as_str(), *matches)).collect();
                assert_eq!(counts, expected.map(|detector| (detector, 1)), "{hint:?} after {fill}");
            }
        }
    }
}

#[test]
fn long_streams_are_the_same_in_every_cut() {
    for (hint, text) in SAMPLES {
        let bytes = text.repeat(40).into_bytes();
        let whole = read(&[(&bytes, hint)]);
        for size in [1, 61, 1500, 4096, 9000] {
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (chunk, hint)).collect();
            assert_eq!(read(&chunks), whole, "{hint:?} in chunks of {size}");
        }
    }
}

#[test]
fn every_prefix_is_read_without_complaint() {
    let hints = [Hint::Text, Hint::Json, Hint::Form, Hint::Headers];
    for (own, text) in SAMPLES {
        let whole: u64 = read(&[(text.as_bytes(), own)]).0.iter().map(|f| f.matches).sum();
        for end in 0..=text.len() {
            for hint in hints {
                let (found, spans) = read(&[(&text.as_bytes()[..end], hint)]);
                let matches: u64 = found.iter().map(|f| f.matches).sum();
                assert_eq!(matches, spans.len() as u64);
                assert!(spans.iter().all(|s| s.start < s.end && s.end <= end as u64), "{hint:?} {end}");
                assert!(hint != own || matches <= whole + 2);
            }
        }
    }
}

#[test]
fn memory_is_bounded_whatever_the_stream_is() {
    // Sixteen MiB of one token, key and string; one MiB of what is read byte by byte.
    for (hint, begin, unit) in [
        (Hint::Text, "", "a"),
        (Hint::Text, "", "1"),
        (Hint::Text, "", "a@b.de "),
        (Hint::Text, "", "%4"),
        (Hint::Json, "\"", "x"),
        (Hint::Json, "{\"", "k"),
        (Hint::Json, "", "["),
        (Hint::Json, "", "{\"name\":"),
        (Hint::Json, "", "{\"k\":{\"name\":\"Erika Muster\","),
        (Hint::Json, "{", "\"name\":\"Erika Muster\","),
        (Hint::Json, "\"", "\\u0040"),
        (Hint::Form, "", "k"),
        (Hint::Form, "k=", "%20"),
        (Hint::Form, "", "name=Erika+Muster&"),
        (Hint::Headers, "", "k"),
        (Hint::Headers, "k: ", "v"),
        (Hint::Headers, "", "k1@example.org: a@b.de\r\n"),
    ] {
        let mut state = State::new();
        scan(&mut state, begin.as_bytes(), hint);
        let chunk = unit.repeat(64 * 1024 / unit.len()).into_bytes();
        let chunks = if unit.len() == 1 && unit != "[" { 256 } else { 16 };
        for _ in 0..chunks {
            scan(&mut state, &chunk, hint);
            assert!(heap_size(&state) <= 128 * 1024, "{hint:?} {begin}{unit}… holds {} bytes", heap_size(&state));
        }
        assert!(state.finish().iter().all(|f| f.places.len() <= 16));
    }
}
