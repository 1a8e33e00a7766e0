//! The scope of an instrument: exporters, places and categories.

use landfall_observation::DataCategory;

use crate::{Basis, Categories, Place};

/// Whether the instrument applies to this exporter and place. The importer was already matched by the lookup.
pub(crate) fn concerns(basis: &Basis, exporter: &str, place: Place) -> bool {
    let country = match (place, &basis.countries) {
        // No decision applies to all importers in all countries; a decision for an organisation names it.
        (Place::Organisation, None) => basis.importers.is_some(),
        (_, None) => true,
        (Place::In(jurisdiction), Some(countries)) => countries.contains(jurisdiction),
        (Place::Anywhere | Place::Organisation, Some(_)) => false,
    };
    country && basis.exporters.as_ref().is_none_or(|names| names.contains(exporter))
}

/// Whether the instrument covers a category.
pub(crate) fn covers(basis: &Basis, category: &DataCategory) -> bool {
    basis.categories.as_ref().is_none_or(|limit| limit.contains(category))
        && !basis.except_categories.contains(category)
}

/// Those of `categories` that the instrument does not cover.
pub(crate) fn uncovered<'a>(basis: &Basis, categories: Categories<'a>) -> Vec<&'a DataCategory> {
    if basis.categories.is_none() && basis.except_categories.is_empty() {
        return Vec::new();
    }
    categories.iter().filter(|category| !covers(basis, category)).collect()
}
