use std::fmt::Write;

use landfall_observation::Place;

use super::*;

/// A sample of each way to write, with personal data at many kinds of boundaries.
const SAMPLES: [(Hint, &str); 5] = [
    (
        Hint::Text,
        "2026-01-05 10:00:00 INFO Login von erika.muster@example.org (203.0.113.7, 2001:db8::7)\n\
         Tel. +49 (0) 151 / 2345-6789, IBAN DE89 3704 0044 0532 0130 00; Karte 4111 1111 1111 1111.\n\
         \"GET /x?mail=j%C3%B6rg%40example.org&tel=0664+1681633 HTTP/1.1\" 200 v1.2.3.4 Версия 50%\n",
    ),
    (
        Hint::Json,
        "{\"customer\": {\"name\": \"Erika\\u0020M\\u00fcller\", \"email\": \"erika\\u0040example.org\", \"tags\": [\"a\", \"b\"],\n\
         \"phone\": 15123456789, \"url\": \"https:\\/\\/example.org\\/?m=a%40example.org\", \"note\": \"\\ud83d\\ude00 \\\"0151 23456789\\\"\"},\n\
         \"items\": [{\"name\": \"Hugo Boss\", \"sku\": \"A-1\", \"ean\": 4006381333931}], \"plz\": \"12345\", \"ort\": \"Musterstadt\"}\n\
         {\"ip\": \"198.51.100.7\", \"erika@example.org\": \"x\", \"bad\": \"\\ud83d\\x \\uZZ\", \"cut\": {\"vorname\": \"Eri",
    ),
    (
        Hint::Form,
        "?vorname=J%C3%B6rg&nachname=M%C3%BCller&email=joerg%40example.org&tel=0664+1681633&iban=DE89+3704+0044+0532+0130+00\
         &kunde[strasse]=Musterweg+7&empty=&novalue&x=%4&y=%&z=%zz&a=b=c%2540d",
    ),
    (
        Hint::Headers,
        "GET /p?email=erika%40example.org HTTP/1.1\r\nHost: api.example.org\r\nFrom: erika@example.org\r\n\
         X-Forwarded-For: 203.0.113.7, 10.0.0.1\r\nUser-Agent: Mozilla/5.0 Chrome/120.1.2.3\r\nX-Phone: 0211 123456\r\n\
         Folded: a,\r\n 198.51.100.9\r\nno header at all\r\nMessage-ID: <1.2@mail.example.org>\r\n\r\n",
    ),
    (Hint::Json, "[\"erika@example.org\", {\"a\": [[{\"street\": \"Musterweg 7\", \"telefon\": \"030 123456\"}]]}]"),
];

/// What must not show up in anything that is printed.
const PLANTED: [&str; 12] =
    ["erika", "example", "203.0", "2001:db8", "151", "DE89", "4111", "rg", "Muster", "123456", "1681633", "198.51"];

fn read(chunks: &[(&[u8], Hint)]) -> (Vec<Finding>, Vec<Span>) {
    let mut state = State::with_spans();
    for (chunk, hint) in chunks {
        scan(&mut state, chunk, *hint);
    }
    state.finish_with_spans()
}

fn findings(text: &str, hint: Hint) -> Vec<(String, u64, Vec<String>)> {
    let mut state = State::new();
    scan(&mut state, text.as_bytes(), hint);
    state
        .finish()
        .into_iter()
        .map(|f| (f.detector, f.matches, f.places.iter().map(ToString::to_string).collect()))
        .collect()
}

