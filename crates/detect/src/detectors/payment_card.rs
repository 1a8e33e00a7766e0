//! Payment card numbers (ISO/IEC 7812): issuer range, length, grouping and check digit.

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{
    Detector, Found, KeyRule, KeyedValue, NumberSearch, Search, Window,
    context::{OTHER_NUMBERS, Words, before, digit_at, letter_before, word_at},
    number::{Number, NumberStart, Separator},
};
use crate::meaning::Exclusion;

pub(super) const DETECTOR: Detector = Detector {
    name: "payment-card",
    category: DataCategory::CREDIT_CARD_NUMBER,
    search: Search::Number(NumberSearch { digits_needed, read, has_check_digit: true }),
    keys: &[KeyRule::of_person(KeyKind::PaymentCard, |value| KeyedValue::validated_if(fits(value)))],
};

/// Parts of words that say that a bare number of unusual length is a card's.
#[rustfmt::skip]
static CARD_WORDS: Words = Words::new(&[
    "card", "karte", "carte", "carta", "tarjeta", "visa", "mastercard", "maestro", "kreditk",
]);

/// The most digits of a card (ISO/IEC 7812-1).
const MAX_DIGITS: usize = 19;

/// A card starts with all of its digits, or with the first groups that cards are embossed with.
fn digits_needed(window: &Window, begin: &NumberStart) -> Option<usize> {
    let NumberStart { start, plus, len, .. } = *begin;
    let has_groups = match len {
        4 => matches!(begin.second_len(window.text), Some(4 | 6)),
        len => len >= 12,
    };
    let is_possible = has_groups && !plus && (start == 0 || may_begin(window.text, start));
    is_possible.then_some(MAX_DIGITS)
}

/// The card that `number` begins with.
fn read(window: &Window, number: &Number) -> Option<Found> {
    if number.plus || number.start > 0 && !may_begin(window.text, number.start) {
        return None;
    }
    let groups = number.groups();
    for count in [1, 3, 4, 5] {
        let Some(last) = groups.get(count - 1) else { break };
        let digits = number.digits(count);
        if !(12..=MAX_DIGITS).contains(&digits.len()) {
            continue;
        }
        if (count == 1 || is_grouped(number, count, digits.len()))
            && may_end(window.text, last.end)
            && passes_luhn(digits)
            && lengths_of_issuer(digits).contains(&digits.len())
            && is_plausible(window, number.start, digits, count)
        {
            return Some(Found { start: number.start, end: last.end, certainty: Some(FindingCertainty::Validated) });
        }
    }
    None
}

/// Whether a whole value under a key such as `cardNumber` is one.
fn fits(value: &str) -> bool {
    let mut digits = [0; MAX_DIGITS];
    let mut len = 0;
    for byte in value.bytes() {
        match byte {
            b' ' | b'-' | b'.' => {}
            b'0'..=b'9' if len < digits.len() => {
                digits[len] = byte;
                len += 1;
            }
            _ => return false,
        }
    }
    let digits = &digits[..len];
    passes_luhn(digits) && (lengths_of_issuer(digits).contains(&len) || (len == 13 && digits[0] == b'4'))
}

