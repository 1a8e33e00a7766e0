//! Numbers as people write them: groups of digits with separators between them.

/// More digits than any identifier has.
pub(super) const MAX_DIGITS: usize = 32;
/// Fewer digits than any identifier that is read here has.
const MIN_DIGITS: usize = 7;
const MAX_GROUPS: usize = 12;

/// A number as it is written: `+49 (0) 151 / 2345-678`.
pub(super) struct Number {
    /// Where its first digit, sign or parenthesis is.
    pub(super) start: usize,
    digits: [u8; MAX_DIGITS],
    len: usize,
    groups: [Group; MAX_GROUPS],
    count: usize,
    pub(super) plus: bool,
}

/// How a number starts, before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStart {
    /// Where its first digit, sign or parenthesis is.
    pub(super) start: usize,
    /// Where its first digit is.
    pub(super) at: usize,
    /// Whether a plus sign precedes its digits.
    pub(super) plus: bool,
    /// Whether its first digits are in parentheses.
    pub(super) open: bool,
    /// Number of digits in its first group.
    pub(super) len: usize,
}

/// Counts the digits and separators from a candidate on, as far as a number can reach. It starts from the counts of the
/// candidate before, so that long rows of numbers are read in linear time.
#[derive(Debug, Default)]
pub(super) struct DigitCounter {
    from: usize,
    to: usize,
    digits: usize,
    groups: usize,
    dots: usize,
    others: usize,
}

/// Digits without a separator between them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Number of digits.
    pub(super) len: u8,
    /// Number of digits in the groups before.
    pub(super) offset: u8,
    /// Offset after the last digit, or its parenthesis.
    pub(super) end: usize,
    /// Between this group and the one before.
    pub(super) separator: Separator,
    pub(super) in_parentheses: bool,
}

/// What is between two groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Separator {
    #[default]
    None,
    Space,
    Dash,
    Dot,
    Slash,
}

// === impl Separator ===

impl Separator {
    fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            b' ' => Some(Self::Space),
            b'-' => Some(Self::Dash),
            b'.' => Some(Self::Dot),
            b'/' => Some(Self::Slash),
            _ => None,
        }
    }
}

// === impl NumberStart ===

impl NumberStart {
    /// The start of the number whose first digit is at `at`.
    pub(super) fn at(text: &[u8], at: usize) -> Self {
        let len = digits_len(&text[at..]);
        // `(0221) 66`, `(+49) 221`, `+(49) 221`; a parenthesis that closes later belongs to the sentence.
        let closes = closes(text, at);
        let (mut start, mut plus) = (at, false);
        for _ in 0..2 {
            match start.checked_sub(1).map(|before| text[before]) {
                Some(b'(') if closes => start -= 1,
                Some(b'+') if !plus => {
                    start -= 1;
                    plus = true;
                }
                _ => {}
            }
        }
        Self { start, at, plus, open: closes && text[start..at].contains(&b'('), len }
    }

    /// Number of digits in the second group.
    pub(super) fn second_len(&self, text: &[u8]) -> Option<usize> {
        let (second, ..) = separator_at(text, self.at + self.len + usize::from(self.open))?;
        Some(digits_len(&text[second..]))
    }
}

// === impl DigitCounter ===

impl DigitCounter {
    /// Whether there are enough digits for an identifier at `at`. Most numbers are short or decimals, and are ruled out
    /// here.
    pub(super) fn is_long_enough(&mut self, text: &[u8], at: usize) -> bool {
        let splits_group = at > 0 && text[at - 1].is_ascii_digit();
        if at < self.from || at >= self.to || splits_group {
            *self = Self { from: at, to: at, ..Self::default() };
        }
        for position in self.from..at {
            self.count(text, position, |count| *count -= 1);
        }
        self.from = at;
        while self.to < text.len().min(at + 3 * MAX_DIGITS) && self.count(text, self.to, |count| *count += 1) {
            self.to += 1;
        }
        let Self { digits, groups, dots, others, .. } = *self;
        // Single digits in a row are data, and one dot alone makes a decimal.
        digits >= MIN_DIGITS && digits + 1 >= 2 * groups && !(dots == 1 && others == 0 && groups == 2)
    }