#[test]
fn a_finding_says_what_its_matches_rest_on() {
    /// Detector, certainty, matches.
    type Told<'a> = &'a [(&'a str, &'a str, u64)];
    let certainties = |text: &str, hint| -> Vec<(String, &str, u64)> {
        let mut state = State::new();
        scan(&mut state, text.as_bytes(), hint);
        state.finish().into_iter().map(|f| (f.detector, f.certainty.as_str(), f.matches)).collect()
    };
    let cases: &[(&str, Hint, Told<'_>)] = &[
        ("erika@example.org", Hint::Text, &[("email", "validated", 1)]),
        ("{\"email\":\"erika@mail.corp\"}", Hint::Json, &[("email", "contextual", 1)]),
        ("DE89 3704 0044 0532 0130 00", Hint::Text, &[("iban", "validated", 1)]),
        ("{\"iban\":\"DE89.3704.0044.0532.0130.00\"}", Hint::Json, &[("iban", "validated", 1)]),
        ("4111 1111 1111 1111", Hint::Text, &[("payment-card", "validated", 1)]),
        ("203.0.113.7", Hint::Text, &[("ip-address", "validated", 1)]),
        ("{\"vorname\":\"Erika\"}", Hint::Json, &[("name", "contextual", 1)]),
        ("{\"strasse\":\"Musterweg 7\"}", Hint::Json, &[("address", "contextual", 1)]),
        ("+49 151 23456789", Hint::Text, &[("phone", "validated", 1)]),
        ("0049 151 23456789", Hint::Text, &[("phone", "validated", 1)]),
        ("Tel. 0211 555726", Hint::Text, &[("phone", "contextual", 1)]),
        ("{\"telefon\":\"0211 555726\"}", Hint::Json, &[("phone", "contextual", 1)]),
        ("{\"telefon\":\"555726\"}", Hint::Json, &[("phone", "contextual", 1)]),
        ("Ende: 0211 / 55 57 26", Hint::Text, &[("phone", "heuristic", 1)]),
        (
            "+49 151 23456789, 0211 / 55 57 26; 0211 / 55 57 27, Tel. 0211 555726",
            Hint::Text,
            &[("phone", "validated", 1), ("phone", "contextual", 1), ("phone", "heuristic", 2)],
        ),
    ];
    for (text, hint, expected) in cases {
        let expected: Vec<_> = expected.iter().map(|(d, certainty, n)| ((*d).to_owned(), *certainty, *n)).collect();
        assert_eq!(certainties(text, *hint), expected, "{text}");
    }
}

fn finding(detector: &str, matches: u64, places: &[&str]) -> (String, u64, Vec<String>) {
    (detector.to_owned(), matches, places.iter().map(|&place| place.to_owned()).collect())
}

fn places(texts: &[&str]) -> Vec<Place> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// Bytes that a state has on the heap.
fn heap_size(state: &State) -> usize {
    state.passage.heap_size() + state.json.heap_size()
}

#[test]
fn text_is_found_in_the_body() {
    assert_eq!(
        findings(SAMPLES[0].1, Hint::Text),
        [
            finding("email", 2, &["body"]),
            finding("phone", 1, &["body"]),
            finding("phone", 1, &["body"]),
            finding("iban", 1, &["body"]),
            finding("payment-card", 1, &["body"]),
            finding("ip-address", 2, &["body"]),
        ]
    );
}

#[test]
fn json_is_found_under_its_keys() {
    assert_eq!(
        findings(SAMPLES[1].1, Hint::Json),
        [
            finding("email", 3, &["key:*", "key:email", "key:url"]),
            finding("phone", 1, &["key:phone"]),
            finding("phone", 1, &["key:note"]),
            finding("ip-address", 1, &["key:ip"]),
            finding("name", 2, &["key:name", "key:vorname"]),
            finding("address", 1, &["key:plz"]),
        ]
    );
}

#[test]
fn forms_are_decoded_and_found_under_their_names() {
    assert_eq!(
        findings(SAMPLES[2].1, Hint::Form),
        [
            finding("email", 1, &["key:email"]),
            finding("phone", 1, &["key:tel"]),
            finding("iban", 1, &["key:iban"]),
            finding("name", 2, &["key:nachname", "key:vorname"]),
            finding("address", 1, &["key:strasse"]),
        ]
    );
}

#[test]
fn headers_are_found_by_name() {
    assert_eq!(
        findings(SAMPLES[3].1, Hint::Headers),
        [
            finding("email", 2, &["body", "header:from"]),
            finding("phone", 1, &["header:phone"]),
            finding("ip-address", 2, &["header:*", "header:xforwardedfor"]),
        ]
    );
}

#[test]
fn spans_are_offsets_in_the_bytes_as_they_were_sent() {
    for (hint, expected) in [
        (0, vec!["erika.muster@example.org", "0664+1681633", "j%C3%B6rg%40example.org"]),
        (1, vec!["erika\\u0040example.org", "Erika\\u0020M\\u00fcller", "15123456789", "a%40example.org", "Eri"]),
        (2, vec!["J%C3%B6rg", "joerg%40example.org", "0664+1681633", "DE89+3704+0044+0532+0130+00", "Musterweg+7"]),
        (3, vec!["erika%40example.org", "203.0.113.7", "0211 123456"]),
    ] {
        let (hint, text) = SAMPLES[hint];
        let (_, spans) = read(&[(text.as_bytes(), hint)]);
        let at = |n: u64| usize::try_from(n).unwrap();
        let found: Vec<_> = spans.iter().map(|s| &text[at(s.start)..at(s.end)]).collect();
        for part in expected {
            // Bytes of other encodings stay as they are written, so a name may begin behind them.
            let seen =
                found.contains(&part) || part.ends_with("rg%40example.org") && found.contains(&"rg%40example.org");
            assert!(seen, "{hint:?}: {part} in {found:?}");
        }
    }
}

#[test]
fn a_record_may_have_parts_of_several_kinds() {
    let mut state = State::new();
    scan(&mut state, b"From: erika@example.org\r\n\r\n", Hint::Headers);
    scan(&mut state, b"{\"email\": \"erika@example.org\"}", Hint::Json);
    let found = state.finish();
    assert_eq!((found[0].matches, found[0].records), (2, 1));
    assert_eq!(found[0].places, places(&["header:from", "key:email"]));
    // Parts of the same kind do not run into each other.
    scan(&mut state, b"erika@example", Hint::Text);
    state.end_part();
    scan(&mut state, b".org", Hint::Text);
    assert_eq!(state.finish(), []);
}

#[test]
fn the_cut_into_chunks_leaves_no_trace() {
    for (hint, text) in SAMPLES {
        let bytes = text.as_bytes();
        let whole = read(&[(bytes, hint)]);
        assert!(!whole.0.is_empty());
        for at in 0..=bytes.len() {
            assert_eq!(read(&[(&bytes[..at], hint), (&bytes[at..], hint)]), whole, "{hint:?} cut at {at}");
        }
        for size in [1, 2, 3, 7] {
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (chunk, hint)).collect();
            assert_eq!(read(&chunks), whole, "{hint:?} in chunks of {size}");
        }
    }
}

