//! What a detector is made of.

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{
    COUNT, DETECTORS, Found, Window,
    number::{Number, NumberStart},
};
use crate::meaning::Evidence;

/// A kind of identifier: a row of [`DETECTORS`].
pub(super) struct Detector {
    /// Its name in findings and spans: lower case, words joined by `-`.
    pub(super) name: &'static str,
    /// The category that its findings have.
    pub(super) category: DataCategory,
    /// What it finds in text, whatever the key.
    pub(super) search: Search,
    /// The keys under which a whole value is judged, for those that the search does not find.
    pub(super) keys: &'static [KeyRule],
}

/// The row of a detector in [`DETECTORS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DetectorId(usize);

/// What makes a detector look at a place in the text.
#[derive(Clone, Copy)]
pub(super) enum Search {
    /// Nothing does: its values are known by their key alone.
    ByKeyOnly,
    /// An `@`, at the position given: the value is around it.
    AtSign(SearchAt),
    /// A digit after a letter of the same word, at the position given.
    DigitAfterLetter(SearchAt),
    /// A digit that begins a word, at the position given.
    Digit(SearchAt),
    /// Groups of digits, seven or more together. What [`Search::Digit`] finds is left out.
    Number(NumberSearch),
}

/// Looks for a value at a position in the window.
pub(super) type SearchAt = fn(&Window, usize) -> Option<Found>;

/// How a number is looked at: the scanner reads its digits once for all detectors.
#[derive(Clone, Copy)]
pub(super) struct NumberSearch {
    /// How many digits must be read to decide on a number that starts so; `None` where it cannot be one. Nearly all
    /// numbers should be ruled out here, because to read one takes far longer.
    pub(super) digits_needed: fn(&Window, &NumberStart) -> Option<usize>,
    /// What the number begins with.
    pub(super) read: fn(&Window, &Number) -> Option<Found>,
    /// Whether check digits prove it. Such detectors are asked first, whatever their order in the table.
    pub(super) has_check_digit: bool,
}

/// How a whole value is judged by its key.
#[derive(Clone, Copy)]
pub(crate) struct KeyRule {
    /// The keys; no two rules of the table have the same.
    pub(super) kind: KeyKind,
    /// What such a key says about the object that it is in.
    pub(crate) evidence: Evidence,
    /// What the value is, without the spaces around it; it has at most 256 bytes.
    pub(crate) judge: fn(&str) -> KeyedValue,
}

/// What a value under a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyedValue {
    /// Nothing of interest.
    Other,
    /// What the detector looks for.
    Match(FindingCertainty),
    /// The name of a person or of a thing, as the other keys of the object say.
    PossibleName(PossibleName),
    /// Part of a postal address.
    AddressPart(AddressPart),
}

/// A value that may be a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PossibleName {
    /// Whether it is two or more capitalised words.
    pub(crate) is_full: bool,
    /// Whether the key speaks of a person, as `passenger` does.
    pub(crate) key_is_person: bool,
}

/// What part of an address a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AddressPart {
    /// Street and number, or the whole: personal data by itself.
    Street,
    City,
    /// Personal data beside a city.
    Postcode,
}

/// The rules by kind of key. No kind is declared after [`KeyKind::General`], else this does not compile.
static RULES: [Option<(DetectorId, KeyRule)>; KeyKind::General as usize + 1] = {
    let mut rules = [None; KeyKind::General as usize + 1];
    let mut row = 0;
    while row < COUNT {
        let mut index = 0;
        while index < DETECTORS[row].keys.len() {
            let rule = DETECTORS[row].keys[index];
            assert!(rules[rule.kind as usize].is_none(), "one rule for a kind of key");
            rules[rule.kind as usize] = Some((DetectorId(row), rule));
            index += 1;
        }
        row += 1;
    }
    rules
};

/// The detector with a rule for keys of this kind, and the rule.
pub(crate) fn key_rule(kind: KeyKind) -> Option<(DetectorId, &'static KeyRule)> {
    RULES[kind as usize].as_ref().map(|(detector, rule)| (*detector, rule))
}

// === impl DetectorId ===

impl DetectorId {
    /// The detector in this row.
    pub(super) const fn at(row: usize) -> Self {
        assert!(row < COUNT);
        Self(row)
    }

    /// All, in the order of the table.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..COUNT).map(Self)
    }

    /// Its row.
    pub(crate) fn index(self) -> usize {
        self.0
    }

    pub(crate) fn name(self) -> &'static str {
        DETECTORS[self.0].name
    }

    pub(crate) fn category(self) -> DataCategory {
        DETECTORS[self.0].category.clone()
    }
}

// === impl KeyRule ===

impl KeyRule {
    /// A rule for keys that stand in objects about persons.
    pub(super) const fn of_person(kind: KeyKind, judge: fn(&str) -> KeyedValue) -> Self {
        Self { kind, evidence: Evidence::Person, judge }
    }

    /// A rule for keys that say nothing about their object.
    pub(super) const fn of_anything(kind: KeyKind, judge: fn(&str) -> KeyedValue) -> Self {
        Self { kind, evidence: Evidence::None, judge }
    }
}

// === impl KeyedValue ===

impl KeyedValue {
    /// A match that check digits prove, if `fits`.
    pub(super) fn validated_if(fits: bool) -> Self {
        if fits { Self::Match(FindingCertainty::Validated) } else { Self::Other }
    }

    /// A match that rests on its key, if `fits`.
    pub(super) fn contextual_if(fits: bool) -> Self {
        if fits { Self::Match(FindingCertainty::Contextual) } else { Self::Other }
    }

    /// On what it rests where it is personal data by itself, without a look at the keys beside it.
    pub(crate) fn certainty(self) -> Option<FindingCertainty> {
        match self {
            Self::Match(certainty) => Some(certainty),
            Self::AddressPart(AddressPart::Street) => Some(FindingCertainty::Contextual),
            Self::Other | Self::PossibleName(_) | Self::AddressPart(_) => None,
        }
    }
}