/// Whether a card may start after the text before `start`.
fn may_begin(text: &[u8], start: usize) -> bool {
    match before(text, start) {
        Some(b'_' | b'-' | b'/' | b'#' | b'@' | b'%' | b'$' | b'+' | b'~') => false,
        Some(b'.' | b',' | b':') => !(start >= 2 && text[start - 2].is_ascii_digit()),
        // A group of the same length before belongs to a longer number.
        Some(b' ') => !(start >= 5 && text[start - 5..start - 1].iter().all(u8::is_ascii_digit)),
        Some(byte) if byte >= 0x80 => !letter_before(text, start),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether a card may end before the text at `end`.
fn may_end(text: &[u8], end: usize) -> bool {
    match text.get(end) {
        Some(b'_' | b'@' | b'%') => false,
        Some(b'.' | b',') => !digit_at(text, end + 1),
        Some(b'-') => !word_at(text, end + 1),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether the groups are those that cards are embossed with.
fn is_grouped(number: &Number, count: usize, len: usize) -> bool {
    let shape: &[u8] = match (count, len) {
        (3, 14) => &[4, 6, 4],
        (3, 15) => &[4, 6, 5],
        (4, 16) => &[4, 4, 4, 4],
        (5, 19) => &[4, 4, 4, 4, 3],
        _ => return false,
    };
    number.has_shape(shape)
        && (number.is_separated_by(count, Separator::Space) || number.is_separated_by(count, Separator::Dash))
}

/// Whether key and words around the number allow that it is a card's.
fn is_plausible(window: &Window, start: usize, digits: &[u8], groups: usize) -> bool {
    if window.is_under(KeyKind::PaymentCard) {
        return true;
    }
    if matches!(window.meaning.exclusion, Exclusion::Identifier | Exclusion::MessageId) || window.is_key {
        return false;
    }
    let (card, other) = (window.last_part(&CARD_WORDS, start), window.last_part(&OTHER_NUMBERS, start));
    if other > card {
        return false;
    }
    // Numbers of 12, 13 and 17 to 19 digits are identifiers far more often than cards.
    matches!(digits.len(), 14..=16) || groups > 1 || card.is_some()
}

/// The Luhn check digit (ISO/IEC 7812-1, annex B); digits that are all the same never pass.
fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| match (index % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) => digit * 2 / 10 + digit * 2 % 10,
        })
        .sum();
    digits.len() >= 12 && sum.is_multiple_of(10) && digits.iter().any(|d| *d != digits[0])
}

/// The lengths that the issuer's range allows (ISO/IEC 7812-1); none if no scheme issues it.
fn lengths_of_issuer(digits: &[u8]) -> &'static [usize] {
    let prefix = |len: usize| digits[..len].iter().fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'));
    if digits.len() < 12 {
        return &[];
    }
    match prefix(4) {
        // Visa
        4000..=4999 => &[16, 19],
        // Mastercard, Troy
        5100..=5599 | 2221..=2720 | 9792 => &[16],
        // American Express
        3400..=3499 | 3700..=3799 => &[15],
        // Diners Club
        3000..=3059 | 3095 | 3600..=3699 | 3800..=3999 => &[14, 16],
        // JCB, Discover and RuPay, UnionPay, Mir
        3528..=3589 | 6011 | 6440..=6599 | 6200..=6299 | 8100..=8171 | 2200..=2204 => &[16, 17, 18, 19],
        // Maestro
        5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763 => &[12, 13, 14, 15, 16, 17, 18, 19],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::found_in;

    #[test]
    fn cards_and_what_only_looks_like_one() {
        for (text, expected) in [
            ("Karte 4111111111111111.", Some("4111111111111111")),
            ("4111 1111 1111 1111 12/27", Some("4111 1111 1111 1111")),
            ("pan=5555-5555-5555-4444", Some("5555-5555-5555-4444")),
            ("2223003122003222", Some("2223003122003222")),
            ("378282246310005", Some("378282246310005")),
            ("3782 822463 10005", Some("3782 822463 10005")),
            ("3056 930902 5904", Some("3056 930902 5904")),
            ("3530111333300000", Some("3530111333300000")),
            ("6011111111111117", Some("6011111111111117")),
            ("1 6200000000000005", Some("6200000000000005")),
            ("Karte 6759649826438453", Some("6759649826438453")),
            // Check digit, issuer and length that are wrong.
            ("4111111111111112", None),
            ("1111111111111117", None),
            ("7992739871398716", None),
            ("411111111111111", None),
            ("0000000000000000", None),
            // An EAN-13 that passes Luhn, an IMEI, a decimal, parts of longer numbers.
            ("4006381333931", None),
            ("IMEI 378282246310005", None),
            ("Paket 4111111111111111", None),
            ("0.4111111111111111", None),
            ("-4111111111111111", None),
            ("ORD-4111111111111111", None),
            ("1234 4111 1111 1111 1111", None),
            ("4111111111111111-22", None),
            ("a4111111111111111", None),
            ("41 11 11 11 11 11 11 11", None),
            // Nineteen digits without a word: more likely an identifier.
            ("4000000000000000006", None),
        ] {
            assert_eq!(found_in(text, "payment-card"), expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn a_key_for_cards_may_hold_every_length_of_its_issuer() {
        assert!(super::fits("4222222222222"));
        assert!(super::fits("4000 0000 0000 0000 006"));
        for value in ["4222222222223", "", "4", "411111111111111a", "99999999999999999999999"] {
            assert!(!super::fits(value), "{value}");
        }
    }
}
