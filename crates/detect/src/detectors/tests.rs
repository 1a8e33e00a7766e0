//! What makes the detectors fast changes nothing that they find.

use super::*;

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

/// Numbers without a pattern (xorshift).
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
    let mut matches = Vec::new();
    walk(&window(), &mut matches, |at| {
        if at > 0 && bytes[at - 1].is_ascii_alphabetic() {
            return iban::ending_before(bytes, at);
        }
        if let Some(found) = ip_address::at(&window(), at) {
            return Some(found);
        }
        if !Row::default().is_long_enough(bytes, at) {
            return None;
        }
        let number = Number::read(bytes, Beginning::of(bytes, at), digits::MAX_DIGITS)?;
        payment_card::of(&window(), &number).or_else(|| phone::of(&window(), &number))
    });
    matches
}

#[test]
fn rows_of_candidates_give_what_each_gives_by_itself() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut found = [0; 7];
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
        for detector in matches.iter().filter_map(|m| m.detector) {
            found[detector as usize] += 1;
        }
    }
    let [_, phones, ibans, cards, addresses, ..] = found;
    assert!([phones, ibans, cards, addresses].into_iter().all(|count| count > 300), "{found:?}");
}
