use landfall_agent::kafka::{
    message::FieldFinding,
    sampler::{Counts, Progress},
};
use serde::Serialize;

use crate::output::{Grid, Screen, Table};

/// What the sample of a topic holds.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SampledTopic {
    topic: String,
    pub(crate) partitions: usize,
    #[serde(flatten, serialize_with = "without_range")]
    pub(crate) read: Progress,
}

/// Topics, and below each of them its fields with personal data.
#[derive(Default)]
pub(crate) struct KafkaSampleTable {
    topics: Vec<[String; 6]>,
    fields: Vec<[String; 6]>,
    notes: Vec<String>,
}

// === impl SampledTopic ===

impl SampledTopic {
    pub(crate) fn new(topic: &str) -> Self {
        let read = Progress { topic: topic.to_owned(), ..Progress::default() };
        Self { topic: topic.to_owned(), partitions: 0, read }
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
        if !self.notes.is_empty() {
            text = format!("{text}\n\n{}", self.notes.join("\n"));
        }
        text
    }
}

/// The range of offsets is one of a partition.
fn without_range<S: serde::Serializer>(progress: &Progress, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Shown<'a> {
        offsets: u64,
        counts: &'a Counts,
        formats: &'a std::collections::BTreeMap<landfall_agent::kafka::message::Format, u64>,
        errors: &'a std::collections::BTreeMap<landfall_agent::kafka::message::DecodeError, u64>,
        findings: &'a [FieldFinding],
        processor_microseconds: u64,
    }
    let Progress { counts, formats, errors, findings, processor_microseconds, .. } = progress;
    let processor_microseconds = *processor_microseconds;
    Shown { offsets: counts.offsets(), counts, formats, errors, findings, processor_microseconds }.serialize(serializer)
}
