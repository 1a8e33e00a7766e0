use std::fmt::Write;

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
    state.finish().into_iter().map(|f| (f.detector, f.matches, f.places)).collect()
}

fn finding(detector: &str, matches: u64, places: &[&str]) -> (String, u64, Vec<String>) {
    (detector.to_owned(), matches, places.iter().map(|&place| place.to_owned()).collect())
}

/// Bytes that a state holds on to.
fn held(state: &State) -> usize {
    state.passage.held() + state.json.held()
}

#[test]
fn text_is_found_in_the_body() {
    assert_eq!(
        findings(SAMPLES[0].1, Hint::Text),
        [
            finding("email", 2, &["body"]),
            finding("phone", 2, &["body"]),
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
            finding("phone", 2, &["key:note", "key:phone"]),
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
            finding("address", 1, &["key:kunde[strasse]"]),
        ]
    );
}

#[test]
fn headers_are_found_by_name() {
    assert_eq!(
        findings(SAMPLES[3].1, Hint::Headers),
        [
            finding("email", 2, &["body", "header:from"]),
            finding("phone", 1, &["header:x-phone"]),
            finding("ip-address", 2, &["header:folded", "header:x-forwarded-for"]),
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
    assert_eq!(found[0].places, ["header:from", "key:email"]);
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

#[test]
fn keys_that_are_personal_data_are_not_shown() {
    for key in ["erika@example.org", "+49 151 23456789", "203.0.113.7", "Erika Muster", "4111111111111111"] {
        let text = format!("{{\"{key}\": {{\"x\": \"erika@example.org\"}}, \"{key}\": \"erika@example.org\"}}");
        let (found, _) = read(&[(text.as_bytes(), Hint::Json)]);
        let email = found.iter().find(|f| f.detector == "email").unwrap();
        assert_eq!(email.places, ["key:*", "key:x"], "{key}");
        assert!(!format!("{found:?}").contains(key));
    }
}

#[test]
fn a_key_that_repeats_its_value_is_not_shown() {
    let text = r#"{"erika.muster": "erika.muster@example.org", "mail": "mail@example.org"}"#;
    assert_eq!(findings(text, Hint::Json), [finding("email", 2, &["key:*", "key:mail"])]);
}

#[test]
fn a_finished_state_is_empty_and_its_buffers_are_overwritten() {
    let mut state = State::new();
    for (hint, text) in SAMPLES {
        scan(&mut state, text.as_bytes(), hint);
        let first = state.finish();
        assert_eq!(state.finish(), [], "{hint:?}");
        assert!(state.passage.is_blank());
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
            assert!(held(&state) <= 128 * 1024, "{hint:?} {begin}{unit}… holds {} bytes", held(&state));
        }
        assert!(state.finish().iter().all(|f| f.places.len() <= 16));
    }
}

#[test]
fn at_most_sixteen_places_are_kept_in_their_order() {
    let pairs: Vec<_> = ('a'..='z').rev().map(|c| format!("{c}=a@example.org")).collect();
    let text = pairs.join("&");
    let found = findings(&text, Hint::Form);
    assert_eq!((found[0].1, found[0].2.len()), (26, 16));
    assert!(found[0].2.is_sorted());
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
