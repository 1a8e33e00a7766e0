//! Compares spellings of names and addresses.

/// Words with several spellings. `St` is both Street and Saint, so both become it.
const SAME: [(&str, &[&str]); 22] = [
    ("ltd", &["limited"]),
    ("inc", &["incorporated"]),
    ("corp", &["corporation"]),
    ("co", &["company"]),
    ("plc", &["publiclimitedcompany"]),
    ("st", &["street", "saint", "str", "strasse", "sankt"]),
    ("ave", &["avenue"]),
    ("blvd", &["boulevard"]),
    ("rd", &["road"]),
    ("dr", &["drive"]),
    ("sq", &["square"]),
    ("pkwy", &["parkway"]),
    ("ste", &["suite"]),
    ("fl", &["floor"]),
    ("n", &["north"]),
    ("s", &["south"]),
    ("e", &["east"]),
    ("w", &["west"]),
    ("usa", &["us"]),
    ("ireland", &["irland"]),
    ("germany", &["deutschland"]),
    ("and", &["und"]),
];

/// Whether two names or addresses differ at most in case, punctuation and usual abbreviations.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    words(one) == words(other)
}

fn words(text: &str) -> Vec<String> {
    let text = text.to_lowercase().replace('ß', "ss").replace('&', " and ").replace(['\'', '’'], "");
    let mut words: Vec<String> = Vec::new();
    let mut letters = false;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let letter = word.chars().all(char::is_alphabetic) && word.chars().count() == 1;
        match words.last_mut() {
            // L.L.C. and U.S.A.
            Some(last) if letters && letter => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
        letters = letter;
    }
    let mut plain = Vec::with_capacity(words.len());
    for word in &words {
        let street = word.strip_suffix("strasse").or_else(|| word.strip_suffix("str"));
        match street.filter(|name| !name.is_empty()) {
            Some(name) => plain.extend([name.to_owned(), "st".to_owned()]),
            None => plain.push(usual(word).to_owned()),
        }
    }
    plain
        .join(" ")
        .replace("united states of america", "usa")
        .replace("united states", "usa")
        .split(' ')
        .map(str::to_owned)
        .collect()
}

fn usual(word: &str) -> &str {
    SAME.iter().find(|(_, others)| others.contains(&word)).map_or(word, |(usual, _)| usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_the_same() {
        for (one, other) in [
            ("Beispiel Platforms Ireland Ltd.", "BEISPIEL Platforms Ireland Limited"),
            ("Acme, Inc.", "Acme Incorporated"),
            ("Acme L.L.C.", "ACME LLC"),
            ("Müller & Söhne GmbH", "Müller und Söhne GmbH"),
            (
                "400 N. Saint Paul St. Suite 9, Springfield, USA",
                "400 North St Paul Street, Ste. 9, Springfield, U.S.A.",
            ),
            ("Leipziger Straße 48, Deutschland", "Leipziger Str. 48, Germany"),
            ("Domstraße 1", "Domstr. 1"),
            ("1 Main St, United States", "1 Main Street, United States of America"),
        ] {
            assert!(is_same(one, other), "{one} / {other}: {:?} {:?}", words(one), words(other));
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            ("GoAcme Inc.", "Acme Inc."),
            ("Acme Ltd", "Acme LLC"),
            ("Springfield, TX 75202", "Springfield, TX 75201"),
            ("", "Acme"),
        ] {
            assert!(!is_same(one, other), "{one} / {other}");
        }
    }
}
