use std::{
    collections::{BTreeSet, HashSet},
    ops::Deref,
};

use foldhash::fast::FixedState;
use landfall_observation::DataCategory;
use serde::{Deserialize, Serialize};

/// The categories of personal data that an agreement covers. Dereferences to the sorted set; `contains` uses a
/// hash set, because every judgment looks up every category.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "BTreeSet<DataCategory>", into = "BTreeSet<DataCategory>")]
pub struct Scope {
    sorted: BTreeSet<DataCategory>,
    hashed: HashSet<DataCategory, FixedState>,
}

impl Scope {
    /// Whether it covers `category`.
    pub fn contains(&self, category: &DataCategory) -> bool {
        self.hashed.contains(category)
    }
}

impl Deref for Scope {
    type Target = BTreeSet<DataCategory>;

    fn deref(&self) -> &Self::Target {
        &self.sorted
    }
}

impl From<BTreeSet<DataCategory>> for Scope {
    fn from(sorted: BTreeSet<DataCategory>) -> Self {
        Self { hashed: sorted.iter().cloned().collect(), sorted }
    }
}

impl From<Scope> for BTreeSet<DataCategory> {
    fn from(scope: Scope) -> Self {
        scope.sorted
    }
}

impl FromIterator<DataCategory> for Scope {
    fn from_iter<I: IntoIterator<Item = DataCategory>>(categories: I) -> Self {
        categories.into_iter().collect::<BTreeSet<_>>().into()
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.sorted == other.sorted
    }
}
