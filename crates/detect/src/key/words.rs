//! What the words of keys mean, in German, English, French and languages near them, some with a qualifier before them.

use landfall_observation::{KeyKind, KeyWord};

use super::MAX_LEN;
use crate::{
    detectors,
    meaning::{Evidence, Exclusion, Meaning},
};

/// Parts of words for software, whose numbers are versions.
const SOFTWARE: [&[u8]; 3] = [b"version", b"firmware", b"useragent"];

/// Words before another that say whose value it is, and nothing about what it is.
#[rustfmt::skip]
const QUALIFIERS: [&[u8]; 52] = [
    b"customer", b"client", b"user", b"kunden", b"kunde", b"contact", b"kontakt", b"billing", b"shipping",
    b"delivery", b"home", b"work", b"private", b"privat", b"primary", b"secondary", b"business", b"office", b"main",
    b"sender", b"recipient", b"receiver", b"guest", b"gast", b"patient", b"passenger", b"owner", b"payer", b"payee",
    b"buyer", b"employee", b"mitarbeiter", b"member", b"mitglied", b"author", b"driver", b"fahrer", b"holder",
    b"account", b"liefer", b"rechnungs", b"versand", b"absender", b"empfaenger", b"lead", b"candidate", b"bewerber",
    b"student", b"subscriber", b"caller", b"from", b"x",
];

/// Those of [`QUALIFIERS`] that name a person: their `name` is a person's.
#[rustfmt::skip]
const PERSONS: [&[u8]; 28] = [
    b"customer", b"kunden", b"kunde", b"contact", b"kontakt", b"sender", b"recipient", b"receiver", b"guest",
    b"gast", b"patient", b"passenger", b"owner", b"payer", b"payee", b"buyer", b"employee", b"mitarbeiter",
    b"author", b"driver", b"fahrer", b"holder", b"absender", b"empfaenger", b"lead",
    b"candidate", b"bewerber", b"caller",
];

/// What the key `text` says, and the word that it is known by.
pub(super) fn read(text: &[u8]) -> (Option<KeyWord>, Meaning) {
    let mut folded = [0; 2 * MAX_LEN];
    let folded = fold(text, &mut folded);
    let exact = KeyWord::find(folded);
    let (mut word, mut meaning) = (exact, meaning_of(exact));
    if meaning == Meaning::default() {
        let bare = strip_number(folded.trim_ascii_end());
        let numbered = KeyWord::find(bare);
        word = word.or(numbered);
        meaning = meaning_of(numbered);
        if meaning == Meaning::default()
            && let Some(qualifier) = qualifier(bare)
        {
            let rest = &bare[qualifier.len()..];
            let qualified = KeyWord::find(rest);
            meaning = match qualified.map(KeyWord::kind) {
                // `customer_name` is a person's, `account_name` may be anything.
                Some(KeyKind::AnyName) if PERSONS.contains(qualifier) && matches!(rest, b"name" | b"displayname") => {
                    kind_meaning(KeyKind::PersonName)
                }
                Some(KeyKind::AnyName | KeyKind::Party) => Meaning::default(),
                _ => meaning_of(qualified),
            };
            word = word.or(qualified);
        }
    }
    if meaning.exclusion == Exclusion::None && meaning.value.is_none() {
        if ends_with_word(text, "ip", true) {
            meaning.value = Some(KeyKind::IpAddress);
        }
        meaning.exclusion = if names_number(text) { Exclusion::Identifier } else { exclusion(folded, exact) };
    }
    (word, meaning)
}

/// The qualifiers by first letter: a bit each.
const BY_LETTER: [u64; 26] = {
    let (mut letters, mut index) = ([0; 26], 0);
    while index < QUALIFIERS.len() {
        letters[(QUALIFIERS[index][0] - b'a') as usize] |= 1 << index;
        index += 1;
    }
    letters
};

/// The first qualifier in the list with which `text` begins.
fn qualifier(text: &[u8]) -> Option<&'static &'static [u8]> {
    let [first @ b'a'..=b'z', ..] = text else { return None };
    let mut left = BY_LETTER[usize::from(*first - b'a')];
    while left != 0 {
        let qualifier = &QUALIFIERS[left.trailing_zeros() as usize];
        if text.starts_with(qualifier) {
            return Some(qualifier);
        }
        left &= left - 1;
    }
    None
}

