//! The schemas of the registry, and its answers about them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error;

/// A schema as one registers it.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// `AVRO`, `PROTOBUF` or `JSON`.
    pub schema_type: String,
    pub text: String,
    /// `[{name, subject, version}]`.
    pub references: Value,
    /// `{tags: {path: [tag]}, properties: {name: value}, sensitive: [name]}`.
    pub metadata: Value,
    /// `{domainRules: […], migrationRules: […]}`.
    pub rule_set: Value,
}

#[derive(Debug, Default)]
pub(super) struct Catalog {
    /// The one with id 1 first.
    schemas: Vec<Schema>,
    subjects: BTreeMap<String, Subject>,
}

#[derive(Debug, Default)]
struct Subject {
    /// Ids of its versions, version 1 first.
    versions: Vec<u32>,
    deleted: bool,
}

impl Schema {
    pub fn new(schema_type: &str, text: &str) -> Self {
        let (references, metadata, rule_set) = (Value::Null, Value::Null, Value::Null);
        Self { schema_type: schema_type.to_owned(), text: text.to_owned(), references, metadata, rule_set }
    }

    pub fn with_references(self, references: Value) -> Self {
        Self { references, ..self }
    }

    pub fn with_metadata(self, metadata: Value) -> Self {
        Self { metadata, ..self }
    }

    pub fn with_rule_set(self, rule_set: Value) -> Self {
        Self { rule_set, ..self }
    }

    /// As it is answered: Avro has no type, and what is not there has no field.
    fn fields(&self) -> Value {
        let mut fields = json!({ "schema": self.text });
        if self.schema_type != "AVRO" {
            fields["schemaType"] = json!(self.schema_type);
        }
        for (name, value) in
            [("references", &self.references), ("metadata", &self.metadata), ("ruleSet", &self.rule_set)]
        {
            if !value.is_null() {
                fields[name] = value.clone();
            }
        }
        fields
    }
}

/// The second name of the schema with this id.
pub(super) fn guid_of(id: u32) -> String {
    format!("00000000-0000-4000-8000-{id:012x}")
}

impl Catalog {
    pub(super) fn register(&mut self, subject: &str, schema: Schema) -> u32 {
        let known = self.schemas.iter().position(|known| *known == schema);
        let index = known.unwrap_or_else(|| {
            self.schemas.push(schema);
            self.schemas.len() - 1
        });
        let id = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let subject = self.subjects.entry(subject.to_owned()).or_default();
        subject.deleted = false;
        if !subject.versions.contains(&id) {
            subject.versions.push(id);
        }
        id
    }

    pub(super) fn delete(&mut self, subject: &str) {
        if let Some(subject) = self.subjects.get_mut(subject) {
            subject.deleted = true;
        }
    }

    /// Status and body of the answer to a `GET`.
    pub(super) fn answer(&self, path: &str, query: &str) -> (u16, String) {
        let deleted = query.split('&').any(|part| part == "deleted=true");
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let answer = match parts[..] {
            [""] => Ok(json!({})),
            ["config"] => Ok(json!({ "compatibilityLevel": "BACKWARD" })),
            ["mode"] => Ok(json!({ "mode": "READWRITE" })),
            ["schemas", "types"] => Ok(json!(["JSON", "PROTOBUF", "AVRO"])),
            ["schemas", "ids", id] => self.schema(id).map(Schema::fields),
            ["schemas", "guids", guid] => self.schema_by_guid(guid).map(Schema::fields),
            ["schemas", "ids", id, "schema"] => match self.schema(id) {
                Ok(schema) => return (200, schema.text.clone()),
                Err(refused) => Err(refused),
            },
            ["schemas", "ids", id, "versions"] => self.uses(id, deleted).map(|uses| {
                uses.into_iter().map(|(subject, version)| json!({ "subject": subject, "version": version })).collect()
            }),
            ["schemas", "ids", id, "subjects"] => {
                self.uses(id, deleted).map(|uses| uses.into_iter().map(|(subject, _)| json!(subject)).collect())
            }
            ["subjects"] => Ok(self.shown(deleted).map(|(name, _)| json!(name)).collect()),
            ["subjects", subject, "versions"] => {
                self.subject(subject, deleted).map(|found| (1..=found.versions.len()).map(|one| json!(one)).collect())
            }
            ["subjects", subject, "versions", version] => self.version(subject, version, deleted),
            _ => Err((404, error(404, "HTTP 404 Not Found"))),
        };
        match answer {
            Ok(value) => (200, value.to_string()),
            Err(refused) => refused,
        }
    }

    fn schema(&self, id: &str) -> Result<&Schema, (u16, String)> {
        let index = id.parse::<usize>().ok().and_then(|id| id.checked_sub(1));
        let found = index.and_then(|index| self.schemas.get(index));
        found.ok_or_else(|| (404, error(40403, &format!("Schema {id} not found"))))
    }

    fn schema_by_guid(&self, guid: &str) -> Result<&Schema, (u16, String)> {
        let found = (1..).zip(&self.schemas).find(|(id, _)| guid_of(*id) == guid).map(|(_, schema)| schema);
        found.ok_or_else(|| (404, error(40403, &format!("Schema {guid} not found"))))
    }

    fn shown(&self, deleted: bool) -> impl Iterator<Item = (&String, &Subject)> {
        self.subjects.iter().filter(move |(_, subject)| deleted || !subject.deleted)
    }

    /// Subjects that have the schema, each with the version.
    fn uses(&self, id: &str, deleted: bool) -> Result<Vec<(&String, usize)>, (u16, String)> {
        self.schema(id)?;
        let position = |subject: &Subject| subject.versions.iter().position(|one| one.to_string() == id);
        Ok(self.shown(deleted).filter_map(|(name, subject)| Some((name, position(subject)? + 1))).collect())
    }

    fn subject(&self, name: &str, deleted: bool) -> Result<&Subject, (u16, String)> {
        let found = self.subjects.get(name).filter(|subject| deleted || !subject.deleted);
        found.ok_or_else(|| (404, error(40401, &format!("Subject '{name}' not found."))))
    }

    fn version(&self, name: &str, version: &str, deleted: bool) -> Result<Value, (u16, String)> {
        let subject = self.subject(name, deleted)?;
        let number = if version == "latest" { Some(subject.versions.len()) } else { version.parse().ok() };
        let id = number.and_then(|number: usize| subject.versions.get(number.checked_sub(1)?));
        let id = id.ok_or_else(|| (404, error(40402, &format!("Version {version} not found."))))?;
        let mut fields = self.schema(&id.to_string())?.fields();
        fields["subject"] = json!(name);
        fields["version"] = json!(number);
        fields["id"] = json!(id);
        Ok(fields)
    }
}
