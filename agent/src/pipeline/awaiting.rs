//! Parts of flows whose workload is not known yet: a pod can use its address a moment before the API server knows of
//! it.

use landfall_observation::Coverage;

use crate::{
    flow::Delta,
    inspect::{DirectionFindings, Facts},
    packet::FlowKey,
};

/// Maximum number of waiting parts; further ones are attributed at once, with what is known.
const MAX_PARTS: usize = 20_000;

/// What a flow did within a minute.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) key: FlowKey,
    pub(super) delta: Delta,
    pub(super) facts: Facts,
    pub(super) findings: [DirectionFindings; 2],
    pub(super) coverage: Coverage,
}

impl Part {
    /// The same part for the other end of a flow between two own workloads, with the findings and without the bytes,
    /// which count at one end only (docs/decisions/0018); `None` without findings.
    pub(super) fn for_other_end(&self) -> Option<Self> {
        let found = self.findings.iter().any(|found| !found.findings.is_empty());
        found.then(|| Self { delta: self.delta.without_bytes(), coverage: Coverage::default(), ..self.clone() })
    }
}

/// The waiting parts.
#[derive(Debug, Default)]
pub(super) struct Awaiting {
    parts: Vec<Part>,
}

impl Awaiting {
    /// Adds a part; returns it if there is no room.
    pub(super) fn push(&mut self, part: Part) -> Option<Part> {
        if self.parts.len() >= MAX_PARTS {
            return Some(part);
        }
        self.parts.push(part);
        None
    }

    /// Removes and returns the parts that need not wait any more.
    pub(super) fn take(&mut self, is_awaited: impl Fn(&Part) -> bool) -> Vec<Part> {
        self.parts.extract_if(.., |part| !is_awaited(part)).collect()
    }
}
