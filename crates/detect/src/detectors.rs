//! The detectors: one identifier a file, each with its validator.

pub(crate) mod address;
mod digits;
pub(crate) mod email;
pub(crate) mod iban;
mod ip_address;
pub(crate) mod name;
pub(crate) mod payment_card;
pub(crate) mod phone;
mod surroundings;

use std::{cell::Cell, ops::Range};

use landfall_observation::{DataCategory, FindingCertainty};

use crate::key::Meaning;
use digits::{Beginning, Number, Row};
use surroundings::Silence;

/// A kind of identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detector {
    Email,
    Phone,
    Iban,
    PaymentCard,
    IpAddress,
    Name,
    Address,
}

/// Text and what is known about it.
pub(crate) struct Window<'a> {
    text: &'a [u8],
    /// Matches start here or later; what is before is context.
    from: usize,
    /// Matches start before this.
    limit: usize,
    /// What is before belongs to a match that was found earlier.
    claimed: usize,
    meaning: Meaning,
    /// Whether the text is a key.
    is_key: bool,
    /// What is known of the words before the last candidate.
    silence: Cell<Silence>,
}

/// A match, or a stretch that is known to be something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// `None`: nothing of interest, and no other detector may look into it.
    pub(crate) detector: Option<Detector>,
    /// What it rests on.
    pub(crate) certainty: FindingCertainty,
}

// === impl Window ===

impl<'a> Window<'a> {
    /// All of a text that has no key.
    #[cfg(test)]
    fn of(text: &'a str) -> Self {
        let limit = text.len();
        Self::new(text.as_bytes(), 0..limit, 0, Meaning::default(), false)
    }

    /// A window of `text` whose matches start in `starts`.
    pub(crate) fn new(text: &'a [u8], starts: Range<usize>, claimed: usize, meaning: Meaning, is_key: bool) -> Self {
        Self { text, from: starts.start, limit: starts.end, claimed, meaning, is_key, silence: Cell::default() }
    }
}

// === impl Detector ===

impl Detector {
    pub(crate) const ALL: [Self; 7] =
        [Self::Email, Self::Phone, Self::Iban, Self::PaymentCard, Self::IpAddress, Self::Name, Self::Address];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Iban => "iban",
            Self::PaymentCard => "payment-card",
            Self::IpAddress => "ip-address",
            Self::Name => "name",
            Self::Address => "address",
        }
    }

    pub(crate) fn category(self) -> DataCategory {
        match self {
            Self::Email => DataCategory::EMAIL_ADDRESS,
            Self::Phone => DataCategory::TELEPHONE_NUMBER,
            Self::Iban => DataCategory::BANK_ACCOUNT,
            Self::PaymentCard => DataCategory::CREDIT_CARD_NUMBER,
            Self::IpAddress => DataCategory::IP_ADDRESS,
            Self::Name => DataCategory::NAME,
            Self::Address => DataCategory::PHYSICAL_ADDRESS,
        }
    }
}

/// The name of each detector, with the category that its findings have.
pub fn detectors() -> impl Iterator<Item = (&'static str, DataCategory)> {
    Detector::ALL.into_iter().map(|detector| (detector.name(), detector.category()))
}

/// Adds the matches in `window` to `matches`; none overlaps another.
pub(crate) fn detect(window: &Window, matches: &mut Vec<Match>) {
    // The shortest match of all is a number or address of six bytes.
    if window.text.len() < 6 {
        return;
    }
    for at in memchr::memchr_iter(b'@', &window.text[window.from..]) {
        matches.extend(email::around(window, window.from + at));
    }
    numbers(window, matches);
    matches.retain(|m| (window.from..window.limit).contains(&m.start) && m.start >= window.claimed);
}

/// Adds what the digits of the window belong to.
fn numbers(window: &Window, matches: &mut Vec<Match>) {
    let mut row = Row::default();
    walk(window, matches, |at| number_at(window, at, &mut row));
}

/// Walks over the digits of the window, outside what `matches` has, and adds what `number_at` finds there.
fn walk(window: &Window, matches: &mut Vec<Match>, mut number_at: impl FnMut(usize) -> Option<Match>) {
    let text = window.text;
    let addresses = matches.len();
    let mut next_address = 0;
    let mut at = window.from.max(window.claimed);
    if at > 0 && text.get(at - 1).is_some_and(u8::is_ascii_alphanumeric) {
        at += surroundings::word_len(&text[at..]);
    }
    while let Some(found) = text[at.min(text.len())..].iter().position(u8::is_ascii_digit) {
        at += found;
        while next_address < addresses && matches[next_address].end <= at {
            next_address += 1;
        }
        if let Some(address) = matches[..addresses].get(next_address)
            && address.start <= at
        {
            at = address.end;
            continue;
        }
        let found = number_at(at);
        at = match found {
            Some(found) => {
                matches.push(found);
                found.end.max(at + 1)
            }
            None => at + surroundings::word_len(&text[at..]).max(1),
        };
    }
}

/// What the digits at `at` belong to.
fn number_at(window: &Window, at: usize, row: &mut Row) -> Option<Match> {
    let text = window.text;
    if at > 0 && text[at - 1].is_ascii_alphabetic() {
        return iban::ending_before(text, at);
    }
    if let Some(found) = ip_address::at(window, at) {
        return Some(found);
    }
    if !row.is_long_enough(text, at) {
        return None;
    }
    let beginning = Beginning::of(text, at);
    let may_be_card = payment_card::may_be(window, &beginning);
    let may_be_phone = phone::may_be(window, &beginning);
    if !may_be_card && !may_be_phone {
        return None;
    }
    let enough_for_phone = if may_be_phone { phone::enough_digits(text, &beginning) } else { 0 };
    let enough_for_card = if may_be_card { payment_card::MAX_CARD } else { 0 };
    let number = Number::read(text, beginning, enough_for_phone.max(enough_for_card))?;
    let card = if may_be_card { payment_card::of(window, &number) } else { None };
    if may_be_phone { card.or_else(|| phone::of(window, &number)) } else { card }
}

/// The matches in a text of its own, for the detectors' tables.
#[cfg(test)]
fn found_in(text: &str, detector: Detector) -> Vec<&str> {
    let mut matches = Vec::new();
    let window = Window::of(text);
    detect(&window, &mut matches);
    matches.iter().filter(|m| m.detector == Some(detector)).map(|m| &text[m.start..m.end]).collect()
}

#[cfg(test)]
mod tests;
