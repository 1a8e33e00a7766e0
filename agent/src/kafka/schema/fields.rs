//! The fields that a schema declares.

use std::collections::{BTreeMap, BTreeSet};

use super::SchemaField;

/// Most fields that are listed.
const MAX_FIELDS: usize = 4096;
/// Most names in a path.
const MAX_SEGMENTS: usize = 32;
/// Most fields that are looked at: types can refer to each other in very many ways that lead to the same few paths.
const MAX_VISITS: usize = 1 << 14;
/// Most bytes of all paths and tags together: a long name is part of the path of each field below it.
const MAX_BYTES: usize = 4 << 20;

/// Takes a field: the type that declares it, its name, its tags and its own type.
pub(super) type Found<'f> = dyn FnMut(usize, &str, &[String], usize) + 'f;

/// Types by index, and the fields of each.
pub(super) trait Declares {
    /// Calls `found` for each field of a type with the type that declares it, its name, its tags and its own type. What
    /// arrays, maps and unions hold counts as the type itself.
    fn each_field(&self, index: usize, found: &mut Found<'_>);
}

/// Collects fields.
struct Collector<'a> {
    types: &'a dyn Declares,
    found: BTreeMap<Vec<String>, BTreeSet<String>>,
    path: Vec<String>,
    /// The types that declare the names of the path.
    around: Vec<usize>,
    visits: usize,
    bytes: usize,
}

/// All fields below the types `roots`, by path.
pub(super) fn list(types: &dyn Declares, roots: impl IntoIterator<Item = usize>) -> Vec<SchemaField> {
    let (found, path, around) = (BTreeMap::new(), Vec::new(), Vec::new());
    let mut collector = Collector { types, found, path, around, visits: MAX_VISITS, bytes: MAX_BYTES };
    for root in roots {
        collector.collect(root);
    }
    let fields = collector.found.into_iter();
    fields.map(|(path, tags)| SchemaField { path, tags: tags.into_iter().collect() }).collect()
}

// === impl Collector ===

impl Collector<'_> {
    fn collect(&mut self, index: usize) {
        if self.path.len() == MAX_SEGMENTS || self.visits == 0 {
            return;
        }
        let mut fields = Vec::new();
        let path: usize = self.path.iter().map(String::len).sum();
        self.types.each_field(index, &mut |owner, name, tags, field| {
            let bytes = path + name.len() + tags.iter().map(String::len).sum::<usize>();
            if self.visits > 0 && self.bytes >= bytes && !self.around.contains(&owner) {
                self.visits -= 1;
                self.bytes -= bytes;
                fields.push((owner, name.to_owned(), tags.to_vec(), field));
            }
        });
        for (owner, name, tags, field) in fields {
            self.path.push(name);
            if self.found.len() < MAX_FIELDS || self.found.contains_key(&self.path) {
                self.found.entry(self.path.clone()).or_default().extend(tags);
                self.around.push(owner);
                self.collect(field);
                self.around.pop();
            }
            self.path.pop();
        }
    }
}