    /// Counts the byte at `position`, unless it is neither a digit nor a separator.
    fn count(&mut self, text: &[u8], position: usize, change: impl Fn(&mut usize)) -> bool {
        match text[position] {
            b'0'..=b'9' => {
                change(&mut self.digits);
                if position == self.from || !text[position - 1].is_ascii_digit() {
                    change(&mut self.groups);
                }
            }
            b'.' => change(&mut self.dots),
            b' ' | b'-' | b'/' | b'(' | b')' | 0x80.. => change(&mut self.others),
            _ => return false,
        }
        true
    }
}

// === impl Number ===

impl Number {
    /// The number that starts so, up to the group with which it has more than `enough` digits; `None` where it is
    /// part of something longer.
    pub(super) fn read(text: &[u8], begin: NumberStart, enough: usize) -> Option<Self> {
        let NumberStart { start, at, plus, mut open, len: _ } = begin;
        let mut number =
            Self { start, digits: [0; MAX_DIGITS], len: 0, groups: [Group::default(); MAX_GROUPS], count: 0, plus };
        let mut position = at;
        let mut separator = Separator::None;
        while number.count < MAX_GROUPS && number.len <= enough {
            let len = digits_len(&text[position..]);
            if len == 0 || number.len + len > MAX_DIGITS {
                // A group that is longer than any identifier is none, and neither is its beginning.
                if len > 0 && separator == Separator::None {
                    return None;
                }
                break;
            }
            number.digits[number.len..number.len + len].copy_from_slice(&text[position..position + len]);
            position += len;
            let in_parentheses = open;
            position += usize::from(open);
            let [digits, offset] = [len, number.len].map(|n| u8::try_from(n).expect("at most MAX_DIGITS"));
            number.groups[number.count] = Group { len: digits, offset, end: position, separator, in_parentheses };
            number.count += 1;
            number.len += len;
            let Some((next, kind, parenthesis)) = separator_at(text, position) else { break };
            (position, separator, open) = (next, kind, parenthesis);
        }
        (number.count > 0).then_some(number)
    }

    pub(super) fn groups(&self) -> &[Group] {
        &self.groups[..self.count]
    }

    /// The digits of the first `groups` groups.
    pub(super) fn digits(&self, groups: usize) -> &[u8] {
        match self.groups().get(groups.wrapping_sub(1)) {
            Some(last) => &self.digits[..usize::from(last.offset + last.len)],
            None => &[],
        }
    }

    /// Whether all separators between the first `groups` groups are `separator`.
    pub(super) fn is_separated_by(&self, groups: usize, separator: Separator) -> bool {
        self.groups[1..groups.max(1)].iter().all(|group| group.separator == separator && !group.in_parentheses)
    }

    /// Whether the first groups have these lengths.
    pub(super) fn has_shape(&self, lens: &[u8]) -> bool {
        self.count >= lens.len() && self.groups.iter().zip(lens).all(|(group, len)| group.len == *len)
    }
}

