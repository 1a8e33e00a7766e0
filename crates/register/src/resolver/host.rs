use std::net::IpAddr;

/// The longest host name (RFC 1035, 2.3.4), without the root's dot.
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Normalises a host name for comparison: lower case, without the root's dot. `None` if it is not a host name;
/// internationalised names are kept as given.
pub(super) fn normalise(host: &str) -> Option<String> {
    let name = host.strip_suffix('.').unwrap_or(host);
    let sound = name.len() <= MAX_NAME
        && name.split('.').all(|label| {
            (1..=MAX_LABEL).contains(&label.len())
                && label.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        });
    (sound && literal(name).is_none()).then(|| name.to_lowercase())
}

/// The address, if the host is written as one.
pub(super) fn literal(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

/// The registrable domain of a normalised name; the whole name if it has none.
pub(super) fn registrable(name: &str) -> &str {
    psl::domain_str(name).unwrap_or(name)
}

/// A host name, or all names below a suffix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HostPattern {
    Exact(String),
    Below(String),
}

impl HostPattern {
    pub(super) fn new(text: &str) -> Self {
        let text = text.strip_suffix('.').unwrap_or(text).to_lowercase();
        match text.strip_prefix("*.") {
            Some(suffix) => Self::Below(suffix.to_owned()),
            None => Self::Exact(text),
        }
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Below(suffix) => suffixes(name).any(|found| found == suffix),
        }
    }
}

/// The parent domains of a name, the longest first: `b.c` and `c` for `a.b.c`.
pub(super) fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(name.split_once('.'), |(_, rest)| rest.split_once('.')).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_in_lower_case_without_the_last_dot() {
        let long = format!("{}.example", ["a".repeat(63), "b".repeat(63), "c".repeat(63)].join("."));
        for (host, name) in [
            ("API.OpenAI.com.", Some("api.openai.com")),
            ("_dmarc.example.org", Some("_dmarc.example.org")),
            ("bücher.example", Some("bücher.example")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("localhost", Some("localhost")),
            (long.as_str(), Some(long.as_str())),
        ] {
            assert_eq!(normalise(host).as_deref(), name, "{host:?}");
        }
    }

    #[test]
    fn what_is_no_host_name_is_none() {
        let too_long = "a.".repeat(127) + "a";
        let label = format!("{}.example", "a".repeat(64));
        for host in [
            "",
            ".",
            "..",
            "a..b",
            ".a",
            "a..",
            "a b",
            "a\u{0}b",
            "a\nb.example",
            "a/b",
            "user@example.org",
            "*.a",
            "192.0.2.1",
            "2001:db8::1",
            "[2001:db8::1]",
            "example.org:443",
            too_long.as_str(),
            label.as_str(),
        ] {
            assert_eq!(normalise(host), None, "{host:?}");
        }
    }

    #[test]
    fn a_suffix_covers_what_is_below_it_and_not_itself() {
        let pattern = HostPattern::new("*.Example.org");
        for (name, covered) in [
            ("a.example.org", true),
            ("b.a.example.org", true),
            ("example.org", false),
            ("badexample.org", false),
            ("example.org.evil.example", false),
        ] {
            assert_eq!(pattern.matches(name), covered, "{name}");
        }
    }

    #[test]
    fn the_registrable_domain_follows_the_public_suffix_list() {
        for (name, domain) in [
            ("api.eu.example.co.uk", "example.co.uk"),
            ("tracker.example", "tracker.example"),
            ("a.b.tracker.example", "tracker.example"),
            ("localhost", "localhost"),
            ("co.uk", "co.uk"),
        ] {
            assert_eq!(registrable(name), domain);
        }
    }
}
