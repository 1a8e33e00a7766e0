//! Reads of an expression of PromQL what it asks for: names of metrics and labels. Not a parser; Prometheus' own tool
//! sees to the syntax.

use std::collections::{BTreeMap, BTreeSet};

/// Words that are no metrics although no parenthesis follows.
const WORDS: &[&str] = &["and", "or", "unless", "offset", "bool", "sum", "min", "max", "avg", "count"];
/// Words that a list of labels follows.
const LISTS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// What an expression asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Used {
    /// Metrics, with the labels by which they are selected.
    pub(crate) metrics: BTreeMap<String, BTreeSet<String>>,
    /// Labels by which is grouped or joined.
    pub(crate) grouped: BTreeSet<String>,
}

impl Used {
    pub(crate) fn read(expression: &str) -> Self {
        let mut used = Self::default();
        let mut rest = expression;
        // The metric whose braces may follow.
        let mut last = None;
        while let Some(first) = rest.chars().next() {
            if first == '"' {
                rest = rest[1..].split_once('"').unwrap().1;
            } else if first == '{' {
                let (matchers, after) = rest[1..].split_once('}').unwrap();
                let labels = matched_labels(matchers);
                used.metrics.entry(last.clone().expect("a name stands before braces")).or_default().extend(labels);
                rest = after;
            } else if first == '[' {
                // Durations: of a range, and of the steps in it.
                rest = rest.split_once(']').unwrap().1;
            } else if first.is_ascii_digit() {
                // A number, or a duration such as 5m.
                rest = rest.trim_start_matches(|letter: char| letter.is_ascii_alphanumeric() || letter == '.');
            } else if is_name(first) {
                let (name, after) = rest.split_at(rest.find(|letter| !is_name(letter)).unwrap_or(rest.len()));
                rest = after.trim_start();
                if LISTS.contains(&name) {
                    let (labels, after) = rest.strip_prefix('(').unwrap().split_once(')').unwrap();
                    let labels = labels.split(',').map(|label| label.trim().to_owned());
                    used.grouped.extend(labels.filter(|label| !label.is_empty()));
                    rest = after;
                } else if !WORDS.contains(&name) && !rest.starts_with('(') {
                    used.metrics.entry(name.to_owned()).or_default();
                    last = Some(name.to_owned());
                }
            } else {
                rest = &rest[first.len_utf8()..];
            }
        }
        used
    }
}

/// The labels that a template shows.
pub(crate) fn label_fields(template: &str) -> Vec<String> {
    let field = |rest: &str| rest.chars().take_while(|letter| is_name(*letter)).collect();
    template.split("$labels.").skip(1).map(field).collect()
}

fn is_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_' || letter == ':'
}

/// The labels of `a="x", b=~"y"`. Values may hold anything but quotes and braces.
fn matched_labels(matchers: &str) -> Vec<String> {
    let outside = matchers.split('"').step_by(2);
    outside.map(|text| text.trim_matches([',', ' ', '=', '!', '~']).to_owned()).filter(|it| !it.is_empty()).collect()
}

#[test]
fn names_and_labels_are_found_and_nothing_else() {
    let set = |labels: &[&str]| labels.iter().map(|label| (*label).to_owned()).collect::<BTreeSet<_>>();
    let expression = r#"0 < sum without (pod, instance) (increase(a_total{x!~"by|on", y="z"}[15m]) > 0
        or (a_total unless on () level:b:rate5m offset 2m)) / 1.5e3 and on (node) max(c) == bool 1
        or max_over_time((time() - d)[1h:1m])"#;
    let metrics = [("a_total", set(&["x", "y"])), ("level:b:rate5m", set(&[])), ("c", set(&[])), ("d", set(&[]))];
    let metrics = metrics.map(|(name, labels)| (name.to_owned(), labels)).into();
    let expected = Used { metrics, grouped: set(&["pod", "instance", "node"]) };
    assert_eq!(Used::read(expression), expected);
    assert_eq!(label_fields("{{ $labels.namespace }}/{{ $labels.x }}: {{ $value }}"), ["namespace", "x"]);
}
