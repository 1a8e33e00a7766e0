//! Judged cases: files that a lawyer can read (`tests/cases/*.yaml`), and how they are run.
//!
//! ```text
//! register + change ─load_text─► Register ─compile─► Ruleset ┐
//! transfer ─────────────────────────────────────────► Edge ──┴─judge─► Verdict ─► what differs
//! ```
//!
//! A case says the facts, the instant, and what must come out. `change` is a merge patch (RFC 7396)
//! on the objects of the file's register, by `Kind/name`: `null` takes an object away, a new name adds
//! one. The register goes through the loader as any other, with schema and rules, and with the
//! shipped legal facts.

mod expected;
mod facts;
mod topic;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use landfall_register::{Compiled, compile, load_text};
use landfall_transfer_law::{Language, MissingCode, Outcome, ReasonCode, Verdict, explain, judge};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use expected::Expected;
use facts::Transfer;

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct File {
    /// What the cases are about, and the part of the law that they cover.
    title: String,
    /// The objects that the cases share. `apiVersion` may be left out.
    register: Vec<Value>,
    cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Case {
    /// Unique over all files.
    pub(crate) id: String,
    /// Row, article or pitfall that it covers.
    pub(crate) law: String,
    /// The facts in a sentence.
    pub(crate) facts: String,
    /// What is different from the register of the file.
    #[serde(default)]
    change: BTreeMap<String, Value>,
    /// What is transferred, how and where to.
    transfer: Transfer,
    /// As of which instant it is judged.
    at: Timestamp,
    /// What the law demands.
    expect: Expected,
}

/// What came out of a case.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The file.
    pub(crate) file: PathBuf,
    /// The case.
    pub(crate) case: Case,
    /// What it came to, if its register loads.
    pub(crate) outcome: Option<Outcome>,
    /// Codes of reasons.
    pub(crate) reasons: Vec<ReasonCode>,
    /// Codes of what is missing.
    pub(crate) missing: Vec<MissingCode>,
    /// In what it differs from what is expected.
    pub(crate) differences: Vec<String>,
}

/// Runs all cases of the files in `folder`.
pub(crate) fn run(folder: &Path) -> Vec<Judged> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    files.into_iter().flat_map(|file| run_file(&file)).collect()
}

fn run_file(path: &Path) -> Vec<Judged> {
    let text = std::fs::read_to_string(path).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let [document] = &documents[..] else { panic!("{}: expected one document", path.display()) };
    let file: File = serde_path_to_error::deserialize(value(document))
        .unwrap_or_else(|error| panic!("{}: {}: {}", path.display(), error.path(), error.inner()));
    assert!(!file.title.is_empty(), "{} has no title", path.display());
    let File { title: _, register, cases } = file;
    cases.into_iter().map(|case| case.run(path, &register)).collect()
}

impl Case {
    fn run(self, file: &Path, register: &[Value]) -> Judged {
        let mut result = Judged {
            file: file.to_owned(),
            outcome: None,
            reasons: Vec::new(),
            missing: Vec::new(),
            differences: Vec::new(),
            case: self,
        };
        let case = &result.case;
        let compiled = match case.compiled(register) {
            Ok(compiled) => compiled,
            Err(problem) => {
                result.differences.push(problem);
                return result;
            }
        };
        let ruleset = &compiled.ruleset;
        let Some(agreement) = ruleset.agreements.keys().next() else {
            result.differences.push("the register has no agreement".to_owned());
            return result;
        };
        let edge = match case.transfer.edge(agreement, &compiled, case.at) {
            Ok(edge) => edge,
            Err(problem) => {
                result.differences.push(problem);
                return result;
            }
        };
        let verdict = judge(ruleset, &edge, case.at);
        let mut differences = case.expect.differences(&verdict);
        let mut all_told = Vec::new();
        for language in [Language::English, Language::German] {
            let told = explain(&edge, &verdict, language);
            if told.is_empty() || told.iter().any(String::is_empty) {
                differences.push(format!("nothing is explained in {language:?}"));
            }
            all_told.extend(told);
        }
        let unsaid = case.expect.says.iter().filter(|sentence| !all_told.contains(sentence));
        differences.extend(unsaid.map(|sentence| format!("not said: {sentence}\n      but {all_told:#?}")));
        let Verdict { outcome, reasons, missing, .. } = verdict;
        result.outcome = Some(outcome);
        result.reasons = reasons.iter().map(|reason| reason.code).collect();
        result.missing = missing.iter().map(|missing| missing.code).collect();
        result.differences = differences;
        result
    }

    /// The changed register, loaded and compiled.
    fn compiled(&self, register: &[Value]) -> Result<Compiled, String> {
        let mut objects: BTreeMap<String, Value> = BTreeMap::new();
        for object in register {
            let name = |pointer| object.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            let key = format!("{}/{}", name("/kind"), name("/metadata/name"));
            if objects.insert(key.clone(), object.clone()).is_some() {
                return Err(format!("{key} stands twice in the file's register"));
            }
        }
        for (key, patch) in &self.change {
            let (kind, name) = key.split_once('/').ok_or_else(|| format!("{key} is not Kind/name"))?;
            if patch.is_null() {
                objects.remove(key).ok_or_else(|| format!("{key} cannot be taken away: it is not there"))?;
                continue;
            }
            let object =
                objects.entry(key.clone()).or_insert_with(|| json!({ "kind": kind, "metadata": { "name": name } }));
            merge(object, patch);
        }
        for object in objects.values_mut() {
            object["apiVersion"] = json!("landfall.dev/v1alpha1");
        }
        // JSON is YAML.
        let documents: Vec<String> = objects.values().map(|object| format!("---\n{object}\n")).collect();
        let text = documents.concat();
        let register = load_text(&self.id, &text).map_err(|errors| format!("the register does not load: {errors}"))?;
        Ok(compile(&register))
    }
}

/// YAML as JSON. Keys that are no text and what does not read become `null`, which no field takes.
fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(Scalar::Boolean(it)) => json!(it),
        Yaml::Value(Scalar::Integer(it)) => json!(it),
        Yaml::Value(Scalar::FloatingPoint(it)) => json!(it.into_inner()),
        Yaml::Value(Scalar::String(it)) => json!(it),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(fields) => {
            let key = |key: &Yaml<'_>| key.as_str().unwrap_or_default().to_owned();
            Value::Object(fields.iter().map(|(name, field)| (key(name), value(field))).collect())
        }
        _ => Value::Null,
    }
}

/// RFC 7396.
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (key, value) in patch {
        if value.is_null() {
            target.as_object_mut().and_then(|target| target.remove(key));
        } else {
            merge(&mut target[key], value);
        }
    }
}
