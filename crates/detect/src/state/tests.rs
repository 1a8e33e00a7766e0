mod chunks;
mod keys;
mod privacy;

use landfall_observation::Place;

use super::*;

/// A sample of each syntax, with personal data at many kinds of boundaries.
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
            // Bytes of other encodings stay as they are written, so a name may begin after them.
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
fn at_most_sixteen_places_are_kept_in_their_order() {
    let words = "url uri text note body memo data info item user value title topic token to from cc bcc file host";
    let pairs: Vec<_> = words.split(' ').map(|word| format!("{word}=a@example.org")).collect();
    let found = findings(&pairs.join("&"), Hint::Form);
    assert_eq!((found[0].1, found[0].2.len()), (20, 16));
    assert!(found[0].2.is_sorted());
    assert!(!found[0].2.iter().any(|place| ["key:cc", "key:bcc", "key:file", "key:host"].contains(&place.as_str())));
}
