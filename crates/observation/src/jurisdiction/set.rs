//! Sets of jurisdictions, small enough to be copied.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Jurisdiction;

/// Number of bits in each integer of the set.
const WORD: u8 = 64;

/// A set of jurisdictions: one bit for each, because judgments unite and compare many of them. Serialized as the list of
/// codes in their order.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Vec<Jurisdiction>", into = "Vec<Jurisdiction>")]
pub struct JurisdictionSet([u64; 4]);

impl JurisdictionSet {
    /// The empty set.
    pub const EMPTY: Self = Self([0; 4]);

    /// The set of these codes, separated by single spaces; of a constant, so that a wrong code does not compile.
    ///
    /// # Panics
    ///
    /// If one of them is no code.
    pub const fn from_codes(codes: &str) -> Self {
        let codes = codes.as_bytes();
        let mut set = Self::EMPTY;
        let mut at = 0;
        while at < codes.len() {
            let jurisdiction = Jurisdiction::from_letters([codes[at], codes[at + 1]]);
            set = set.with(jurisdiction.expect("codes of ISO 3166-1"));
            at += 3;
        }
        set
    }

    /// The set with `jurisdiction` added.
    #[must_use]
    pub const fn with(mut self, jurisdiction: Jurisdiction) -> Self {
        let (word, bit) = position(jurisdiction);
        self.0[word] |= bit;
        self
    }

    /// Whether `jurisdiction` is in it.
    pub const fn contains(&self, jurisdiction: Jurisdiction) -> bool {
        let (word, bit) = position(jurisdiction);
        self.0[word] & bit != 0
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        *self == Self::EMPTY
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The union.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        self.both(other, |one, other| one | other)
    }

    /// The intersection.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        self.both(other, |one, other| one & other)
    }

    /// The difference: the members that are not in the other set.
    #[must_use]
    pub fn difference(self, other: Self) -> Self {
        self.both(other, |one, other| one & !other)
    }

    /// Whether the two have no member in common.
    pub fn is_disjoint(self, other: Self) -> bool {
        self.intersection(other).is_empty()
    }

    /// Its members, in the order of their codes.
    pub fn iter(&self) -> Members {
        Members(*self)
    }

    fn both(self, Self(other): Self, join: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|word| join(self.0[word], other[word])))
    }
}

/// The index of the integer that has the bit of `jurisdiction`, and that bit.
const fn position(Jurisdiction(index): Jurisdiction) -> (usize, u64) {
    ((index / WORD) as usize, 1 << (index % WORD))
}

/// The members of a set, in their order.
#[derive(Debug, Clone)]
pub struct Members(JurisdictionSet);

impl Iterator for Members {
    type Item = Jurisdiction;

    fn next(&mut self) -> Option<Jurisdiction> {
        let words = (0..).step_by(usize::from(WORD)).zip(&mut self.0.0);
        let (start, word) = words.into_iter().find(|(_, word)| **word != 0)?;
        let bit = word.trailing_zeros();
        *word &= *word - 1;
        u8::try_from(start + bit).ok().map(Jurisdiction)
    }
}

impl IntoIterator for JurisdictionSet {
    type Item = Jurisdiction;
    type IntoIter = Members;

    fn into_iter(self) -> Members {
        Members(self)
    }
}

impl IntoIterator for &JurisdictionSet {
    type Item = Jurisdiction;
    type IntoIter = Members;

    fn into_iter(self) -> Members {
        self.iter()
    }
}

impl FromIterator<Jurisdiction> for JurisdictionSet {
    fn from_iter<I: IntoIterator<Item = Jurisdiction>>(items: I) -> Self {
        items.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl Extend<Jurisdiction> for JurisdictionSet {
    fn extend<I: IntoIterator<Item = Jurisdiction>>(&mut self, items: I) {
        *self = items.into_iter().fold(*self, Self::with);
    }
}

impl<const N: usize> From<[Jurisdiction; N]> for JurisdictionSet {
    fn from(items: [Jurisdiction; N]) -> Self {
        items.into_iter().collect()
    }
}

impl From<Vec<Jurisdiction>> for JurisdictionSet {
    fn from(items: Vec<Jurisdiction>) -> Self {
        items.into_iter().collect()
    }
}

impl From<JurisdictionSet> for Vec<Jurisdiction> {
    fn from(set: JurisdictionSet) -> Self {
        set.iter().collect()
    }
}

impl fmt::Debug for JurisdictionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every `step`th of all.
    fn every(step: usize) -> Vec<Jurisdiction> {
        Jurisdiction::all().step_by(step).collect()
    }

    #[test]
    fn it_holds_what_a_set_of_the_standard_library_holds() {
        for (one, other) in [(1, 1), (1, 7), (2, 3), (5, 11), (63, 64), (300, 251)] {
            let (one, other) = (every(one), every(other));
            let (set, second): (JurisdictionSet, JurisdictionSet) =
                (one.iter().rev().copied().collect(), other.iter().copied().collect());
            let (tree, other) = (BTreeSet::from_iter(one), BTreeSet::from_iter(other));
            let same = |set: JurisdictionSet, tree: &BTreeSet<Jurisdiction>| {
                assert!(set.iter().eq(tree.iter().copied()), "{set:?} {tree:?}");
                assert_eq!((set.len(), set.is_empty()), (tree.len(), tree.is_empty()));
                assert!(Jurisdiction::all().all(|item| set.contains(item) == tree.contains(&item)));
            };
            same(set, &tree);
            same(set.union(second), &(&tree | &other));
            same(set.intersection(second), &(&tree & &other));
            same(set.difference(second), &(&tree - &other));
            same(set.difference(set), &BTreeSet::new());
        }
    }

    #[test]
    fn it_is_written_and_read_as_a_list() {
        let set = JurisdictionSet::from_codes("US DE ZW AD");
        let text = serde_json::to_string(&set).unwrap();
        assert_eq!(text, r#"["AD","DE","US","ZW"]"#);
        assert_eq!(serde_json::from_str::<JurisdictionSet>(&text).unwrap(), set);
        assert!(serde_json::from_str::<JurisdictionSet>(r#"["XX"]"#).is_err());
    }
}
