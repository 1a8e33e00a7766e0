//! What was found since the last report.

use std::time::Duration;

use super::report::Progress;
use crate::kafka::message::{FieldFinding, Inspected};

/// Maximum number of findings in a report: a field may hold several kinds of data. What is beyond is counted at the path
/// `*`.
const MAX_FINDINGS: usize = 1024;
/// The path of findings whose own path is not listed.
const ELSEWHERE: &str = "*";

/// Adds an inspected message.
pub(super) fn count(
    progress: &mut Progress,
    inspected: Inspected,
    bytes: u64,
    is_tombstone: bool,
    processor: Duration,
) {
    let Inspected { findings, parts, bytes_inspected } = inspected;
    let counts = &mut progress.counts;
    counts.inspected += 1;
    counts.decoded += u64::from(parts.iter().all(|part| part.error.is_none()));
    counts.tombstones += u64::from(is_tombstone);
    counts.bytes += bytes;
    counts.inspected_bytes += bytes_inspected;
    for part in parts {
        *progress.formats.entry(part.format).or_default() += 1;
        if let Some(error) = part.error {
            *progress.errors.entry(error).or_default() += 1;
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
