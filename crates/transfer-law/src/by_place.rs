//! Outcomes by place: a transfer to several places is lawful at some of them and unlawful at others.

use std::mem;

use crate::{Outcome, reach::Reach, verdict::PlaceVerdict};

/// Outcomes by place. Each place has the worst of those that were added for it.
#[derive(Debug, Default)]
pub(crate) struct ByPlace(Vec<PlaceVerdict>);

impl ByPlace {
    /// Adds `outcome` for the places of `reach`. Those that have a worse one keep it.
    pub(crate) fn add(&mut self, reach: Reach, outcome: Outcome) {
        let mut left = reach;
        for known in &mut self.0 {
            if known.outcome >= outcome {
                left = left.without(known.reach());
            } else {
                known.set_reach(known.reach().without(reach));
            }
        }
        if left.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|known| known.outcome == outcome) {
            Some(known) => known.set_reach(known.reach().and(left)),
            None => self.0.push(PlaceVerdict { outcome, places: left.places, anywhere: left.anywhere }),
        }
    }

    /// Replaces each outcome by `worse` of it.
    pub(crate) fn worsen(&mut self, worse: impl Fn(Outcome) -> Outcome) {
        // Usually nothing changes, which then costs no allocation.
        if self.0.iter().all(|known| worse(known.outcome) == known.outcome) {
            return;
        }
        for known in mem::take(&mut self.0) {
            self.add(known.reach(), worse(known.outcome));
        }
    }

    /// The outcomes with their places, the worst first.
    pub(crate) fn into_verdicts(self) -> Vec<PlaceVerdict> {
        let mut verdicts = self.0;
        verdicts.retain(|verdict| !verdict.reach().is_empty());
        verdicts.sort_by_key(|verdict| std::cmp::Reverse(verdict.outcome));
        verdicts
    }

    /// Whether there is no place.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PlaceVerdict {
    fn reach(&self) -> Reach {
        Reach { places: self.places, anywhere: self.anywhere }
    }

    fn set_reach(&mut self, Reach { places, anywhere }: Reach) {
        (self.places, self.anywhere) = (places, anywhere);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::places;

    fn reach(codes: &str, anywhere: bool) -> Reach {
        Reach { places: places(codes), anywhere }
    }

    fn verdict(outcome: Outcome, codes: &str, anywhere: bool) -> PlaceVerdict {
        PlaceVerdict { outcome, places: places(codes), anywhere }
    }

    #[test]
    fn each_place_stands_once_with_the_worst_that_was_added() {
        let mut by_place = ByPlace::default();
        assert!(by_place.is_empty());
        by_place.add(reach("", false), Outcome::Unlawful);
        assert!(by_place.is_empty());
        by_place.add(reach("DE US", false), Outcome::Permitted);
        by_place.add(reach("US", true), Outcome::Unlawful);
        by_place.add(reach("US CH", true), Outcome::Conditional);
        by_place.add(reach("GB", false), Outcome::Permitted);
        let expected = [
            verdict(Outcome::Unlawful, "US", true),
            verdict(Outcome::Conditional, "CH", false),
            verdict(Outcome::Permitted, "DE GB", false),
        ];
        assert_eq!(by_place.into_verdicts(), expected);
    }

    #[test]
    fn outcomes_that_become_equal_are_one() {
        let mut by_place = ByPlace::default();
        by_place.add(reach("DE", false), Outcome::IntraEea);
        by_place.add(reach("CH", false), Outcome::Permitted);
        by_place.add(reach("", true), Outcome::Unlawful);
        by_place.worsen(|outcome| outcome.max(Outcome::Unknown));
        let expected = [verdict(Outcome::Unlawful, "", true), verdict(Outcome::Unknown, "CH DE", false)];
        assert_eq!(by_place.into_verdicts(), expected);
    }

    #[test]
    fn no_outcome_stays_without_a_place() {
        let mut by_place = ByPlace::default();
        by_place.add(reach("US", false), Outcome::Permitted);
        by_place.add(reach("US", false), Outcome::Unlawful);
        assert_eq!(by_place.into_verdicts(), [verdict(Outcome::Unlawful, "US", false)]);
    }
}
