//! Compares what is declared with what was found.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::DataCategory;
use serde::Serialize;

use super::{Declared, DeclaredField};
use crate::kafka::{
    message::{Evidence, FieldFinding, MessagePart},
    printable::{is_printable, printable},
};

/// How a field's declaration relates to what was found in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ComparisonState {
    /// As declared.
    DeclaredAndFound,
    /// Personal data where nobody declared any, or where it is declared that there is none.
    FoundNotDeclared,
    /// Declared, and not found in what was inspected.
    DeclaredNotSeen,
    /// Producers are to encrypt it, and personal data was read in it.
    DeclaredEncryptedYetReadable,
}

/// One field, or the topic as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// In which part of the messages; `None` for a category that the topic as a whole declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<MessagePart>,
    /// Where, as in findings: `value.email`; empty for the topic as a whole.
    pub path: String,
    pub state: ComparisonState,
    /// Categories found there.
    pub found: BTreeSet<DataCategory>,
    /// Categories that its tags, or the topic, declare. Tags such as `PII` declare personal data without a category.
    pub declared: BTreeSet<DataCategory>,
    /// All tags of the field, as they are written but for what controls a terminal.
    pub tags: BTreeSet<String>,
    /// Whether producers are to encrypt it.
    pub is_encrypted: bool,
}

/// What was found at one path.
#[derive(Debug, Default)]
struct Found {
    /// With enough evidence to say so.
    certain: BTreeSet<DataCategory>,
    /// With any.
    any: BTreeSet<DataCategory>,
}

/// Compares each field, in the order of parts and paths. What is declared and was not found is only as good as the
/// coverage of the messages.
pub fn compare(declared: &Declared, findings: &[FieldFinding]) -> Vec<Comparison> {
    let mut comparisons = Vec::new();
    let (mut seen_fields, mut seen_categories) = (BTreeSet::new(), BTreeSet::new());
    for ((part, path), found) in by_place(findings) {
        let around = || declared.around(part, path);
        // What declares nothing leaves it to the field around.
        let field = around().map(|(_, field)| field).find(|field| field.declares());
        let innermost = around().next().map(|(_, field)| field);
        let tags = [innermost, field].into_iter().flatten().flat_map(|field| shown(&field.tags)).collect();
        let of_place = declared.compared(part, path, field, tags, &found);
        if !of_place.is_empty() {
            seen_fields.extend(around().map(|(index, _)| index));
            seen_categories.extend(found.any);
        }
        comparisons.extend(of_place);
    }
    let fields = declared.fields().iter().enumerate();
    let unseen = fields.filter(|(index, field)| field.is_personal == Some(true) && !seen_fields.contains(index));
    comparisons.extend(unseen.map(|(_, field)| declared.not_seen(field)));
    let unseen = declared.categories.difference(&seen_categories);
    comparisons.extend(unseen.map(|category| Comparison::of_topic(category.clone())));
    comparisons.sort_by(|one, other| (one.part, &one.path, one.state).cmp(&(other.part, &other.path, other.state)));
    comparisons
}

/// Findings by part and path.
fn by_place(findings: &[FieldFinding]) -> BTreeMap<(MessagePart, &str), Found> {
    let mut places: BTreeMap<(MessagePart, &str), Found> = BTreeMap::new();
    let mut evidence: BTreeMap<(MessagePart, &str, &DataCategory), Evidence> = BTreeMap::new();
    for FieldFinding { part, path, category, certainty, messages, .. } in findings {
        let place = (*part, within(path));
        let found = places.entry(place).or_default();
        found.any.insert(category.clone());
        let evidence = evidence.entry((place.0, place.1, category)).or_default();
        evidence.add(*certainty, *messages);
        if evidence.is_enough() {
            found.certain.insert(category.clone());
        }
    }
    places
}

// === impl Declared ===

impl Declared {
    /// What follows from what was found at one place, within a field that declares something or in none.
    fn compared(
        &self,
        part: MessagePart,
        path: &str,
        field: Option<&DeclaredField>,
        tags: BTreeSet<String>,
        found: &Found,
    ) -> Vec<Comparison> {
        let is_encrypted = self.encrypted_parts.contains(&part) || field.is_some_and(|field| field.is_encrypted);
        let of_field = Comparison {
            part: Some(part),
            path: whole(part, path),
            state: ComparisonState::DeclaredEncryptedYetReadable,
            found: found.certain.clone(),
            declared: field.map(|field| field.categories.clone()).unwrap_or_default(),
            tags,
            is_encrypted,
        };
        if is_encrypted {
            // What is encrypted looks like many things by chance.
            return if found.certain.is_empty() { Vec::new() } else { vec![of_field] };
        }
        if field.is_some_and(|field| field.is_personal == Some(true)) {
            return vec![Comparison { state: ComparisonState::DeclaredAndFound, found: found.any.clone(), ..of_field }];
        }
        let is_public = field.is_some_and(|field| field.is_personal == Some(false));
        // A tag on the field says more than what the topic as a whole declares.
        let (by_topic, by_nobody) = if is_public {
            (BTreeSet::new(), found.certain.clone())
        } else {
            let by_topic: BTreeSet<DataCategory> = found.any.intersection(&self.categories).cloned().collect();
            (by_topic, found.certain.difference(&self.categories).cloned().collect())
        };
        let of_topic = Comparison {
            state: ComparisonState::DeclaredAndFound,
            declared: by_topic.clone(),
            found: by_topic,
            ..of_field.clone()
        };
        let of_nobody = Comparison { state: ComparisonState::FoundNotDeclared, found: by_nobody, ..of_field };
        [of_topic, of_nobody].into_iter().filter(|comparison| !comparison.found.is_empty()).collect()
    }

    fn not_seen(&self, field: &DeclaredField) -> Comparison {
        Comparison {
            part: Some(field.part),
            path: whole(field.part, &field.path.join(".")),
            state: ComparisonState::DeclaredNotSeen,
            found: BTreeSet::new(),
            declared: field.categories.clone(),
            tags: shown(&field.tags).collect(),
            is_encrypted: field.is_encrypted || self.encrypted_parts.contains(&field.part),
        }
    }
}

// === impl ComparisonState ===

impl ComparisonState {
    /// The state in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DeclaredAndFound => "declared and found",
            Self::FoundNotDeclared => "found, not declared",
            Self::DeclaredNotSeen => "declared, not seen",
            Self::DeclaredEncryptedYetReadable => "declared encrypted, yet readable",
        }
    }
}

// === impl Comparison ===

impl Comparison {
    /// Of a category that the topic as a whole declares and that was found nowhere.
    fn of_topic(category: DataCategory) -> Self {
        Self {
            part: None,
            path: String::new(),
            state: ComparisonState::DeclaredNotSeen,
            found: BTreeSet::new(),
            declared: BTreeSet::from([category]),
            tags: BTreeSet::new(),
            is_encrypted: false,
        }
    }
}

/// What stands behind the part in the path of a finding; nothing of the part as a whole.
pub(super) fn within(path: &str) -> &str {
    path.split_once('.').map_or("", |(_, names)| names)
}

/// A path as findings have it.
fn whole(part: MessagePart, names: &str) -> String {
    let dot = if names.is_empty() { "" } else { "." };
    let names: String = names.chars().filter(|c| is_printable(*c)).collect();
    format!("{part}{dot}{names}", part = part.as_str())
}

fn shown(tags: &BTreeSet<String>) -> impl Iterator<Item = String> + '_ {
    tags.iter().map(|tag| printable(tag))
}
