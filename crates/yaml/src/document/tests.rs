use serde_json::json;

use super::*;

fn faults(text: &str) -> Vec<(usize, String, String)> {
    parse(text).1.into_iter().map(|fault| (fault.line, fault.path.to_string(), fault.problem.to_string())).collect()
}

#[test]
fn a_tree_knows_the_line_of_each_key_and_item() {
    let text = "kind: A\nspec:\n  list:\n  - one\n  -\n    deep: 1\n---\n# nothing\n---\nkind: B\n";
    let (documents, faults) = parse(text);
    assert!(faults.is_empty());
    assert_eq!(documents.len(), 2);
    assert_eq!(documents[0].to_value(), json!({"kind": "A", "spec": {"list": ["one", {"deep": 1}]}}));
    let lines = [("", 1), ("spec", 2), ("spec.list", 3), ("spec.list[0]", 4), ("spec.list[1].deep", 6)];
    for (path, line) in lines {
        assert_eq!(documents[0].line_of(&FieldPath::from_dotted(path)), line, "{path}");
    }
    assert_eq!(documents[0].line_of(&FieldPath::from_dotted("spec.missing.deeper")), 2);
    assert_eq!(documents[1].line, 10);
}

#[test]
fn a_key_without_a_value_is_null() {
    assert_eq!(parse("a:\nb: ~\nc: []\n").0[0].to_value(), json!({ "a": null, "b": null, "c": [] }));
}

#[test]
fn faults_name_line_and_path() {
    let cases = [
        ("a: 1\nb: {x: 1, x: 2}\n", 2, "b.x", "expected the key only once; it is already in line 2"),
        ("a:\n- &x 1\n", 2, "a[0]", "expected the value itself; anchors (&) and aliases (*) are not read"),
        ("a: !secret b\n", 1, "a", "expected a value without a tag (!) of its own"),
        ("a: .inf\n", 1, "a", "expected a finite number"),
        ("? [a, b]\n: c\n", 1, "", "expected a plain text as the key"),
        (
            "places: [DE, NO]\n",
            1,
            "places[1]",
            "expected \"NO\" in quotes, or true or false; Kubernetes reads the bare word as a boolean",
        ),
    ];
    for (text, line, path, problem) in cases {
        assert_eq!(faults(text), [(line, path.to_owned(), problem.to_owned())], "{text}");
    }
}

#[test]
fn quoted_words_stay_words() {
    assert_eq!(parse("[\"NO\", 'yes', !!str NO]").0[0].to_value(), json!(["NO", "yes", "NO"]));
}

#[test]
fn bombs_are_refused() {
    let deep = "[".repeat(100_000);
    let wide = format!("[{}]", "1,".repeat(MAX_VALUES + 1));
    let billion = "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n";
    let nested_blocks = (0..200).map(|depth| " ".repeat(depth) + "a:\n").collect::<Vec<_>>().concat();
    for text in [deep.as_str(), wide.as_str(), billion, nested_blocks.as_str()] {
        assert_eq!(faults(text).len(), 1);
    }
}

#[test]
fn faults_are_bounded_and_do_not_repeat_long_keys() {
    let text = format!("{}:\n  {{{}}}\n", "k".repeat(900), "a: 1, ".repeat(10_000));
    let found = faults(&text);
    assert_eq!(found.len(), MAX_FAULTS);
    assert_eq!(found[0].1, "[key].a");
}

#[test]
fn every_prefix_of_a_document_has_a_sane_outcome() {
    let text = "apiVersion: landfall.dev/v1alpha1\nkind: Recipient\nmetadata: {name: a, labels: {x: 'y'}}\nspec:\n  \
                legalEntity:\n    value: {name: \"Ä GmbH\", seat: DE}\n  text: |\n    line\n    line\n  list:\n  - a: >-\n      \
                folded\n  - &b c\n  - !!str 1\n---\n%YAML 1.2\n--- [a, {b: c}]\n...\n";
    for end in 0..=text.len() {
        let Some(prefix) = text.get(..end) else { continue };
        let (documents, _) = parse(prefix);
        assert!(documents.len() <= 3, "{end}");
    }
}
