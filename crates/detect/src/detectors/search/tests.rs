//! The shortcuts of the scan change nothing that is found, and the scan asks every detector.

use super::{
    super::{Detector, iban, ip_address, number, payment_card, phone},
    *,
};
use crate::meaning::Meaning;

/// Parts of texts: numbers in many forms, what separates them, words that announce them and pieces of such words.
#[rustfmt::skip]
const PARTS: [&str; 93] = [
    "1", "0", "12", "06", "24", "43", "19", "75", "00", "49", "151", "0151", "01512", "01512345678", "0211", "020", "015",
    "7946", "0018", "4111", "1111", "4111111111111111", "411", "23456789", "602", "523", "081", "415", "435-9408",
    "(415)", "(0221)", "(+49)", "(0)", "+49", "+1", "+48.", "+", "+(", "(", ")", " ", " ", " ", "  ", "-", "-", ".", ".",
    "/", ",", ":", "\n", "\r\n", "\u{a0}", "\u{2013}", "\u{2011}", "é", "ł", "x", "Tel. ", "Tel", "tel: ", "Hotel ", "fon ",
    "SMS ", "phone", "T", "Fax=", "Móvil ", "numéro est ", "order ", "Bestellung ", "kundenn", "Rechnung", "EAN", "card ",
    "Visa ", "IBAN ", "DE89370400440532013000", "DE89", "3704 0044 0532 0130 00", "GB82 WEST", "v", "version ", "Build", "from ", "IP ", "5.6.7.8",
    "203.0.113.7", "2001:db8::1", "@", "a@b.de", "_",
];

/// Pseudo-random numbers (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

/// The matches of numbers as they would be found without any shortcut: every candidate is read, each by itself.
fn plainly(text: &str, meaning: Meaning) -> Vec<Match> {
    let bytes = text.as_bytes();
    let window = || Window::new(bytes, 0..bytes.len(), 0, meaning, false);
    let row = |name: &str| DetectorId::all().find(|detector| detector.name() == name).unwrap();
    let at = |detector: &Detector, at| match detector.search {
        Search::Digit(search) | Search::DigitAfterLetter(search) => {
            search(&window(), at).map(|found| found.by(row(detector.name)))
        }
        _ => None,
    };
    let of_number = |detector: &Detector, number: &Number| match detector.search {
        Search::Number(search) => (search.read)(&window(), number).map(|found| found.by(row(detector.name))),
        _ => None,
    };
    let mut matches = Vec::new();
    walk(&window(), &mut matches, |position| {
        if position > 0 && bytes[position - 1].is_ascii_alphabetic() {
            return at(&iban::DETECTOR, position);
        }
        if let Some(found) = at(&ip_address::DETECTOR, position) {
            return Some(found);
        }
        if !DigitCounter::default().is_long_enough(bytes, position) {
            return None;
        }
        let number = Number::read(bytes, NumberStart::at(bytes, position), number::MAX_DIGITS)?;
        of_number(&payment_card::DETECTOR, &number).or_else(|| of_number(&phone::DETECTOR, &number))
    });
    matches
}

#[test]
fn rows_of_candidates_give_what_each_gives_by_itself() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut found = [0; COUNT];
    for round in 0..15_000 {
        let mut text = String::new();
        // Long rows of few parts, as hostile text has, and short ones of many.
        let kinds = 2 + numbers.below(if round % 2 == 0 { 4 } else { 30 });
        let parts: Vec<_> = (0..kinds).map(|_| PARTS[numbers.below(PARTS.len())]).collect();
        for _ in 0..numbers.below(60) {
            text += parts[numbers.below(parts.len())];
        }
        let keys: [&[u8]; 5] = [b"x", b"phone", b"id", b"version", b"ip"];
        let meaning = crate::key::Key::new(keys[round % 15 / 3], false).meaning();
        let mut matches = Vec::new();
        super::numbers(&Window::new(text.as_bytes(), 0..text.len(), 0, meaning, false), &mut matches);
        assert_eq!(matches, plainly(&text, meaning), "{text:?}");
        for (detector, _) in matches.iter().filter_map(|m| m.finding) {
            found[detector.index()] += 1;
        }
    }
    let [_, phones, ibans, cards, addresses, ..] = found;
    assert!([phones, ibans, cards, addresses].into_iter().all(|count| count > 300), "{found:?}");
}

#[test]
fn every_row_of_the_table_has_a_name_and_a_category_of_its_own() {
    let names: std::collections::BTreeSet<_> = DetectorId::all().map(DetectorId::name).collect();
    let categories: std::collections::BTreeSet<_> = DetectorId::all().map(DetectorId::category).collect();
    assert_eq!((names.len(), categories.len()), (COUNT, COUNT));
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')), "{names:?}");
}

#[test]
fn the_scan_asks_each_detector_that_searches_text() {
    let ids = |rows: &[Option<(DetectorId, SearchAt)>]| -> Vec<_> { rows.iter().flatten().map(|row| row.0).collect() };
    let numbers: Vec<_> = NUMBERS.iter().flatten().map(|row| row.0).collect();
    let mut asked = [ids(AT_SIGNS), ids(DIGITS_AFTER_LETTERS), ids(DIGITS), numbers].concat();
    asked.sort();
    let searching = DetectorId::all().filter(|id| !matches!(DETECTORS[id.index()].search, Search::ByKeyOnly));
    assert!(asked.into_iter().eq(searching));
    // A number whose check digit fits is a card, whatever else it looks like.
    let has_check_digit: Vec<_> = NUMBERS.iter().flatten().map(|(_, search)| search.has_check_digit).collect();
    assert!(has_check_digit.is_sorted_by(|one, next| one >= next), "{has_check_digit:?}");
}
