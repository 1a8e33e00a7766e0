//! The text before and after a candidate: letters, digits, and words that say what a number is.

use std::cell::Cell;

use super::Window;

/// How many bytes back a word may begin to say what a number is.
const REACH: usize = 40;

/// Parts of words that announce an identifier of a thing or a contract.
#[rustfmt::skip]
pub(super) static OTHER_NUMBERS: Words = Words::new(&[
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

/// Whether the byte at `at` is an ASCII letter or digit.
pub(super) fn word_at(text: &[u8], at: usize) -> bool {
    text.get(at).is_some_and(u8::is_ascii_alphanumeric)
}

/// Words to look for, each in lower case; the first two bytes rule most of the text out.
pub(super) struct Words {
    all: &'static [&'static str],
    /// By first byte, the words that begin with it: a bit each.
    first: [u64; 256],
    /// The same by second byte.
    second: [u64; 256],
}

/// The lists without a word just before the last candidate.
///
/// In rows of numbers each candidate inherits them from the one before, for words begin with letters. Without that,
/// every number of a row would search the same text for every list again.
#[derive(Default)]
pub(super) struct AbsentWords {
    /// Where that candidate starts: with a digit, a sign or a parenthesis.
    until: Cell<usize>,
    /// The lists, up to the first `None`. There may be more of them than are remembered.
    lists: [Cell<Option<&'static Words>>; 8],
}

/// The text of the same line just before a candidate, in lower case.
pub(super) struct Preceding {
    bytes: [u8; REACH],
    len: usize,
}

// === impl Words ===

impl Words {
    /// At most 64 words of two bytes or more in lower case. Each begins with a letter and holds nothing that a number may
    /// start with: [`AbsentWords`] rests on that.
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        assert!(words.len() <= 64, "a bit each");
        let (mut first, mut second) = ([0; 256], [0; 256]);
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            assert!(word[0].is_ascii_lowercase(), "begins with a letter");
            let mut at = 0;
            while at < word.len() {
                assert!(!matches!(word[at], b'0'..=b'9' | b'A'..=b'Z' | b'(' | b'+'), "holds no start of a number");
                at += 1;
            }
            first[word[0] as usize] |= 1 << index;
            second[word[1] as usize] |= 1 << index;
            index += 1;
        }
        Self { all: words, first, second }
    }

    /// Whether `text` begins with one of them.
    fn is_prefix_of(&self, text: &[u8]) -> bool {
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

// === impl AbsentWords ===

impl AbsentWords {
    /// Whether no word of the list is just before the candidate at `start`, even as part of a longer word.
    fn has(&self, words: &'static Words, text: &[u8], start: usize) -> bool {
        let until = self.until.replace(start);
        let goes_on = start >= until && !text[until..start].iter().any(u8::is_ascii_alphabetic);
        if !goes_on {
            self.lists[0].set(None);
        }
        for (index, list) in self.lists.iter().enumerate() {
            match list.get() {
                Some(known) if std::ptr::eq(known, words) => return true,
                Some(_) => {}
                None => {
                    let is_absent = Preceding::new(text, start).last_part(words).is_none();
                    if is_absent {
                        list.set(Some(words));
                        if let Some(next) = self.lists.get(index + 1) {
                            next.set(None);
                        }
                    }
                    return is_absent;
                }
            }
        }
        Preceding::new(text, start).last_part(words).is_none()
    }
}

// === impl Window ===

impl Window<'_> {
    /// Whether no word of the list is just before the candidate at `start`, even as part of a longer word.
    pub(super) fn lacks(&self, words: &'static Words, start: usize) -> bool {
        self.absent_words.has(words, self.text, start)
    }

    /// [`Preceding::last`] of the text before `start`.
    pub(super) fn last(&self, words: &'static Words, start: usize) -> Option<usize> {
        if self.lacks(words, start) { None } else { Preceding::new(self.text, start).last(words) }
    }

    /// [`Preceding::last_part`] of the text before `start`.
    pub(super) fn last_part(&self, words: &'static Words, start: usize) -> Option<usize> {
        if self.lacks(words, start) { None } else { Preceding::new(self.text, start).last_part(words) }
    }
}

// === impl Preceding ===

impl Preceding {
    /// The text before `at`: at most 40 bytes of the same line.
    pub(super) fn new(text: &[u8], at: usize) -> Self {
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
        (0..self.len).rev().find(|at| words.is_prefix_of(&text[*at..]) && begins(*at))
    }

    /// Where the last of `parts` begins, even inside a word.
    pub(super) fn last_part(&self, parts: &Words) -> Option<usize> {
        (0..self.len).rev().find(|at| parts.is_prefix_of(&self.bytes[*at..self.len]))
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
