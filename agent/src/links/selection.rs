//! Which interfaces are selected by name, and which of them would see the same packets again.

use std::{collections::BTreeMap, fmt, str::FromStr};

use globset::{Glob, GlobMatcher};

use super::Link;

/// Maximum length of a pattern; names of interfaces have at most 15 bytes.
const MAX_PATTERN: usize = 64;

/// The name of an interface, or a glob of names such as `veth*`.
#[derive(Clone)]
pub struct InterfacePattern {
    matcher: GlobMatcher,
}

/// An invalid pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of an interface or a glob such as 'veth*', of at most {MAX_PATTERN} bytes")]
pub struct InvalidPattern;

// === impl InterfacePattern ===

impl InterfacePattern {
    /// Whether the pattern matches this name.
    pub fn matches(&self, name: &str) -> bool {
        self.matcher.is_match(name)
    }

    /// Whether it can match more than one interface.
    pub fn is_glob(&self) -> bool {
        self.as_str().contains(['*', '?', '[', '{', '\\'])
    }

    /// The pattern as it was given.
    pub fn as_str(&self) -> &str {
        self.matcher.glob().glob()
    }
}

impl FromStr for InterfacePattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, InvalidPattern> {
        if text.is_empty() || text.len() > MAX_PATTERN || text.contains(|c: char| c == '/' || c.is_whitespace()) {
            return Err(InvalidPattern);
        }
        let glob = Glob::new(text).map_err(|_| InvalidPattern)?;
        Ok(Self { matcher: glob.compile_matcher() })
    }
}

impl fmt::Debug for InterfacePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InterfacePattern").field(&self.as_str()).finish()
    }
}

/// Patterns that match no interface.
pub(super) fn unmatched<'a>(
    links: &BTreeMap<u32, Link>,
    patterns: &'a [InterfacePattern],
) -> impl Iterator<Item = &'a str> {
    let matches_none = |pattern: &&InterfacePattern| !links.values().any(|link| pattern.matches(&link.name));
    patterns.iter().filter(matches_none).map(InterfacePattern::as_str)
}

/// The names of the interfaces to capture, and those that are covered by another, with its name.
///
/// Of stacked interfaces the lowest sees all packets: a port of a bridge, the interface below a VLAN. Of a
/// veth pair with both ends in one namespace, one end sees all.
pub(super) fn select(
    known: &BTreeMap<u32, Link>,
    patterns: &[InterfacePattern],
) -> (BTreeMap<u32, String>, BTreeMap<u32, String>) {
    let wanted: BTreeMap<u32, &Link> = known
        .iter()
        .filter(|(_, link)| patterns.iter().any(|pattern| pattern.matches(&link.name)))
        .map(|(&index, link)| (index, link))
        .collect();
    let covering = |index: u32, link: &Link| -> Option<String> {
        let port = wanted.values().find(|other| other.master == Some(index));
        let lower = link.lower.filter(|lower| {
            let mutual = wanted.get(lower).is_some_and(|other| other.lower == Some(index));
            !mutual || *lower < index
        });
        port.copied().or_else(|| wanted.get(&lower?).copied()).map(|other| other.name.clone())
    };
    let (mut captured, mut covered) = (BTreeMap::new(), BTreeMap::new());
    for (&index, link) in &wanted {
        match covering(index, link) {
            Some(by) => covered.insert(index, by),
            None => captured.insert(index, link.name.clone()),
        };
    }
    (captured, covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(name: &str, master: Option<u32>, lower: Option<u32>) -> Link {
        Link { name: name.to_owned(), master, lower, ..Link::default() }
    }

    fn selected(links: &[(u32, Link)], patterns: &[&str]) -> (Vec<u32>, Vec<(u32, String)>) {
        let patterns: Vec<_> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let (captured, covered) = select(&links.iter().cloned().collect(), &patterns);
        (captured.into_keys().collect(), covered.into_iter().collect())
    }

    #[test]
    fn names_and_globs_select() {
        let links = ["lo", "eth0", "veth1", "veth22"].map(|name| link(name, None, None));
        let links: Vec<_> = (1..).zip(links).collect();
        assert_eq!(selected(&links, &["eth0"]).0, [2]);
        assert_eq!(selected(&links, &["veth*", "lo"]).0, [1, 3, 4]);
        assert_eq!(selected(&links, &["veth?"]).0, [3]);
        assert_eq!(selected(&links, &["eth"]).0, [0; 0]);
    }

    #[test]
    fn of_stacked_interfaces_the_lowest_is_captured() {
        let links = [
            (1, link("br0", None, None)),
            (2, link("veth1", Some(1), None)),
            (3, link("eth0", None, None)),
            (4, link("eth0.5", None, Some(3))),
            (5, link("pair0", None, Some(6))),
            (6, link("pair1", None, Some(5))),
        ];
        let all = selected(&links, &["*"]);
        let covered = [(1, "veth1"), (4, "eth0"), (6, "pair0")].map(|(index, by)| (index, by.to_owned()));
        assert_eq!(all, (vec![2, 3, 5], covered.to_vec()));
        assert_eq!(selected(&links, &["br0", "eth0.5", "pair1"]), (vec![1, 4, 6], vec![]));
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for text in ["", "a b", "a/b", "veth[", &"x".repeat(65)] {
            assert_eq!(text.parse::<InterfacePattern>().err(), Some(InvalidPattern), "{text}");
        }
    }
}
