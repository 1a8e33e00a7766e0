//! Messages that name a schema.

use std::sync::Arc;

use apache_avro::{types::Value, writer::datum::GenericDatumWriter};

use super::*;
use crate::kafka::schema::{Schema, SchemaSource, SchemaType, Schemas};

const CUSTOMER: &str = r#"{"type": "record", "name": "Customer", "namespace": "shop", "fields": [
    {"name": "kennung", "type": "long"},
    {"name": "vorname", "type": "string"},
    {"name": "kontakt", "type": {"type": "record", "name": "Contact", "fields": [
        {"name": "kanal", "type": ["null", "string"]},
        {"name": "telefon", "type": {"type": "array", "items": "string"}}]}},
    {"name": "extras", "type": {"type": "map", "values": "string"}},
    {"name": "status", "type": {"type": "enum", "name": "Status", "symbols": ["NEW", "OLD"]}},
    {"name": "since", "type": {"type": "int", "logicalType": "date"}},
    {"name": "score", "type": "double"},
    {"name": "raw", "type": "bytes"},
    {"name": "referrer", "type": ["null", "Customer"]}
]}"#;

const ORDER: &str = r#"syntax = "proto3";
package shop;
import "google/protobuf/struct.proto";
message Ignored { string a = 1; }
message Order {
  message Line { string note = 1; }
  string mail = 1;
  repeated Line lines = 2;
  map<string, string> extras = 3;
  repeated int64 numbers = 4;
  google.protobuf.Struct details = 6;
  bytes raw = 7;
  double price = 10;
}
"#;

/// A registry with one schema.
struct One(SchemaId, Result<Arc<Schema>, NoSchema>);

impl Schemas for One {
    fn schema(&self, id: &SchemaId) -> Result<Arc<Schema>, NoSchema> {
        if *id == self.0 { self.1.clone() } else { Err(NoSchema::NotFound) }
    }
}

fn compiled(schema_type: SchemaType, text: &str) -> Arc<Schema> {
    let source = SchemaSource { schema_type, text: text.to_owned(), references: Vec::new() };
    Arc::new(Schema::compile(&source).unwrap())
}

fn inspector(id: SchemaId, schema_type: SchemaType, text: &str) -> Inspector {
    Inspector::new(Limits::default()).with_schemas(Arc::new(One(id, Ok(compiled(schema_type, text)))))
}

fn framed(id: u32, body: &[u8]) -> Vec<u8> {
    [&[0], &id.to_be_bytes()[..], body].concat()
}

/// Paths with the number of matches, and how the value was read.
fn seen(inspected: &Inspected) -> (Vec<(&str, u64)>, Format, Option<DecodeError>) {
    let mut paths: Vec<_> = inspected.findings.iter().map(|found| (found.path.as_str(), found.matches)).collect();
    paths.sort_unstable();
    let value = inspected.parts.iter().find(|part| part.part == MessagePart::Value).unwrap();
    (paths, value.format, value.error)
}

fn customer(referrer: Option<Value>) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let field = |name: &str, value| (name.to_owned(), value);
    let union = |position, value| Value::Union(position, Box::new(value));
    let contact = Value::Record(vec![
        field("kanal", union(1, text("erika@example.org"))),
        field("telefon", Value::Array(vec![text("030 123456"), text("0211 123456")])),
    ]);
    Value::Record(vec![
        field("kennung", Value::Long(4711)),
        field("vorname", text("Erika")),
        field("kontakt", contact),
        field("extras", Value::Map([("mueller".to_owned(), text("hugo@example.org"))].into())),
        field("status", Value::Enum(1, "OLD".to_owned())),
        field("since", Value::Date(19_000)),
        field("score", Value::Double(0.5)),
        field("raw", Value::Bytes(b"\x01\x02bytes@example.org\x00".to_vec())),
        field("referrer", referrer.map_or_else(|| union(0, Value::Null), |value| union(1, value))),
    ])
}

/// The datum as another library writes it.
fn avro(schema: &str, value: Value) -> Vec<u8> {
    let schema = apache_avro::Schema::parse_str(schema).unwrap();
    GenericDatumWriter::builder(&schema).build().unwrap().write_value_to_vec(value).unwrap()
}

/// A field of Protobuf with a length.
fn len(number: u8, bytes: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()][..], bytes].concat()
}

