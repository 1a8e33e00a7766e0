use crate::kafka::schema::{Schema, SchemaReference, SchemaSource, SchemaType};

fn source(text: &str, references: Vec<SchemaReference>) -> SchemaSource {
    SchemaSource { schema_type: SchemaType::Json, text: text.to_owned(), references }
}

fn fields(source: &SchemaSource) -> Vec<(String, Vec<String>)> {
    let schema = Schema::compile(source).unwrap();
    schema.fields().iter().map(|field| (field.path.join("."), field.tags.clone())).collect()
}

#[test]
fn properties_are_listed_through_references_and_combinations() {
    let person = SchemaReference {
        name: "https://example.org/person.json".to_owned(),
        source: source(
            r##"{"definitions": {"mail": {"type": "string", "confluent:tags": ["PII"]}},
            "properties": {"email": {"$ref": "#/definitions/mail"}, "parent": {"$ref": "#"}}}"##,
            vec![],
        ),
    };
    let text = r##"{"allOf": [{"properties": {"a": {"oneOf": [{"type": "null"}, {"$ref": "person.json"}]}}}],
        "properties": {"b": {"items": {"properties": {"c": {"confluent:tags": ["X"]}}}}, "d": {"$ref": "#/nowhere"}, "e": true}}"##;
    let expected = [("a", ""), ("a.email", "PII"), ("a.parent", ""), ("b", ""), ("b.c", "X"), ("d", ""), ("e", "")];
    let rows: Vec<_> =
        fields(&source(text, vec![person])).into_iter().map(|(path, tags)| (path, tags.join(","))).collect();
    assert_eq!(rows, expected.map(|(path, tags)| (path.to_owned(), tags.to_owned())));
}

#[test]
fn chains_and_circles_of_references_end() {
    let links: Vec<String> =
        (0..2000).map(|link| format!(r##""d{link}": {{"$ref": "#/definitions/d{}"}}"##, link + 1)).collect();
    let chain = format!(r##"{{"$ref": "#/definitions/d0", "definitions": {{{}}}}}"##, links.join(","));
    assert!(Schema::compile(&source(&chain, vec![])).is_err());
    assert_eq!(
        fields(&source(r##"{"$ref": "#", "properties": {"a": {"$ref": "#"}}}"##, vec![])),
        [("a".to_owned(), vec![])]
    );
}
