//! The files of rules, of their tests, and of the metrics that there are.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::support::root;

/// Labels of a family of metrics.
pub(crate) type Family = BTreeSet<String>;

/// An alerting or recording rule.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rule {
    pub(super) alert: Option<String>,
    pub(super) record: Option<String>,
    pub(super) expr: String,
    #[serde(default)]
    pub(super) labels: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
}

/// What a test expects of an alert at an instant.
#[derive(Debug, Deserialize)]
pub(super) struct Case {
    #[serde(rename = "alertname")]
    pub(super) alert: String,
    /// Labels of what fires.
    #[serde(default, rename = "exp_alerts", deserialize_with = "labels_only")]
    pub(super) alerts: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct TestFile {
    tests: Vec<TestGroup>,
}

#[derive(Deserialize)]
struct TestGroup {
    #[serde(default)]
    alert_rule_test: Vec<Case>,
}

impl Rule {
    /// Its name, whichever kind it is.
    pub(super) fn name(&self) -> &str {
        self.alert.as_deref().or(self.record.as_deref()).unwrap()
    }
}

/// The text of a file below the root.
pub(crate) fn read(below: &str) -> String {
    fs::read_to_string(root().join(below)).unwrap_or_else(|error| panic!("{below}: {error}"))
}

/// The rules of a file, by group.
pub(super) fn groups(text: &str) -> BTreeMap<String, Vec<Rule>> {
    let RuleFile { groups } = typed(text);
    groups.into_iter().map(|Group { name, rules }| (name, rules)).collect()
}

/// The files of tests.
pub(super) fn case_files() -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(root().join("rules/tests")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What the tests of a file expect.
pub(super) fn cases(file: &Path) -> Vec<Case> {
    let TestFile { tests } = typed(&fs::read_to_string(file).unwrap());
    tests.into_iter().flat_map(|group| group.alert_rule_test).collect()
}

/// The families of docs/metrics.md, by name.
pub(crate) fn families() -> BTreeMap<String, Family> {
    let text = read("docs/metrics.md");
    let rows = text.lines().filter(|line| line.starts_with("| `landfall_"));
    let family = |row: &str| {
        let [_, name, _, labels, ..] = row.split('|').collect::<Vec<_>>()[..] else { panic!("docs/metrics.md: {row}") };
        let labels = labels.split(',').map(unquoted).filter(|label| !label.is_empty());
        (unquoted(name), labels.collect())
    };
    let families: BTreeMap<_, _> = rows.map(family).collect();
    assert!(families.len() > 50, "docs/metrics.md has lost its tables");
    families
}

/// The rules as an object for Prometheus' operator.
pub(super) fn manifest(rules: &str) -> String {
    let start = rules.find("groups:\n").unwrap();
    let mut text = "# Made from landfall.rules.yaml by `make rules`.\n\
        apiVersion: monitoring.coreos.com/v1\n\
        kind: PrometheusRule\n\
        metadata:\n  \
          name: landfall\n  \
          namespace: landfall-system\n  \
          labels:\n    \
            app.kubernetes.io/part-of: landfall\n\
        spec:\n"
        .to_owned();
    for line in rules[start..].lines() {
        let indent = if line.is_empty() { "" } else { "  " };
        writeln!(text, "{indent}{line}").unwrap();
    }
    text
}

/// The one document of a text.
pub(crate) fn document(text: &str) -> Value {
    let documents = documents(text);
    let [document] = &documents[..] else { panic!("expected one document") };
    document.clone()
}

/// All documents of a text.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    Yaml::load_from_str(text).unwrap().iter().map(value).collect()
}

fn typed<T: DeserializeOwned>(text: &str) -> T {
    serde_path_to_error::deserialize(document(text)).unwrap()
}

fn value(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Boolean(it)) => json!(it),
        Yaml::Value(Scalar::Integer(it)) => json!(it),
        Yaml::Value(Scalar::FloatingPoint(it)) => json!(it.into_inner()),
        Yaml::Value(Scalar::String(it)) => json!(it),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(fields) => Value::Object(
            fields.iter().map(|(name, field)| (name.as_str().unwrap().to_owned(), value(field))).collect(),
        ),
        _ => Value::Null,
    }
}

fn unquoted(cell: &str) -> String {
    cell.trim().trim_matches('`').to_owned()
}

fn labels_only<'de, D: serde::Deserializer<'de>>(input: D) -> Result<Vec<BTreeMap<String, String>>, D::Error> {
    #[derive(Deserialize)]
    struct Expected {
        exp_labels: BTreeMap<String, String>,
    }
    let expected = Vec::<Expected>::deserialize(input)?;
    Ok(expected.into_iter().map(|Expected { exp_labels }| exp_labels).collect())
}
