//! Avro schemas (<https://avro.apache.org/docs/1.12.0/specification/>), as a list of types that refer to each other by
//! index.
//!
//! They are parsed here and not by `apache-avro`: that crate refuses a whole schema for a default value that does not
//! fit, which matters to writers only, and copies each record once for every record around it.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{
    MAX_TYPES, SchemaError, SchemaSource,
    fields::{Declares, Found},
};

/// A compiled schema.
pub(in crate::kafka) struct AvroSchema {
    types: Vec<AvroType>,
    root: usize,
}

/// A type; other types are named by their index.
#[derive(Debug)]
pub(in crate::kafka) enum AvroType {
    Null,
    Boolean,
    /// `int` and `long`, which are written alike.
    Integer,
    Float,
    Double,
    Bytes,
    String,
    Fixed(usize),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record(Vec<AvroField>),
    /// A date, a time, a duration, a decimal number or a UUID: written as its type, and nothing that a detector reads.
    Opaque(usize),
}

/// A field of a record.
#[derive(Debug)]
pub(in crate::kafka) struct AvroField {
    pub(in crate::kafka) name: String,
    tags: Vec<String>,
    pub(in crate::kafka) index: usize,
}

/// Reads schemas.
#[derive(Default)]
struct Parser {
    types: Vec<AvroType>,
    /// Types by their full names.
    named: HashMap<String, usize>,
    /// References that were read.
    read: HashSet<String>,
}

// === impl AvroSchema ===

impl AvroSchema {
    /// Parses a schema; its references come first.
    pub(super) fn parse(source: &SchemaSource) -> Result<Self, SchemaError> {
        let mut parser = Parser::default();
        let root = parser.source(source)?;
        Ok(Self { types: parser.types, root })
    }

    /// The type of a message.
    pub(in crate::kafka) fn root(&self) -> usize {
        self.root
    }

    pub(in crate::kafka) fn get(&self, index: usize) -> Option<&AvroType> {
        self.types.get(index)
    }
}

impl Declares for AvroSchema {
    fn each_field(&self, index: usize, found: &mut Found<'_>) {
        match self.get(index) {
            Some(AvroType::Record(fields)) => {
                for field in fields {
                    found(index, &field.name, &field.tags, field.index);
                }
            }
            Some(AvroType::Array(item) | AvroType::Map(item)) => self.each_field(*item, found),
            Some(AvroType::Union(variants)) => {
                for variant in variants {
                    self.each_field(*variant, found);
                }
            }
            _ => {}
        }
    }
}

// === impl Parser ===

impl Parser {
    fn source(&mut self, source: &SchemaSource) -> Result<usize, SchemaError> {
        for reference in &source.references {
            if self.read.insert(reference.name.clone()) {
                self.source(&reference.source)?;
            }
        }
        match serde_json::from_str(&source.text) {
            Ok(value) => self.schema(&value, ""),
            // A registry may give a primitive type without quotes.
            Err(_) => self.name(source.text.trim(), ""),
        }
    }

    /// `serde_json` has bounded the depth of `value`.
    fn schema(&mut self, value: &Value, namespace: &str) -> Result<usize, SchemaError> {
        match value {
            Value::String(name) => self.name(name, namespace),
            Value::Array(variants) => {
                let variants =
                    variants.iter().map(|variant| self.schema(variant, namespace)).collect::<Result<Vec<_>, _>>()?;
                // A union holds each type once.
                let distinct: HashSet<_> = variants.iter().collect();
                if distinct.len() < variants.len() {
                    return Err(SchemaError::Invalid);
                }
                self.add(AvroType::Union(variants))
            }
            Value::Object(object) => self.object(object, namespace),
            _ => Err(SchemaError::Invalid),
        }
    }

    /// A primitive type, or one that was defined before.
    fn name(&mut self, name: &str, namespace: &str) -> Result<usize, SchemaError> {
        let primitive = match name {
            "null" => AvroType::Null,
            "boolean" => AvroType::Boolean,
            "int" | "long" => AvroType::Integer,
            "float" => AvroType::Float,
            "double" => AvroType::Double,
            "bytes" => AvroType::Bytes,
            "string" => AvroType::String,
            _ => {
                let known = self.named.get(&full_name(name, namespace)).or_else(|| self.named.get(name));
                return known.copied().ok_or(SchemaError::Invalid);
            }
        };
        self.add(primitive)
    }

