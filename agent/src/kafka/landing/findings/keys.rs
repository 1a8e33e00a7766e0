//! Personal data in keys, from what was read of topics.

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::{DataCategory, FindingCertainty};

use crate::kafka::{
    message::{FieldFinding, MessagePart},
    sampler::Progress,
};

/// In how many messages contextual matches suffice (design, ladder of categories).
const ENOUGH_MESSAGES: u64 = 3;

/// What was found in the keys of topics; no key is held.
#[derive(Debug, Clone, Default)]
pub struct SampledKeys(BTreeMap<String, BTreeMap<DataCategory, Evidence>>);

#[derive(Debug, Clone, Copy, Default)]
struct Evidence {
    is_validated: bool,
    contextual_messages: u64,
}

// === impl SampledKeys ===

impl SampledKeys {
    /// Adds what a range of offsets held.
    pub fn add(&mut self, progress: &Progress) {
        for FieldFinding { part, category, certainty, messages, .. } in &progress.findings {
            if *part != MessagePart::Key {
                continue;
            }
            let topic = self.0.entry(progress.topic.clone()).or_default();
            let evidence = topic.entry(category.clone()).or_default();
            match certainty {
                FindingCertainty::Validated => evidence.is_validated = true,
                FindingCertainty::Contextual => evidence.contextual_messages += messages,
                FindingCertainty::Heuristic => {}
            }
        }
    }

    /// The categories with enough evidence, by topic.
    pub fn categories(&self) -> BTreeMap<String, BTreeSet<DataCategory>> {
        let enough = |evidence: &Evidence| evidence.is_validated || evidence.contextual_messages >= ENOUGH_MESSAGES;
        let topics = self.0.iter().map(|(topic, found)| {
            let categories =
                found.iter().filter(|(_, evidence)| enough(evidence)).map(|(category, _)| category.clone());
            (topic.clone(), categories.collect::<BTreeSet<_>>())
        });
        topics.filter(|(_, categories)| !categories.is_empty()).collect()
    }
}
