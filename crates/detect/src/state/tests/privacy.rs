//! Nothing that is printed or kept shows what was read.

use std::fmt::Write;

use super::*;

/// What must not show up in anything that is printed.
const PLANTED: [&str; 12] =
    ["erika", "example", "203.0", "2001:db8", "151", "DE89", "4111", "rg", "Muster", "123456", "1681633", "198.51"];

#[test]
fn nothing_that_is_printed_shows_a_value() {
    for (hint, text) in SAMPLES {
        let mut state = State::with_spans();
        scan(&mut state, text.as_bytes(), hint);
        let mut printed = format!("{state:?} {state:#?}");
        let (findings, spans) = state.finish_with_spans();
        let offsets: String = spans.iter().map(|s| s.detector).collect();
        writeln!(printed, "{findings:?} {findings:#?} {offsets}").unwrap();
        for planted in PLANTED {
            assert!(!printed.contains(planted), "{planted} in {printed}");
        }
    }
}

/// Keys that are names and other data of people, or hold them, as they may be written in any of the syntaxes.
const PLANTED_KEYS: [&str; 18] = [
    "mueller",
    "Müller",
    "MÜLLER",
    "Mu\u{308}ller",
    "erika.mueller",
    "mueller_phone",
    "email-mueller",
    "customer_mueller",
    "phones[mueller]",
    "x-mueller",
    "mueller2",
    "Erika Mueller",
    "mueller@example.org",
    "+49 151 23456789",
    "203.0.113.7",
    "4111111111111111",
    "DE89370400440532013000",
    "mueller=",
];

/// Whether a text holds a part of a planted key, in any case and with any decoration.
fn shows_a_key(text: &str) -> bool {
    let text = text.to_lowercase().replace('\u{308}', "");
    ["mueller", "müller", "muller", "ller", "m%c3", "erika", "23456789", "203.0", "4111", "de89"]
        .iter()
        .any(|part| text.contains(part))
}

/// A record with values of each kind under `key`, as it is written in each syntax.
fn records_with(key: &str) -> Vec<(Hint, String)> {
    let values = ["a@example.org", "+49 151 23456780", "Max Beispiel", "DE02120300000000202051", "198.51.100.9"];
    let escaped =
        |units: &mut dyn Iterator<Item = u16>| units.fold(String::new(), |text, unit| text + &format!("\\u{unit:04x}"));
    let percent = key.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
    let json_key = escaped(&mut key.encode_utf16());
    let header: String = key.chars().filter(|c| c.is_ascii_alphanumeric() || "-_.+".contains(*c)).collect();
    let mut records = Vec::new();
    for value in values {
        records.extend([
            (Hint::Json, format!(r#"{{"{key}": "{value}", "vorname": "Max", "price": 7}}"#)),
            (Hint::Json, format!(r#"{{"{json_key}": {{"{key}": ["{value}"]}}}}"#)),
            (Hint::Json, format!(r#"{{"note": "{key}", "a": {{"{key}": {{"email": "{value}"}}}}"#)),
            (Hint::Form, format!("{percent}={value}&a={key}&{percent}%5B{percent}%5D={value}&phone={value}")),
            (Hint::Form, format!("?{}={value}", key.replace(['=', '+', ' '], "%20"))),
            (Hint::Headers, format!("{header}: {value}\r\nX-{header}: {value}\r\nCookie: {key}={value}\r\n")),
            (Hint::Text, format!("GET /x?{percent}={value} {key}: {value}\n")),
        ]);
    }
    records
}

#[test]
fn no_name_of_a_key_is_shown_however_it_is_written() {
    let mut seen = 0;
    for key in PLANTED_KEYS {
        for (hint, text) in records_with(key) {
            assert!(shows_a_key(&text));
            let mut state = State::with_spans();
            scan(&mut state, text.as_bytes(), hint);
            let mut printed = format!("{state:?} {state:#?}");
            let found = state.finish();
            seen += found.len();
            for finding in &found {
                write!(printed, "{finding:?} {}", serde_json::to_string(finding).unwrap()).unwrap();
            }
            assert!(!shows_a_key(&printed), "{hint:?}: {printed}");
        }
    }
    assert!(seen > 500, "{seen}");
}

#[test]
fn the_word_of_a_key_is_shown_as_the_vocabulary_spells_it() {
    for (text, hint, expected) in [
        (r#"{"mueller": "+49 151 23456789"}"#, Hint::Json, ["key:*"]),
        (r#"{"mueller": {"Phone_Number": "+49 151 23456789"}}"#, Hint::Json, ["key:phonenumber"]),
        (r#"{"mueller_phone": "+49 151 23456789"}"#, Hint::Json, ["key:*"]),
        (r#"{"\u0074el": "+49 151 23456789"}"#, Hint::Json, ["key:tel"]),
        (r#"{"phone": {"mueller": ["+49 151 23456789"]}}"#, Hint::Json, ["key:*"]),
        ("users%5Bmueller%5D%5BTEL%5D=%2B4915123456789", Hint::Form, ["key:tel"]),
        ("X-Mueller: +49 151 23456789", Hint::Headers, ["header:*"]),
        ("X-Phone: +49 151 23456789", Hint::Headers, ["header:phone"]),
        ("+49 151 23456789", Hint::Text, ["body"]),
    ] {
        assert_eq!(findings(text, hint), [finding("phone", 1, &expected)], "{text}");
    }
}

#[test]
fn a_finished_state_is_empty_and_its_buffers_are_overwritten() {
    let mut state = State::new();
    for (hint, text) in SAMPLES {
        scan(&mut state, text.as_bytes(), hint);
        let first = state.finish();
        assert_eq!(state.finish(), [], "{hint:?}");
        assert!(state.passage.is_wiped());
        scan(&mut state, text.as_bytes(), hint);
        assert_eq!(state.finish(), first, "{hint:?}");
    }
}
