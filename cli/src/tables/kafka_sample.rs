use std::collections::{BTreeMap, BTreeSet};

use landfall_agent::kafka::{
    declared::{Comparison, Declared, compare, suggested_tags},
    message::{DecodeError, FieldFinding, Format, MessagePart},
    sampler::{Counts, Progress},
    schema::SchemaId,
    schema_registry::SchemaRegistry,
};
use serde::Serialize;
use serde_json::Value;

use crate::output::{Grid, Screen, Table};

/// What the sample of a topic holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SampledTopic {
    topic: String,
    pub(crate) partitions: usize,
    #[serde(flatten, serialize_with = "without_range")]
    pub(crate) read: Progress,
    /// Where a schema registry was asked: what it declares against what was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<DeclaredAgainstFound>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DeclaredAgainstFound {
    fields: Vec<Comparison>,
    /// Patches (RFC 7396) for the latest schema of a part, which tag what was found and is not declared.
    suggested_tags: BTreeMap<MessagePart, Value>,
}

/// Topics, and below each of them its fields with personal data.
#[derive(Default)]
pub(crate) struct KafkaSampleTable {
    topics: Vec<[String; 6]>,
    fields: Vec<[String; 6]>,
    declared: Vec<[String; 5]>,
    notes: Vec<String>,
}

// === impl SampledTopic ===

impl SampledTopic {
    pub(crate) fn new(topic: &str) -> Self {
        let read = Progress { topic: topic.to_owned(), ..Progress::default() };
        Self { topic: topic.to_owned(), partitions: 0, read, declared: None }
    }

    /// Compares what was found with what a registry declares.
    pub(crate) fn compare(&mut self, registry: &SchemaRegistry) {
        let named = self.read.schemas.iter().flat_map(|(part, ids)| ids.keys().map(|id| (*part, id)));
        let declared = Declared::default().with_registry(registry, &self.topic, named);
        let fields = compare(&declared, &self.read.findings);
        let of_part = |part| Some((part, suggested_tags(&declared, &fields, part)?));
        let suggested_tags = [MessagePart::Key, MessagePart::Value].into_iter().filter_map(of_part).collect();
        self.declared = Some(DeclaredAgainstFound { fields, suggested_tags });
    }
}

// === impl KafkaSampleTable ===

impl Table for KafkaSampleTable {
    type Row<'a> = SampledTopic;

    fn push(&mut self, row: &SampledTopic) {
        let Progress { counts, formats, errors, findings, .. } = &row.read;
        let Counts { inspected, decoded, .. } = counts;
        let mut formats: Vec<_> = formats.iter().map(|(format, parts)| (*parts, format.to_string())).collect();
        formats.sort_by(|(parts, name), (other, other_name)| other.cmp(parts).then(name.cmp(other_name)));
        let formats: Vec<_> = formats.into_iter().map(|(_, name)| name).collect();
        self.topics.push([
            row.topic.clone(),
            row.partitions.to_string(),
            counts.offsets().to_string(),
            inspected.to_string(),
            decoded.to_string(),
            formats.join(" "),
        ]);
        let mut findings: Vec<&FieldFinding> = findings.iter().collect();
        findings.sort_by(|one, other| {
            let by = |it: &FieldFinding| (it.path.clone(), it.category.clone(), it.detector.clone());
            by(one).cmp(&by(other)).then(other.certainty.cmp(&one.certainty))
        });
        for FieldFinding { part: _, path, category, detector: _, certainty, matches, messages } in findings {
            self.fields.push([
                row.topic.clone(),
                path.clone(),
                category.to_string(),
                certainty.to_string(),
                messages.to_string(),
                matches.to_string(),
            ]);
        }
        if let Some(DeclaredAgainstFound { fields, suggested_tags }) = &row.declared {
            self.declared.extend(fields.iter().map(|field| declared(&row.topic, field)));
            if !suggested_tags.is_empty() {
                let path = "declared.suggestedTags of -o json";
                self.notes.push(format!("{}: a patch with tags for what is not declared: {path}", row.topic));
            }
        }
        for (error, parts) in errors {
            self.notes.push(format!("{}: {parts} keys, values or headers: {error}", row.topic));
        }
        if counts.crashed > 0 {
            let crashed = counts.crashed;
            self.notes.push(format!("{}: {crashed} messages skipped, at which the process died twice", row.topic));
        }
        if counts.deleted > 0 {
            self.notes.push(format!("{}: {} offsets deleted before they were read", row.topic, counts.deleted));
        }
    }

    fn note(&mut self, sentence: String) {
        self.notes.push(sentence);
    }

    fn render(&self, screen: Screen) -> String {
        if self.topics.is_empty() {
            return "0 topics".to_owned();
        }
        let mut grid = Grid::new(screen, &["TOPIC", "PARTITIONS", "OFFSETS", "INSPECTED", "DECODED", "FORMATS"])
            .align_right(&[1, 2, 3, 4])
            .keep_whole(&[0]);
        for row in &self.topics {
            grid.push(row);
        }
        let mut text = grid.cut();
        if self.fields.is_empty() {
            text += "\n\nno personal data found in these messages";
        } else {
            let headings = ["TOPIC", "FIELD", "CATEGORY", "CERTAINTY", "MESSAGES", "MATCHES"];
            let mut grid = Grid::new(screen, &headings).align_right(&[4, 5]).keep_whole(&[0, 1]);
            for row in &self.fields {
                grid.push(row);
            }
            text = format!("{text}\n\n{}", grid.cut());
        }
        if !self.declared.is_empty() {
            let headings = ["TOPIC", "FIELD", "STATE", "FOUND", "DECLARED"];
            let mut grid = Grid::new(screen, &headings).keep_whole(&[0, 1]);
            for row in &self.declared {
                grid.push(row);
            }
            text = format!("{text}\n\n{}", grid.cut());
        }
        if !self.notes.is_empty() {
            text = format!("{text}\n\n{}", self.notes.join("\n"));
        }
        text
    }
}

/// A field as a row. What is declared are categories, and tags that mean none.
fn declared(topic: &str, comparison: &Comparison) -> [String; 5] {
    let Comparison { part: _, path, state, found, declared, tags, is_encrypted } = comparison;
    let categories: BTreeSet<String> = declared.iter().map(ToString::to_string).collect();
    let encrypted = is_encrypted.then(|| "encrypted".to_owned());
    let declared: Vec<String> = categories.union(tags).cloned().chain(encrypted).collect();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    let or_none = |all: Vec<String>| if all.is_empty() { "-".to_owned() } else { all.join(" ") };
    let path = if path.is_empty() { "-".to_owned() } else { path.clone() };
    [topic.to_owned(), path, state.as_str().to_owned(), or_none(found), or_none(declared)]
}

/// The range of offsets is one of a partition.
fn without_range<S: serde::Serializer>(progress: &Progress, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Shown<'a> {
        offsets: u64,
        counts: &'a Counts,
        formats: &'a BTreeMap<Format, u64>,
        errors: &'a BTreeMap<DecodeError, u64>,
        schemas: &'a BTreeMap<MessagePart, BTreeMap<SchemaId, u64>>,
        findings: &'a [FieldFinding],
        processor_microseconds: u64,
    }
    let Progress { counts, formats, errors, schemas, findings, processor_microseconds, .. } = progress;
    let processor_microseconds = *processor_microseconds;
    Shown { offsets: counts.offsets(), counts, formats, errors, schemas, findings, processor_microseconds }
        .serialize(serializer)
}
