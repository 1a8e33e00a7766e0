use super::*;

fn source(schema_type: SchemaType, text: &str) -> SchemaSource {
    SchemaSource { schema_type, text: text.to_owned(), references: Vec::new() }
}

#[test]
fn ids_are_written_with_their_kind() {
    let ids = [
        (SchemaId::Id(7), "id:7"),
        (SchemaId::Guid([0xab; 16]), "guid:abababab-abab-abab-abab-abababababab"),
        (SchemaId::GlobalId(8), "global-id:8"),
        (SchemaId::ContentId(9), "content-id:9"),
        (SchemaId::Glue([1; 16]), "glue:01010101-0101-0101-0101-010101010101"),
    ];
    for (id, text) in ids {
        assert_eq!(id.to_string(), text);
    }
}

#[test]
fn a_schema_that_is_none_is_refused() {
    for schema_type in [SchemaType::Avro, SchemaType::Protobuf, SchemaType::Json] {
        for text in ["", "{", "nonsense", "\u{0}", "[1", "4711", "{\"type\": 5"] {
            assert!(Schema::compile(&source(schema_type, text)).is_err(), "{schema_type} {text}");
        }
        let large = source(schema_type, &" ".repeat(MAX_TEXT + 1));
        assert_eq!(Schema::compile(&large).err(), Some(SchemaError::TooLarge));
    }
}

#[test]
fn references_are_bounded_and_of_one_language() {
    let mut deep = source(SchemaType::Avro, "\"int\"");
    for level in 0..40 {
        let reference = SchemaReference { name: format!("A{level}"), source: deep };
        deep = SchemaSource { references: vec![reference], ..source(SchemaType::Avro, "\"int\"") };
    }
    assert_eq!(Schema::compile(&deep).err(), Some(SchemaError::TooComplex));
    let reference = SchemaReference { name: "A".to_owned(), source: source(SchemaType::Json, "{}") };
    let mixed = SchemaSource { references: vec![reference.clone()], ..source(SchemaType::Avro, "\"int\"") };
    assert_eq!(Schema::compile(&mixed).err(), Some(SchemaError::Invalid));
    let many = SchemaSource { references: vec![reference; 300], ..source(SchemaType::Json, "{}") };
    assert_eq!(Schema::compile(&many).err(), Some(SchemaError::TooComplex));
}

#[test]
fn every_beginning_of_a_schema_is_read_or_refused() {
    let avro = r#"{"type": "record", "name": "a.B", "fields": [{"name": "x", "type": ["null", {"type": "array", "items": "B"}]}]}"#;
    let protobuf = "syntax = \"proto3\"; import \"confluent/meta.proto\"; message A { map<string, A> b = 1 [(confluent.field_meta).tags = \"PII\"]; }";
    let json = r##"{"properties": {"a": {"$ref": "#"}, "b": {"items": [{"confluent:tags": ["PII"]}, true]}}}"##;
    for (schema_type, text) in [(SchemaType::Avro, avro), (SchemaType::Protobuf, protobuf), (SchemaType::Json, json)] {
        for len in 0..text.len() {
            let _ = Schema::compile(&source(schema_type, &text[..len]));
        }
        let schema = Schema::compile(&source(schema_type, text)).unwrap();
        assert_eq!(schema.schema_type(), schema_type);
        assert!(!format!("{schema:?}").contains("PII"));
    }
}
