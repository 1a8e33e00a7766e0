//! The names by which Confluent's data contracts mean fields, which are not the paths of a message: a record that is
//! nested has its own name there.

mod avro;
mod json;
#[cfg(test)]
mod tests;

use self::{avro::Avro, json::Json};
use super::path_glob;
use crate::kafka::schema::{SchemaSource, SchemaType};

/// How many schemas are looked into for one field.
const MAX_STEPS: usize = 1000;

/// A field as a contract means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FullName {
    /// With the index 0 for the elements of arrays in JSON.
    pub(super) name: String,
    /// A path for `metadata.tags` that means this field, and all elements of arrays.
    pub(super) glob: String,
}

/// The names of the fields at these paths; `None` where there is none.
pub(super) fn full_names(source: &SchemaSource, paths: &[&[String]]) -> Vec<Option<FullName>> {
    let paths_of = || paths.iter().copied();
    let names = match source.schema_type {
        SchemaType::Avro => Avro::parse(source).map(|avro| avro.names(paths_of())),
        SchemaType::Json => Json::parse(source).map(|json| json.names(paths_of())),
        SchemaType::Protobuf => None,
    };
    names.unwrap_or_else(|| vec![None; paths.len()])
}

// === impl FullName ===

impl FullName {
    fn plain(name: &str) -> Self {
        Self { name: name.to_owned(), glob: path_glob::escaped(name) }
    }

    fn root() -> Self {
        Self::plain("$")
    }

    fn property(&self, name: &str) -> Self {
        Self { name: format!("{}.{name}", self.name), glob: format!("{}.{}", self.glob, path_glob::escaped(name)) }
    }

    fn element(&self) -> Self {
        Self { name: format!("{}[0]", self.name), glob: format!("{}[*]", self.glob) }
    }
}