fn order() -> Vec<u8> {
    let entry = |key: &[u8], value: &[u8]| [len(1, key), value.to_vec()].concat();
    let details = len(1, &entry(b"telefon", &len(2, &len(3, b"030 123456"))));
    let fields = [
        len(1, b"erika@example.org"),
        len(2, &len(1, b"second@example.org")),
        len(3, &entry(b"mueller", &len(2, b"third@example.org"))),
        len(4, &[0x96, 0x01, 0x01]),
        len(6, &details),
        len(7, b"\x00\x01fourth@example.org"),
        vec![10 << 3 | 1, 0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
        // No schema declares field 15.
        len(15, b"sixth@example.org"),
    ];
    fields.concat()
}

#[test]
fn fields_of_avro_have_the_names_of_the_schema() {
    let bytes = framed(7, &avro(CUSTOMER, customer(Some(customer(None)))));
    let inspected = inspector(SchemaId::Id(7), SchemaType::Avro, CUSTOMER).inspect(&message(&bytes));
    let paths = ["extras.*", "kontakt.kanal", "kontakt.telefon", "raw", "vorname"];
    let outer = paths.map(|path| (format!("value.{path}"), if path.ends_with("telefon") { 2 } else { 1 }));
    let inner = outer.clone().map(|(path, matches)| (path.replacen("value", "value.referrer", 1), matches));
    let mut expected: Vec<_> = outer.iter().chain(&inner).map(|(path, matches)| (path.as_str(), *matches)).collect();
    expected.sort_unstable();
    assert_eq!(seen(&inspected), (expected, Format::Avro, None));
    assert_eq!(inspected.parts[0].schema, Some(SchemaId::Id(7)));
}

#[test]
fn fields_of_protobuf_have_the_names_of_the_schema() {
    let bytes = framed(9, &[&[2, 2][..], &order()].concat());
    let inspected = inspector(SchemaId::Id(9), SchemaType::Protobuf, ORDER).inspect(&message(&bytes));
    let expected =
        ["*", "details.telefon", "extras.*", "lines.note", "mail", "raw"].map(|path| format!("value.{path}"));
    let expected = expected.iter().map(|path| (path.as_str(), 1)).collect();
    assert_eq!(seen(&inspected), (expected, Format::Protobuf, None));
}

#[test]
fn a_json_schema_declares_names() {
    let schema = r##"{"properties": {"kunde": {"$ref": "#/definitions/block"}, "liste": {"items": {"properties": {"a\"b": {}}}},
        "frei": {"additionalProperties": {"properties": {"innen": {}}}}},
        "definitions": {"block": {"allOf": [{"properties": {"kanal": {}, "block": {"$ref": "#/definitions/block"}}}]}}}"##;
    let text = br#"{"kunde": {"kanal": "a@example.org", "block": {"kanal": "b@example.org", "geheim": "c@example.org"}},
        "liste": [{"a\"b": "d@example.org"}], "frei": {"mueller": {"innen": "e@example.org"}}, "kanal": "f@example.org"}"#;
    let inspected = inspector(SchemaId::Id(3), SchemaType::Json, schema).inspect(&message(&framed(3, text)));
    let expected = [
        ("value.*", 1),
        ("value.frei.*.innen", 1),
        ("value.kunde.block.*", 1),
        ("value.kunde.block.kanal", 1),
        ("value.kunde.kanal", 1),
        ("value.liste.a\"b", 1),
    ];
    assert_eq!(seen(&inspected), (expected.to_vec(), Format::JsonSchema, None));
}

#[test]
fn every_framing_leads_to_the_schema() {
    let schema = r#"{"type": "record", "name": "A", "fields": [{"name": "kanal", "type": "string"}]}"#;
    let datum = b"\x22erika@example.org";
    let check = |id, value: &[u8], headers: Vec<(&str, Option<&[u8]>)>| {
        let message = Message { key: None, value: Some(value), headers };
        let inspected = inspector(id, SchemaType::Avro, schema).inspect(&message);
        assert_eq!(seen(&inspected), (vec![("value.kanal", 1)], Format::Avro, None), "{id:?}");
        assert_eq!(inspected.parts.len(), 1, "headers that frame hold no data");
    };
    check(SchemaId::Id(258), &framed(258, datum), vec![]);
    check(SchemaId::GlobalId(258), &[&[0, 0, 0, 0, 0, 0, 0, 1, 2], &datum[..]].concat(), vec![]);
    check(SchemaId::Glue([9; 16]), &[&[3, 0][..], &[9; 16], &datum[..]].concat(), vec![]);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(datum).unwrap();
    check(SchemaId::Glue([9; 16]), &[&[3, 5][..], &[9; 16], &zlib.finish().unwrap()[..]].concat(), vec![]);
    let guid = [&[1], &[4; 16][..]].concat();
    check(SchemaId::Guid([4; 16]), datum, vec![("__value_schema_id", Some(&guid))]);
    let id = 5_u64.to_be_bytes();
    check(SchemaId::GlobalId(5), datum, vec![("apicurio.value.globalId", Some(&id))]);
    check(SchemaId::ContentId(5), datum, vec![("apicurio.value.contentId", Some(&id))]);
}

