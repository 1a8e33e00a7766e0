//! Values that nobody should send: each is one message inspected, in a process that lives on.

use std::{
    fmt::Write as _,
    io::{self, Read as _},
};

use flate2::{Compression, write::GzEncoder};
use landfall_tests::kafka::{FakeRegistry, Schema, servers_or_skip, shared};
use rdkafka::message::OwnedHeaders;
use serde_json::{Value, json};

use crate::kafka_sample::{Writer, sample};

const TOPIC: &str = "faults.bombs";
const MARK: &str = "erika@example.org";
/// What a bomb becomes when it is opened.
const OPENED: u64 = 256 << 20;
const LIST: &str = r#"{"type": "record", "name": "Many", "fields": [{"name": "a", "type": {"type": "array", "items": "null"}},
    {"name": "b", "type": "bytes"}]}"#;

/// Confluent's framing, then the data.
fn framed(id: u32, data: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], data].concat()
}

/// Schemas whose text or meaning is out of all proportion.
fn schema_bombs() -> Vec<Schema> {
    let deep = (0..5000).fold(r#""string""#.to_owned(), |inner, _| format!(r#"{{"type":"array","items":{inner}}}"#));
    // Each record has two of the next one: a million fields from twenty.
    let doubled = (0..20).rev().fold(r#""string""#.to_owned(), |inner, level| {
        let again = if level == 19 { r#""string""#.to_owned() } else { format!(r#""R{}""#, level + 1) };
        format!(r#"{{"type":"record","name":"R{level}","fields":[{{"name":"l","type":{inner}}},{{"name":"r","type":{again}}}]}}"#)
    });
    let mut wide = r#"syntax = "proto3"; message Wide {"#.to_owned();
    for number in 1..60_000 {
        let _ = write!(wide, "string f{number} = {number};");
    }
    let nested = format!("syntax = \"proto3\"; {}{}", "message M { ".repeat(5000), "}".repeat(5000));
    let combined = format!("{}{}", r#"{"allOf":["#.repeat(5000), "]}".repeat(5000));
    vec![
        Schema::new("AVRO", &deep),
        Schema::new("AVRO", &doubled),
        Schema::new("AVRO", r#"{"type":"fixed","name":"F","size":9223372036854775807}"#),
        Schema::new("PROTOBUF", &(wide + "}")),
        Schema::new("PROTOBUF", &nested),
        Schema::new("JSON", &combined),
        Schema::new("AVRO", &" ".repeat(2 << 20)),
    ]
}

fn gzip_bomb() -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    io::copy(&mut io::repeat(b'a').take(OPENED), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

fn zstd_bomb() -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    io::copy(&mut io::repeat(b'a').take(OPENED), &mut encoder).unwrap();
    encoder.finish().unwrap()
}

/// Random in form, and the same in every run.
fn noise(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

#[test]
fn garbage_and_bombs_are_counted_and_bring_nothing_down() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    let registry = FakeRegistry::start().unwrap();
    broker.create_topic(TOPIC, 1, &[("max.message.bytes", "20000000")]).unwrap();
    let many = registry.register("many", Schema::new("AVRO", LIST));
    let bombs: Vec<_> = schema_bombs()
        .into_iter()
        .enumerate()
        .map(|(number, schema)| registry.register(&format!("bomb{number}"), schema))
        .collect();

    let mut values: Vec<Vec<u8>> = (0..200).map(|number| noise(number * 7, u32::try_from(number).unwrap())).collect();
    values.push([b"[".repeat(100_000), b"]".repeat(100_000)].concat());
    values.push([br#"{"a":"#.repeat(100_000), MARK.into(), b"}".repeat(100_000)].concat());
    values.extend([gzip_bomb(), zstd_bomb()]);
    values.push(gzip_bomb()[..1000].to_vec());
    // Ten megabytes, with an address at the beginning.
    values.push(
        [format!(r#"{{"email": "{MARK}", "rest": ""#).into_bytes(), vec![b'x'; 10_000_000], b"\"}".to_vec()].concat(),
    );
    // A block of 2^62 elements, a length of 2^62 bytes, and a negative one.
    let (vast, negative) = ([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0x03]);
    values.push(framed(many, &vast));
    values.push(framed(many, &[&[0][..], &vast].concat()));
    values.push(framed(many, &[&[0][..], &negative].concat()));
    // A field of Protobuf that is said to be longer than memory.
    values.push([&[0x0A][..], &vast, MARK.as_bytes()].concat());
    values.extend(bombs.iter().map(|id| framed(*id, &[&[2; 64], MARK.as_bytes()].concat())));
    values.extend((1_000_000..1_000_200).map(|id| framed(id, MARK.as_bytes())));
    let writer = Writer::new(&broker.bootstrap(), None);
    for value in &values {
        writer.send(TOPIC, 0, None, Some(value), OwnedHeaders::new());
    }
    writer.send(TOPIC, 0, None, None, OwnedHeaders::new());
    writer.flush();

    let (bootstrap, url) = (broker.bootstrap(), registry.url());
    let all = ["--messages", "100000", "--bytes", "1024", "--processor-time", "600", "-o", "json"];
    let run = sample(&[&["--bootstrap", &bootstrap, "--topic", TOPIC, "--schema-registry", &url][..], &all].concat());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let topic = &run.json()[0];
    let counts =
        ["inspected", "crashed", "notSampled", "deleted", "absent", "tombstones"].map(|name| &topic["counts"][name]);
    assert_eq!(counts, [&json!(values.len() + 1), &json!(0), &json!(0), &json!(0), &json!(0), &json!(1)]);
    assert!(!run.stderr.contains("the inspecting process ended"), "{}", run.stderr);
    let errors: Vec<&str> = topic["errors"].as_object().unwrap().keys().map(String::as_str).collect();
    for error in ["malformed", "schema-invalid", "schema-not-found", "schema-too-deep", "schema-too-large", "too-large"]
    {
        assert!(errors.contains(&error), "{error} of {errors:?}");
    }
    let is_email = |finding: &&Value| finding["path"] == "value.email";
    assert!(topic["findings"].as_array().unwrap().iter().any(|finding| is_email(&finding)), "{topic}");
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(MARK) && !text.contains("aaaaaaaa") && !text.contains("xxxxxxxx"), "a value is shown");
    }
}
