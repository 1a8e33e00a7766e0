//! Writes a draft as YAML. Observations become facts with their source; what only a person can know is left as comments, so
//! that the draft states nothing that nobody has asserted.

use std::fmt::{Display, Write as _};

use jiff::{civil::Date, tz::TimeZone};
use landfall_observation::LocationMethod;

use super::unregistered::{Draft, Place};
use crate::cells::bytes;

/// The longest name of an object.
const MAX_NAME: usize = 63;

/// The draft as a YAML document.
pub(super) fn write(draft: &Draft, day: Date) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = document(draft, day, &mut text);
    text
}

fn document(draft: &Draft, day: Date, out: &mut String) -> std::fmt::Result {
    let Draft {
        label,
        hosts,
        prefixes,
        networks,
        categories,
        places: _,
        edge_network,
        workloads,
        bytes_sent,
        first_seen,
        last_seen,
    } = draft;
    let (first, last) = (first_seen.strftime("%F %H:%MZ"), last_seen.strftime("%F %H:%MZ"));
    writeln!(out, "---")?;
    writeln!(out, "# {}: {} sent from {first} to {last}", comment(label), bytes(*bytes_sent))?;
    writeln!(out, "# by {}", comment(&some(workloads.iter(), 5)))?;
    for (asn, operator) in networks {
        let operator = operator.as_deref().map_or(String::new(), |name| format!(" ({})", comment(name)));
        writeln!(out, "# answered from AS{asn}{operator}")?;
    }
    writeln!(out, "# Fill in each `?` and uncomment the line; until then the register refuses the entry.")?;
    writeln!(out, "apiVersion: landfall.dev/v1alpha1\nkind: Recipient\nmetadata:\n  name: {}", quoted(name(label)))?;
    writeln!(out, "spec:")?;
    writeln!(out, "  # legalEntity: {{ value: {{ name: \"?\", seat: ? }}, source: \"?\", asOf: {day} }}")?;
    writeln!(out, "  # purposes: [\"dpv:?\"]")?;
    if categories.is_empty() {
        writeln!(out, "  # No category was seen in the data sent, which may be encrypted.")?;
        writeln!(out, "  # categories: [\"pd:?\"]")?;
    } else {
        let categories = categories.iter().map(|category| quoted(category.as_str()));
        writeln!(out, "  # Seen in the data sent; there may be others.")?;
        writeln!(out, "  categories: [{}]", list(categories))?;
    }
    writeln!(out, "  endpoints:\n    - name: seen")?;
    if !hosts.is_empty() {
        writeln!(out, "      hosts: [{}]", list(hosts.iter().map(quoted)))?;
    } else if let Some(asn) = label.strip_prefix("AS").and_then(|digits| digits.parse::<u32>().ok()) {
        writeln!(out, "      # Only if this is its own network, not that of its hosting provider.")?;
        writeln!(out, "      asns: [{asn}]")?;
    } else {
        writeln!(out, "      cidrs: [{}]", list(prefixes.iter().map(quoted)))?;
    }
    writeln!(
        out,
        "      source: {}",
        quoted(format!("seen in traffic from {first} to {last}; the owner is not verified"))
    )?;
    writeln!(out, "      asOf: {day}")?;
    let places = draft.best_places();
    if *edge_network {
        writeln!(
            out,
            "      # Part of it answers from an edge network, whose place need not be the place of processing."
        )?;
    }
    if places.is_empty() {
        writeln!(out, "      # processing: {{ value: [?], source: \"?\", asOf: {day} }}")?;
    } else {
        let value = list(places.iter().map(|(place, _)| quoted(place.as_str())));
        writeln!(out, "      # Observed, not attested: the contract of the provider decides.")?;
        writeln!(out, "      processing:\n        value: [{value}]")?;
        writeln!(out, "        source: {}", quoted(source(&places)))?;
        let oldest = places.iter().filter_map(|(_, place)| place.dataset_date).min();
        let as_of = oldest.map_or(day, |date| date.to_zoned(TimeZone::UTC).date());
        writeln!(out, "        asOf: {as_of}")?;
    }
    Ok(())
}

/// The evidence for the places.
fn source<J: Display>(places: &[(J, &Place)]) -> String {
    let evidence = places.iter().map(|(jurisdiction, place)| {
        let method = match place.method {
            LocationMethod::CloudRange => "published cloud ranges",
            LocationMethod::Asn => "operator of the network",
            LocationMethod::CountryDb => "country database, a hint only",
        };
        let regions = some(place.regions.iter(), 3);
        let regions = if regions.is_empty() { regions } else { format!(" {regions}") };
        format!("{jurisdiction}: {method}{regions} ({})", some(place.datasets.iter(), 3))
    });
    cut(&format!("observed, not attested; {}", evidence.collect::<Vec<_>>().join("; ")), 500)
}

/// The first few of them.
fn some<'a>(items: impl ExactSizeIterator<Item = &'a String>, few: usize) -> String {
    let more = items.len().saturating_sub(few);
    let shown = items.take(few).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// A name of an object, made of a label.
fn name(label: &str) -> String {
    let prefix = if label.contains('/') { "net-" } else { "" };
    let mapped = label.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' });
    let name: String = prefix.chars().chain(mapped).take(MAX_NAME).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// Double-quoted as JSON, which YAML reads.
fn quoted(text: impl Display) -> String {
    serde_json::Value::String(text.to_string()).to_string()
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

/// A short text on one line: captures and databases may contain anything.
fn comment(text: &str) -> String {
    cut(&text.chars().map(|c| if breaks_line(c) { ' ' } else { c }).collect::<String>(), 200)
}

/// Whether some YAML parser ends a line at a character, or refuses it.
fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_objects_are_made_of_labels() {
        for (label, expected) in [
            ("example.org", "example-org"),
            ("AS64500", "as64500"),
            ("203.0.113.0/24", "net-203-0-113-0-24"),
            ("2001:db8::/48", "net-2001-db8---48"),
            ("bücher.example", "b-cher-example"),
            ("...", "unnamed"),
        ] {
            assert_eq!(name(label), expected, "{label}");
        }
        assert_eq!(name(&"x".repeat(100)).len(), 63);
    }

    #[test]
    fn nothing_that_was_seen_leaves_its_line() {
        assert_eq!(comment("a\nkind: Evil\r\u{2028}"), "a kind: Evil  ");
        assert_eq!(quoted("a\"b\n"), r#""a\"b\n""#);
    }
}
