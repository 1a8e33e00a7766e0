//! The charts: what is copied or generated is current, and both Helm and the API server take what they render.

mod cluster;
mod copies;
mod operator;
mod readme;
mod rendered;
mod rights;

use landfall_tests::{
    chart::Helm,
    cluster::{Programs, or_skip},
};
use serde_json::Value;

use crate::rules::documents;

const CHARTS: [&str; 3] = ["landfall", "landfall-crds", "landfall-legal-data"];
/// The least that the chart `landfall` needs.
pub(crate) const LEAST: [&str; 2] = ["cluster=test", "image.registry=registry.example.org"];

/// Helm of both versions; none where no test cluster was built.
pub(crate) fn helms() -> Option<[Helm; 2]> {
    let programs = or_skip(Programs::find())?;
    Some([4, 3].map(|version| Helm::new(&programs, version)))
}

/// The objects of a text that Helm has printed.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    documents(text).into_iter().filter(Value::is_object).collect()
}

pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
