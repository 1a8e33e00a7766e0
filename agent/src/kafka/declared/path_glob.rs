//! Paths with wildcards, as Confluent's `metadata.tags` have them: `?` is one character and `*` any number within a name,
//! `**` any number across names; a backslash takes the next character as it is. `**.*` is the same as `**`.

/// Whether the path, names with dots between, matches as a whole.
pub(super) fn matches(glob: &str, path: &str) -> bool {
    let glob = glob.replace("**.*", "**");
    let path: Vec<char> = path.chars().collect();
    // Which beginnings of the path the glob matches so far, by their length.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    let mut symbols = glob.chars().peekable();
    while let Some(symbol) = symbols.next() {
        reached = match symbol {
            '*' => {
                let crosses = symbols.next_if_eq(&'*').is_some();
                any_number(&reached, &path, crosses)
            }
            '?' => one(&reached, &path, |character| character != '.'),
            '\\' => {
                let taken = symbols.next().unwrap_or('\\');
                one(&reached, &path, |character| character == taken)
            }
            other => one(&reached, &path, |character| character == other),
        };
    }
    reached.last().copied().unwrap_or(false)
}

/// The name as a glob that matches it alone.
pub(super) fn escaped(name: &str) -> String {
    let mut glob = String::with_capacity(name.len());
    for character in name.chars() {
        if matches!(character, '*' | '?' | '\\') {
            glob.push('\\');
        }
        glob.push(character);
    }
    glob
}

fn any_number(reached: &[bool], path: &[char], crosses: bool) -> Vec<bool> {
    let mut is_open = false;
    let mut next = Vec::with_capacity(reached.len());
    for (index, was_reached) in reached.iter().enumerate() {
        let continues = index.checked_sub(1).and_then(|before| path.get(before)).is_some_and(|c| crosses || *c != '.');
        is_open = *was_reached || (is_open && continues);
        next.push(is_open);
    }
    next
}

fn one(reached: &[bool], path: &[char], is_it: impl Fn(char) -> bool) -> Vec<bool> {
    let taken = reached.iter().zip(path).map(|(was_reached, character)| *was_reached && is_it(*character));
    std::iter::once(false).chain(taken).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_within_names_and_across_them() {
        for (glob, path, expected) in [
            ("", "", true),
            ("", "a", false),
            ("Order.email", "Order.email", true),
            ("Order.email", "Order.emails", false),
            ("Order.email", "order.email", false),
            ("*", "email", true),
            ("*", "Order.email", false),
            ("*.email", "Order.email", true),
            ("*.email", "shop.Order.email", false),
            ("**.email", "shop.Order.email", true),
            ("**.email", "email", false),
            ("**email", "email", true),
            ("**", "shop.Order.email", true),
            ("**.*", "email", true),
            ("shop.**", "shop.Order.email", true),
            ("shop.**", "shop", false),
            ("mail*", "mail", true),
            ("m*l", "mail", true),
            ("m*l", "ma.il", false),
            ("m**l", "ma.il", true),
            ("Or?er.email", "Order.email", true),
            ("Order?email", "Order.email", false),
            ("$.items[*].email", "$.items[0].email", true),
            ("$.items.email", "$.items[0].email", false),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a\\", "a\\", true),
            ("ü*", "über", true),
        ] {
            assert_eq!(matches(glob, path), expected, "{glob} {path}");
        }
    }

    #[test]
    fn an_escaped_name_matches_itself_alone() {
        for name in ["email", "a*b", "**", "a?", "a\\b", "\\"] {
            assert!(matches(&escaped(name), name), "{name}");
        }
        assert!(!matches(&escaped("a*b"), "axb"));
        assert!(!matches(&escaped("?"), "a"));
    }

    #[test]
    fn many_wildcards_take_no_longer_than_the_product_of_both_lengths() {
        let glob = "*a".repeat(250);
        assert!(!matches(&glob, &"a".repeat(249)));
        assert!(matches(&glob, &"a".repeat(500)));
    }
}
