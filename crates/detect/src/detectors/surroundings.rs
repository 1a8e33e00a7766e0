//! What stands before and behind a candidate.

use super::Window;

/// How far back a word may stand to say what a number is.
const REACH: usize = 40;

/// Parts of words that announce an identifier of a thing or a contract.
#[rustfmt::skip]
pub(super) static OTHER_NUMBERS: Words = Words::new(List::OtherNumbers, &[
    "bestell", "auftrag", "rechnung", "vertrag", "artikel", "paket", "sendung", "vorgang", "referen", "steuer",
    "kundenn", "order", "invoice", "contract", "article", "parcel", "package", "shipment", "tracking", "ticket",
    "customer n", "commande", "facture", "contrat", "colis", "pedido", "factura", "paquete", "ordine", "fattura",
    "pacco", "zamów", "faktur", "paczk", "bestelling", "pakket", "sku", "ean", "gtin", "imei", "serial", "tax",
]);

/// Length of the run of letters and digits at the start of `text`.
pub(super) fn word_len(text: &[u8]) -> usize {
    text.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(text.len())
}

/// Whether a letter beyond ASCII ends right before `at`.
pub(super) fn letter_before(text: &[u8], at: usize) -> bool {
    let before = &text[at.saturating_sub(4)..at];
    let Some(start) = before.iter().rposition(|b| *b & 0xc0 != 0x80) else { return false };
    str::from_utf8(&before[start..]).is_ok_and(|last| last.chars().all(|c| !c.is_ascii() && c.is_alphabetic()))
}

/// The byte before `at`.
pub(super) fn before(text: &[u8], at: usize) -> Option<u8> {
    at.checked_sub(1).map(|i| text[i])
}

/// Whether the byte at `at` is a digit.
pub(super) fn digit_at(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_digit)
}

/// Whether a letter or digit stands at `at`.
pub(super) fn word_at(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_alphanumeric)
}

/// Words to look for, each in lower case; the first two bytes rule most of the text out.
pub(super) struct Words {
    list: List,
    all: &'static [&'static str],
    /// By first byte, the words that begin with it: a bit each.
    first: [u64; 256],
    /// The same by second byte.
    second: [u64; 256],
}

/// Which list of words it is: a bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum List {
    Phone = 1,
    Card = 2,
    OtherNumbers = 4,
    Version = 8,
    Address = 16,
    Message = 32,
}

/// The lists of which no word stands shortly before a position, and is known not to.
///
/// In rows of numbers it is known for each from the one before: words begin with letters.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Silence {
    /// The position: where a candidate begins, with a digit, a sign or a parenthesis.
    until: usize,
    /// The lists.
    lists: u8,
}

/// The text of the same line shortly before a candidate, in lower case.
pub(super) struct Before {
    bytes: [u8; REACH],
    len: usize,
}

// === impl Words ===

impl Words {
    /// At most 64 words of two bytes or more in lower case. None begins among numbers and their separators, nor goes on
    /// where a number begins: [`Silence`] rests on that.
    pub(super) const fn new(list: List, words: &'static [&'static str]) -> Self {
        assert!(words.len() <= 64, "a bit each");
        let (mut first, mut second) = ([0; 256], [0; 256]);
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            assert!(word[0].is_ascii_lowercase(), "begins with a letter");
            let mut at = 0;
            while at < word.len() {
                assert!(!matches!(word[at], b'0'..=b'9' | b'A'..=b'Z' | b'(' | b'+'), "is no part of a number");
                at += 1;
            }
            first[word[0] as usize] |= 1 << index;
            second[word[1] as usize] |= 1 << index;
            index += 1;
        }
        Self { list, all: words, first, second }
    }

    /// Whether `text` begins with one of them.
    fn begin(&self, text: &[u8]) -> bool {
        let [first, second, ..] = text else { return false };
        let mut left = self.first[usize::from(*first)] & self.second[usize::from(*second)];
        while left != 0 {
            if text.starts_with(self.all[left.trailing_zeros() as usize].as_bytes()) {
                return true;
            }
            left &= left - 1;
        }
        false
    }
}

// === impl Silence ===

impl Silence {
    /// Whether no word of the list stands shortly before `start`, be it inside a word; `start` becomes the position.
    fn has(&mut self, words: &Words, text: &[u8], start: usize) -> bool {
        let goes_on = start >= self.until && !text[self.until..start].iter().any(u8::is_ascii_alphabetic);
        if !goes_on {
            self.lists = 0;
        }
        self.until = start;
        let list = words.list as u8;
        if self.lists & list == 0 && Before::of(text, start).last_part(words).is_none() {
            self.lists |= list;
        }
        self.lists & list != 0
    }
}

// === impl Window ===

impl Window<'_> {
    /// Whether no word of `words` stands shortly before the candidate that begins at `start`, be it inside a word.
    pub(super) fn is_silent(&self, words: &Words, start: usize) -> bool {
        let mut silence = self.silence.get();
        let is_silent = silence.has(words, self.text, start);
        self.silence.set(silence);
        is_silent
    }

    /// [`Before::last`] of what stands before `start`.
    pub(super) fn last(&self, words: &Words, start: usize) -> Option<usize> {
        if self.is_silent(words, start) { None } else { Before::of(self.text, start).last(words) }
    }

    /// [`Before::last_part`] of what stands before `start`.
    pub(super) fn last_part(&self, words: &Words, start: usize) -> Option<usize> {
        if self.is_silent(words, start) { None } else { Before::of(self.text, start).last_part(words) }
    }
}

// === impl Before ===

impl Before {
    /// What stands before `at`.
    pub(super) fn of(text: &[u8], at: usize) -> Self {
        let text = &text[at.saturating_sub(REACH)..at];
        let text = memchr::memrchr2(b'\n', b'\r', text).map_or(text, |end| &text[end + 1..]);
        let mut bytes = [0; REACH];
        bytes[..text.len()].copy_from_slice(text);
        bytes.make_ascii_lowercase();
        Self { bytes, len: text.len() }
    }

    /// Where the last of `words` begins, each in lower case and at the beginning of a word.
    pub(super) fn last(&self, words: &Words) -> Option<usize> {
        let text = &self.bytes[..self.len];
        let begins = |at: usize| {
            let before = at.checked_sub(1).map_or(b' ', |before| text[before]);
            !before.is_ascii_alphanumeric() && (before < 0x80 || !letter_before(text, at))
        };
        (0..self.len).rev().find(|at| words.begin(&text[*at..]) && begins(*at))
    }

    /// Where the last of `parts` begins, be it inside a word.
    pub(super) fn last_part(&self, parts: &Words) -> Option<usize> {
        (0..self.len).rev().find(|at| parts.begin(&self.bytes[*at..self.len]))
    }

    /// The number of bytes from `at` on.
    pub(super) fn distance(&self, at: usize) -> usize {
        self.len - at
    }

    /// The number of digits from `at` on.
    pub(super) fn digits_from(&self, at: usize) -> usize {
        self.bytes[at..self.len].iter().filter(|b| b.is_ascii_digit()).count()
    }
}

#[cfg(test)]
mod tests;
