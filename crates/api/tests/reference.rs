//! Writes `docs/objects.md` from the types, and holds it against them.

#![allow(clippy::unwrap_used, reason = "in a test a failed expectation is a failed test")]

use std::{fmt::Write as _, fs, path::Path};

use landfall_api::manifests;
use serde_json::Value;

const HEAD: &str = "# Objects

The kinds of `landfall.dev/v1alpha1`: in a folder for `landfall watch --register`, in a cluster after
`landfall crds | kubectl apply --server-side -f -`. The same schema and rules apply to both. This page shows the
first level; `kubectl explain KIND.spec --recursive` shows all. Generated from the types: `make crds`.

Conditions of the kinds that people write: `Compiled` and `Ready` (this generation is part of the ruleset in force; otherwise
the reason, with field names and never a value, and the last valid version stays in force), `LintClean` (no errors and no
warnings of `landfall lint`; the message has the counts and the worst finding). `Ready` does not wait for `LintClean`: an
agreement with gaps is in force with its gaps. `kubectl wait --for=condition=Ready agr/NAME` waits until a change is in force.

Labels: a namespace consents to the agreements of another by `landfall.dev/consent: NAMESPACE`; a pod or namespace serves a
tenant by `landfall.dev/tenant: TENANT`.
";

#[test]
fn the_reference_says_what_the_types_say() {
    let mut kinds = manifests();
    // What people write first, what the operator writes last.
    kinds.sort_by_key(|it| is_observed(text(it, "/spec/names/kind")));
    let mut page = HEAD.to_owned();
    for manifest in &kinds {
        kind(manifest, &mut page);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/objects.md");
    if std::env::var_os("LANDFALL_UPDATE").is_some() {
        fs::write(&file, &page).unwrap();
    }
    assert!(fs::read_to_string(&file).unwrap_or_default() == page, "docs/objects.md differs; run make crds");
}

fn is_observed(kind: &str) -> bool {
    matches!(kind, "Transfer" | "Incident")
}

fn kind(manifest: &Value, page: &mut String) {
    let schema = &manifest["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let scope = if text(manifest, "/spec/scope") == "Cluster" { "cluster" } else { "namespace" };
    let (name, short) = (text(manifest, "/spec/names/kind"), text(manifest, "/spec/names/shortNames/0"));
    writeln!(page, "\n## {name} (`{short}`, {scope})\n\n{}", text(schema, "/description").replace('\n', " ")).unwrap();
    // The status of what people write is the same for all.
    for part in if is_observed(name) { ["spec", "status"].as_slice() } else { &["spec"] } {
        let part_schema = &schema["properties"][part];
        writeln!(page, "\n| `{part}` | type | |\n|---|---|---|").unwrap();
        let required = part_schema["required"].as_array().cloned().unwrap_or_default();
        for (field, inner) in part_schema["properties"].as_object().unwrap() {
            let needed = if required.iter().any(|it| it == field) { ", required" } else { "" };
            let description = text(inner, "/description").replace('\n', " ").replace('|', "\\|");
            writeln!(page, "| `{field}` | {}{needed}{} | {description} |", kind_of(inner), default(inner)).unwrap();
        }
    }
}

fn kind_of(schema: &Value) -> String {
    if schema.get("enum").is_some() {
        return "one of several".to_owned();
    }
    match (text(schema, "/type"), schema["format"].as_str()) {
        ("array", _) => match text(&schema["items"], "/type") {
            "object" => "list of mappings".to_owned(),
            inner => format!("list of {inner}s"),
        },
        ("object", _) => "mapping".to_owned(),
        ("string", Some("date")) => "day".to_owned(),
        ("string", Some("date-time")) => "instant".to_owned(),
        ("string", _) => "text".to_owned(),
        (other, _) => other.to_owned(),
    }
}

/// Defaults of mappings are those of their fields.
fn default(schema: &Value) -> String {
    match schema.get("default") {
        Some(Value::Object(_)) | None => String::new(),
        Some(Value::String(text)) => format!(", default `{text}`"),
        Some(value) => format!(", default `{value}`"),
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}
