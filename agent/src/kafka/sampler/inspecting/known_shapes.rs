//! Which shapes of values were scanned often enough. Most messages of a topic have one of a few shapes, and what a shape holds shows in
//! few of them; scanning all others again would find the same.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::kafka::message::Shapes;

/// How many values of a shape are scanned before others are passed over.
const SCANNED: u64 = 32;
/// Of which number of values of a known shape one is scanned still: what a field holds may change.
const SCANNED_AGAIN: u64 = 100;
/// Most shapes of a topic that are remembered. With names of fields that are data, such as identifiers, each value has a shape of its own;
/// all of them are scanned.
const MAX_SHAPES: usize = 1024;
/// Most topics.
const MAX_TOPICS: usize = 4096;

/// Shapes by topic, with the number of values that had them.
#[derive(Debug, Default)]
pub(super) struct KnownShapes {
    shapes: Shapes,
    topics: HashMap<String, HashMap<u64, u64, RandomState>, RandomState>,
}

// === impl KnownShapes ===

impl KnownShapes {
    /// Counts a value, and says whether it need not be scanned.
    pub(super) fn is_known(&mut self, topic: &str, value: &[u8]) -> bool {
        let Some(shape) = self.shapes.of(value) else { return false };
        let Some(known) = self.topics.get_mut(topic) else {
            if self.topics.len() < MAX_TOPICS {
                self.topics.entry(topic.to_owned()).or_default().insert(shape, 1);
            }
            return false;
        };
        if let Some(values) = known.get_mut(&shape) {
            *values += 1;
            return *values > SCANNED && !values.is_multiple_of(SCANNED_AGAIN);
        }
        if known.len() < MAX_SHAPES {
            known.insert(shape, 1);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_is_scanned_at_first_and_then_now_and_again() {
        let mut known = KnownShapes::default();
        let scanned =
            |known: &mut KnownShapes, topic: &str| (0..1000).filter(|_| !known.is_known(topic, b"{}")).count();
        assert_eq!(scanned(&mut known, "orders"), 32 + 10, "the first, and each hundredth");
        assert_eq!(scanned(&mut known, "people"), 32 + 10, "another topic has shapes of its own");
        assert_eq!(scanned(&mut known, "orders"), 10);
    }

    #[test]
    fn what_has_no_shape_or_each_its_own_is_scanned() {
        let mut known = KnownShapes::default();
        assert!((0..1000).all(|_| !known.is_known("orders", b"no JSON")));
        let each = |number: i32| format!("{{\"id{number}\": 1}}");
        for number in (0..2000).chain(0..2000) {
            assert!(!known.is_known("orders", each(number).as_bytes()));
        }
        assert_eq!(known.topics["orders"].len(), MAX_SHAPES);
    }
}
