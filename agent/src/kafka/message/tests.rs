mod schemas;

use std::io::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};

use super::*;

const CONTACT: &str = r#"{"vorname": "Erika", "irgendwas": {"E-Mail": "erika@example.org", "secretkey": 7}}"#;

fn message(value: &[u8]) -> Message<'_> {
    Message { key: None, value: Some(value), headers: Vec::new() }
}

fn inspect(value: &[u8]) -> Inspected {
    Inspector::new(Limits::default()).inspect(&message(value))
}

/// Paths with category and number of matches, and how the value was read.
fn found(value: &[u8]) -> (Vec<String>, Format, Option<DecodeError>) {
    let Inspected { mut findings, parts, .. } = inspect(value);
    findings.sort_by(|one, other| one.path.cmp(&other.path));
    let all = findings.iter().map(|it| format!("{} {} {}", it.path, it.category, it.matches));
    (all.collect(), parts[0].format, parts[0].error)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn fields_of_json_are_named_by_known_words_only() {
    let expected = ["value.*.email pd:EmailAddress 1", "value.vorname pd:Name 1"].map(str::to_owned).to_vec();
    assert_eq!(found(CONTACT.as_bytes()), (expected.clone(), Format::Json, None));
    // The same when it is compressed, in Base64, or in a string of another document.
    let base64 = STANDARD.encode(CONTACT);
    for bytes in [gzip(CONTACT.as_bytes()), zstd::encode_all(CONTACT.as_bytes(), 0).unwrap()] {
        assert_eq!(found(&bytes), (expected.clone(), Format::Json, None));
    }
    assert_eq!(found(base64.as_bytes()), (expected, Format::Text, None));
    let within = ["value.note.*.email pd:EmailAddress 1", "value.note.vorname pd:Name 1"].map(str::to_owned).to_vec();
    let packed = STANDARD.encode(gzip(CONTACT.as_bytes()));
    for inner in [CONTACT, &base64, &packed] {
        let outer = serde_json::json!({ "note": inner }).to_string();
        assert_eq!(found(outer.as_bytes()), (within.clone(), Format::Json, None), "{outer}");
    }
}

#[test]
fn counts_are_those_of_the_detectors() {
    let text = r#"[{"email": ["a@example.org", "b@example.org"], "text": "write to c@example.org or d@example.org"}]"#;
    let inspected = inspect(text.as_bytes());
    let mut state = landfall_detect::State::new();
    landfall_detect::scan(&mut state, text.as_bytes(), landfall_detect::Hint::Json);
    let all: u64 = state.finish().iter().map(|finding| finding.matches).sum();
    assert_eq!(inspected.findings.iter().map(|finding| finding.matches).sum::<u64>(), all);
    assert_eq!(found(text.as_bytes()).0, ["value.email pd:EmailAddress 2", "value.text pd:EmailAddress 2"]);
    assert_eq!(inspected.bytes_inspected, u64::try_from(text.len()).unwrap());
}

#[test]
fn keys_and_headers_are_looked_at() {
    let headers =
        vec![("From", Some(&b"erika@example.org"[..])), ("x-own", Some(b"erika@example.org")), ("none", None)];
    let message = Message { key: Some(b"erika@example.org"), value: None, headers };
    let Inspected { findings, parts, .. } = Inspector::new(Limits::default()).inspect(&message);
    let paths: Vec<_> = findings.iter().map(|finding| (finding.part, finding.path.as_str())).collect();
    let expected = [(MessagePart::Key, "key"), (MessagePart::Header, "header.from"), (MessagePart::Header, "header.*")];
    assert_eq!((paths, parts.len()), (expected.to_vec(), 3));
}

#[test]
fn other_formats_are_said_and_their_texts_are_looked_at() {
    let email = ["value pd:EmailAddress 1".to_owned()].to_vec();
    assert_eq!(found(b"write to erika@example.org"), (email.clone(), Format::Text, None));
    let binary = b"\x08\x01\x12\x11erika@example.org\x18\xff\xff";
    assert_eq!(found(binary), (email.clone(), Format::Binary, Some(DecodeError::UnknownFormat)));
    let framed = [&b"\0\0\0\0\x07"[..], binary].concat();
    assert_eq!(found(&framed), (email, Format::SchemaFramed, Some(DecodeError::SchemaNotRead)));
    let json = [&b"\0\0\0\0\x07"[..], br#"{"email": "a@example.org"}"#].concat();
    let (paths, format, error) = found(&json);
    assert_eq!(paths, ["value.email pd:EmailAddress 1"]);
    assert_eq!((format, error), (Format::SchemaFramed, Some(DecodeError::SchemaNotRead)));
    assert_eq!(found(br#"{"email": "a@example.org""#).2, Some(DecodeError::Malformed));
    assert_eq!(found(&gzip(CONTACT.as_bytes())[..30]).2, Some(DecodeError::Malformed));
}

#[test]
fn what_is_beyond_a_limit_is_left_out_and_said() {
    let limits = Limits { part: 100, decoded: 1000, depth: 2 };
    let outcome = |value: &[u8]| {
        let inspected = Inspector::new(limits).inspect(&message(value));
        assert!(inspected.bytes_inspected <= 1100, "{inspected:?}");
        inspected.parts[0].error
    };
    assert_eq!(outcome(&b"a".repeat(101)), Some(DecodeError::TooLarge));
    assert_eq!(outcome(&gzip(&b"a ".repeat(100_000))[..100]), Some(DecodeError::TooLarge));
    assert_eq!(outcome(&gzip(&gzip(&gzip(b"a")))), Some(DecodeError::TooDeep));
    // Many compressed texts share what may be decoded.
    let bomb = STANDARD.encode(gzip(&b"a ".repeat(300)));
    let many = serde_json::to_string(&vec![bomb; 1000]).unwrap();
    let limits = Limits { part: 1 << 20, decoded: 10_000, depth: 4 };
    let inspected = Inspector::new(limits).inspect(&message(many.as_bytes()));
    assert!(inspected.bytes_inspected < 10_000 + u64::try_from(many.len()).unwrap());
    assert_eq!(inspected.parts[0].error, Some(DecodeError::TooLarge));
}

#[test]
fn every_prefix_of_a_message_is_inspected() {
    let nested = serde_json::json!({ "note": CONTACT, "data": STANDARD.encode(gzip(CONTACT.as_bytes())) }).to_string();
    let framed = [&b"\0\0\0\0\x07"[..], CONTACT.as_bytes()].concat();
    let glue = [&[3, 0][..], &[9; 16], CONTACT.as_bytes()].concat();
    let escaped = r#"{"email": "\"\\\u00fc\ud83d", "x": [1, -2.5e3, true, nul"#;
    let samples =
        [CONTACT.as_bytes().to_vec(), nested.into_bytes(), framed, glue, gzip(CONTACT.as_bytes()), escaped.into()];
    let mut inspector = Inspector::new(Limits::default());
    for sample in samples {
        for length in 0..=sample.len() {
            let inspected = inspector.inspect(&message(&sample[..length]));
            assert_eq!(inspected.parts.len(), usize::from(length > 0));
        }
    }
}

#[test]
fn no_output_shows_a_value_or_the_name_of_a_key() {
    let key = "mueller-0151";
    let value = serde_json::json!({ key: { "email": "erika@example.org" } }).to_string();
    let headers = vec![(key, Some(&b"erika@example.org"[..]))];
    let message = Message { key: Some(b"erika@example.org"), value: Some(value.as_bytes()), headers };
    let inspected = Inspector::new(Limits::default()).inspect(&message);
    assert_eq!(inspected.findings.len(), 3);
    let shown = format!("{message:?} {inspected:?} {}", serde_json::to_string(&inspected.findings).unwrap());
    assert!(!shown.contains("erika") && !shown.contains("mueller"), "{shown}");
}
