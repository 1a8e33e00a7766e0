//! International bank account numbers (ISO 13616): country, length, structure and check digits.

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{Detector, Found, KeyRule, KeyedValue, Search, Window};

pub(super) const DETECTOR: Detector = Detector {
    name: "iban",
    category: DataCategory::BANK_ACCOUNT,
    search: Search::DigitAfterLetter(at_check_digits),
    keys: &[KeyRule::of_person(KeyKind::BankAccount, |value| KeyedValue::validated_if(fits(value)))],
};

/// Country and structure of what follows the check digits: numbers of digits `n`, capital
/// letters `a` and either `c`, as in the registry of ISO 13616.
#[rustfmt::skip]
const STRUCTURES: [(&[u8; 2], &str); 88] = [
    (b"AD", "8n12c"), (b"AE", "19n"), (b"AL", "8n16c"), (b"AT", "16n"), (b"AZ", "4a20c"), (b"BA", "16n"),
    (b"BE", "12n"), (b"BG", "4a6n8c"), (b"BH", "4a14c"), (b"BI", "23n"), (b"BR", "23n1a1c"), (b"BY", "4c4n16c"),
    (b"CH", "5n12c"), (b"CR", "18n"), (b"CY", "8n16c"), (b"CZ", "20n"), (b"DE", "18n"), (b"DJ", "23n"),
    (b"DK", "14n"), (b"DO", "4c20n"), (b"EE", "16n"), (b"EG", "25n"), (b"ES", "20n"), (b"FI", "14n"),
    (b"FK", "2a12n"), (b"FO", "14n"), (b"FR", "10n11c2n"), (b"GB", "4a14n"), (b"GE", "2a16n"), (b"GI", "4a15c"),
    (b"GL", "14n"), (b"GR", "7n16c"), (b"GT", "24c"), (b"HN", "4a20n"), (b"HR", "17n"), (b"HU", "24n"),
    (b"IE", "4a14n"), (b"IL", "19n"), (b"IQ", "4a15n"), (b"IS", "22n"), (b"IT", "1a10n12c"), (b"JO", "4a4n18c"),
    (b"KW", "4a22c"), (b"KZ", "3n13c"), (b"LB", "4n20c"), (b"LC", "4a24c"), (b"LI", "5n12c"), (b"LT", "16n"),
    (b"LU", "3n13c"), (b"LV", "4a13c"), (b"LY", "21n"), (b"MC", "10n11c2n"), (b"MD", "20c"), (b"ME", "18n"),
    (b"MK", "3n10c2n"), (b"MN", "16n"), (b"MR", "23n"), (b"MT", "4a5n18c"), (b"MU", "4a19n3a"), (b"NI", "4a20n"),
    (b"NL", "4a10n"), (b"NO", "11n"), (b"OM", "3n16c"), (b"PK", "4a16c"), (b"PL", "24n"), (b"PS", "4a21c"),
    (b"PT", "21n"), (b"QA", "4a21c"), (b"RO", "4a16c"), (b"RS", "18n"), (b"RU", "14n15c"), (b"SA", "2n18c"),
    (b"SC", "4a20n3a"), (b"SD", "14n"), (b"SE", "20n"), (b"SI", "15n"), (b"SK", "20n"), (b"SM", "1a10n12c"),
    (b"SO", "19n"), (b"ST", "21n"), (b"SV", "4a20n"), (b"TL", "19n"), (b"TN", "20n"), (b"TR", "6n16c"),
    (b"UA", "6n19c"), (b"VA", "18n"), (b"VG", "4a16n"), (b"XK", "16n"),
];

/// The longest IBAN of the registry: Russia's, before Saint Lucia's with 32.
const MAX_LEN: usize = 33;

/// The account number whose check digits begin at `at`.
///
/// A number of the same form with wrong check digits is taken all the same: its digits are no other identifier.
fn at_check_digits(window: &Window, at: usize) -> Option<Found> {
    let text = window.text;
    let start = at.checked_sub(2)?;
    if start > 0 && text[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let structure = structure(&text[start..at])?;
    let length = 4 + structure_len(structure);
    let mut account = [0; MAX_LEN];
    let mut len = 0;
    let mut position = start;
    while len < length {
        match text.get(position) {
            Some(byte) if byte.is_ascii_alphanumeric() => {
                account[len] = byte.to_ascii_uppercase();
                len += 1;
                position += 1;
            }
            // Single separators, and none before or within the check digits.
            Some(b' ' | b'-') if len >= 4 && text.get(position + 1).is_some_and(u8::is_ascii_alphanumeric) => {
                position += 1;
            }
            Some(0xc2) if len >= 4 && text.get(position + 1) == Some(&0xa0) => position += 2,
            _ => return None,
        }
    }
    if text.get(position).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let account = &account[..len];
    if !has_structure(&account[4..], structure) {
        return None;
    }
    let certainty = is_valid(account).then_some(FindingCertainty::Validated);
    Some(Found { start, end: position, certainty })
}

/// Whether a whole value under a key such as `iban` is one, however it is separated.
fn fits(value: &str) -> bool {
    let mut account = [0; MAX_LEN];
    let mut len = 0;
    for byte in value.bytes() {
        match byte {
            b' ' | b'-' | b'.' | b'_' => {}
            byte if byte.is_ascii_alphanumeric() && len < MAX_LEN => {
                account[len] = byte.to_ascii_uppercase();
                len += 1;
            }
            _ => return false,
        }
    }
    let account = &account[..len];
    len > 4
        && structure(&account[..2]).is_some_and(|s| len == 4 + structure_len(s) && has_structure(&account[4..], s))
        && is_valid(account)
}

fn structure(country: &[u8]) -> Option<&'static str> {
    let country = [country[0].to_ascii_uppercase(), country[1].to_ascii_uppercase()];
    let index = STRUCTURES.binary_search_by(|(code, _)| (*code).cmp(&country)).ok()?;
    Some(STRUCTURES[index].1)
}