/// The text in lower case without separators, umlauts and accents written out.
fn fold<'a>(text: &[u8], into: &'a mut [u8; 2 * MAX_LEN]) -> &'a [u8] {
    let mut len = 0;
    let mut put = |bytes: &[u8]| {
        let end = (len + bytes.len()).min(into.len());
        into[len..end].copy_from_slice(&bytes[..end - len]);
        len = end;
    };
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '_' | '-' | ' ' | '.' => {}
                'ä' | 'Ä' => put(b"ae"),
                'ö' | 'Ö' => put(b"oe"),
                'ü' | 'Ü' => put(b"ue"),
                'ß' => put(b"ss"),
                'é' | 'è' | 'ê' | 'É' => put(b"e"),
                'à' | 'á' | 'â' => put(b"a"),
                'ó' => put(b"o"),
                'ł' => put(b"l"),
                c if c.is_ascii() => put(&[c.to_ascii_lowercase() as u8]),
                _ => put(b"?"),
            }
        }
    }
    &into[..len]
}

/// `phone` of `phone1`, `phone2` and `phone3`.
fn strip_number(text: &[u8]) -> &[u8] {
    match text {
        [rest @ .., b'1'..=b'3'] if rest.last().is_some_and(u8::is_ascii_alphabetic) => rest,
        _ => text,
    }
}

/// What a word says; nothing if there is none.
fn meaning_of(word: Option<KeyWord>) -> Meaning {
    word.map_or_else(Meaning::default, |word| kind_meaning(word.kind()))
}

/// What words of a kind say.
fn kind_meaning(kind: KeyKind) -> Meaning {
    let evidence = |evidence| Meaning { evidence, ..Meaning::default() };
    let exclusion = |exclusion| Meaning { exclusion, ..Meaning::default() };
    match kind {
        KeyKind::AboutPerson => evidence(Evidence::Person),
        KeyKind::ArticleNumber => Meaning { exclusion: Exclusion::Identifier, ..evidence(Evidence::Thing) },
        KeyKind::AboutThing => evidence(Evidence::Thing),
        KeyKind::Things => evidence(Evidence::ThingsBelow),
        KeyKind::Software => exclusion(Exclusion::Version),
        KeyKind::MessageId => exclusion(Exclusion::MessageId),
        // Only the word alone is an identifier: `id1` and `customerid` are read by their ending.
        KeyKind::Identifier | KeyKind::General => Meaning::default(),
        // Values under all others are judged by the detector with a rule for them.
        kind => detectors::key_rule(kind)
            .map_or_else(Meaning::default, |(_, rule)| Meaning { value: Some(kind), ..evidence(rule.evidence) }),
    }
}

/// Whether a key ends in a word for numbers: `order_id`, `orderId`, `Vertragsnummer`, `invoiceNo`.
fn names_number(text: &[u8]) -> bool {
    ["number", "nummer", "numero"].iter().any(|word| ends_with_word(text, word, false))
        || ["id", "no", "nr", "num"].iter().any(|word| ends_with_word(text, word, true))
}

/// Whether `text` ends in `word`; with `apart`, as a word of its own.
fn ends_with_word(text: &[u8], word: &str, apart: bool) -> bool {
    let Some((head, tail)) = text.len().checked_sub(word.len()).map(|at| text.split_at(at)) else { return false };
    tail.eq_ignore_ascii_case(word.as_bytes())
        && (!apart
            || head.last().is_none_or(|b| !b.is_ascii_alphabetic())
            || tail[0].is_ascii_uppercase() && head.last().is_some_and(u8::is_ascii_lowercase))
}

/// Why values under a key without a rule are not personal data.
fn exclusion(folded: &[u8], exact: Option<KeyWord>) -> Exclusion {
    let ends = |suffix: &[u8]| folded.ends_with(suffix);
    if SOFTWARE.iter().any(|part| contains(folded, part)) || ends(b"build") || ends(b"release") {
        Exclusion::Version
    } else if exact.is_some_and(|word| word.kind() == KeyKind::Identifier)
        || [&b"hash"[..], b"timestamp", b"imei"].into_iter().any(ends)
    {
        Exclusion::Identifier
    } else {
        Exclusion::None
    }
}

/// Whether `part` is in `text`. Both are short: to build a `memchr` searcher would take longer than the search.
fn contains(text: &[u8], part: &[u8]) -> bool {
    text.len() >= part.len()
        && memchr::memchr_iter(part[0], &text[..=text.len() - part.len()]).any(|at| text[at..].starts_with(part))
}
