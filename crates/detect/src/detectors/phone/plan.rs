//! Country codes of ITU-T E.164 and the lengths of the numbers after them.

use std::ops::RangeInclusive;

/// The numbering plan of a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// Number of digits of the country code.
    pub(super) code_len: usize,
    /// Lengths of a national number without its trunk prefix.
    pub(super) lengths: RangeInclusive<usize>,
    /// Whether national numbers may begin with 0 after the country code.
    pub(super) keeps_zero: bool,
}

/// Lengths by country code, where they are narrow and well known.
#[rustfmt::skip]
const LENGTHS: [(u16, RangeInclusive<usize>); 74] = [
    (1, 10..=10), (7, 10..=10), (20, 8..=10), (27, 9..=9), (30, 10..=10), (31, 9..=9), (32, 8..=9), (33, 9..=9),
    (34, 9..=9), (36, 8..=9), (39, 6..=11), (40, 9..=9), (41, 9..=9), (43, 7..=12), (44, 9..=10), (45, 8..=8),
    (46, 7..=10), (47, 8..=8), (48, 9..=9), (49, 7..=11), (51, 8..=9), (52, 10..=11), (54, 10..=11), (55, 10..=11),
    (56, 9..=9), (57, 8..=10), (60, 8..=10), (61, 9..=9), (62, 8..=12), (63, 8..=10), (64, 8..=10), (65, 8..=8),
    (66, 8..=9), (81, 9..=10), (82, 8..=10), (84, 9..=10), (86, 8..=11), (90, 10..=10), (91, 10..=10), (92, 9..=10),
    (98, 10..=10), (212, 9..=9), (213, 8..=9), (216, 8..=8), (234, 8..=10), (254, 9..=9), (351, 9..=9),
    (352, 6..=11), (353, 7..=9), (354, 7..=7), (355, 8..=9), (356, 8..=8), (357, 8..=8), (358, 6..=11), (359, 7..=9),
    (370, 8..=8), (371, 8..=8), (372, 7..=8), (373, 8..=8), (375, 9..=9), (380, 9..=9), (381, 7..=9), (385, 8..=9),
    (386, 8..=8), (387, 8..=8), (389, 8..=8), (420, 9..=9), (421, 9..=9), (423, 7..=7), (852, 8..=8), (886, 8..=9),
    (966, 8..=9), (971, 8..=9), (972, 8..=9),
];

/// Lengths under all other country codes.
const OTHER: RangeInclusive<usize> = 7..=10;

/// The plan of the country whose code `digits` begin with.
pub(super) fn find(digits: &[u8]) -> Option<Plan> {
    let number = |len: usize| digits.get(..len).map(|d| d.iter().fold(0_u16, |n, d| n * 10 + u16::from(d - b'0')));
    let code_len = code_len(digits)?;
    let code = number(code_len)?;
    let lengths =
        LENGTHS.binary_search_by_key(&code, |(code, _)| *code).map_or(OTHER, |index| LENGTHS[index].1.clone());
    // Italy and its enclaves, and countries of West and Central Africa whose numbers begin with 0 since 2010.
    Some(Plan { code_len, lengths, keeps_zero: matches!(code, 39 | 225 | 241 | 242 | 378 | 379) })
}

/// The length of the country code; `None` for codes that are not assigned.
fn code_len(digits: &[u8]) -> Option<usize> {
    match digits {
        [b'1' | b'7', ..] => Some(1),
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => Some(2),
        [b'2', b'1', b'0' | b'4' | b'5' | b'7' | b'9', ..]
        | [b'2', b'8' | b'9', b'2'..=b'6', ..]
        | [b'3', b'8', b'4' | b'8', ..]
        | [b'4', b'2', b'2' | b'4'..=b'9', ..]
        | [b'6', b'9', b'3'..=b'9', ..]
        | [b'9', b'6', b'9', ..]
        | [b'9', b'7', b'8', ..]
        | [b'9', b'9', b'0' | b'1' | b'7' | b'9', ..] => None,
        [b'2', b'1' | b'2' | b'3' | b'4' | b'5' | b'6' | b'9', _, ..]
        | [b'3', b'5' | b'7' | b'8', _, ..]
        | [b'4', b'2', _, ..]
        | [b'5', b'0' | b'9', _, ..]
        | [b'6', b'7'..=b'9', _, ..]
        | [b'8', b'5' | b'8', _, ..]
        | [b'9', b'6' | b'7' | b'9', _, ..] => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_assigned_code_wins() {
        let code = |digits: &str| find(digits.as_bytes()).map(|plan| plan.code_len);
        assert_eq!(code("4915123"), Some(2));
        assert_eq!(code("1415"), Some(1));
        assert_eq!(code("420602"), Some(3));
        assert_eq!(code("352621"), Some(3));
        for digits in ["999123", "210123", "0", "", "8", "42"] {
            assert_eq!(code(digits), None, "{digits}");
        }
    }

    #[test]
    fn no_code_is_the_beginning_of_another_one() {
        for code in 0..1000 {
            let digits = format!("{code:03}");
            let len = code_len(digits.as_bytes());
            for cut in 0..3 {
                assert_eq!(code_len(&digits.as_bytes()[..cut]), len.filter(|len| *len <= cut), "{digits} cut to {cut}");
            }
        }
    }

    #[test]
    fn no_number_is_longer_than_the_standard_allows() {
        for (code, lengths) in &LENGTHS {
            assert!(code.to_string().len() + lengths.end() <= 15, "{code}");
        }
        assert!(3 + OTHER.end() <= 15);
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(LENGTHS.is_sorted_by_key(|(code, _)| *code));
    }
}
