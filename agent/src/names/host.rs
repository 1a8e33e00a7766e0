/// The longest host name in text form (RFC 1035, 2.3.4, without the final dot).
const MAX_NAME: usize = 253;
/// The longest label.
const MAX_LABEL: usize = 63;

/// A host name in lower case without a trailing dot. `None` if the bytes are not a host name: characters other than
/// letters, digits, hyphens and underscores, labels of a wrong length, or an IP address. Peers choose these bytes, so
/// anything else is discarded.
pub fn host_name(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_suffix(b".").unwrap_or(bytes);
    if bytes.is_empty() || bytes.len() > MAX_NAME {
        return None;
    }
    let mut last: &[u8] = &[];
    for label in bytes.split(|b| *b == b'.') {
        let well_formed = (1..=MAX_LABEL).contains(&label.len())
            && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
        if !well_formed {
            return None;
        }
        last = label;
    }
    // No top-level domain is a number; a text that ends in one is an address (RFC 3696, section 2).
    if last.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let name: String = bytes.iter().map(|b| char::from(b.to_ascii_lowercase())).collect();
    Some(name)
}

/// The host name in an authority (`user@host:port`), as `Host` and request targets carry it.
pub fn authority(bytes: &[u8]) -> Option<String> {
    let host_and_port = bytes.rsplit(|b| *b == b'@').next()?;
    let host = match host_and_port.iter().position(|b| *b == b':') {
        Some(colon) if host_and_port[colon + 1..].iter().all(u8::is_ascii_digit) => &host_and_port[..colon],
        Some(_) => return None,
        None => host_and_port,
    };
    host_name(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_name_is_lower_cased_and_loses_its_trailing_dot() {
        let cases = [
            ("api.example.org", "api.example.org"),
            ("API.Example.ORG.", "api.example.org"),
            ("localhost", "localhost"),
            ("_dmarc.example.org", "_dmarc.example.org"),
            ("r1---sn-4g5e.example.org", "r1---sn-4g5e.example.org"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("192.0.2.1.nip.example", "192.0.2.1.nip.example"),
        ];
        for (text, name) in cases {
            assert_eq!(host_name(text.as_bytes()).as_deref(), Some(name));
        }
        let longest = format!("{}{}", format!("{}.", "a".repeat(63)).repeat(3), "b".repeat(61));
        assert_eq!(longest.len(), 253);
        assert_eq!(host_name(longest.as_bytes()), Some(longest));
    }

    #[test]
    fn hostile_bytes_are_no_host_name() {
        let too_long = format!("{}{}", format!("{}.", "a".repeat(63)).repeat(3), "b".repeat(62));
        let long_label = format!("{}.example.org", "a".repeat(64));
        let cases: [&[u8]; 16] = [
            b"",
            b".",
            b"..",
            b".example.org",
            b"a..example.org",
            b"example.org..",
            b"api.example.org\0",
            b"api\r\nx: y.example.org",
            b"a b.example.org",
            b"erika@example.org",
            b"*.example.org",
            "bücher.example".as_bytes(),
            b"192.0.2.1",
            b"2001:db8::1",
            too_long.as_bytes(),
            long_label.as_bytes(),
        ];
        for bytes in cases {
            assert_eq!(host_name(bytes), None, "{}", bytes.escape_ascii());
        }
        assert_eq!(host_name(&[b'a'; 255]), None);
        for byte in 0..=u8::MAX {
            let taken = host_name(&[b"a".as_slice(), &[byte], b"b.example"].concat()).is_some();
            assert_eq!(taken, byte.is_ascii_alphanumeric() || b"-_.".contains(&byte), "{byte}");
        }
    }

    #[test]
    fn an_authority_gives_its_host_without_user_and_port() {
        let cases: [(&[u8], Option<&str>); 9] = [
            (b"api.example.org", Some("api.example.org")),
            (b"API.example.org:8443", Some("api.example.org")),
            (b"api.example.org:", Some("api.example.org")),
            (b"user:pass@api.example.org:80", Some("api.example.org")),
            (b"192.0.2.1:80", None),
            (b"[2001:db8::1]:80", None),
            (b"2001:db8::1", None),
            (b"api.example.org:x", None),
            (b"", None),
        ];
        for (bytes, host) in cases {
            assert_eq!(authority(bytes).as_deref(), host, "{}", bytes.escape_ascii());
        }
    }
}
