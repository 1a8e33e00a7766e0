//! Names of persons, by key: a value alone proves nothing, so the key speaks and the value must fit.

/// The longest name that is one.
const MAX_LEN: usize = 80;
const MAX_WORDS: usize = 7;

/// Values that stand for no name.
#[rustfmt::skip]
const PLACEHOLDERS: [&str; 34] = [
    "null", "none", "nil", "n/a", "na", "nan", "undefined", "unknown", "unbekannt", "inconnu", "anonymous", "anonym",
    "anonymized", "redacted", "test", "tbd", "todo", "default", "true", "false", "yes", "no", "ja", "nein", "empty",
    "leer", "string", "name", "deleted", "guest", "admin", "root", "system", "user",
];

/// Words that make a capitalised pair the name of something else.
#[rustfmt::skip]
const NOT_PERSONS: [&str; 70] = [
    "gmbh", "ag", "kg", "kgaa", "ohg", "gbr", "ug", "se", "ev", "inc", "ltd", "llc", "llp", "plc", "corp", "co",
    "sa", "sas", "sarl", "srl", "spa", "snc", "bv", "nv", "oy", "ab", "aps", "spzoo", "spk", "group", "gruppe",
    "groupe", "holding", "company", "corporation", "service", "services", "server", "system", "systems", "manager",
    "team", "bank", "sparkasse", "versicherung", "university", "hospital", "school", "hotel", "store", "shop", "api",
    "gateway", "worker", "cluster", "database", "dashboard", "report", "plan", "pro", "premium", "edition", "demo",
    "production", "staging", "project", "campaign", "newsletter", "office", "street",
];

/// Whether a value under a key for names is the name of a person, and no placeholder or token of a machine.
pub(crate) fn fits(value: &str) -> bool {
    let mut letters = 0;
    for c in value.chars() {
        match c {
            c if c.is_alphabetic() => letters += 1,
            // Marks combine with the letter before, as in many scripts and in decomposed text.
            ' ' | '-' | '\'' | '’' | '.' | ',' | '\u{a0}' | '\u{300}'..='\u{36f}' | '\u{900}'..='\u{dff}' => {}
            _ => return false,
        }
    }
    let words = value.split_whitespace().count();
    let is_token = words == 1 && !value.chars().next().is_some_and(char::is_uppercase) && has_case(value);
    letters >= 2
        && value.len() <= MAX_LEN
        && words <= MAX_WORDS
        && !is_token
        && !is_camel_case(value)
        && !value.starts_with(['-', '.', ','])
        && !PLACEHOLDERS.iter().any(|placeholder| value.eq_ignore_ascii_case(placeholder))
        && !speaks_of_things(value)
}

/// Whether it is two to four capitalised words, with particles between them.
pub(crate) fn is_full(value: &str) -> bool {
    let mut capitalised = 0;
    for word in value.split([' ', '\u{a0}']).filter(|word| !word.is_empty()) {
        let first_is_upper = word.chars().next().is_some_and(char::is_uppercase);
        if first_is_upper {
            capitalised += 1;
        } else if !is_particle(word) {
            return false;
        }
    }
    (2..=4).contains(&capitalised)
}

fn is_particle(word: &str) -> bool {
    matches!(
        word,
        "von"
            | "vom"
            | "van"
            | "der"
            | "den"
            | "de"
            | "du"
            | "del"
            | "della"
            | "di"
            | "da"
            | "dos"
            | "zu"
            | "zum"
            | "zur"
            | "und"
            | "y"
            | "e"
            | "la"
            | "le"
            | "el"
            | "al"
            | "bin"
            | "ibn"
            | "ter"
            | "ten"
            | "auf"
            | "auch"
    )
}

fn has_case(value: &str) -> bool {
    value.chars().any(|c| c.is_lowercase() || c.is_uppercase())
}

/// `gatewayService`, `GroupName`: a lower-case letter goes on with a capital, but for `McLean` and `DeLuca`.
fn is_camel_case(value: &str) -> bool {
    let turns = || {
        value.char_indices().zip(value.chars().skip(1)).filter(|((_, c), next)| c.is_lowercase() && next.is_uppercase())
    };
    let late = turns().any(|((at, _), _)| at > 2);
    !value.contains([' ', '\'', '’', '-']) && (late || turns().count() > 1)
}

fn speaks_of_things(value: &str) -> bool {
    value.split_whitespace().any(|word| {
        let word = word.trim_end_matches(',');
        let letters = word.chars().filter(|c| *c != '.').flat_map(char::to_lowercase);
        NOT_PERSONS.iter().any(|thing| letters.clone().eq(thing.chars()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_only_stands_under_their_keys() {
        for name in [
            "Erika",
            "Erika Muster",
            "erika muster",
            "Muster, Erika",
            "Dr. Erika Muster",
            "MUSTER",
            "Jean-Luc",
            "O'Neil",
            "von der Heide",
            "Łukasz Wójcik",
            "王小明",
            "Bo",
            "Ole Bo",
            "McLean",
        ] {
            assert!(fits(name), "{name}");
        }
        for value in [
            "",
            "-",
            "null",
            "NULL",
            "N/A",
            "unknown",
            "service",
            "payment",
            "4711",
            "K4711",
            "a",
            "6f1d3b52-0000-4000-8000-000000000000",
            "billing-7d9f",
            "gatewayService",
            "GroupName",
            "VpcPeeringId",
            "erika@example.org",
            "/var/lib/app",
            "<b>",
            "true",
            "Muster GmbH",
            "Muster & Co. KG",
            "Muster S.A.",
            "Checkout Service",
            "com.example.App",
            "one two three four five six seven eight",
        ] {
            assert!(!fits(value), "{value}");
        }
    }

    #[test]
    fn a_full_name_is_two_to_four_capitalised_words() {
        for name in ["Erika Muster", "Erika von der Heide", "Erika M. Muster", "Dr. Erika Maria Muster", "Erika MUSTER"]
        {
            assert!(is_full(name), "{name}");
        }
        for value in ["Erika", "erika muster", "Router mit WLAN", "A B C D E", ""] {
            assert!(!is_full(value), "{value}");
        }
    }
}
