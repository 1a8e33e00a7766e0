//! What people declare that a topic's messages hold, to be compared with what was found in them.
//!
//! ```text
//! tags in schemas, tags and rules of the registry ─► fields ──┐
//! categories of the topic ────────────────────────────────────┴─► Declared ─┬─► compare ─► Comparison ─► suggested tags
//! FieldFinding ─────────────────────────────────────────────────────────────┘
//! ```

mod comparison;
mod full_name;
mod path_glob;
mod suggestion;
mod tag;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use landfall_observation::DataCategory;

pub use self::{
    comparison::{Comparison, ComparisonState, compare},
    suggestion::suggested_tags,
};
use self::{
    full_name::{FullName, full_names},
    tag::Meaning,
};
use super::{
    message::MessagePart,
    schema::SchemaId,
    schema_registry::{Contract, EncryptionRule, RegisteredSchema, SchemaRegistry},
};

/// A name that findings do not show, since no schema declares it and it may be data itself.
const HIDDEN: &str = "*";

/// What is declared of a topic.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    fields: Vec<DeclaredField>,
    /// Places in `fields` by part and path, names with dots between.
    places: HashMap<MessagePart, HashMap<String, usize>>,
    /// Declared of the topic as a whole.
    categories: BTreeSet<DataCategory>,
    /// Parts that are to be encrypted as a whole.
    encrypted_parts: BTreeSet<MessagePart>,
    /// `metadata.tags` by part, as they are.
    tags_by_path: BTreeMap<MessagePart, BTreeMap<String, BTreeSet<String>>>,
}

/// A field of a schema, and what its tags declare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredField {
    /// The part of the message that it is in.
    pub part: MessagePart,
    /// Names from the outermost to its own.
    pub path: Vec<String>,
    /// All its tags, as they are written.
    pub tags: BTreeSet<String>,
    /// Categories that its tags declare.
    pub categories: BTreeSet<DataCategory>,
    /// Whether they declare personal data, or that there is none; `None` if neither.
    pub is_personal: Option<bool>,
    /// Whether producers are to encrypt it.
    pub is_encrypted: bool,
    full_name: Option<FullName>,
}

// === impl Declared ===

impl Declared {
    /// What is declared of a topic as a whole: these categories, somewhere in its messages.
    pub fn new(categories: impl IntoIterator<Item = DataCategory>) -> Self {
        Self { categories: categories.into_iter().collect(), ..Self::default() }
    }

    /// Adds what a schema of this part declares. Of several schemas of a part, all declarations hold.
    pub fn with_schema(mut self, part: MessagePart, registered: &RegisteredSchema) -> Self {
        let contract = &registered.contract;
        for (path, tags) in &contract.tags {
            let known = self.tags_by_path.entry(part).or_default().entry(path.clone()).or_default();
            known.extend(tags.iter().cloned());
        }
        if contract.encryption.contains(&EncryptionRule::Payload) {
            self.encrypted_parts.insert(part);
        }
        let fields = registered.schema.fields();
        let paths: Vec<&[String]> = fields.iter().map(|field| field.path.as_slice()).collect();
        let names = full_names(&registered.source, &paths);
        for (field, full_name) in fields.iter().zip(names) {
            let mut tags: BTreeSet<String> = field.tags.iter().cloned().collect();
            if let Some(full_name) = &full_name {
                tags.extend(tags_of(contract, &full_name.name));
            }
            let is_encrypted = is_encrypted(contract, &tags);
            self.add(part, &field.path, tags, is_encrypted, full_name);
        }
        self
    }

    /// Adds what a registry declares of a topic: by the latest schemas of `TOPIC-key` and `TOPIC-value`
    /// (TopicNameStrategy), and by those that its messages name, whatever the strategy. What the registry does not have,
    /// or does not tell now ([`SchemaRegistry::take_problem`]), declares nothing.
    pub fn with_registry<'a>(
        mut self,
        registry: &SchemaRegistry,
        topic: &str,
        named: impl IntoIterator<Item = (MessagePart, &'a SchemaId)>,
    ) -> Self {
        let latest = [MessagePart::Key, MessagePart::Value]
            .map(|part| (part, registry.latest(&format!("{topic}-{}", part.as_str()))));
        let named = named.into_iter().map(|(part, id)| (part, registry.registered(id)));
        for (part, lookup) in latest.into_iter().chain(named) {
            if let Ok(registered) = lookup {
                self = self.with_schema(part, &registered);
            }
        }
        self
    }

    /// All categories that are declared, of the topic as a whole and of fields.
    pub fn categories(&self) -> BTreeSet<DataCategory> {
        self.fields.iter().flat_map(|field| &field.categories).chain(&self.categories).cloned().collect()
    }

    /// All fields of its schemas.
    pub fn fields(&self) -> &[DeclaredField] {
        &self.fields
    }

    fn add(
        &mut self,
        part: MessagePart,
        path: &[String],
        tags: BTreeSet<String>,
        is_encrypted: bool,
        full_name: Option<FullName>,
    ) {
        let places = self.places.entry(part).or_default();
        let place = path.join(".");
        if let Some(known) = places.get(&place).and_then(|index| self.fields.get_mut(*index)) {
            known.tags.extend(tags);
            known.is_encrypted |= is_encrypted;
            known.full_name = full_name.or(known.full_name.take());
            let Meaning { categories, is_personal } = Meaning::of(&known.tags);
            (known.categories, known.is_personal) = (categories, is_personal);
            return;
        }
        let Meaning { categories, is_personal } = Meaning::of(&tags);
        let path = path.to_vec();
        places.insert(place, self.fields.len());
        self.fields.push(DeclaredField { part, path, tags, categories, is_personal, is_encrypted, full_name });
    }

    /// The fields around a place, the innermost first. A name that is not shown is none of a schema's.
    fn around<'a>(&'a self, part: MessagePart, path: &'a str) -> impl Iterator<Item = (usize, &'a DeclaredField)> {
        let mut ends: Vec<usize> = Vec::new();
        let mut end = 0;
        for segment in path.split('.').take_while(|segment| *segment != HIDDEN) {
            end += segment.len();
            ends.push(end);
            end += 1;
        }
        ends.into_iter().rev().filter_map(move |end| {
            let index = *self.places.get(&part)?.get(path.get(..end)?)?;
            Some((index, self.fields.get(index)?))
        })
    }
}

// === impl DeclaredField ===

impl DeclaredField {
    /// Whether anything follows from its tags.
    fn declares(&self) -> bool {
        self.is_personal.is_some() || self.is_encrypted
    }
}

/// Tags that `metadata.tags` gives to a field.
fn tags_of<'a>(contract: &'a Contract, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let matching = contract.tags.iter().filter(move |(path, _)| path_glob::matches(path, name));
    matching.flat_map(|(_, tags)| tags.iter().cloned())
}

/// Whether a rule encrypts fields with these tags. Confluent's clients compare tags by their letters.
fn is_encrypted(contract: &Contract, tags: &BTreeSet<String>) -> bool {
    contract.encryption.iter().any(|rule| match rule {
        EncryptionRule::Fields { tags: encrypted } => encrypted.is_empty() || !encrypted.is_disjoint(tags),
        EncryptionRule::Payload => false,
    })
}
