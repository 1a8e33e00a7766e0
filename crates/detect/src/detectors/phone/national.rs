//! National numbers: known by their form, or by a word before them.

use std::ops::RangeInclusive;

use super::{
    FindingCertainty, MAX_NATIONAL, Number, Separator, Window, follows_digits, international::is_north_american,
    is_announced, is_excluded, is_other,
};

/// The number of groups of a national number, and what it rests on.
pub(super) fn groups(window: &Window, number: &Number) -> Option<(usize, FindingCertainty)> {
    let total = number.digits(number.groups().len()).len();
    if total < 7 || is_excluded(window) || window.is_key {
        return None;
    }
    if let Some((groups, is_distinct)) = formatted(number)
        && !is_other(window, number.start)
        && (is_distinct || !follows_digits(window.text, number.start))
    {
        // Digits in a national form may belong to another country's plan, or to none.
        let is_announced = is_announced(window, number);
        let certainty = if is_announced { FindingCertainty::Contextual } else { FindingCertainty::Heuristic };
        return Some((groups, certainty));
    }
    // After such a word the form hardly matters.
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

/// The number of groups of a number that is known by its form alone, and whether that form is distinct enough after
/// other digits.
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

/// Whether the prefix is one that the Bundesnetzagentur has assigned to mobile networks.
fn is_german_mobile(digits: &[u8]) -> bool {
    match digits {
        [b'0', b'1', b'5', third, ..] => *third != b'4',
        [b'0', b'1', b'6', third, ..] => matches!(third, b'0' | b'2' | b'3'),
        [b'0', b'1', b'7', ..] => true,
        _ => false,
    }
}

/// The most groups that together have so many digits and end at a space.
fn longest(number: &Number, digits: RangeInclusive<usize>) -> Option<usize> {
    let groups = number.groups();
    (1..=groups.len()).rev().find(|count| {
        digits.contains(&number.digits(*count).len())
            && groups.get(*count).is_none_or(|next| next.separator == Separator::Space)
            && groups[1..*count].iter().all(|group| group.separator != Separator::Dot)
    })
}

/// `48.8577`, `125.0.6136` and `0.02/0.03`: one dot, a single digit between dots, or dots mixed with other separators.
fn is_version_or_decimal(number: &Number, count: usize) -> bool {
    let dotted = number.groups()[1..count].iter().filter(|group| group.separator == Separator::Dot);
    (dotted.clone().count() % (count - 1).max(1) != 0)
        || (count == 2 && dotted.clone().count() == 1)
        || dotted.clone().any(|group| group.len == 1)
}

/// `01.02.2023`, `2023-02-01`, `01/02/2023`, perhaps followed by more.
fn is_date(number: &Number, count: usize) -> bool {
    count >= 3
        && (number.has_shape(&[2, 2, 4]) || number.has_shape(&[4, 2, 2]))
        && number.groups()[1].separator != Separator::Space
}
