//! Public IP addresses: those that can lead to a person's connection.
//!
//! Addresses of the documentation ranges (RFC 5737, RFC 3849) count as public: recorded traffic
//! uses them in the place of real ones.

use std::net::{Ipv4Addr, Ipv6Addr};

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{
    Detector, Found, KeyRule, KeyedValue, Search, Window,
    context::{Words, before, digit_at, letter_before, word_at},
};
use crate::meaning::Exclusion;

pub(super) const DETECTOR: Detector = Detector {
    name: "ip-address",
    category: DataCategory::IP_ADDRESS,
    search: Search::Digit(at),
    // The form of an address leaves nothing to judge, but under such a key it is no version.
    keys: &[KeyRule::of_anything(KeyKind::IpAddress, |_| KeyedValue::Other)],
};

/// The longest IPv6 address in text, with an IPv4 address at its end.
const MAX_V6: usize = 45;

/// Parts of words that announce a version of four parts.
#[rustfmt::skip]
static VERSION_WORDS: Words = Words::new(&[
    "version", "versión", "versione", "wersj", "versie", "verzia", "release", "build", "firmware", "revision",
    "rev.", "rv:", "update", "upgrade", "patch", "sdk", "driver", "treiber", "kernel", "chrome", "oid", "identifier",
]);
/// Words that announce an address.
#[rustfmt::skip]
static ADDRESS_WORDS: Words = Words::new(&[
    "ip", "addr", "from", "von", "client", "host", "peer", "remote", "server", "forwarded",
]);

/// The address that begins with the digit at `at`.
fn at(window: &Window, at: usize) -> Option<Found> {
    let text = window.text;
    let (end, is_public) = v4(text, at).or_else(|| v6(text, at))?;
    if at > 0 && !may_begin(text, at) {
        return None;
    }
    let is_address = is_public && !is_version(window, at, end);
    // A private address and a version are no other identifier either.
    Some(Found { start: at, end, certainty: is_address.then_some(FindingCertainty::Validated) })
}

/// Whether an address may start after the text before `start`.
fn may_begin(text: &[u8], start: usize) -> bool {
    match before(text, start) {
        Some(b'.' | b'_' | b'%' | b'#' | b'$' | b'~' | b'+') => false,
        Some(b',') => !(start >= 2 && text[start - 2].is_ascii_digit()) || start >= 3 && text[start - 3] == b'.',
        // `Chrome/120.0.0.0` is a product; `//192.0.2.1` and `host.example/192.0.2.1` are places.
        Some(b'/') => !(start >= 2 && text[start - 2].is_ascii_alphanumeric()) || follows_host(text, start - 1),
        Some(b'-') => start >= 2 && text[start - 2].is_ascii_digit(),
        Some(byte) if byte >= 0x80 => !letter_before(text, start),
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    }
}

/// Whether the word before `slash` has a dot in it, as hosts do.
fn follows_host(text: &[u8], slash: usize) -> bool {
    let word = &text[slash.saturating_sub(64)..slash];
    let word =
        &word[word.iter().rposition(|b| !(b.is_ascii_alphanumeric() || b".-".contains(b))).map_or(0, |i| i + 1)..];
    word.contains(&b'.') && word.iter().any(u8::is_ascii_alphabetic)
}

