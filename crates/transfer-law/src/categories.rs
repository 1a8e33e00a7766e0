//! The categories of a transfer, taken from the best rung of evidence that names any.

use std::collections::BTreeSet;

use landfall_observation::DataCategory;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Edge, KnownCategories, ObservedCategories, Policy, Rung};

/// The categories of a set that count. Borrows the set, so that a judgment allocates nothing.
#[derive(Debug, Clone, Copy)]
pub struct Categories<'a> {
    all: &'a BTreeSet<DataCategory>,
    /// Bit mask of those of the first 64 that do not count (no workload holds more); all later ones count.
    without: u64,
}

impl<'a> Categories<'a> {
    /// The categories that count.
    pub fn iter(self) -> impl Iterator<Item = &'a DataCategory> + Clone {
        let Self { all, without } = self;
        all.iter().enumerate().filter(move |(index, _)| !is_without(without, *index)).map(|(_, category)| category)
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether it is among them.
    pub fn contains(self, category: &DataCategory) -> bool {
        self.all.contains(category) && (self.without == 0 || self.iter().any(|counted| counted == category))
    }

    /// Only those for which `counts` is true.
    pub(crate) fn narrowed(self, counts: impl Fn(&DataCategory) -> bool) -> Self {
        let out = self.all.iter().enumerate().take(64).filter(|(_, category)| !counts(category));
        Self { without: out.fold(self.without, |without, (index, _)| without | 1 << index), ..self }
    }

    /// Those that were left out.
    pub(crate) fn left_out(self) -> impl Iterator<Item = &'a DataCategory> {
        let Self { all, without } = self;
        all.iter().enumerate().filter(move |(index, _)| is_without(without, *index)).map(|(_, category)| category)
    }
}

/// Categories of a sentence: those of a judgment while it is made, their own list when it is read back.
#[derive(Debug, Clone)]
pub enum CategoryList<'a> {
    /// Of a judgment.
    Of(Categories<'a>),
    /// Read back, or picked from several sets.
    List(Vec<DataCategory>),
}

impl CategoryList<'_> {
    /// The categories.
    pub fn iter(&self) -> impl Iterator<Item = &DataCategory> + Clone {
        let (of, list) = match self {
            Self::Of(categories) => (Some(categories.iter()), None),
            Self::List(list) => (None, Some(list.iter())),
        };
        of.into_iter().flatten().chain(list.into_iter().flatten())
    }
}

impl<'a> From<Categories<'a>> for CategoryList<'a> {
    fn from(categories: Categories<'a>) -> Self {
        Self::Of(categories)
    }
}

impl<'a> From<Vec<&'a DataCategory>> for CategoryList<'_> {
    fn from(categories: Vec<&'a DataCategory>) -> Self {
        Self::List(categories.into_iter().cloned().collect())
    }
}

impl<'a> From<BTreeSet<&'a DataCategory>> for CategoryList<'_> {
    fn from(categories: BTreeSet<&'a DataCategory>) -> Self {
        Self::List(categories.into_iter().cloned().collect())
    }
}

impl PartialEq for CategoryList<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Serialize for CategoryList<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for CategoryList<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::List)
    }
}

fn is_without(without: u64, index: usize) -> bool {
    index < 64 && without & 1 << index != 0
}

impl<'a> From<&'a BTreeSet<DataCategory>> for Categories<'a> {
    fn from(all: &'a BTreeSet<DataCategory>) -> Self {
        Self { all, without: 0 }
    }
}

impl PartialEq for Categories<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Categories<'_> {}

impl Serialize for Categories<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The held categories of an edge that count under the policies.
pub(crate) fn counting_holdings<'a>(edge: &'a Edge, policy: &Policy) -> Categories<'a> {
    let ObservedCategories { held, sightings, .. } = &edge.categories;
    let all = Categories::from(held);
    if policy.holding.is_empty() {
        return all;
    }
    all.narrowed(|category| {
        let mut at = sightings.iter().filter(|sighting| sighting.category == *category).peekable();
        // A policy can exclude a category only by its sightings.
        at.peek().is_none()
            || at.any(|sighting| {
                policy.holding.iter().any(|rule| rule.counts(&sighting.seen, &edge.id, edge.first_seen))
            })
    })
}

/// The categories of the best rung that names any. `held` are the held ones that count; `assumed` are those that the
/// register gives for the recipient, empty for a recipient that it does not know.
pub(crate) fn climb<'a>(
    observed: &'a ObservedCategories,
    held: Categories<'a>,
    assumed: &'a BTreeSet<DataCategory>,
) -> KnownCategories<'a> {
    let ObservedCategories { seen, declared, uncertain: _, held: _, sightings: _ } = observed;
    [(Rung::Seen, seen.into()), (Rung::Held, held), (Rung::Declared, declared.into()), (Rung::Assumed, assumed.into())]
        .into_iter()
        .find(|(_, categories)| !categories.is_empty())
        .map_or(KnownCategories { rung: Rung::None, categories: assumed.into() }, |(rung, categories)| {
            KnownCategories { rung, categories }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_rung_that_names_a_category_counts() {
        let one = |category: DataCategory| BTreeSet::from([category]);
        let mut observed = ObservedCategories::default();
        let assumed = one(DataCategory::NAME);
        let rung = |observed: &ObservedCategories, assumed: &BTreeSet<DataCategory>| {
            climb(observed, (&observed.held).into(), assumed).rung
        };

        assert_eq!(rung(&observed, &BTreeSet::new()), Rung::None);
        assert_eq!(rung(&observed, &assumed), Rung::Assumed);
        observed.declared = one(DataCategory::TELEPHONE_NUMBER);
        assert_eq!(rung(&observed, &assumed), Rung::Declared);
        observed.held = one(DataCategory::IP_ADDRESS);
        assert_eq!(rung(&observed, &assumed), Rung::Held);
        observed.seen = one(DataCategory::EMAIL_ADDRESS);
        assert_eq!(
            climb(&observed, (&observed.held).into(), &assumed),
            KnownCategories { rung: Rung::Seen, categories: (&one(DataCategory::EMAIL_ADDRESS)).into() }
        );
    }
}
