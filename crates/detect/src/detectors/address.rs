//! Postal addresses, known by key.

use landfall_observation::{DataCategory, KeyKind};

use super::{AddressPart, Detector, KeyRule, KeyedValue, Search};

pub(super) const DETECTOR: Detector = Detector {
    name: "address",
    category: DataCategory::PHYSICAL_ADDRESS,
    search: Search::ByKeyOnly,
    keys: &[
        KeyRule::of_person(KeyKind::Street, |value| part_if(fits_street(value), AddressPart::Street)),
        KeyRule::of_person(KeyKind::Address, |value| part_if(fits_address(value), AddressPart::Street)),
        KeyRule::of_anything(KeyKind::Postcode, |value| part_if(fits_postcode(value), AddressPart::Postcode)),
        KeyRule::of_anything(KeyKind::City, |value| part_if(fits_city(value), AddressPart::City)),
    ],
};

/// The longest text that is taken for an address.
const MAX_LEN: usize = 160;

fn part_if(fits: bool, part: AddressPart) -> KeyedValue {
    if fits { KeyedValue::AddressPart(part) } else { KeyedValue::Other }
}

/// Whether a value under a key for streets is one: words, mostly with a number.
fn fits_street(value: &str) -> bool {
    let letters = value.chars().filter(|c| c.is_alphabetic()).count();
    let word = value.contains(' ') || value.chars().next().is_some_and(char::is_uppercase);
    letters >= 3 && word && is_text(value) && !is_placeholder(value)
}

/// Whether a value under a key for addresses is a postal one: words and a number.
///
/// `address` is also a key for memory, hosts, wallets and mailboxes.
fn fits_address(value: &str) -> bool {
    let has_digit = value.bytes().any(|b| b.is_ascii_digit());
    let longest = value.split(|c: char| !c.is_alphabetic()).map(|word| word.chars().count()).max().unwrap_or(0);
    has_digit && longest >= 3 && value.contains(' ') && is_text(value)
}

/// Whether a value under a key for postcodes is one: up to ten letters and digits.
fn fits_postcode(value: &str) -> bool {
    (3..=10).contains(&value.len())
        && value.bytes().filter(u8::is_ascii_digit).count() >= 2
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-')
}

/// Whether a value under a key for cities is one.
fn fits_city(value: &str) -> bool {
    value.len() <= MAX_LEN
        && value.chars().filter(|c| c.is_alphabetic()).count() >= 2
        && !value.bytes().any(|b| b.is_ascii_digit() || b"@_{}<>=".contains(&b))
        && !is_placeholder(value)
}

/// Whether it is made of words and of the punctuation of addresses.
fn is_text(value: &str) -> bool {
    value.len() <= MAX_LEN
        && !value.contains("://")
        && !value.contains("0x")
        && value.chars().all(|c| c.is_alphanumeric() || c.is_whitespace() || ",.-/'’#&()°ºª:;+".contains(c))
        && value.bytes().filter(|b| *b == b':').count() <= 1
}

fn is_placeholder(value: &str) -> bool {
    ["null", "none", "n/a", "undefined", "unknown", "unbekannt", "string", "true", "false"]
        .iter()
        .any(|placeholder| value.eq_ignore_ascii_case(placeholder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streets_and_what_only_stands_under_their_keys() {
        for street in ["Musterweg 7", "Musterweg", "7, rue de la Paix", "12 Main St. Apt. 4", "plac Kościuszki 3/4"] {
            assert!(fits_street(street), "{street}");
        }
        for value in ["", "-", "null", "Unknown", "7", "main", "https://example.org/a b", "erika@example.org"] {
            assert!(!fits_street(value), "{value}");
        }
    }

    #[test]
    fn postal_addresses_and_those_of_machines() {
        for address in ["Musterweg 7", "Musterweg 7, 12345 Musterstadt", "7 Main Street\n12345 Town"] {
            assert!(fits_address(address), "{address}");
        }
        for value in [
            "0x7ffd 12ab",
            "192.0.2.1",
            "2001:db8:1:: 1",
            "erika@example.org",
            "00:1b:44:11:3a:b7",
            "Musterweg",
            "https://example.org/ 7",
            "1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        ] {
            assert!(!fits_address(value), "{value}");
        }
    }

    #[test]
    fn postcodes_and_cities() {
        assert!(["12345", "L3 7GR", "76-601", "7183YS"].into_iter().all(fits_postcode));
        assert!(!["", "12", "abc", "12345678901", "1.5"].into_iter().any(fits_postcode));
        assert!(["Köln", "Frankfurt am Main"].into_iter().all(fits_city));
        assert!(!["", "null", "dc1", "eu_west"].into_iter().any(fits_city));
    }
}
