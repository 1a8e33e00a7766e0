//! International numbers: `+` or 00, a country code, and as many digits as the country's plan takes.

use super::{
    MAX_INTERNATIONAL, Number, NumberStart, Separator, Window, is_announced,
    plan::{self, Plan},
};

/// Whether 00 is followed by a country code and by what may stand after that code.
pub(super) fn may_be_dialled(text: &[u8], begin: &NumberStart) -> bool {
    // The code has up to three digits.
    let Some(number) = Number::read(text, *begin, 2 + 3 + 2) else { return false };
    let Some(digits) = number.digits(number.groups().len()).get(2..) else { return false };
    plan::find(digits).is_some_and(|plan| plan.keeps_zero || !digits[plan.code_len..].starts_with(b"00"))
}

/// The number of groups of an international number, its country code after `prefix` digits.
///
/// Other numbers may follow in the same sentence, so it takes as many groups as fit the country's plan.
pub(super) fn groups(number: &Number, prefix: usize) -> Option<usize> {
    let groups = number.groups();
    // `+48.8577` is a coordinate.
    if groups.len() == 2 && groups[1].separator == Separator::Dot && groups[1].len != 0 {
        return None;
    }
    // No country code is a prefix of another, so it does not depend on how many groups are taken.
    let plan = plan::find(number.digits(groups.len()).get(prefix..)?)?;
    (1..=groups.len()).rev().filter(|count| number.digits(*count).len() <= prefix + MAX_INTERNATIONAL).find(|count| {
        // Either all separators are dots or none is; decimals mix them.
        let dots = groups[1..*count].iter().filter(|group| group.separator == Separator::Dot).count();
        let next_is_apart = match groups.get(*count) {
            // An extension: `123456-78`.
            Some(next) if next.separator == Separator::Dash => next.len <= 4 && *count + 1 == groups.len(),
            next => next.is_none_or(|next| next.separator == Separator::Space),
        };
        next_is_apart && (dots == 0 || dots == count - 1) && is_international(number, *count, prefix, &plan)
    })
}

fn is_international(number: &Number, count: usize, prefix: usize, plan: &Plan) -> bool {
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
pub(super) fn is_north_american(national: &[u8]) -> bool {
    national.len() == 10 && national[0] >= b'2' && national[3] >= b'2' && national[1] != b'9'
}

/// Whether a number that begins with 00 is a telephone number: articles have such numbers, too.
pub(super) fn is_dialled(window: &Window, number: &Number) -> bool {
    let is_bare = number.groups()[0].len > 8;
    let digits = number.digits(1);
    let is_article = is_bare && digits.len() == 13 && is_ean(digits) || is_bare && digits[2] == b'1';
    !is_article || is_announced(window, number)
}

/// Whether the check digit of GS1 fits: an EAN-13 (GTIN-13).
fn is_ean(digits: &[u8]) -> bool {
    let sum: u32 =
        digits.iter().rev().enumerate().map(|(i, d)| u32::from(d - b'0') * if i % 2 == 1 { 3 } else { 1 }).sum();
    sum.is_multiple_of(10)
}
