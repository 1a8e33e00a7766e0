//! Of JSON schemas: the way from the root `$`, with the index of an array's element in brackets.

use serde_json::Value;

use super::{FullName, MAX_STEPS};
use crate::kafka::schema::SchemaSource;

/// How deep a schema is looked into. Schemas may contain themselves.
const MAX_DEPTH: usize = 64;

/// Texts of a schema and all that it refers to, parsed, each with the name by which it is referred to.
#[derive(Debug)]
pub(super) struct Json {
    root: Value,
    others: Vec<(String, Value)>,
}

struct Search<'a> {
    json: &'a Json,
    steps: usize,
}

/// A schema, and the document in which it stands.
#[derive(Clone, Copy)]
struct At<'a> {
    schema: &'a Value,
    document: &'a Value,
}

// === impl Json ===

impl Json {
    pub(super) fn parse(source: &SchemaSource) -> Option<Self> {
        let mut others = Vec::new();
        collect(source, &mut others)?;
        Some(Self { root: serde_json::from_str(&source.text).ok()?, others })
    }

    /// The names of the fields at these paths.
    pub(super) fn names<'p>(&self, paths: impl IntoIterator<Item = &'p [String]>) -> Vec<Option<FullName>> {
        let root = At { schema: &self.root, document: &self.root };
        let name = |path: &[String]| Search { json: self, steps: 0 }.field(root, path, &FullName::root(), 0);
        paths.into_iter().map(name).collect()
    }
}

/// Adds the documents that a schema refers to.
fn collect(source: &SchemaSource, documents: &mut Vec<(String, Value)>) -> Option<()> {
    for reference in &source.references {
        collect(&reference.source, documents)?;
        documents.push((reference.name.clone(), serde_json::from_str(&reference.source.text).ok()?));
    }
    Some(())
}

// === impl Search ===

impl<'a> Search<'a> {
    fn field(&mut self, at: At<'a>, path: &[String], name: &FullName, depth: usize) -> Option<FullName> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return None;
        }
        let Some((first, rest)) = path.split_first() else { return Some(name.clone()) };
        let into = |schema| At { schema, ..at };
        if let Some(reference) = at.schema.get("$ref").and_then(Value::as_str) {
            return self.field(self.target(at, reference)?, path, name, depth + 1);
        }
        if let Some(property) = at.schema.get("properties").and_then(|properties| properties.get(first)) {
            return self.field(into(property), rest, &name.property(first), depth + 1);
        }
        let items = match at.schema.get("items") {
            Some(Value::Array(tuple)) => tuple.first(),
            items => items,
        };
        if let Some(items) = items {
            return self.field(into(items), path, &name.element(), depth + 1);
        }
        let combined = ["allOf", "anyOf", "oneOf"].iter().filter_map(|keyword| at.schema.get(*keyword)?.as_array());
        for branch in combined.flatten() {
            if let Some(found) = self.field(into(branch), path, name, depth + 1) {
                return Some(found);
            }
        }
        None
    }

    /// What a reference stands for, in this document or in another.
    fn target(&self, at: At<'a>, reference: &str) -> Option<At<'a>> {
        let (document, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = if document.is_empty() {
            at.document
        } else {
            let others = &self.json.others;
            others.iter().find(|(name, _)| name == document).map(|(_, other)| other)?
        };
        Some(At { schema: document.pointer(fragment)?, document })
    }
}