#[test]
fn matches_at_every_distance_from_a_window_edge_are_counted_once() {
    for hint in [Hint::Text, Hint::Json] {
        for fill in (3300..4200).step_by(3) {
            let text = format!("\"{} erika@example.org +49 151 23456789 x\"", "x ".repeat(fill / 2));
            let shifted =
                format!("\"{}- DE89370400440532013000 203.0.113.7{}\"", "x ".repeat(fill / 2), " y".repeat(2000));
            for (text, expected) in [(text, ["email", "phone"]), (shifted, ["iban", "ip-address"])] {
                let found = findings(&text, hint);
                let counts: Vec<_> = found.iter().map(|(detector, matches, _)| (detector.as_str(), *matches)).collect();
                assert_eq!(counts, expected.map(|detector| (detector, 1)), "{hint:?} after {fill}");
            }
        }
    }
}

#[test]
fn long_streams_are_the_same_in_every_cut() {
    for (hint, text) in SAMPLES {
        let bytes = text.repeat(40).into_bytes();
        let whole = read(&[(&bytes, hint)]);
        for size in [1, 61, 1500, 4096, 9000] {
            let chunks: Vec<_> = bytes.chunks(size).map(|chunk| (chunk, hint)).collect();
            assert_eq!(read(&chunks), whole, "{hint:?} in chunks of {size}");
        }
    }
}

#[test]
fn every_prefix_is_read_without_complaint() {
    let hints = [Hint::Text, Hint::Json, Hint::Form, Hint::Headers];
    for (own, text) in SAMPLES {
        let whole: u64 = read(&[(text.as_bytes(), own)]).0.iter().map(|f| f.matches).sum();
        for end in 0..=text.len() {
            for hint in hints {
                let (found, spans) = read(&[(&text.as_bytes()[..end], hint)]);
                let matches: u64 = found.iter().map(|f| f.matches).sum();
                assert_eq!(matches, spans.len() as u64);
                assert!(spans.iter().all(|s| s.start < s.end && s.end <= end as u64), "{hint:?} {end}");
                assert!(hint != own || matches <= whole + 2);
            }
        }
    }
}

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