/// The end of the dotted quad at `start`, and whether it is public.
fn v4(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let mut octets = [0_u8; 4];
    let mut position = start;
    for (index, octet) in octets.iter_mut().enumerate() {
        if index > 0 {
            if text.get(position) != Some(&b'.') {
                return None;
            }
            position += 1;
        }
        let len = text[position..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        let digits = &text[position..position + len];
        // RFC 6943, 3.1.1: leading zeros mean octal to some; people do not write them.
        if !matches!(digits, [_] | [b'1'..=b'9', _] | [b'1' | b'2', _, _]) {
            return None;
        }
        let value = digits.iter().fold(0_u16, |value, digit| value * 10 + u16::from(digit - b'0'));
        *octet = u8::try_from(value).ok()?;
        position += len;
    }
    let continues = match text.get(position) {
        Some(b'.' | b'-') => word_at(text, position + 1) && !is_range(text, position),
        Some(b'_' | b'%' | b'@') => true,
        Some(byte) => byte.is_ascii_alphanumeric(),
        None => false,
    };
    let address = Ipv4Addr::from(octets);
    (!continues).then(|| (position, is_public_v4(address) && !is_prefix(text, position, octets[3] == 0)))
}

/// Whether a dash at `at` separates two addresses of a range.
fn is_range(text: &[u8], at: usize) -> bool {
    text[at] == b'-' && digit_at(text, at + 1) && text[at + 1..].iter().take(4).any(|b| *b == b'.')
}

/// Whether a prefix length follows and the host bits are zero: a network, not an address.
fn is_prefix(text: &[u8], at: usize, no_host: bool) -> bool {
    no_host && text.get(at) == Some(&b'/') && digit_at(text, at + 1)
}

/// The end of the IPv6 address at `start`, and whether it is public.
///
/// Global unicast is 2000::/3: all public addresses begin with four digits, the first a 2 or 3. Others
/// are not read, except translated ones (RFC 6052).
fn v6(text: &[u8], start: usize) -> Option<(usize, bool)> {
    let candidate = &text[start..text.len().min(start + MAX_V6 + 1)];
    let global =
        matches!(candidate, [b'2' | b'3', a, b, c, b':', ..] if [a, b, c].iter().all(|d| d.is_ascii_hexdigit()));
    if !global && !candidate.starts_with(b"64:ff9b::") {
        return None;
    }
    let len = candidate.iter().position(|b| !(b.is_ascii_hexdigit() || b".:".contains(b))).unwrap_or(candidate.len());
    // An address has at most eight colons; one more may belong to the sentence.
    if memchr::memchr_iter(b':', &candidate[..len]).count() > 9 {
        return None;
    }
    let mut candidate = str::from_utf8(&candidate[..len]).ok()?.trim_end_matches('.');
    if candidate.ends_with(':') && !candidate.ends_with("::") {
        candidate = &candidate[..candidate.len() - 1];
    }
    let end = start + candidate.len();
    if word_at(text, end) || text.get(end) == Some(&b'_') {
        return None;
    }
    let address: Ipv6Addr = candidate.parse().ok()?;
    Some((end, is_public_v6(address) && !is_prefix(text, end, address.segments()[4..] == [0; 4])))
}

/// Whether a word before, the key or the letter `v` says that this is a version.
fn is_version(window: &Window, start: usize, end: usize) -> bool {
    if window.meaning.exclusion == Exclusion::Version {
        return true;
    }
    if window.is_under(KeyKind::IpAddress) {
        return false;
    }
    let address = window.last(&ADDRESS_WORDS, start);
    window.last_part(&VERSION_WORDS, start) > address
        || (address.is_none() && is_low(&window.text[start..end]) && !is_of_network(window.text, start, end))
}

/// Whether all parts are below 32: so are one in 4,096 addresses, and most versions, section numbers and object
/// identifiers.
fn is_low(quad: &[u8]) -> bool {
    quad.split(|b| *b == b'.').all(|part| matches!(part, [_] | [b'1' | b'2', _] | b"30" | b"31"))
}

/// Whether its place is typical of addresses: in a URL, before a port, at the beginning of a line.
fn is_of_network(text: &[u8], start: usize, end: usize) -> bool {
    matches!(before(text, start), None | Some(b'\n' | b'/' | b'@' | b'['))
        || (text.get(end) == Some(&b':') && digit_at(text, end + 1))
}

/// Globally reachable (RFC 6890 and IANA's registry), documentation ranges included.
fn is_public_v4(address: Ipv4Addr) -> bool {
    match address.octets() {
        [0 | 10 | 127 | 224..=255, ..] | [192, 0, 0, _] | [192, 88, 99, _] => false,
        [100, second, ..] => !(64..=127).contains(&second),
        [172, second, ..] => !(16..=31).contains(&second),
        [198, second, ..] => !(18..=19).contains(&second),
        octets => !octets.starts_with(&[169, 254]) && !octets.starts_with(&[192, 168]),
    }
}

/// Globally reachable (RFC 6890 and IANA's registry), documentation ranges included.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // RFC 6052: the last 32 bits are an IPv4 address.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments: Teredo and benchmarking, ORCHID.
        [0x2001, second, ..] if second <= 0x02 || (0x10..=0x2f).contains(&second) => false,
        [first, rest @ ..] => (0x2000..0x4000).contains(&first) && rest != [0; 7],
    }
}

