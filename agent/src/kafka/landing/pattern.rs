//! Patterns of topics as connectors have them: regular expressions of Java for whole names, of which the common ones are read.

use landfall_observation::TopicPatterns;

/// Several patterns; a name fits if one does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TopicPattern(TopicPatterns);

impl TopicPattern {
    /// Reads names with `.`, `.*`, `.+` and `\.`, and alternatives by `|` or `,`; none if there is anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let globs: Option<Vec<_>> = text.split(['|', ',']).map(|one| glob(one.trim())).collect();
        Some(Self(TopicPatterns { globs: globs?, ..TopicPatterns::default() }))
    }

    pub(super) fn fits(&self, topic: &str) -> bool {
        self.0.matches(topic)
    }
}

/// As a glob, in which `*` is any characters and `?` one.
fn glob(text: &str) -> Option<String> {
    let mut glob = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (taken, made) = match first {
            '.' if rest.starts_with(".*") => (2, "*"),
            '.' if rest.starts_with(".+") => (2, "?*"),
            '.' => (1, "?"),
            '\\' if rest.starts_with("\\.") => (2, "."),
            _ if first.is_ascii_alphanumeric() || "_-".contains(first) => (1, rest.get(..1)?),
            _ => return None,
        };
        glob.push_str(made);
        rest = rest.get(taken..)?;
        // A repeated character is none of the common forms.
        if rest.starts_with(['*', '+', '?', '{']) {
            return None;
        }
    }
    (!glob.is_empty()).then_some(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_patterns_fit_as_in_java() {
        for (text, fits, fits_not) in [
            (".*", "orders", ""),
            ("crm\\..*", "crm.people", "crmxpeople"),
            ("orders|people", "people", "orders2"),
            ("crm.+, orders", "crm.a", "crm"),
        ] {
            let pattern = TopicPattern::parse(text).unwrap();
            assert!(pattern.fits(fits) && (fits_not.is_empty() || !pattern.fits(fits_not)), "{text}");
        }
        for text in ["", "[a-z]+", "(a|b)c", "a*", "a{2}", "\\d", "a.*+"] {
            assert_eq!(TopicPattern::parse(text), None, "{text}");
        }
    }
}
