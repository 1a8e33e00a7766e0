//! The ladder of categories: what is in it, by the best rung there is.

use std::collections::BTreeSet;

use landfall_observation::DataCategory;

use crate::{KnownCategories, ObservedCategories, Rung};

/// The categories of the best rung that names any. `assumed` is what the register says of the
/// recipient, empty for one that it does not know.
pub(crate) fn climb<'a>(observed: &'a ObservedCategories, assumed: &'a BTreeSet<DataCategory>) -> KnownCategories<'a> {
    let ObservedCategories { seen, held, declared } = observed;
    [(Rung::Seen, seen), (Rung::Held, held), (Rung::Declared, declared), (Rung::Assumed, assumed)]
        .into_iter()
        .find(|(_, categories)| !categories.is_empty())
        .map_or(KnownCategories { rung: Rung::None, categories: assumed }, |(rung, categories)| KnownCategories {
            rung,
            categories,
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
        let rung = |observed: &ObservedCategories, assumed: &BTreeSet<DataCategory>| climb(observed, assumed).rung;

        assert_eq!(rung(&observed, &BTreeSet::new()), Rung::None);
        assert_eq!(rung(&observed, &assumed), Rung::Assumed);
        observed.declared = one(DataCategory::TELEPHONE_NUMBER);
        assert_eq!(rung(&observed, &assumed), Rung::Declared);
        observed.held = one(DataCategory::IP_ADDRESS);
        assert_eq!(rung(&observed, &assumed), Rung::Held);
        observed.seen = one(DataCategory::EMAIL_ADDRESS);
        assert_eq!(
            climb(&observed, &assumed),
            KnownCategories { rung: Rung::Seen, categories: &one(DataCategory::EMAIL_ADDRESS) }
        );
    }
}
