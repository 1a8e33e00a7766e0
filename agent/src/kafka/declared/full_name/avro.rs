//! Of Avro: the full name of the record in which the field stands, a dot, and the field.
//! <https://avro.apache.org/docs/1.12.0/specification/#names>

use std::collections::HashMap;

use serde_json::Value;

use super::{FullName, MAX_STEPS};
use crate::kafka::schema::SchemaSource;

/// How deep a schema is looked into. Schemas may contain themselves.
const MAX_DEPTH: usize = 64;

/// Schemas by their full names.
#[derive(Debug, Default)]
struct Named<'a>(HashMap<String, (&'a Value, &'a str)>);

/// Texts of a schema and all that it refers to, parsed.
#[derive(Debug)]
pub(super) struct Avro {
    /// The schema last.
    documents: Vec<Value>,
}

/// Looks for one field.
struct Search<'a> {
    named: &'a Named<'a>,
    steps: usize,
}

// === impl Avro ===

impl Avro {
    pub(super) fn parse(source: &SchemaSource) -> Option<Self> {
        let mut documents = Vec::new();
        collect(source, &mut documents)?;
        Some(Self { documents })
    }

    /// The names of the fields at these paths.
    pub(super) fn names<'p>(&self, paths: impl IntoIterator<Item = &'p [String]>) -> Vec<Option<FullName>> {
        let mut named = Named::default();
        for document in &self.documents {
            named.add(document, "", 0);
        }
        let root = self.documents.last();
        let name = |path: &[String]| {
            let mut search = Search { named: &named, steps: 0 };
            search.field(root?, "", path, None, 0).map(|name| FullName::plain(&name))
        };
        paths.into_iter().map(name).collect()
    }
}

/// Adds the documents that a schema refers to, then its own.
fn collect(source: &SchemaSource, documents: &mut Vec<Value>) -> Option<()> {
    for reference in &source.references {
        collect(&reference.source, documents)?;
    }
    documents.push(serde_json::from_str(&source.text).ok()?);
    Some(())
}

// === impl Named ===

impl<'a> Named<'a> {
    /// Adds all schemas that have a name. `outer`: the namespace around.
    fn add(&mut self, schema: &'a Value, outer: &'a str, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match schema {
            Value::Array(branches) => branches.iter().for_each(|branch| self.add(branch, outer, depth + 1)),
            Value::Object(object) => {
                let namespace = namespace(schema, outer);
                if let Some(name) = object.get("name").and_then(Value::as_str) {
                    self.0.insert(full(name, namespace), (schema, outer));
                }
                for field in object.get("fields").and_then(Value::as_array).into_iter().flatten() {
                    if let Some(inner) = field.get("type") {
                        self.add(inner, namespace, depth + 1);
                    }
                }
                for inner in ["type", "items", "values"].iter().filter_map(|name| object.get(*name)) {
                    if inner.is_object() || inner.is_array() {
                        self.add(inner, namespace, depth + 1);
                    }
                }
            }
            _ => {}
        }
    }
}

// === impl Search ===

impl<'a> Search<'a> {
    /// The name of the field at the path. `last`: that of the field in which the schema stands.
    fn field(
        &mut self,
        schema: &'a Value,
        outer: &'a str,
        path: &[String],
        last: Option<&str>,
        depth: usize,
    ) -> Option<String> {
        self.steps += 1;
        if depth > MAX_DEPTH || self.steps > MAX_STEPS {
            return None;
        }
        let Some((first, rest)) = path.split_first() else { return last.map(str::to_owned) };
        match schema {
            Value::String(name) => {
                let named = self.named;
                let found = named.0.get(&full(name, outer)).or_else(|| named.0.get(name));
                let (schema, outer) = *found?;
                self.field(schema, outer, path, last, depth + 1)
            }
            Value::Array(branches) => {
                branches.iter().find_map(|branch| self.field(branch, outer, path, last, depth + 1))
            }
            Value::Object(object) => {
                let inner = ["items", "values"].iter().find_map(|name| object.get(*name));
                if let Some(inner) = inner {
                    return self.field(inner, outer, path, last, depth + 1);
                }
                let Some(fields) = object.get("fields").and_then(Value::as_array) else {
                    let inner = object.get("type")?;
                    return self.field(inner, outer, path, last, depth + 1);
                };
                let namespace = namespace(schema, outer);
                let record = full(object.get("name")?.as_str()?, namespace);
                let field = fields.iter().find(|field| field.get("name").and_then(Value::as_str) == Some(first))?;
                let name = format!("{record}.{first}");
                self.field(field.get("type")?, namespace, rest, Some(&name), depth + 1)
            }
            _ => None,
        }
    }
}

/// The namespace within a schema that has a name: its own, or the one around.
fn namespace<'a>(schema: &'a Value, outer: &'a str) -> &'a str {
    let name = schema.get("name").and_then(Value::as_str).unwrap_or_default();
    match name.rsplit_once('.') {
        Some((namespace, _)) => namespace,
        None => schema.get("namespace").and_then(Value::as_str).unwrap_or(outer),
    }
}

fn full(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}