    fn object(&mut self, object: &Map<String, Value>, namespace: &str) -> Result<usize, SchemaError> {
        let inner = object.get("type").ok_or(SchemaError::Invalid)?;
        let index = match inner.as_str() {
            Some("record" | "error") => self.record(object, namespace)?,
            Some("enum") => {
                let symbols = object.get("symbols").and_then(Value::as_array).ok_or(SchemaError::Invalid)?;
                let symbols = symbols.iter().map(|symbol| symbol.as_str().map(str::to_owned)).collect::<Option<_>>();
                let index = self.add(AvroType::Enum(symbols.ok_or(SchemaError::Invalid)?))?;
                self.define(object, namespace, index)?;
                index
            }
            Some("fixed") => {
                let size = object.get("size").and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
                let index = self.add(AvroType::Fixed(size.ok_or(SchemaError::Invalid)?))?;
                self.define(object, namespace, index)?;
                index
            }
            Some("array") => {
                let item = self.schema(object.get("items").ok_or(SchemaError::Invalid)?, namespace)?;
                self.add(AvroType::Array(item))?
            }
            Some("map") => {
                let item = self.schema(object.get("values").ok_or(SchemaError::Invalid)?, namespace)?;
                self.add(AvroType::Map(item))?
            }
            _ => self.schema(inner, namespace)?,
        };
        match (self.types.get(index), object.get("logicalType").and_then(Value::as_str)) {
            (Some(AvroType::Integer | AvroType::Bytes | AvroType::Fixed(_)), Some(logical)) if is_opaque(logical) => {
                self.add(AvroType::Opaque(index))
            }
            _ => Ok(index),
        }
    }

    fn record(&mut self, object: &Map<String, Value>, namespace: &str) -> Result<usize, SchemaError> {
        // The record is known by its name before its fields are: it may hold itself.
        let index = self.add(AvroType::Record(Vec::new()))?;
        let namespace = self.define(object, namespace, index)?;
        let mut fields = Vec::new();
        for field in object.get("fields").and_then(Value::as_array).ok_or(SchemaError::Invalid)? {
            let (Some(name), Some(inner)) = (field.get("name").and_then(Value::as_str), field.get("type")) else {
                return Err(SchemaError::Invalid);
            };
            let index = self.schema(inner, &namespace)?;
            fields.push(AvroField { name: name.to_owned(), tags: tags(field), index });
        }
        if let Some(record) = self.types.get_mut(index) {
            *record = AvroType::Record(fields);
        }
        Ok(index)
    }

    /// Makes a type known by its name and aliases; returns the namespace inside it.
    fn define(&mut self, object: &Map<String, Value>, around: &str, index: usize) -> Result<String, SchemaError> {
        let name = object.get("name").and_then(Value::as_str).ok_or(SchemaError::Invalid)?;
        let namespace = object.get("namespace").and_then(Value::as_str).unwrap_or(around);
        let full = full_name(name, namespace);
        let inside = full.rsplit_once('.').map_or("", |(namespace, _)| namespace).to_owned();
        for alias in object.get("aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            self.named.insert(full_name(alias, &inside), index);
        }
        self.named.insert(full, index);
        Ok(inside)
    }

    fn add(&mut self, new: AvroType) -> Result<usize, SchemaError> {
        if self.types.len() == MAX_TYPES {
            return Err(SchemaError::TooComplex);
        }
        self.types.push(new);
        Ok(self.types.len() - 1)
    }
}

/// The full name of a type that is called `name` inside a namespace.
fn full_name(name: &str, namespace: &str) -> String {
    if name.contains('.') || namespace.is_empty() { name.to_owned() } else { format!("{namespace}.{name}") }
}

/// Whether values of a logical type are numbers and instants.
fn is_opaque(logical: &str) -> bool {
    matches!(logical, "date" | "duration" | "decimal" | "big-decimal" | "uuid")
        || ["time-", "timestamp-", "local-timestamp-"].iter().any(|prefix| logical.starts_with(prefix))
}

/// `confluent:tags` of a field.
fn tags(field: &Value) -> Vec<String> {
    let tags = field.get("confluent:tags").and_then(Value::as_array).into_iter().flatten();
    tags.filter_map(Value::as_str).map(str::to_owned).collect()
}