#[cfg(test)]
mod tests {
    use super::super::found_in;

    #[test]
    fn public_addresses_and_what_only_looks_like_one() {
        for (text, expected) in [
            ("Login von 203.0.113.7.", vec!["203.0.113.7"]),
            ("198.51.100.7:443", vec!["198.51.100.7"]),
            ("http://192.0.2.1/x", vec!["192.0.2.1"]),
            ("db.example.org/192.0.2.1:5432", vec!["192.0.2.1"]),
            ("X-Forwarded-For: 203.0.113.7, 10.0.0.1,192.0.2.9", vec!["203.0.113.7", "192.0.2.9"]),
            ("192.0.2.1-192.0.2.9", vec!["192.0.2.1", "192.0.2.9"]),
            ("ssh root@192.0.2.1", vec!["192.0.2.1"]),
            ("::ffff:192.0.2.1", vec!["192.0.2.1"]),
            ("[2001:db8::1]:443", vec!["2001:db8::1"]),
            ("2001:db8:0:1:2:3:4:5, 2001:DB8::A.", vec!["2001:db8:0:1:2:3:4:5", "2001:DB8::A"]),
            ("peer 2001:db8::7: timeout", vec!["2001:db8::7"]),
            ("2001:db8::192.0.2.1", vec!["2001:db8::192.0.2.1"]),
            ("eth0 2001:db8::7/64", vec!["2001:db8::7"]),
            ("64:ff9b::192.0.2.1", vec!["64:ff9b::192.0.2.1"]),
            ("10.0.0.1 172.16.0.1 172.31.255.1 192.168.1.1 127.0.0.1 0.0.0.0", vec![]),
            ("100.64.0.1 169.254.169.254 224.0.0.1 240.0.0.1 255.255.255.255 198.18.0.1", vec![]),
            ("fe80::1 fd00::1 ::1 :: ff02::1 64:ff9b::10.0.0.1", vec![]),
            ("v1.2.3.4 version 11.22.33.44 Versión 14.15.16.17", vec![]),
            ("Build: 11.22.33.44 rv:1.9.2.20", vec![]),
            ("Git 1.7.12.4, ObjectIdentifier('2.5.29.14')", vec![]),
            ("http://5.9.12.3/ IP 5.9.12.3", vec!["5.9.12.3", "5.9.12.3"]),
            ("Version 7 from client 192.0.2.1", vec!["192.0.2.1"]),
            ("Chrome/120.0.0.0 Safari/53.3.2.1", vec![]),
            ("192.0.2.0/24 and 2001:db8::/32", vec![]),
            ("192.0.2.1.5 1.192.0.2.1.4.5", vec![]),
            ("192.0.2.256 192.0.02.1 192.0.2 1192.0.2.1", vec![]),
            ("1.2.3.192.in-addr.arpa", vec![]),
            ("11.22.33.44-beta lodash_11.22.33.44", vec![]),
            ("12:34:56 std::vector 20:01:0d:b8:00:00:00:01", vec![]),
            ("2001:db8 2024:05:06 2001:db8:::1", vec![]),
        ] {
            assert_eq!(found_in(text, "ip-address"), expected, "{text}");
        }
    }
}
