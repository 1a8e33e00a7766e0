//! JSON Schema (<https://json-schema.org/draft/2020-12>), read for the names that it declares. Values are not validated:
//! what does not fit its schema is inspected all the same.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{
    MAX_TYPES, SchemaError, SchemaSource,
    fields::{Declares, Found},
};

/// Most schemas that apply to one place at the same time.
const MAX_APPLYING: usize = 64;
/// How deep schemas are nested, through references, too.
const MAX_DEPTH: usize = 256;

/// Keywords under which a schema, or a list of them, applies to the same place or to the items of an array in it.
const SAME_PLACE: [&str; 11] = [
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "then",
    "else",
    "items",
    "prefixItems",
    "additionalItems",
    "contains",
    "unevaluatedItems",
];

/// A compiled schema.
#[derive(Debug)]
pub(in crate::kafka) struct JsonSchema {
    nodes: Vec<Node>,
    root: usize,
}

/// A subschema.
#[derive(Debug, Default)]
struct Node {
    properties: BTreeMap<String, usize>,
    /// Subschemas for the same place.
    also: Vec<usize>,
    /// Subschemas of properties without a declared name.
    others: Vec<usize>,
    tags: Vec<String>,
}

/// Reads schemas.
struct Parser<'a> {
    /// The schema and its references, by name.
    documents: Vec<(&'a str, Value)>,
}

/// Adds subschemas.
struct Builder<'a> {
    documents: &'a [(&'a str, Value)],
    nodes: Vec<Node>,
    /// Nodes of subschemas, by document and address, since schemas refer to themselves.
    known: HashMap<(usize, usize), usize>,
    depth: usize,
}

// === impl JsonSchema ===

impl JsonSchema {
    /// Parses a schema with its references.
    pub(super) fn parse(source: &SchemaSource) -> Result<Self, SchemaError> {
        let mut parser = Parser { documents: Vec::new() };
        parser.collect("", source)?;
        let mut builder = Builder { documents: &parser.documents, nodes: Vec::new(), known: HashMap::new(), depth: 0 };
        let root = builder.add(0, &parser.documents.first().ok_or(SchemaError::Invalid)?.1)?;
        Ok(Self { nodes: builder.nodes, root })
    }

    /// The schema of a message.
    pub(in crate::kafka) fn root(&self) -> usize {
        self.root
    }

    /// What applies to the property `name` of what `schemas` apply to, and whether one of them declares the name.
    pub(in crate::kafka) fn property(&self, schemas: &[usize], name: &str) -> (Vec<usize>, bool) {
        let applying = self.applying(schemas);
        let mut below: Vec<usize> =
            applying.iter().filter_map(|index| self.nodes[*index].properties.get(name)).copied().collect();
        let declared = !below.is_empty();
        if !declared {
            below = applying.iter().flat_map(|index| &self.nodes[*index].others).copied().collect();
        }
        below.truncate(MAX_APPLYING);
        (below, declared)
    }

    /// The schemas, and all that apply to the same place through them.
    fn applying(&self, schemas: &[usize]) -> Vec<usize> {
        let mut applying: Vec<usize> = schemas.to_vec();
        let mut next = 0;
        while let Some(index) = applying.get(next) {
            next += 1;
            for also in &self.nodes[*index].also {
                if applying.len() < MAX_APPLYING && !applying.contains(also) {
                    applying.push(*also);
                }
            }
        }
        applying
    }
}

impl Declares for JsonSchema {
    fn each_field(&self, index: usize, found: &mut Found<'_>) {
        for applying in self.applying(&[index]) {
            for (name, property) in &self.nodes[applying].properties {
                let tags: Vec<String> =
                    self.applying(&[*property]).iter().flat_map(|index| &self.nodes[*index].tags).cloned().collect();
                found(applying, name, &tags, *property);
            }
        }
    }
}

// === impl Parser ===

impl<'a> Parser<'a> {
    fn collect(&mut self, name: &'a str, source: &'a SchemaSource) -> Result<(), SchemaError> {
        if self.documents.iter().any(|(known, _)| *known == name) {
            return Ok(());
        }
        self.documents.push((name, serde_json::from_str(&source.text).map_err(|_| SchemaError::Invalid)?));
        source.references.iter().try_for_each(|reference| self.collect(&reference.name, &reference.source))
    }
}

// === impl Builder ===

impl<'a> Builder<'a> {
    /// Adds a subschema and all below it. References end at subschemas that are known.
    fn add(&mut self, document: usize, value: &'a Value) -> Result<usize, SchemaError> {
        let address = (document, std::ptr::from_ref(value).addr());
        if let Some(known) = self.known.get(&address) {
            return Ok(*known);
        }
        if self.nodes.len() == MAX_TYPES || self.depth == MAX_DEPTH {
            return Err(SchemaError::TooComplex);
        }
        self.depth += 1;
        let index = self.nodes.len();
        self.nodes.push(Node::default());
        self.known.insert(address, index);
        let mut node = Node::default();
        match value {
            Value::Bool(_) => {}
            Value::Object(object) => {
                for keyword in ["properties", "patternProperties", "additionalProperties", "unevaluatedProperties"] {
                    let Some(value) = object.get(keyword) else { continue };
                    match (keyword, value) {
                        ("properties", Value::Object(properties)) => {
                            for (name, property) in properties {
                                node.properties.insert(name.clone(), self.add(document, property)?);
                            }
                        }
                        ("patternProperties", Value::Object(patterns)) => {
                            for property in patterns.values() {
                                node.others.push(self.add(document, property)?);
                            }
                        }
                        (_, Value::Object(_)) => node.others.push(self.add(document, value)?),
                        _ => {}
                    }
                }
                for value in SAME_PLACE.iter().filter_map(|keyword| object.get(*keyword)) {
                    self.add_all(document, value, &mut node.also)?;
                }
                if let Some((document, target)) = object.get("$ref").and_then(|link| self.follow(document, link)) {
                    node.also.push(self.add(document, target)?);
                }
                let tags = object.get("confluent:tags").and_then(Value::as_array).into_iter().flatten();
                node.tags = tags.filter_map(Value::as_str).map(str::to_owned).collect();
            }
            _ => return Err(SchemaError::Invalid),
        }
        self.nodes[index] = node;
        self.depth -= 1;
        Ok(index)
    }

    /// Adds a schema or a list of schemas.
    fn add_all(&mut self, document: usize, value: &'a Value, into: &mut Vec<usize>) -> Result<(), SchemaError> {
        match value {
            Value::Object(_) => into.push(self.add(document, value)?),
            Value::Array(values) => {
                for value in values.iter().filter(|value| value.is_object()) {
                    into.push(self.add(document, value)?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What a `$ref` leads to: a JSON pointer (RFC 6901) into this document or into a reference, by its name.
    fn follow(&self, document: usize, link: &Value) -> Option<(usize, &'a Value)> {
        let (name, pointer) = link.as_str().map(|link| link.split_once('#').unwrap_or((link, "")))?;
        let documents = self.documents;
        let document = if name.is_empty() {
            document
        } else {
            documents.iter().position(|(known, _)| *known == name).or_else(|| {
                let last = name.rsplit('/').next();
                documents.iter().position(|(known, _)| !known.is_empty() && known.rsplit('/').next() == last)
            })?
        };
        Some((document, documents.get(document)?.1.pointer(pointer)?))
    }
}
