//! When a category counts as seen: by one validated match, or by contextual ones in three records. Weaker matches are
//! noted and change no verdict.

use std::collections::BTreeMap;

use landfall_observation::{DataCategory, Finding, FindingCertainty};
use serde::{Deserialize, Serialize};

/// The number of records (messages, bodies) in which contextual matches suffice.
const ENOUGH_RECORDS: u64 = 3;

/// Categories with insufficient matches only, each with the number of records that had contextual ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UncertainMatches(BTreeMap<DataCategory, u64>);

impl UncertainMatches {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The categories.
    pub fn categories(&self) -> impl Iterator<Item = &DataCategory> {
        self.0.keys()
    }

    /// Adds a finding; returns whether its category counts as seen. `is_seen`: whether it did before.
    pub(crate) fn admit(&mut self, finding: &Finding, is_seen: bool) -> bool {
        let Finding { category, certainty, records, .. } = finding;
        match certainty {
            FindingCertainty::Validated => {}
            FindingCertainty::Contextual if is_seen => {}
            FindingCertainty::Contextual => {
                let so_far = self.0.entry(category.clone()).or_default();
                *so_far = so_far.saturating_add(*records);
                if *so_far < ENOUGH_RECORDS {
                    return false;
                }
            }
            FindingCertainty::Heuristic if is_seen => return false,
            FindingCertainty::Heuristic => {
                self.0.entry(category.clone()).or_default();
                return false;
            }
        }
        self.0.remove(category);
        true
    }
}

#[cfg(test)]
mod tests {
    use FindingCertainty::{Contextual, Heuristic, Validated};

    use super::*;

    #[test]
    fn one_validated_match_or_contextual_ones_in_three_records_suffice() {
        let mut uncertain = UncertainMatches::default();
        let mut is_seen = false;
        let mut admit = |certainty, matches, records| {
            let (category, detector, places) = (DataCategory::NAME, "name".to_owned(), Vec::new());
            let finding = Finding { category, detector, certainty, matches, records, places };
            let counts = uncertain.admit(&finding, is_seen);
            is_seen |= counts;
            (counts, uncertain.categories().count())
        };
        assert_eq!(admit(Heuristic, 90, 90), (false, 1));
        assert_eq!(admit(Contextual, 50, 1), (false, 1), "many in one record are no more than one");
        assert_eq!(admit(Contextual, 1, 1), (false, 1));
        assert_eq!(admit(Heuristic, 1, 1), (false, 1), "which is no record of theirs");
        assert_eq!(admit(Contextual, 1, 1), (true, 0));
        assert_eq!(admit(Contextual, 1, 1), (true, 0), "what is known is corroborated");
        assert_eq!(admit(Heuristic, 1, 1), (false, 0));
        assert_eq!(admit(Validated, 1, 1), (true, 0));
    }

    #[test]
    fn a_validated_match_settles_what_was_uncertain() {
        let mut uncertain = UncertainMatches::default();
        let finding = |certainty| Finding {
            category: DataCategory::TELEPHONE_NUMBER,
            detector: "phone".to_owned(),
            certainty,
            matches: 1,
            records: 1,
            places: Vec::new(),
        };
        assert!(!uncertain.admit(&finding(FindingCertainty::Heuristic), false));
        assert_eq!(serde_json::to_string(&uncertain).unwrap(), r#"{"pd:TelephoneNumber":0}"#);
        assert!(uncertain.admit(&finding(FindingCertainty::Validated), false));
        assert!(uncertain.is_empty());
    }
}
