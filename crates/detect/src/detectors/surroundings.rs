//! What stands before and behind a candidate.

/// How far back a word may stand to say what a number is.
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
    let start = at.saturating_sub(4);
    let last = text[start..at].utf8_chunks().last();
    last.is_some_and(|chunk| chunk.invalid().is_empty() && chunk.valid().ends_with(|c: char| c.is_alphabetic()))
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

/// Words to look for, each in lower case; the first bytes rule most of the text out.
pub(super) struct Words {
    words: &'static [&'static str],
    first: [bool; 256],
}

/// The text of the same line shortly before a candidate, in lower case.
pub(super) struct Before {
    bytes: [u8; REACH],
    len: usize,
}

// === impl Words ===

impl Words {
    pub(super) const fn new(words: &'static [&'static str]) -> Self {
        let mut first = [false; 256];
        let mut index = 0;
        while index < words.len() {
            first[words[index].as_bytes()[0] as usize] = true;
            index += 1;
        }
        Self { words, first }
    }

    /// Whether `text` begins with one of them.
    fn begin(&self, text: &[u8]) -> bool {
        self.first[usize::from(text[0])] && self.words.iter().any(|word| text.starts_with(word.as_bytes()))
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