/// How many digits `text` begins with, counted up to one more than an identifier can have.
fn digits_len(text: &[u8]) -> usize {
    let text = &text[..text.len().min(MAX_DIGITS + 1)];
    text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

/// Whether a parenthesis closes right after the digits at `at`.
fn closes(text: &[u8], at: usize) -> bool {
    text[at..].iter().take(MAX_DIGITS).find(|b| !b.is_ascii_digit()) == Some(&b')')
}

/// The separator at `at`: where the digits after it are, its kind, and whether a parenthesis opens.
fn separator_at(text: &[u8], at: usize) -> Option<(usize, Separator, bool)> {
    // Nearly always it is one byte.
    if let [byte, b'0'..=b'9', ..] = &text[at..]
        && let Some(separator) = Separator::from_byte(*byte)
    {
        return Some((at + 1, separator, false));
    }
    let mut position = at;
    let mut separator = Separator::None;
    let mut spaces = 0;
    loop {
        match &text[position..] {
            [b' ', ..] if spaces < 2 => {
                spaces += 1;
                position += 1;
            }
            // A no-break space in UTF-8.
            [0xc2, 0xa0, ..] if spaces < 2 => {
                spaces += 1;
                position += 2;
            }
            [byte @ (b'-' | b'.' | b'/'), ..] if separator == Separator::None => {
                separator = Separator::from_byte(*byte).unwrap_or_default();
                position += 1;
            }
            // A non-breaking hyphen or an en dash in UTF-8.
            [0xe2, 0x80, 0x91 | 0x93, ..] if separator == Separator::None => {
                separator = Separator::Dash;
                position += 3;
            }
            [b'(', next, ..] if next.is_ascii_digit() && closes(text, position + 1) => {
                let kind = if separator == Separator::None { Separator::Space } else { separator };
                return Some((position + 1, kind, true));
            }
            [byte, ..] if byte.is_ascii_digit() => break,
            _ => return None,
        }
    }
    // Two spaces separate columns; a sentence ends in a dot and a space.
    match (separator, spaces) {
        // Without a space the digits follow a parenthesis.
        (Separator::None, 0 | 1) => Some((position, Separator::Space, false)),
        (Separator::Dot, 0) | (Separator::Dash | Separator::Slash, 0 | 2) => Some((position, separator, false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, Vec<(usize, Separator)>)> {
        let at = text.find(|c: char| c.is_ascii_digit())?;
        let text = text.as_bytes();
        let number = DigitCounter::default()
            .is_long_enough(text, at)
            .then(|| Number::read(text, NumberStart::at(text, at), MAX_DIGITS))??;
        let digits = String::from_utf8(number.digits(number.groups().len()).to_vec()).unwrap();
        Some((digits, number.groups().iter().map(|g| (g.len.into(), g.separator)).collect()))
    }

    #[test]
    fn groups_are_read_with_their_separators() {
        use Separator::{Dash, Dot, None, Slash, Space};
        for (text, digits, groups) in [
            ("4111 1111", "41111111", vec![(4, None), (4, Space)]),
            ("0211 / 55 57", "02115557", vec![(4, None), (2, Slash), (2, Space)]),
            ("(0221) 66003", "022166003", vec![(4, None), (5, Space)]),
            ("(+43) 66412", "4366412", vec![(2, None), (5, Space)]),
            ("(0171 2345)", "01712345", vec![(4, None), (4, Space)]),
            ("+49 (0) 1511", "4901511", vec![(2, None), (1, Space), (4, Space)]),
            ("06.24.4319", "06244319", vec![(2, None), (2, Dot), (4, Dot)]),
            ("12-34 - 567", "1234567", vec![(2, None), (2, Dash), (3, Dash)]),
            ("1234567. 34", "1234567", vec![(7, None)]),
            ("1234567   34", "1234567", vec![(7, None)]),
            ("1234\u{a0}567", "1234567", vec![(4, None), (3, Space)]),
        ] {
            assert_eq!(read(text), Some((digits.to_owned(), groups)), "{text}");
        }
    }

    #[test]
    fn short_numbers_decimals_and_rows_of_single_digits_are_ruled_out() {
        for text in ["123456", "12 34", "584.99809123", "1 2 3 4 5 6 7 8 9"] {
            assert_eq!(read(text), Option::None, "{text}");
        }
    }

    #[test]
    fn a_run_beyond_any_identifier_is_no_number() {
        assert_eq!(read(&"1".repeat(33)), Option::None);
        assert!(read(&"1".repeat(32)).is_some());
    }
}
