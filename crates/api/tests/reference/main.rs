//! Writes `docs/objects.md` and `docs/reference/` from the schemas, and holds them against these. The examples are files of
//! `tests/objects/reference/`, which the loader and a real API server check.

#![allow(clippy::unwrap_used, reason = "in a test a failed expectation is a failed test")]

mod fields;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use landfall_api::manifests;
use serde_json::Value;

const HEAD: &str = "# Objects

The kinds of `landfall.dev/v1alpha1`: in a folder for `landfall watch --register`, in a cluster after
`landfall crds | kubectl apply --server-side -f -`. The same schema and rules apply to both. Generated from the types:
`make crds`.

| kind | short | scope | |
|---|---|---|---|
";

const TAIL: &str = "
Each page has an example, every field of every level with its values, bounds and defaults, the rules across fields, and the
status. A cluster says the same: `kubectl explain KIND.spec --recursive`.

People write the first seven. Their conditions: `Compiled` and `Ready` (this generation is part of the [ruleset](glossary.md#observation-and-evidence) in force; otherwise
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
    kinds.sort_by_key(|it| matches!(text(it, "/spec/names/kind"), "Transfer" | "Incident"));
    let mut index = HEAD.to_owned();
    let mut names = BTreeSet::new();
    for manifest in &kinds {
        let (name, short) = (text(manifest, "/spec/names/kind"), text(manifest, "/spec/names/shortNames/0"));
        let file = format!("{}.md", name.to_lowercase());
        let scope = scope(manifest);
        let description = fields::in_line(text(schema(manifest), "/description"));
        writeln!(index, "| [{name}](reference/{file}) | `{short}` | {scope} | {description} |").unwrap();
        hold(&docs().join("reference").join(&file), &page(manifest));
        names.insert(file);
    }
    hold(&docs().join("objects.md"), &(index + TAIL));
    let listed = fs::read_dir(docs().join("reference")).unwrap();
    let there: BTreeSet<_> = listed.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, names, "pages of docs/reference, and kinds");
}

/// The page of a kind.
fn page(manifest: &Value) -> String {
    let (name, short) = (text(manifest, "/spec/names/kind"), text(manifest, "/spec/names/shortNames/0"));
    let schema = schema(manifest);
    let lower = name.to_lowercase();
    let mut page = format!("# {name}\n\n{}\n", text(schema, "/description"));
    let columns = manifest["spec"]["versions"][0]["additionalPrinterColumns"].as_array().unwrap();
    let columns: Vec<_> = columns.iter().filter(|column| column.get("priority").is_none()).collect();
    let columns: Vec<_> = columns.iter().map(|column| text(column, "/name")).collect();
    let scope = scope(manifest);
    writeln!(page, "\nShort name `{short}`, scope {scope}. `kubectl get {short}` shows Name, {}.", columns.join(", "))
        .unwrap();
    writeln!(page, "Generated from the types: `make crds`. [All kinds](../objects.md)").unwrap();
    let example = objects().join(&lower).with_extension("yaml");
    let example = fs::read_to_string(&example).unwrap_or_else(|error| format!("{}: {error}\n", example.display()));
    write!(page, "\n## Example\n\n```yaml\n{example}```\n").unwrap();
    if let Some(rules) = fields::rules(schema) {
        write!(page, "\n## Rules of the object\n\n{rules}").unwrap();
    }
    for part in ["spec", "status"] {
        fields::section(part, &schema["properties"][part], 2, &mut page);
    }
    page
}

/// With `LANDFALL_UPDATE=1` it writes the file anew.
fn hold(file: &Path, page: &str) {
    if std::env::var_os("LANDFALL_UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, page).unwrap();
    }
    assert!(fs::read_to_string(file).unwrap_or_default() == page, "{} differs; run make crds", file.display());
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

fn objects() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/objects/reference")
}

fn schema(manifest: &Value) -> &Value {
    &manifest["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
}

fn scope(manifest: &Value) -> &'static str {
    if text(manifest, "/spec/scope") == "Cluster" { "cluster" } else { "namespace" }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}