#[test]
fn without_its_schema_a_message_is_read_all_the_same_and_the_reason_is_told() {
    let bytes = framed(9, &[&[2, 2][..], &order()].concat());
    let reasons = [
        (NoSchema::NotFound, DecodeError::SchemaNotFound),
        (NoSchema::Unreachable, DecodeError::RegistryUnreachable),
        (NoSchema::TooLarge, DecodeError::SchemaTooLarge),
        (NoSchema::TooDeep, DecodeError::SchemaTooDeep),
        (NoSchema::Invalid, DecodeError::SchemaInvalid),
    ];
    for (reason, error) in reasons {
        let schemas = Arc::new(One(SchemaId::Id(9), Err(reason)));
        let inspected = Inspector::new(Limits::default()).with_schemas(schemas).inspect(&message(&bytes));
        let (paths, format, told) = seen(&inspected);
        assert_eq!((format, told), (Format::ProtobufWithoutSchema, Some(error)));
        assert!(paths.iter().all(|(path, _)| path.starts_with("value.*")), "{paths:?}");
        assert!(paths.iter().map(|(_, matches)| matches).sum::<u64>() >= 5, "{paths:?}");
    }
    // Bytes that do not fit.
    let mut other = inspector(SchemaId::Id(7), SchemaType::Avro, CUSTOMER);
    let inspected = other.inspect(&message(&framed(7, b"\xff\xff\xffwrite to erika@example.org")));
    assert_eq!(seen(&inspected), (vec![("value", 1)], Format::SchemaFramed, Some(DecodeError::Malformed)));
}

#[test]
fn what_takes_no_bytes_ends_at_a_limit() {
    let many = [&[0xfe; 1][..], &[0xff; 8], &[1, 0]].concat();
    let fixed = r#"{"type": "fixed", "name": "F", "size": 0}"#;
    let empty = r#"{"type": "record", "name": "E", "fields": []}"#;
    for items in [r#""null""#, empty, fixed] {
        let schema = format!(r#"{{"type": "array", "items": {items}}}"#);
        let inspected = inspector(SchemaId::Id(1), SchemaType::Avro, &schema).inspect(&message(&framed(1, &many)));
        assert_eq!(seen(&inspected), (vec![], Format::Avro, Some(DecodeError::TooLarge)), "{items}");
    }
    let endless = r#"{"type": "record", "name": "A", "fields": [{"name": "a", "type": "A"}]}"#;
    let inspected = inspector(SchemaId::Id(1), SchemaType::Avro, endless).inspect(&message(&framed(1, b"x")));
    assert_eq!(seen(&inspected), (vec![], Format::Avro, Some(DecodeError::TooDeep)));
}

#[test]
fn every_prefix_and_change_of_a_message_with_a_schema_is_inspected() {
    let avro = framed(7, &avro(CUSTOMER, customer(Some(customer(None)))));
    let protobuf = framed(9, &[&[2, 2][..], &order()].concat());
    let samples = [
        (avro, inspector(SchemaId::Id(7), SchemaType::Avro, CUSTOMER)),
        (protobuf, inspector(SchemaId::Id(9), SchemaType::Protobuf, ORDER)),
    ];
    for (sample, mut inspector) in samples {
        for length in 1..=sample.len() {
            assert_eq!(inspector.inspect(&message(&sample[..length])).parts.len(), 1);
        }
        for at in 0..sample.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff] {
                let mut changed = sample.clone();
                changed[at] = byte;
                assert_eq!(inspector.inspect(&message(&changed)).parts.len(), 1);
            }
        }
    }
}

#[test]
fn names_that_no_schema_declares_are_not_shown() {
    let bytes = framed(7, &avro(CUSTOMER, customer(None)));
    let inspected = inspector(SchemaId::Id(7), SchemaType::Avro, CUSTOMER).inspect(&message(&bytes));
    let shown = format!("{inspected:?} {}", serde_json::to_string(&inspected.findings).unwrap());
    for secret in ["mueller", "erika", "hugo", "030", "example.org"] {
        assert!(!shown.to_lowercase().contains(secret), "{shown}");
    }
}
