//! The detectors: one identifier a file, each with its validator, and the table that lists them.
//!
//! # Adding a detector
//!
//! A detector is one file in this folder and its line in [`DETECTORS`], besides the `mod` that Rust asks for. The
//! scanner, the counts and the reader of keys take everything else from the row. For a detector `passport`:
//!
//! 1. Write `passport.rs` with `pub(super) const DETECTOR: Detector`: name, category, what makes it look at a place
//!    in the text ([`Search`]), and the keys under which a whole value is judged ([`KeyRule`]). Its
//!    functions neither log nor keep what they read. A category without a constant of its own is made by
//!    `DataCategory::from_static`.
//! 2. Add `mod passport;` and `passport::DETECTOR` below. The order of the table is that of findings in a record.
//! 3. Test it in its own file with valid values and near misses side by side, through `found_in`.
//!
//! A test then asks for a row in docs/inspection.md. If values are known by their key, the words for such keys are
//! those of a `KeyKind` in `observation`, because the operator reads them as well.
//!
//! # Speed
//!
//! No detector walks over the text by itself. `search` finds the few places where any value could begin, in one pass
//! for all detectors, and asks only those whose [`Search`] names such a place. The lists of those are made from the
//! table when it is compiled.

mod address;
mod context;
mod definition;
mod email;
mod iban;
mod ip_address;
mod name;
mod number;
mod payment_card;
mod phone;
mod search;
mod window;

use landfall_observation::DataCategory;

pub(crate) use definition::{AddressPart, DetectorId, KeyedValue, PossibleName, key_rule};
use definition::{Detector, KeyRule, NumberSearch, Search};
pub(crate) use search::detect;
use window::Found;
pub(crate) use window::{Match, Window};

/// All detectors, in the order of findings in a record.
static DETECTORS: &[Detector] = &[
    email::DETECTOR,
    phone::DETECTOR,
    iban::DETECTOR,
    payment_card::DETECTOR,
    ip_address::DETECTOR,
    name::DETECTOR,
    address::DETECTOR,
];

/// How many there are.
pub(crate) const COUNT: usize = DETECTORS.len();

/// The name of each detector, with the category that its findings have.
pub fn detectors() -> impl Iterator<Item = (&'static str, DataCategory)> {
    DetectorId::all().map(|detector| (detector.name(), detector.category()))
}

/// What the detector of this name finds in a text without keys.
#[cfg(test)]
fn found_in<'a>(text: &'a str, detector: &str) -> Vec<&'a str> {
    let mut matches = Vec::new();
    detect(&Window::without_key(text), &mut matches);
    let found = matches.iter().filter(|m| m.finding.is_some_and(|(id, _)| id.name() == detector));
    found.map(|m| &text[m.start..m.end]).collect()
}
