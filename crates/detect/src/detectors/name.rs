//! Names of persons, known by key: a value alone proves nothing, so the key says what it is and the value must fit.

use landfall_observation::{DataCategory, KeyKind};

use super::{Detector, KeyRule, KeyedValue, PossibleName, Search};

pub(super) const DETECTOR: Detector = Detector {
    name: "name",
    category: DataCategory::NAME,
    search: Search::ByKeyOnly,
    keys: &[
        KeyRule::of_person(KeyKind::PersonName, |value| KeyedValue::contextual_if(fits(value))),
        KeyRule::of_anything(KeyKind::AnyName, |value| possible(value, false)),
        KeyRule::of_anything(KeyKind::Party, |value| possible(value, true)),
    ],
};

/// The longest name, in bytes.
const MAX_LEN: usize = 80;
const MAX_WORDS: usize = 7;

/// Values that stand in for a missing name.
#[rustfmt::skip]
const PLACEHOLDERS: [&str; 34] = [
    "null", "none", "nil", "n/a", "na", "nan", "undefined", "unknown", "unbekannt", "inconnu", "anonymous", "anonym",
    "anonymized", "redacted", "test", "tbd", "todo", "default", "true", "false", "yes", "no", "ja", "nein", "empty",
    "leer", "string", "name", "deleted", "guest", "admin", "root", "system", "user",
];

/// Words that make a capitalised pair the name of something else.
#[rustfmt::skip]
const NOT_PERSONS: [&str; 70] = [
    "ab", "ag", "api", "aps", "bank", "bv", "campaign", "cluster", "co", "company", "corp", "corporation", "dashboard",
    "database", "demo", "edition", "ev", "gateway", "gbr", "gmbh", "group", "groupe", "gruppe", "holding", "hospital",
    "hotel", "inc", "kg", "kgaa", "llc", "llp", "ltd", "manager", "newsletter", "nv", "office", "ohg", "oy", "plan",
    "plc", "premium", "pro", "production", "project", "report", "sa", "sarl", "sas", "school", "se", "server",
    "service", "services", "shop", "snc", "spa", "sparkasse", "spk", "spzoo", "srl", "staging", "store", "street",
    "system", "systems", "team", "ug", "university", "versicherung", "worker",
];

fn possible(value: &str, key_is_person: bool) -> KeyedValue {
    if !fits(value) {
        return KeyedValue::Other;
    }
    KeyedValue::PossibleName(PossibleName { is_full: is_full(value), key_is_person })
}

/// Whether a value under a key for names is the name of a person, and no placeholder or token of a machine.
fn fits(value: &str) -> bool {
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
        && !names_thing(value)
}

/// Whether it is two to four capitalised words, with particles between them.
fn is_full(value: &str) -> bool {
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

/// `gatewayService`, `GroupName`: a capital follows a lower-case letter, and not as in `McLean` and `DeLuca`.
fn is_camel_case(value: &str) -> bool {
    let turns = || {
        value.char_indices().zip(value.chars().skip(1)).filter(|((_, c), next)| c.is_lowercase() && next.is_uppercase())
    };
    let late = turns().any(|((at, _), _)| at > 2);
    !value.contains([' ', '\'', '’', '-']) && (late || turns().count() > 1)
}

fn names_thing(value: &str) -> bool {
    value.split_whitespace().any(is_thing)
}

/// Whether a word is one of [`NOT_PERSONS`], in any case and with dots between its letters.
fn is_thing(word: &str) -> bool {
    let mut folded = [0; 16];
    let mut len = 0;
    for letter in word.trim_end_matches(',').chars().filter(|c| *c != '.').flat_map(char::to_lowercase) {
        // The words are of ASCII, and none is as long as the buffer.
        let (Some(place), true) = (folded.get_mut(len), letter.is_ascii()) else { return false };
        *place = letter as u8;
        len += 1;
    }
    NOT_PERSONS.binary_search_by(|thing| thing.as_bytes().cmp(&folded[..len])).is_ok()
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
    fn words_for_things_are_known_in_every_spelling() {
        assert!(NOT_PERSONS.is_sorted() && NOT_PERSONS.iter().all(|word| word.is_ascii() && word.len() < 16));
        for word in ["gmbh", "GmbH", "S.A.", "s.a.r.l.,", "\u{212a}G", "Versicherung"] {
            assert!(is_thing(word), "{word}");
        }
        for word in ["", ".", "gmb", "gmbhx", "Müller", "versicherungsmitarbeiter"] {
            assert!(!is_thing(word), "{word}");
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
