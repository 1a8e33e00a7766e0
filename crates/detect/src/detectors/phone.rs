//! Telephone numbers: international ones by country code and length, national ones by their form,
//! a word before them or their key.

mod international;
mod national;
mod plan;

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{
    Detector, Found, KeyRule, KeyedValue, NumberSearch, Search, Window,
    context::{OTHER_NUMBERS, Preceding, Words, before, digit_at, letter_before, word_at},
    number::{Number, NumberStart, Separator},
};
use crate::meaning::Exclusion;

pub(super) const DETECTOR: Detector = Detector {
    name: "phone",
    category: DataCategory::TELEPHONE_NUMBER,
    search: Search::Number(NumberSearch { digits_needed, read, has_check_digit: false }),
    keys: &[KeyRule::of_person(KeyKind::Phone, |value| KeyedValue::contextual_if(fits(value)))],
};

/// Beginnings of words that announce a telephone number.
#[rustfmt::skip]
static PHONE_WORDS: Words = Words::new(&[
    "tel.", "tel:", "tel ", "tel=", "tél", "telef", "teléf", "telep", "phone", "smartphone", "mobil", "móvil", "handy",
    "fon:", "fon ", "festnetz", "fax", "sms", "call me", "call us", "calling", "called", "caller id", "anruf",
    "rufnummer", "ruf ", "rückruf", "durchwahl", "hotline", "whatsapp", "cell ", "cell:", "cellphone", "portable",
    "joindre", "appele", "llama", "chiama", "erreich", "msisdn", "komórk", "dzwoń", "zadzwo", "bel ", "nummer ist",
    "number is", "numéro est", "numero è", "número es", "nummer is",
]);

/// The most digits of an international number: 15 (ITU-T E.164) and a trunk prefix that is written all the same.
const MAX_INTERNATIONAL: usize = 16;

/// The most digits of a national number.
const MAX_NATIONAL: usize = 12;

/// How many bytes before digits without separators the word may begin.
const MAX_DISTANCE: usize = 14;

/// How many digits decide on a number that starts so: one group after them is looked at, too.
fn digits_needed(window: &Window, begin: &NumberStart) -> Option<usize> {
    if !is_possible(window, begin) {
        return None;
    }
    Some(match &window.text[begin.at..] {
        // An extension of up to four digits may be the last group.
        [b'0', b'0', ..] => 2 + MAX_INTERNATIONAL + 4,
        _ if begin.plus => MAX_INTERNATIONAL + 4,
        _ => MAX_NATIONAL,
    })
}

/// Whether a telephone number may start so. Most numbers are ruled out here: what is left has a form that only
/// telephone numbers have, or is announced by a word.
fn is_possible(window: &Window, begin: &NumberStart) -> bool {
    let NumberStart { start, at, plus, open, len } = *begin;
    let text = window.text;
    if start > 0 && !may_begin(text, start, plus) {
        return false;
    }
    if plus || window.is_under(KeyKind::Phone) {
        return true;
    }
    let stands_alone = open || !follows_digits(text, start);
    let is_formatted = match (&text[at..at + len], len) {
        // 0049.
        ([b'0', b'0', ..], _) => international::may_be_dialled(text, begin),
        // 0151, 01512, 01512345678.
        ([b'0', b'1', ..], 4 | 5 | 11..) => true,
        // 0211 55 57 26: no group of a single digit after an area code.
        ([b'0', ..], 3..=5) => stands_alone && begin.second_len(text).is_some_and(|len| len >= 2),
        // 06.24.43.19.75 after other digits, but not 06 24 43 19 75.
        ([b'0', _], _) => stands_alone || text[at + 2..].first() != Some(&b' ') || !digit_at(text, at + 3),
        ([b'0', ..], _) => false,
        (_, 3) => stands_alone,
        _ => false,
    };
    is_formatted || !window.lacks(&PHONE_WORDS, start)
}

