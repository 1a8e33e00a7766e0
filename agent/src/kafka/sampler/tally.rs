//! What was found since the last report.

use std::time::Duration;

use super::report::Progress;
use crate::kafka::message::{FieldFinding, Format, Inspected, PartOutcome};

/// Maximum number of findings in a report: a field may hold several kinds of data. What is beyond is counted at the path
/// `*`.
const MAX_FINDINGS: usize = 1024;
/// The path of findings whose own path is not listed.
const ELSEWHERE: &str = "*";

/// What a message was like, beside what was found in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) bytes: u64,
    pub(super) is_tombstone: bool,
    /// Whether its value was not scanned: JSON of a known shape.
    pub(super) is_known: bool,
}

/// Adds an inspected message.
pub(super) fn count(progress: &mut Progress, inspected: Inspected, seen: Seen, processor: Duration) {
    let Seen { bytes, is_tombstone, is_known } = seen;
    let Inspected { findings, parts, bytes_inspected } = inspected;
    let counts = &mut progress.counts;
    counts.inspected += 1;
    counts.decoded += u64::from(parts.iter().all(|part| part.error.is_none()));
    counts.known_shape += u64::from(is_known);
    counts.tombstones += u64::from(is_tombstone);
    counts.bytes += bytes;
    counts.inspected_bytes += bytes_inspected;
    if is_known {
        *progress.formats.entry(Format::Json).or_default() += 1;
    }
    for PartOutcome { part, format, schema, error } in parts {
        *progress.formats.entry(format).or_default() += 1;
        if let Some(error) = error {
            *progress.errors.entry(error).or_default() += 1;
        }
        if let Some(schema) = schema
            && format.is_of_schema()
        {
            progress.count_schema(part, schema, 1);
        }
    }
    for finding in findings {
        add(&mut progress.findings, finding);
    }
    progress.processor_microseconds += u64::try_from(processor.as_micros()).unwrap_or(u64::MAX);
}

/// Adds a finding to others; each part, path, category, detector and certainty is there once.
pub(super) fn add(findings: &mut Vec<FieldFinding>, mut finding: FieldFinding) {
    let position = |findings: &[FieldFinding], finding: &FieldFinding| {
        findings.iter().position(|known| {
            known.part == finding.part
                && known.path == finding.path
                && known.category == finding.category
                && known.detector == finding.detector
                && known.certainty == finding.certainty
        })
    };
    let mut known = position(findings, &finding);
    if known.is_none() && findings.len() >= MAX_FINDINGS {
        ELSEWHERE.clone_into(&mut finding.path);
        known = position(findings, &finding);
    }
    match known {
        Some(index) => {
            findings[index].matches += finding.matches;
            findings[index].messages += finding.messages;
        }
        None => findings.push(finding),
    }
}