/// The parts of a structure: length and kind.
fn parts(structure: &str) -> impl Iterator<Item = (usize, u8)> {
    structure.split_inclusive(['n', 'a', 'c']).filter_map(|part| {
        let (len, kind) = part.split_at(part.len() - 1);
        Some((len.parse().ok()?, kind.as_bytes()[0]))
    })
}

fn structure_len(structure: &str) -> usize {
    parts(structure).map(|(len, _)| len).sum()
}

fn has_structure(mut account: &[u8], structure: &str) -> bool {
    parts(structure).all(|(len, kind)| {
        let Some((part, rest)) = account.split_at_checked(len) else { return false };
        account = rest;
        part.iter().all(|b| match kind {
            b'n' => b.is_ascii_digit(),
            b'a' => b.is_ascii_uppercase(),
            _ => b.is_ascii_alphanumeric(),
        })
    })
}

/// ISO 7064 MOD 97-10, over the account with its first four characters moved to the end.
fn is_valid(account: &[u8]) -> bool {
    let (head, tail) = account.split_at(4);
    let [_, _, tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = *head else { return false };
    let check = (tens - b'0') * 10 + (ones - b'0');
    let remainder = tail.iter().chain(head).fold(0_u32, |remainder, byte| match byte {
        b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
        _ => (remainder * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    remainder == 1 && (2..=98).contains(&check)
}

#[cfg(test)]
mod tests {
    use super::super::{detectors, found_in};

    #[test]
    fn accounts_and_what_only_looks_like_one() {
        for (text, expected) in [
            ("IBAN DE89370400440532013000", Some("DE89370400440532013000")),
            ("{\"iban\":\"DEZZ370400440532013000\"}", None),
            ("DE89 3704 0044 0532 0130 00, BIC COBADEFF", Some("DE89 3704 0044 0532 0130 00")),
            ("IBAN: DE89-3704-0044-0532-0130-00.", Some("DE89-3704-0044-0532-0130-00")),
            ("de89370400440532013000", Some("de89370400440532013000")),
            ("GB82 WEST 1234 5698 7654 32 BIC", Some("GB82 WEST 1234 5698 7654 32")),
            ("FR14 2004 1010 0505 0001 3M02 606", Some("FR14 2004 1010 0505 0001 3M02 606")),
            ("IT60X0542811101000000123456", Some("IT60X0542811101000000123456")),
            ("AT611904300234573201", Some("AT611904300234573201")),
            ("NL91ABNA0417164300", Some("NL91ABNA0417164300")),
            ("CH9300762011623852957", Some("CH9300762011623852957")),
            ("PL61 1090 1014 0000 0712 1981 2874", Some("PL61 1090 1014 0000 0712 1981 2874")),
            // Check digits, length, structure and country that are wrong.
            ("DE88370400440532013000", None),
            ("DE8937040044053201300", None),
            ("DE893704004405320130001", None),
            ("DE89 WEST 1234 5698 7654 32", None),
            ("ZZ89370400440532013000", None),
            ("XDE89370400440532013000", None),
            ("DE89  3704 0044 0532 0130 00", None),
            ("DE123456789", None),
        ] {
            assert_eq!(found_in(text, "iban"), expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn digits_of_a_wrong_account_are_no_other_identifier() {
        for (detector, _) in detectors() {
            assert!(found_in("GB81 WEST 1234 5698 7654 32", detector).is_empty());
            assert!(found_in("Tel. FR15 2004 1010 0505 0001 3M02 606", detector).is_empty());
        }
    }

    #[test]
    fn a_key_for_accounts_may_separate_them_as_it_likes() {
        assert!(super::fits("DE89.3704.0044.0532.0130.00"));
        for value in ["0532013000", "DE88.3704.0044.0532.0130.00", "", "DE89", "ä"] {
            assert!(!super::fits(value), "{value}");
        }
    }

    #[test]
    fn the_registry_is_sorted_by_country() {
        assert!(super::STRUCTURES.is_sorted_by_key(|(country, _)| *country));
    }
}
