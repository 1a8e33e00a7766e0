//! What the words of keys mean: exact ones in German, English, French and their neighbours, some with a qualifier.

use landfall_observation::{KeyKind, KeyWord};

use super::{Evidence, MAX_LEN, Meaning, Route, Veto};

/// Parts of words for software, whose numbers are versions.
const SOFTWARE: [&[u8]; 3] = [b"version", b"firmware", b"useragent"];

/// Whose value it is; says nothing about what it is.
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
    let (mut word, mut meaning) = (exact, exact.map_or_else(Meaning::default, of));
    if meaning == Meaning::default() {
        let bare = strip_number(folded.trim_ascii_end());
        let numbered = KeyWord::find(bare);
        word = word.or(numbered);
        meaning = numbered.map_or_else(Meaning::default, of);
        if meaning == Meaning::default()
            && let Some(qualifier) = qualifier(bare)
        {
            let rest = &bare[qualifier.len()..];
            let qualified = KeyWord::find(rest);
            meaning = match qualified.map_or_else(Meaning::default, of) {
                Meaning { route: Route::MaybeName { .. }, .. } if matches!(rest, b"name" | b"displayname") => {
                    if PERSONS.contains(qualifier) { person(Route::Name) } else { Meaning::default() }
                }
                Meaning { route: Route::MaybeName { .. }, .. } => Meaning::default(),
                known => known,
            };
            word = word.or(qualified);
        }
    }
    if meaning.veto == Veto::None && matches!(meaning.route, Route::None) {
        if ends_with_word(text, "ip", true) {
            meaning.route = Route::Ip;
        }
        meaning.veto = if names_number(text) { Veto::Identifier } else { veto(folded, exact) };
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

/// The first of the qualifiers that `text` begins with.
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

/// Lower case without separators, umlauts and accents written out.
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

/// `phone` of `phone1` and `phone2`.
fn strip_number(text: &[u8]) -> &[u8] {
    match text {
        [rest @ .., b'1'..=b'3'] if rest.last().is_some_and(u8::is_ascii_alphabetic) => rest,
        _ => text,
    }
}

fn person(route: Route) -> Meaning {
    Meaning { route, evidence: Evidence::Person, veto: Veto::None }
}

fn thing(veto: Veto) -> Meaning {
    Meaning { route: Route::None, evidence: Evidence::Thing, veto }
}

/// What a word says.
fn of(word: KeyWord) -> Meaning {
    let route = |route| Meaning { route, ..Meaning::default() };
    match word.kind() {
        KeyKind::PersonName => person(Route::Name),
        KeyKind::AnyName => route(Route::MaybeName { titled: false }),
        KeyKind::Party => route(Route::MaybeName { titled: true }),
        KeyKind::Street => person(Route::Street),
        KeyKind::Address => person(Route::Address),
        KeyKind::Postcode => route(Route::Postcode),
        KeyKind::City => route(Route::City),
        KeyKind::Phone => person(Route::Phone),
        KeyKind::Email => person(Route::Email),
        KeyKind::BankAccount => person(Route::Iban),
        KeyKind::PaymentCard => person(Route::Card),
        KeyKind::IpAddress => route(Route::Ip),
        KeyKind::AboutPerson => person(Route::None),
        KeyKind::ArticleNumber => thing(Veto::Identifier),
        KeyKind::AboutThing => thing(Veto::None),
        KeyKind::Things => Meaning { evidence: Evidence::Goods, ..Meaning::default() },
        KeyKind::Software => Meaning { veto: Veto::Version, ..Meaning::default() },
        KeyKind::MessageId => Meaning { veto: Veto::MessageId, ..Meaning::default() },
        // Only the word alone is one of these, not `id1` or `customerid`.
        KeyKind::Identifier | KeyKind::General => Meaning::default(),
    }
}

/// Whether a key ends in a word for numbers: `order_id`, `orderId`, `Vertragsnummer`, `invoiceNo`.
fn names_number(text: &[u8]) -> bool {
    ["number", "nummer", "numero"].iter().any(|word| ends_with_word(text, word, false))
        || ["id", "no", "nr", "num"].iter().any(|word| ends_with_word(text, word, true))
}

/// Whether `text` ends in `word`; `apart`: as a word of its own.
fn ends_with_word(text: &[u8], word: &str, apart: bool) -> bool {
    let Some((head, tail)) = text.len().checked_sub(word.len()).map(|at| text.split_at(at)) else { return false };
    tail.eq_ignore_ascii_case(word.as_bytes())
        && (!apart
            || head.last().is_none_or(|b| !b.is_ascii_alphabetic())
            || tail[0].is_ascii_uppercase() && head.last().is_some_and(u8::is_ascii_lowercase))
}

/// What numbers are under a key that is no known word of another kind.
fn veto(folded: &[u8], exact: Option<KeyWord>) -> Veto {
    let ends = |suffix: &[u8]| folded.ends_with(suffix);
    if SOFTWARE.iter().any(|part| contains(folded, part)) || ends(b"build") || ends(b"release") {
        Veto::Version
    } else if exact.is_some_and(|word| word.kind() == KeyKind::Identifier)
        || [&b"hash"[..], b"timestamp", b"imei"].into_iter().any(ends)
    {
        Veto::Identifier
    } else {
        Veto::None
    }
}

/// Whether `part` is in `text`: both are short, and a searcher would take longer to make.
fn contains(text: &[u8], part: &[u8]) -> bool {
    text.len() >= part.len()
        && memchr::memchr_iter(part[0], &text[..=text.len() - part.len()]).any(|at| text[at..].starts_with(part))
}
