use std::fmt::Write as _;

use crate::kafka::schema::{Schema, SchemaError, SchemaReference, SchemaSource, SchemaType};

fn source(text: &str, references: Vec<SchemaReference>) -> SchemaSource {
    SchemaSource { schema_type: SchemaType::Protobuf, text: text.to_owned(), references }
}

fn fields(source: &SchemaSource) -> Vec<(String, String)> {
    let schema = Schema::compile(source).unwrap();
    schema.fields().iter().map(|field| (field.path.join("."), field.tags.join(","))).collect()
}

#[test]
fn fields_are_listed_with_their_tags() {
    let person = SchemaReference {
        name: "shop/person.proto".to_owned(),
        source: source(
            r#"syntax = "proto3"; package shop; import "confluent/meta.proto";
            message Person { string email = 1 [(confluent.field_meta) = { tags: ["PII", "EMAIL"] }]; Person parent = 2; }"#,
            vec![],
        ),
    };
    let text = r#"syntax = "proto3";
        import "shop/person.proto";
        import "confluent/meta.proto";
        import "google/type/postal_address.proto";
        import "google/protobuf/struct.proto";
        message Order {
            shop.Person customer = 1 [(confluent.field_meta).tags = "PERSON"];
            map<string, shop.Person> others = 2;
            google.protobuf.Struct details = 3;
            google.type.PostalAddress address = 4;
        }"#;
    let rows = fields(&source(text, vec![person]));
    for (path, tags) in [
        ("customer", "PERSON"),
        ("customer.email", "EMAIL,PII"),
        ("customer.parent", ""),
        ("others.email", "EMAIL,PII"),
        ("details", ""),
        ("address.postal_code", ""),
    ] {
        assert!(rows.contains(&(path.to_owned(), tags.to_owned())), "{path} {rows:?}");
    }
    assert!(rows.iter().all(|(path, _)| !path.starts_with("details.") && !path.contains("key")), "{rows:?}");
}

#[test]
fn values_of_options_are_not_nested_without_end() {
    let mut text = "syntax = \"proto2\"; import \"google/protobuf/descriptor.proto\";
        message M { optional M m = 1; } extend google.protobuf.MessageOptions { optional M o = 50000; }
        message A { option (o) = "
        .to_owned();
    text.push_str(&"{ m: ".repeat(100_000));
    assert_eq!(Schema::compile(&source(&text, vec![])).err(), Some(SchemaError::TooComplex));
    let messages = format!("syntax = \"proto3\"; {}", "message A {".repeat(40));
    assert!(Schema::compile(&source(&messages, vec![])).is_err());
}

#[test]
fn imports_that_lead_in_a_circle_or_nowhere_are_refused() {
    let circle = SchemaReference {
        name: "a.proto".to_owned(),
        source: source("syntax = \"proto3\"; import \"a.proto\"; message B {}", vec![]),
    };
    let text = "syntax = \"proto3\"; import \"a.proto\"; message A {}";
    assert_eq!(Schema::compile(&source(text, vec![circle])).err(), Some(SchemaError::Invalid));
    for text in [text, "syntax = \"proto3\"; import \"/etc/passwd\"; message A {}", "syntax = \"proto3\";"] {
        assert_eq!(Schema::compile(&source(text, vec![])).err(), Some(SchemaError::Invalid), "{text}");
    }
}

#[test]
fn a_schema_with_very_many_ways_to_few_fields_is_listed_in_part() {
    let mut text = "syntax = \"proto3\";".to_owned();
    for level in 0..40 {
        let below = level + 1;
        write!(text, "message M{level} {{ M{below} a = 1; M{below} b = 2; }}").unwrap();
    }
    text.push_str("message M40 { string vorname = 1; }");
    assert!(Schema::compile(&source(&text, vec![])).unwrap().fields().len() <= 4096);
}
