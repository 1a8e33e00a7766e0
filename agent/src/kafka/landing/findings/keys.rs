//! Personal data in keys, from what was read of topics.

use std::collections::{BTreeMap, BTreeSet};

use landfall_observation::DataCategory;

use crate::kafka::{
    message::{Evidence, FieldFinding, MessagePart},
    sampler::Progress,
};

/// What was found in the keys of topics; no key is held.
#[derive(Debug, Clone, Default)]
pub struct SampledKeys(BTreeMap<String, BTreeMap<DataCategory, Evidence>>);

// === impl SampledKeys ===

impl SampledKeys {
    /// Adds what a range of offsets held.
    pub fn add(&mut self, progress: &Progress) {
        for FieldFinding { part, category, certainty, messages, .. } in &progress.findings {
            if *part != MessagePart::Key {
                continue;
            }
            let topic = self.0.entry(progress.topic.clone()).or_default();
            topic.entry(category.clone()).or_default().add(*certainty, *messages);
        }
    }

    /// The categories with enough evidence, by topic.
    pub fn categories(&self) -> BTreeMap<String, BTreeSet<DataCategory>> {
        let topics = self.0.iter().map(|(topic, found)| {
            let categories =
                found.iter().filter(|(_, evidence)| evidence.is_enough()).map(|(category, _)| category.clone());
            (topic.clone(), categories.collect::<BTreeSet<_>>())
        });
        topics.filter(|(_, categories)| !categories.is_empty()).collect()
    }
}
