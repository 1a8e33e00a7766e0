use super::*;
use crate::kafka::schema::SchemaReference;

fn source(schema_type: SchemaType, text: &str, references: &[(&str, &str)]) -> SchemaSource {
    let of = |&(name, text): &(&str, &str)| SchemaReference {
        name: name.to_owned(),
        source: SchemaSource { schema_type, text: text.to_owned(), references: Vec::new() },
    };
    SchemaSource { schema_type, text: text.to_owned(), references: references.iter().map(of).collect() }
}

/// The names of the fields at these paths, segments with slashes between; `-` where there is none.
fn names(source: &SchemaSource, paths: &[&str]) -> Vec<String> {
    let paths: Vec<Vec<String>> = paths.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect();
    let paths: Vec<&[String]> = paths.iter().map(Vec::as_slice).collect();
    let name = |name: Option<FullName>| name.map_or_else(|| "-".to_owned(), |name| name.name);
    full_names(source, &paths).into_iter().map(name).collect()
}

#[test]
fn of_avro_the_record_counts_in_which_a_field_stands() {
    let text = r#"{"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "email", "type": ["null", "string"]},
        {"name": "address", "type": {"type": "record", "name": "Address", "fields": [
            {"name": "postcode", "type": "string"},
            {"name": "country", "type": {"type": "record", "name": "iso.Country", "fields": [
                {"name": "code", "type": "string"}, {"name": "names", "type": {"type": "record", "name": "Names", "fields": [
                    {"name": "long", "type": "string"}]}}]}}]}},
        {"name": "billing", "type": ["null", "Address"]},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "namespace": "", "fields": [
            {"name": "note", "type": "string"}, {"name": "to", "type": "shop.Address"}]}}},
        {"name": "extra", "type": {"type": "map", "values": ["string", "Address"]}},
        {"name": "parent", "type": ["null", "Order"]}]}"#;
    let paths = [
        "email",
        "address",
        "address/postcode",
        "address/country/code",
        "address/country/names/long",
        "billing/postcode",
        "lines",
        "lines/note",
        "lines/to/postcode",
        "extra",
        "extra/postcode",
        "parent/parent/email",
        "missing",
        "email/deeper",
    ];
    let expected = [
        "shop.Order.email",
        "shop.Order.address",
        "shop.Address.postcode",
        "iso.Country.code",
        "iso.Names.long",
        "shop.Address.postcode",
        "shop.Order.lines",
        "Line.note",
        "shop.Address.postcode",
        "shop.Order.extra",
        "shop.Address.postcode",
        "shop.Order.email",
        "-",
        "-",
    ];
    assert_eq!(names(&source(SchemaType::Avro, text, &[]), &paths), expected);
}

#[test]
fn of_avro_records_of_other_schemas_count() {
    let address = r#"{"type": "record", "name": "Address", "namespace": "shop", "fields": [{"name": "postcode", "type": "string"}]}"#;
    let order = r#"{"type": "record", "name": "Order", "fields": [{"name": "address", "type": "shop.Address"}]}"#;
    let source = source(SchemaType::Avro, order, &[("shop.Address", address)]);
    assert_eq!(names(&source, &["address", "address/postcode"]), ["Order.address", "shop.Address.postcode"]);
}

#[test]
fn of_json_the_way_from_the_root_counts() {
    let text = r##"{"type": "object", "properties": {
        "email": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "lines": {"type": "array", "items": {"oneOf": [{"type": "null"}, {"properties": {"note*": {"type": "string"}}}]}},
        "pair": {"items": [{"properties": {"a": {}}}]},
        "country": {"$ref": "country.json"},
        "self": {"$ref": "#"}},
        "allOf": [{"properties": {"phone": {"type": "string"}}}],
        "$defs": {"address": {"properties": {"postcode": {"type": "string"}}}}}"##;
    let country = r#"{"properties": {"code": {"type": "string"}}}"#;
    let source = source(SchemaType::Json, text, &[("country.json", country)]);
    let paths = [
        "email",
        "address/postcode",
        "lines",
        "lines/note*",
        "pair/a",
        "country/code",
        "self/self/email",
        "phone",
        "missing",
    ];
    let expected = [
        "$.email",
        "$.address.postcode",
        "$.lines",
        "$.lines[0].note*",
        "$.pair[0].a",
        "$.country.code",
        "$.self.self.email",
        "$.phone",
        "-",
    ];
    assert_eq!(names(&source, &paths), expected);

    let path = ["lines".to_owned(), "note*".to_owned()];
    let name = full_names(&source, &[&path[..]]).remove(0).unwrap();
    assert_eq!(name.glob, "$.lines[*].note\\*");
    assert!(path_glob::matches(&name.glob, "$.lines[7].note*") && !path_glob::matches(&name.glob, "$.lines[7].notes"));
}

#[test]
fn schemas_that_end_nowhere_have_no_names() {
    let circle = r##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##;
    assert_eq!(names(&source(SchemaType::Json, circle, &[]), &["a"]), ["-"]);
    let branches =
        r##"{"$ref": "#/$defs/a", "$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}]}}}"##;
    assert_eq!(names(&source(SchemaType::Json, branches, &[]), &["a"]), ["-"]);
    for schema_type in [SchemaType::Avro, SchemaType::Json] {
        for text in ["", "{", "null", "1", "[]", r#""Order""#, r#"{"type": "record"}"#, r#"{"fields": [{}]}"#] {
            assert_eq!(names(&source(schema_type, text, &[]), &["a", "a/b"]), ["-", "-"], "{text}");
        }
    }
}
