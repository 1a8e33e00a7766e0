//! Telephone numbers: international ones by country code and length, national ones by their form,
//! a word before them or their key.

mod plan;

use landfall_observation::FindingCertainty;

use super::{
    Detector, Match, Window,
    digits::{Beginning, Number, Separator},
    surroundings::{Before, List, OTHER_NUMBERS, Words, before, digit_at, letter_before, word_at},
};
use crate::key::{Route, Veto};

/// Beginnings of words that announce a telephone number.
#[rustfmt::skip]
static PHONE_WORDS: Words = Words::new(List::Phone, &[
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

/// How far before digits without separators the word may begin.
const MAX_DISTANCE: usize = 14;

/// With how many digits everything about a number that begins so is known: one group behind is looked at.
pub(super) fn enough_digits(text: &[u8], beginning: &Beginning) -> usize {
    match &text[beginning.at..] {
        // An extension of up to four digits may be the last group.
        [b'0', b'0', ..] => 2 + MAX_INTERNATIONAL + 4,
        _ if beginning.plus => MAX_INTERNATIONAL + 4,
        _ => MAX_NATIONAL,
    }
}

/// Whether a telephone number may begin so. Most numbers are ruled out here, before they are read: what is left is
/// written as numbers are by themselves, or announced.
pub(super) fn may_be(window: &Window, beginning: &Beginning) -> bool {
    let Beginning { start, at, plus, open, len } = *beginning;
    let text = window.text;
    if start > 0 && !may_begin(text, start, plus) {
        return false;
    }
    if plus || window.meaning.route == Route::Phone {
        return true;
    }
    let stands_alone = open || !follows_digits(text, start);
    let is_formatted = match (&text[at..at + len], len) {
        // 0049.
        ([b'0', b'0', ..], _) => may_be_dialled(text, beginning),
        // 0151, 01512, 01512345678.
        ([b'0', b'1', ..], 4 | 5 | 11..) => true,
        // 0211 55 57 26: no group of a single digit behind an area code.
        ([b'0', ..], 3..=5) => stands_alone && beginning.second_len(text).is_some_and(|len| len >= 2),
        // 06.24.43.19.75 behind other digits, but not 06 24 43 19 75.
        ([b'0', _], _) => stands_alone || text[at + 2..].first() != Some(&b' ') || !digit_at(text, at + 3),
        ([b'0', ..], _) => false,
        (_, 3) => stands_alone,
        _ => false,
    };
    is_formatted || !window.is_silent(&PHONE_WORDS, start)
}

/// Whether a country code and what may stand behind it follow on 00.
fn may_be_dialled(text: &[u8], beginning: &Beginning) -> bool {
    // The code has up to three digits.
    let Some(number) = Number::read(text, *beginning, 2 + 3 + 2) else { return false };
    let Some(digits) = number.digits(number.groups().len()).get(2..) else { return false };
    plan::of(digits).is_some_and(|plan| plan.keeps_zero || !digits[plan.code_len..].starts_with(b"00"))
}

/// The telephone number that `number` begins with.
pub(super) fn of(window: &Window, number: &Number) -> Option<Match> {
    if number.start > 0 && !may_begin(window.text, number.start, number.plus) {
        return None;
    }
    let all = number.digits(number.groups().len());
    let groups = if number.plus {
        international(number, 0)
    } else if let [b'0', b'0', b'1'..=b'9', ..] = all
        && number.groups()[0].len > 1
    {
        international(number, 2).filter(|_| !is_vetoed(window) && is_dialled(window, number))
    } else {
        None
    };
    let (groups, certainty) = match groups {
        Some(groups) => (groups, FindingCertainty::Validated),
        None if number.plus => return None,
        None => national(window, number)?,
    };
    let groups = match number.groups().get(groups) {
        Some(extension) if extension.separator == Separator::Dash => groups + 1,
        _ => groups,
    };
    let end = number.groups()[groups - 1].end;
    may_end(window.text, end).then_some(Match { start: number.start, end, detector: Some(Detector::Phone), certainty })
}

/// Whether a whole value under a key such as `phone` is a number.
pub(crate) fn fits(value: &str) -> bool {
    // An extension counts neither for nor against.
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

/// Whether a number may begin behind what stands before `start`.
fn may_begin(text: &[u8], start: usize, plus: bool) -> bool {
    match before(text, start) {
        Some(b'_' | b'-' | b'#' | b'@' | b'%' | b'$' | b'+' | b'~' | b'/' | b')') => false,
        Some(b'.' | b',' | b':') => !(start >= 2 && text[start - 2].is_ascii_digit()) || plus,
        Some(byte) if byte >= 0x80 => !letter_before(text, start),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether a number may end before what stands at `end`.
fn may_end(text: &[u8], end: usize) -> bool {
    match text.get(end) {
        Some(b'_' | b'@' | b'%') => false,
        Some(b'.' | b',' | b':') => !digit_at(text, end + 1),
        Some(b'-') => !word_at(text, end + 1),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

fn is_vetoed(window: &Window) -> bool {
    matches!(window.meaning.veto, Veto::Identifier | Veto::MessageId | Veto::Version)
}

/// The number of groups of an international number, its country code behind `prefix` digits.
///
/// Numbers are followed by other numbers in a sentence: as many groups as the country's plan takes.
fn international(number: &Number, prefix: usize) -> Option<usize> {
    let groups = number.groups();
    // `+48.8577` is a coordinate.
    if groups.len() == 2 && groups[1].separator == Separator::Dot && groups[1].len != 0 {
        return None;
    }
    // No country code is the beginning of another one, so it is the same for all lengths.
    let plan = plan::of(number.digits(groups.len()).get(prefix..)?)?;
    (1..=groups.len()).rev().filter(|count| number.digits(*count).len() <= prefix + MAX_INTERNATIONAL).find(|count| {
        // Dots stand everywhere or nowhere; decimals have them here and there.
        let dots = groups[1..*count].iter().filter(|group| group.separator == Separator::Dot).count();
        let next_is_apart = match groups.get(*count) {
            // An extension: `123456-78`.
            Some(next) if next.separator == Separator::Dash => next.len <= 4 && *count + 1 == groups.len(),
            next => next.is_none_or(|next| next.separator == Separator::Space),
        };
        next_is_apart && (dots == 0 || dots == count - 1) && is_international(number, *count, prefix, &plan)
    })
}

fn is_international(number: &Number, count: usize, prefix: usize, plan: &plan::Plan) -> bool {
    let digits = &number.digits(count)[prefix.min(number.digits(count).len())..];
    let Some(mut national) = digits.get(plan.code_len..) else { return false };
    // `+49 (0) 151` and `+49 0151`: the trunk prefix is not dialled.
    if !plan.keeps_zero && national.first() == Some(&b'0') {
        national = &national[1..];
        if national.first() == Some(&b'0') {
            return false;
        }
    }
    plan.lengths.contains(&national.len())
        && national.iter().any(|d| *d != national[0])
        && (plan.code_len != 1 || digits[0] != b'1' || is_north_american(national))
}

/// NPA-NXX-XXXX: area and exchange do not begin with 0 or 1.
fn is_north_american(national: &[u8]) -> bool {
    national.len() == 10 && national[0] >= b'2' && national[3] >= b'2' && national[1] != b'9'
}

/// Whether a number that begins with 00 is dialled: articles have such numbers too.
fn is_dialled(window: &Window, number: &Number) -> bool {
    let is_bare = number.groups()[0].len > 8;
    let digits = number.digits(1);
    let is_article = is_bare && digits.len() == 13 && is_ean(digits) || is_bare && digits[2] == b'1';
    !is_article || is_announced(window, number)
}

/// GS1 check digit.
fn is_ean(digits: &[u8]) -> bool {
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(i, d)| u32::from(d - b'0') * if i % 2 == 1 { 3 } else { 1 }).sum();
    sum.is_multiple_of(10)
}

/// Whether the key or a word before says that a telephone number follows.
fn is_announced(window: &Window, number: &Number) -> bool {
    if window.meaning.route == Route::Phone {
        return true;
    }
    let Some(phone) = window.last(&PHONE_WORDS, number.start) else { return false };
    // Another number after the word is the one that it announced.
    if window.last_part(&OTHER_NUMBERS, number.start) >= Some(phone) {
        return false;
    }
    // Digits alone could be anything.
    let is_plain = number.groups().len() == 1 && number.digits(1)[0] != b'0';
    let before = Before::of(window.text, number.start);
    before.digits_from(phone) <= 2 && (!is_plain || before.distance(phone) <= MAX_DISTANCE)
}

/// Whether a word before says that another number follows.
fn is_other(window: &Window, start: usize) -> bool {
    window.meaning.route != Route::Phone && window.last_part(&OTHER_NUMBERS, start) > window.last(&PHONE_WORDS, start)
}

/// Whether digits and a space stand before: what follows may be the rest of a longer number.
fn follows_digits(text: &[u8], start: usize) -> bool {
    start >= 2 && text[start - 1] == b' ' && text[start - 2].is_ascii_digit()
}

/// The number of groups of a national number, and what it rests on.
fn national(window: &Window, number: &Number) -> Option<(usize, FindingCertainty)> {
    let total = number.digits(number.groups().len()).len();
    if total < 7 || is_vetoed(window) || window.is_key {
        return None;
    }
    if let Some((groups, is_distinct)) = formatted(number)
        && !is_other(window, number.start)
        && (is_distinct || !follows_digits(window.text, number.start))
    {
        // A national form says neither whose plan it is of nor that it is of one.
        let is_announced = is_announced(window, number);
        let certainty = if is_announced { FindingCertainty::Contextual } else { FindingCertainty::Heuristic };
        return Some((groups, certainty));
    }
    // With a word before, the form hardly matters.
    let groups = number.groups();
    let taken = (1..=groups.len()).rev().find(|count| {
        let digits = number.digits(*count);
        (7..=MAX_NATIONAL).contains(&digits.len())
            && groups.get(*count).is_none_or(|next| next.separator == Separator::Space)
            && digits.iter().any(|d| *d != digits[0])
            && !is_version_or_decimal(number, *count)
            && !is_date(number, *count)
    });
    taken.filter(|_| is_announced(window, number)).map(|groups| (groups, FindingCertainty::Contextual))
}

/// The number of groups of a number that its form alone gives away, and whether the form is distinct
/// enough behind other digits.
fn formatted(number: &Number) -> Option<(usize, bool)> {
    let groups = number.groups();
    let (all, first) = (number.digits(groups.len()), groups[0]);
    if all[0] != b'0' {
        // (415) 435-9408 and 415-435-9408.
        let is_american = number.has_shape(&[3, 3, 4])
            && groups[2].separator == Separator::Dash
            && (first.in_parentheses || groups[1].separator == Separator::Dash)
            && groups.get(3).is_none_or(|next| next.separator == Separator::Space)
            && is_north_american(&all[..10]);
        return is_american.then_some((3, first.in_parentheses));
    }
    if all[1] == b'0' {
        return None;
    }
    // A German mobile number, however it is written.
    if is_german_mobile(all) && (first.len >= 11 || matches!(first.len, 4 | 5)) {
        return Some((longest(number, 11..=MAX_NATIONAL)?, true));
    }
    // French: five pairs.
    if number.has_shape(&[2, 2, 2, 2, 2])
        && [Separator::Space, Separator::Dot, Separator::Dash].iter().any(|s| number.is_separated_by(5, *s))
        && groups.get(5).is_none_or(|next| next.separator == Separator::Space && next.len != 2)
    {
        return Some((5, groups[1].separator != Separator::Space));
    }
    // Dutch mobile: 06 and eight digits.
    if first.len == 2 && all[1] == b'6' && number.has_shape(&[2, 8]) && groups[1].separator != Separator::Dot {
        return Some((2, false));
    }
    // An area code that stands apart: (0221) 660030, 0211 / 55 57 26, 0664/1681633, 020 7946 0018.
    let next = groups.get(1)?;
    if !(3..=5).contains(&first.len) || next.separator == Separator::Dot || all[1] == b'1' {
        return None;
    }
    let is_long = |count: &usize| groups[1..*count].iter().all(|g| g.len >= 2 && g.separator != Separator::Dot);
    let groups = longest(number, 9..=MAX_NATIONAL).filter(is_long)?;
    (number.digits(groups).len() - usize::from(first.len) >= 5).then_some((groups, first.in_parentheses))
}

/// The prefixes that the Bundesnetzagentur has assigned to mobile networks.
fn is_german_mobile(digits: &[u8]) -> bool {
    match digits {
        [b'0', b'1', b'5', third, ..] => *third != b'4',
        [b'0', b'1', b'6', third, ..] => matches!(third, b'0' | b'2' | b'3'),
        [b'0', b'1', b'7', ..] => true,
        _ => false,
    }
}

/// The most groups that have so many digits together and end at a space.
fn longest(number: &Number, digits: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let groups = number.groups();
    (1..=groups.len()).rev().find(|count| {
        digits.contains(&number.digits(*count).len())
            && groups.get(*count).is_none_or(|next| next.separator == Separator::Space)
            && groups[1..*count].iter().all(|group| group.separator != Separator::Dot)
    })
}

/// `48.8577`, `125.0.6136` and `0.02/0.03`: one dot, a single digit between dots, or dots here and there.
fn is_version_or_decimal(number: &Number, count: usize) -> bool {
    let dotted = number.groups()[1..count].iter().filter(|group| group.separator == Separator::Dot);
    (dotted.clone().count() % (count - 1).max(1) != 0)
        || (count == 2 && dotted.clone().count() == 1)
        || dotted.clone().any(|group| group.len == 1)
}

/// `01.02.2023`, `2023-02-01`, `01/02/2023`, perhaps with more behind.
fn is_date(number: &Number, count: usize) -> bool {
    count >= 3
        && (number.has_shape(&[2, 2, 4]) || number.has_shape(&[4, 2, 2]))
        && number.groups()[1].separator != Separator::Space
}

#[cfg(test)]
mod tests {
    use super::super::{Detector, found_in};

    fn check(cases: &[(&str, Option<&str>)]) {
        for (text, expected) in cases {
            assert_eq!(found_in(text, Detector::Phone), expected.iter().copied().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn international_numbers_and_what_only_looks_like_one() {
        check(&[
            ("+49 151 23456789", Some("+49 151 23456789")),
            ("ruf +49 (0) 151 / 2345-6789 an", Some("+49 (0) 151 / 2345-6789")),
            ("+49(0)30/901820.", Some("+49(0)30/901820")),
            ("tel:+4915123456789", Some("+4915123456789")),
            ("+49 151 23456789 12 Uhr", Some("+49 151 23456789")),
            ("+33.6.12.34.56.78", Some("+33.6.12.34.56.78")),
            ("+49 (0)5121 123456-78", Some("+49 (0)5121 123456-78")),
            ("+39 06 1234567", Some("+39 06 1234567")),
            ("+1 (415) 435-9408", Some("+1 (415) 435-9408")),
            ("0049 151 23456789", Some("0049 151 23456789")),
            ("004915123456789", Some("004915123456789")),
            ("(+43) 664 1681633", Some("(+43) 664 1681633")),
            ("(mobil +49 151 23456789)", Some("+49 151 23456789")),
            ("+49 12", None),
            ("+999 12345678", None),
            ("+49 000 000000", None),
            ("+4915123456789012", None),
            ("2022-06-20T04:04:20+02:00", None),
            ("+0200", None),
            ("+48.857712 lat", None),
            ("1+4915123456789", None),
            ("ab+4915123456789", None),
            ("+4915123456789abc", None),
            ("+1 115 435 9408", None),
            ("0012345678905", None),
            ("0032750", None),
        ]);
    }

    #[test]
    fn national_numbers_and_what_only_looks_like_one() {
        check(&[
            ("01512 3456789", Some("01512 3456789")),
            ("Handy 0151/23456789", Some("0151/23456789")),
            ("01712333381", Some("01712333381")),
            ("(0221) 660030", Some("(0221) 660030")),
            ("0211 / 55 57 26", Some("0211 / 55 57 26")),
            ("030 901820", Some("030 901820")),
            ("06.24.43.19.75", Some("06.24.43.19.75")),
            ("020 7946 0018", Some("020 7946 0018")),
            ("(415) 435-9408", Some("(415) 435-9408")),
            ("Tel. 602 523 081", Some("602 523 081")),
            ("Mon numéro est le 0674648093.", Some("0674648093")),
            ("SMS an 030123456", Some("030123456")),
            ("29 074 213 658", None),
            ("05 06 07 08 09 10", None),
            ("04 05 06 07 08 09", None),
            ("Paczka 015123456789", None),
            ("caller=main.go loaded 9584070 rows", None),
            ("Hotel 602523081", None),
            ("SMS_ATTENTION: u32 = 536916224", None),
            ("0 0-22.9-15.7 1.6-15.4 0 0", None),
            ("C.002 483.3 28.66 512", None),
            ("Fax 0.026/0.026/0.026", None),
            ("Tel. 602 523 081, Nr. 445487485220", Some("602 523 081")),
            ("Telefon, Wersja 125.0.6136.119", None),
            ("030123456", None),
            ("602 523 081", None),
            ("Bestellung 01712333381", None),
            ("Tel. folgt; Bestellung 602523081", None),
            ("413-6360931-7354118", None),
            ("09158 1564", None),
            ("0.1512345678", None),
            ("0151 2345678 901234567", Some("0151 2345678")),
            ("01.02.2023 12345", None),
            ("Telefonat am 01.02.2023", None),
            ("Telefonkonferenz 2023-02-01", None),
            ("tel 48.8577123", None),
            ("1702445786", None),
            ("1702445786123", None),
            ("4006381333931", None),
            ("6f1d3b52-0151-4000-8000-015123456789", None),
            ("v0151.2345.678", None),
            ("0x0151234567890", None),
            ("015123456789@s.whatsapp.net", None),
        ]);
    }

    #[test]
    fn a_key_for_numbers_may_hold_them_in_every_form() {
        for value in ["602523081", "030 123456", "(415) 435 9408", "+49-30-123456", "04.12.34.56.78", "030 1234 x7"] {
            assert!(super::fits(value), "{value}");
        }
        for value in ["", "null", "-", "12345", "000000000", "48.8577123", "01.02.2023", "1234567890123456", "12+34567"]
        {
            assert!(!super::fits(value), "{value}");
        }
    }
}
