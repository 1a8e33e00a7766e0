use super::*;

#[test]
fn documents_with_the_same_names_and_kinds_have_one_shape() {
    let shapes = Shapes::default();
    let shape = |json: &str| shapes.of(json.as_bytes());
    for (one, other) in [
        (r#"{"a": "x", "b": 1}"#, r#" {"a":"a longer \" one","b":-2.5e3} "#),
        (r#"{"a": [{"b": 1}, {"b": 2}]}"#, r#"{"a": [{"b": 3}]}"#),
        (r#"{"a": true}"#, r#"{"a": null}"#),
        (r#"["x", "y", "z"]"#, r#"["x"]"#),
    ] {
        assert!(shape(one).is_some() && shape(one) == shape(other), "{one} {other}");
    }
}

#[test]
fn documents_that_differ_in_a_name_or_a_kind_do_not() {
    let shapes = Shapes::default();
    let all = [
        r#"{"a": "x", "b": 1}"#,
        r#"{"b": "x", "a": 1}"#,
        r#"{"a": 1, "b": "x"}"#,
        r#"{"a": "x", "b": null}"#,
        r#"{"a": "x"}"#,
        r#"{"ab": "x"}"#,
        r#"{"a": {"b": "x"}}"#,
        r#"{"a": ["x"]}"#,
        r#"{"a": ["x", 1]}"#,
        r#"{"a": []}"#,
        "{}",
        "[]",
        "[[]]",
    ];
    let found: std::collections::BTreeSet<_> = all.iter().map(|json| shapes.of(json.as_bytes()).unwrap()).collect();
    assert_eq!(found.len(), all.len());
}

#[test]
fn what_is_no_whole_document_has_none() {
    let shapes = Shapes::default();
    let deep = "[".repeat(33) + &"]".repeat(33);
    for text in ["", "1", "\"a\"", "{} {}", "{]", "[}", "{\"a\"", "{\"a\": \"b", "{a: 1}", "[\u{e4}]", deep.as_str()] {
        assert_eq!(shapes.of(text.as_bytes()), None, "{text}");
    }
    let whole = r#"{"a": [{"b": "x\"y"}, 1, null], "c": {"d": []}}"#;
    for end in 0..whole.len() {
        assert_eq!(shapes.of(&whole.as_bytes()[..end]), None, "{end}");
    }
}