/// The telephone number that `number` begins with.
fn read(window: &Window, number: &Number) -> Option<Found> {
    if number.start > 0 && !may_begin(window.text, number.start, number.plus) {
        return None;
    }
    let all = number.digits(number.groups().len());
    let groups = if number.plus {
        international::groups(number, 0)
    } else if let [b'0', b'0', b'1'..=b'9', ..] = all
        && number.groups()[0].len > 1
    {
        international::groups(number, 2).filter(|_| !is_excluded(window) && international::is_dialled(window, number))
    } else {
        None
    };
    let (groups, certainty) = match groups {
        Some(groups) => (groups, FindingCertainty::Validated),
        None if number.plus => return None,
        None => national::groups(window, number)?,
    };
    let groups = match number.groups().get(groups) {
        Some(extension) if extension.separator == Separator::Dash => groups + 1,
        _ => groups,
    };
    let end = number.groups()[groups - 1].end;
    may_end(window.text, end).then_some(Found { start: number.start, end, certainty: Some(certainty) })
}

/// Whether a whole value under a key such as `phone` is a number.
fn fits(value: &str) -> bool {
    // An extension has no part in it.
    let number = value.split(['x', 'e', 'D', ',', ';']).next().unwrap_or_default();
    let digits = number.bytes().filter(u8::is_ascii_digit);
    let first = digits.clone().next();
    (6..=15).contains(&digits.clone().count())
        && number.bytes().all(|b| b.is_ascii_digit() || b"+-/(). \t".contains(&b))
        && number.bytes().filter(|b| *b == b'+').count() <= usize::from(number.trim_start_matches('(').starts_with('+'))
        && !number.starts_with(['-', '.', '/'])
        && digits.clone().any(|d| Some(d) != first)
        && !is_decimal_or_date(number)
}

/// `48.8577` and `01.02.2023`.
fn is_decimal_or_date(number: &str) -> bool {
    let lens: Vec<usize> = number.trim().split('.').map(str::len).collect();
    let only_digits = number.trim().bytes().all(|b| b.is_ascii_digit() || b == b'.');
    only_digits && (lens.len() == 2 || lens == [2, 2, 4] || lens == [4, 2, 2])
}

/// Whether a number may start after the text before `start`.
fn may_begin(text: &[u8], start: usize, plus: bool) -> bool {
    match before(text, start) {
        Some(b'_' | b'-' | b'#' | b'@' | b'%' | b'$' | b'+' | b'~' | b'/' | b')') => false,
        Some(b'.' | b',' | b':') => !(start >= 2 && text[start - 2].is_ascii_digit()) || plus,
        Some(byte) if byte >= 0x80 => !letter_before(text, start),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether a number may end before the text at `end`.
fn may_end(text: &[u8], end: usize) -> bool {
    match text.get(end) {
        Some(b'_' | b'@' | b'%') => false,
        Some(b'.' | b',' | b':') => !digit_at(text, end + 1),
        Some(b'-') => !word_at(text, end + 1),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether the key says that numbers under it are others.
fn is_excluded(window: &Window) -> bool {
    window.meaning.exclusion != Exclusion::None
}

/// Whether the key or a word before says that a telephone number follows.
fn is_announced(window: &Window, number: &Number) -> bool {
    if window.is_under(KeyKind::Phone) {
        return true;
    }
    let Some(phone) = window.last(&PHONE_WORDS, number.start) else { return false };
    // A word for another number after it announces that one.
    if window.last_part(&OTHER_NUMBERS, number.start) >= Some(phone) {
        return false;
    }
    // Digits alone could be anything.
    let is_plain = number.groups().len() == 1 && number.digits(1)[0] != b'0';
    let before = Preceding::new(window.text, number.start);
    before.digits_from(phone) <= 2 && (!is_plain || before.distance(phone) <= MAX_DISTANCE)
}

/// Whether a word before says that another number follows.
fn is_other(window: &Window, start: usize) -> bool {
    !window.is_under(KeyKind::Phone) && window.last_part(&OTHER_NUMBERS, start) > window.last(&PHONE_WORDS, start)
}

/// Whether digits and a space stand before: what follows may be the rest of a longer number.
fn follows_digits(text: &[u8], start: usize) -> bool {
    start >= 2 && text[start - 1] == b' ' && text[start - 2].is_ascii_digit()
}

#[cfg(test)]
mod tests;