#[test]
fn memory_is_bounded_whatever_the_stream_is() {
    // Sixteen MiB of one token, key and string; one MiB of what is read byte by byte.
    for (hint, begin, unit) in [
        (Hint::Text, "", "a"),
        (Hint::Text, "", "1"),
        (Hint::Text, "", "a@b.de "),
        (Hint::Text, "", "%4"),
        (Hint::Json, "\"", "x"),
        (Hint::Json, "{\"", "k"),
        (Hint::Json, "", "["),
        (Hint::Json, "", "{\"name\":"),
        (Hint::Json, "", "{\"k\":{\"name\":\"Erika Muster\","),
        (Hint::Json, "{", "\"name\":\"Erika Muster\","),
        (Hint::Json, "\"", "\\u0040"),
        (Hint::Form, "", "k"),
        (Hint::Form, "k=", "%20"),
        (Hint::Form, "", "name=Erika+Muster&"),
        (Hint::Headers, "", "k"),
        (Hint::Headers, "k: ", "v"),
        (Hint::Headers, "", "k1@example.org: a@b.de\r\n"),
    ] {
        let mut state = State::new();
        scan(&mut state, begin.as_bytes(), hint);
        let chunk = unit.repeat(64 * 1024 / unit.len()).into_bytes();
        let chunks = if unit.len() == 1 && unit != "[" { 256 } else { 16 };
        for _ in 0..chunks {
            scan(&mut state, &chunk, hint);
            assert!(heap_size(&state) <= 128 * 1024, "{hint:?} {begin}{unit}… holds {} bytes", heap_size(&state));
        }
        assert!(state.finish().iter().all(|f| f.places.len() <= 16));
    }
}

#[test]
fn at_most_sixteen_places_are_kept_in_their_order() {
    let words = "url uri text note body memo data info item user value title topic token to from cc bcc file host";
    let pairs: Vec<_> = words.split(' ').map(|word| format!("{word}=a@example.org")).collect();
    let found = findings(&pairs.join("&"), Hint::Form);
    assert_eq!((found[0].1, found[0].2.len()), (20, 16));
    assert!(found[0].2.is_sorted());
    assert!(!found[0].2.iter().any(|place| ["key:cc", "key:bcc", "key:file", "key:host"].contains(&place.as_str())));
}

#[test]
fn a_name_needs_a_person_beside_it_and_no_article() {
    for (text, expected) in [
        (r#"{"name": "Erika Muster"}"#, 1),
        (r#"{"name": "Erika", "email": "e@example.org"}"#, 1),
        (r#"{"email": "e@example.org", "contact": {"name": "Erika"}}"#, 1),
        (r#"{"passenger": "Erika Muster", "price": 7}"#, 1),
        (r#"{"passenger": "Erika", "email": "e@example.org"}"#, 0),
        (r#"{"name": "Erika"}"#, 0),
        (r#"{"name": "Hugo Boss", "sku": "A-1"}"#, 0),
        (r#"{"price": 7, "name": "Hugo Boss"}"#, 0),
        (r#"{"products": [{"name": "Hugo Boss"}]}"#, 0),
        (r#"{"name": "checkout", "email": "ops@example.org"}"#, 0),
        (r#"{"name": "Checkout Service"}"#, 0),
        (r#"{"firstName": null, "lastName": "-", "nachname": "", "vorname": "4711"}"#, 0),
        (r#"{"firstName": "service", "serviceName": "Erika Muster", "username": "Erika Muster"}"#, 0),
    ] {
        let names = findings(text, Hint::Json).into_iter().find(|f| f.0 == "name").map_or(0, |f| f.1);
        assert_eq!(names, expected, "{text}");
    }
}

#[test]
fn values_under_telling_keys_need_less_form() {
    for (text, detector) in [
        (r#"{"telefon": "602523081"}"#, "phone"),
        (r#"{"phoneNumbers": [], "mobile": 602523081}"#, "phone"),
        (r#"{"email": "erika@firma.local"}"#, "email"),
        (r#"{"iban": "DE89.3704.0044.0532.0130.00"}"#, "iban"),
        (r#"{"cardNumber": "4222222222222"}"#, "payment-card"),
        (r#"{"strasse": "Musterweg 7", "plz": "12345", "ort": "Musterstadt"}"#, "address"),
        (r#"{"plz": 12345, "ort": "Musterstadt"}"#, "address"),
    ] {
        let found = findings(text, Hint::Json);
        assert_eq!(found.iter().map(|f| (f.0.as_str(), f.1)).collect::<Vec<_>>(), [(detector, 1)], "{text}");
    }
}
