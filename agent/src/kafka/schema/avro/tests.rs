use crate::kafka::schema::{Schema, SchemaError, SchemaReference, SchemaSource, SchemaType};

fn source(text: &str, references: Vec<SchemaReference>) -> SchemaSource {
    SchemaSource { schema_type: SchemaType::Avro, text: text.to_owned(), references }
}

fn fields(schema: &Schema) -> Vec<(String, Vec<&str>)> {
    schema
        .fields()
        .iter()
        .map(|field| (field.path.join("."), field.tags.iter().map(String::as_str).collect()))
        .collect()
}

#[test]
fn fields_are_listed_through_arrays_maps_and_unions() {
    let text = r#"{"type": "record", "name": "shop.Order", "fields": [
        {"name": "customer", "type": {"type": "record", "name": "Customer", "fields": [
            {"name": "email", "type": "string", "confluent:tags": ["PII", "EMAIL"]},
            {"name": "friends", "type": {"type": "array", "items": "Customer"}}]}},
        {"name": "others", "type": {"type": "map", "values": ["null", "shop.Customer"]}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}, "confluent:tags": ["DAY"]}]}"#;
    let schema = Schema::compile(&source(text, Vec::new())).unwrap();
    let expected = [
        ("customer", vec![]),
        ("customer.email", vec!["EMAIL", "PII"]),
        ("customer.friends", vec![]),
        ("day", vec!["DAY"]),
        ("others", vec![]),
        ("others.email", vec!["EMAIL", "PII"]),
        ("others.friends", vec![]),
    ];
    assert_eq!(fields(&schema), expected.map(|(path, tags)| (path.to_owned(), tags)));
}

#[test]
fn references_are_known_by_their_full_names() {
    let reference = |name: &str, text: &str, references| SchemaReference {
        name: name.to_owned(),
        source: source(text, references),
    };
    let country = reference(
        "geo.Country",
        r#"{"type": "enum", "name": "Country", "namespace": "geo", "symbols": ["DE"]}"#,
        vec![],
    );
    let address = reference(
        "geo.Address",
        r#"{"type": "record", "name": "Address", "namespace": "geo", "aliases": ["Place"], "fields": [
            {"name": "postcode", "type": "string"}, {"name": "country", "type": "Country"}]}"#,
        vec![country.clone()],
    );
    let text = r#"{"type": "record", "name": "Order", "fields": [
        {"name": "to", "type": "geo.Address"}, {"name": "from", "type": "geo.Place"}, {"name": "country", "type": "geo.Country"}]}"#;
    let schema = Schema::compile(&source(text, vec![address, country])).unwrap();
    let paths: Vec<_> = fields(&schema).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["country", "from", "from.country", "from.postcode", "to", "to.country", "to.postcode"]);
    assert_eq!(Schema::compile(&source(text, vec![])).err(), Some(SchemaError::Invalid));
}

#[test]
fn a_default_that_does_not_fit_refuses_nothing() {
    let text = r#"{"type": "record", "name": "A", "fields": [{"name": "a", "type": "int", "default": "x"}]}"#;
    assert!(Schema::compile(&source(text, Vec::new())).is_ok());
    for text in ["\"string\"", "string", r#"{"type": {"type": "string"}}"#, r#"["null", "int"]"#] {
        assert!(Schema::compile(&source(text, Vec::new())).is_ok(), "{text}");
    }
    for text in [
        r#"{"type": "record", "name": "A"}"#,
        r#"{"type": "B"}"#,
        r#"{"type": "fixed", "name": "F", "size": -1}"#,
        "[[5]]",
    ] {
        assert_eq!(Schema::compile(&source(text, Vec::new())).err(), Some(SchemaError::Invalid), "{text}");
    }
}
