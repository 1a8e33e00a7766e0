//! One pass over the text for all detectors.

use super::{
    COUNT, DETECTORS, DetectorId, Match, NumberSearch, Search, Window, context,
    definition::SearchAt,
    number::{DigitCounter, Number, NumberStart},
};

/// The rows of the table whose search matches one of the patterns, in the order of the patterns and then of the table.
/// The list is made when the table is compiled.
macro_rules! rows {
    ($type:ty: $($pattern:pat $(if $guard:expr)? => $search:expr),+) => {{
        const LEN: usize = {
            let mut len = 0;
            $(
                let mut row = 0;
                while row < COUNT {
                    if let $pattern = DETECTORS[row].search $(&& $guard)? {
                        let _ = $search;
                        len += 1;
                    }
                    row += 1;
                }
            )+
            len
        };
        const ROWS: [Option<(DetectorId, $type)>; LEN] = {
            let (mut rows, mut len) = ([None; LEN], 0);
            $(
                let mut row = 0;
                while row < COUNT {
                    if let $pattern = DETECTORS[row].search $(&& $guard)? {
                        rows[len] = Some((DetectorId::at(row), $search));
                        len += 1;
                    }
                    row += 1;
                }
            )+
            rows
        };
        &ROWS
    }};
}

type Rows<T> = &'static [Option<(DetectorId, T)>];

const AT_SIGNS: Rows<SearchAt> = rows!(SearchAt: Search::AtSign(search) => search);
const DIGITS_AFTER_LETTERS: Rows<SearchAt> = rows!(SearchAt: Search::DigitAfterLetter(search) => search);
const DIGITS: Rows<SearchAt> = rows!(SearchAt: Search::Digit(search) => search);
const NUMBERS: Rows<NumberSearch> = rows!(NumberSearch:
    Search::Number(search) if search.has_check_digit => search,
    Search::Number(search) if !search.has_check_digit => search
);

/// Adds the matches in `window` to `matches`; none overlaps another.
pub(crate) fn detect(window: &Window, matches: &mut Vec<Match>) {
    // The shortest match of all is a number or address of six bytes.
    if window.text.len() < 6 {
        return;
    }
    for at in memchr::memchr_iter(b'@', &window.text[window.from..]) {
        matches.extend(first_of(AT_SIGNS, window, window.from + at));
    }
    numbers(window, matches);
    matches.retain(|m| (window.from..window.limit).contains(&m.start) && m.start >= window.claimed);
}

/// What the searches find at `at`; the first that finds anything wins.
#[inline]
fn first_of(searches: Rows<SearchAt>, window: &Window, at: usize) -> Option<Match> {
    searches.iter().flatten().find_map(|(detector, search)| Some(search(window, at)?.by(*detector)))
}

/// Adds the values that begin with digits.
fn numbers(window: &Window, matches: &mut Vec<Match>) {
    let mut counter = DigitCounter::default();
    walk(window, matches, |at| number_at(window, at, &mut counter));
}

/// Visits the digits of the window outside of the `matches` so far, and adds what `number_at` finds there.
fn walk(window: &Window, matches: &mut Vec<Match>, mut number_at: impl FnMut(usize) -> Option<Match>) {
    let text = window.text;
    let found_before = matches.len();
    let mut next = 0;
    let mut at = window.from.max(window.claimed);
    if at > 0 && text.get(at - 1).is_some_and(u8::is_ascii_alphanumeric) {
        at += context::word_len(&text[at..]);
    }
    while let Some(digit) = text[at.min(text.len())..].iter().position(u8::is_ascii_digit) {
        at += digit;
        while next < found_before && matches[next].end <= at {
            next += 1;
        }
        if let Some(before) = matches[..found_before].get(next)
            && before.start <= at
        {
            at = before.end;
            continue;
        }
        let found = number_at(at);
        at = match found {
            Some(found) => {
                matches.push(found);
                found.end.max(at + 1)
            }
            None => at + context::word_len(&text[at..]).max(1),
        };
    }
}

/// The value that the digits at `at` belong to.
fn number_at(window: &Window, at: usize, counter: &mut DigitCounter) -> Option<Match> {
    let text = window.text;
    if at > 0 && text[at - 1].is_ascii_alphabetic() {
        return first_of(DIGITS_AFTER_LETTERS, window, at);
    }
    if let Some(found) = first_of(DIGITS, window, at) {
        return Some(found);
    }
    if !counter.is_long_enough(text, at) {
        return None;
    }
    let start = NumberStart::at(text, at);
    let mut needed = [None; NUMBERS.len()];
    for (needed, (_, search)) in needed.iter_mut().zip(NUMBERS.iter().flatten()) {
        *needed = (search.digits_needed)(window, &start);
    }
    let most = needed.iter().copied().flatten().max()?;
    let number = Number::read(text, start, most)?;
    let candidates = NUMBERS.iter().flatten().zip(needed).filter(|(_, needed)| needed.is_some());
    candidates.map(|(row, _)| row).find_map(|(detector, search)| Some((search.read)(window, &number)?.by(*detector)))
}

#[cfg(test)]
mod tests;
