//! E-mail addresses (RFC 5322 as people use it, RFC 6531 letters included).

use landfall_observation::{DataCategory, FindingCertainty, KeyKind};

use super::{
    Detector, Found, KeyRule, KeyedValue, Search, Window,
    context::{Preceding, Words, before},
};
use crate::meaning::Exclusion;

pub(super) const DETECTOR: Detector = Detector {
    name: "email",
    category: DataCategory::EMAIL_ADDRESS,
    search: Search::AtSign(around),
    keys: &[KeyRule::of_person(KeyKind::Email, |value| KeyedValue::contextual_if(fits(value)))],
};

/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL: usize = 64;
/// RFC 5321, 4.5.3.1.2.
const MAX_DOMAIN: usize = 253;

/// Names of headers that hold message identifiers.
static MESSAGE_WORDS: Words = Words::new(&["message-id:", "in-reply-to:", "references:", "content-id:"]);

/// Domains of WhatsApp identifiers (JIDs), which are written like addresses and are none.
const JID_DOMAINS: [&[u8]; 3] = [b"s.whatsapp.net", b"c.us", b"g.us"];

/// Country-code domains that exist (ISO 3166 and the exceptional reservations in use).
const COUNTRY_CODES: &str = "ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo \
br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu \
fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is \
it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp \
mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re \
ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv \
tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw ";

/// The same by first letter: the second letters, a bit each.
const COUNTRIES: [u32; 26] = {
    let (codes, mut letters, mut at) = (COUNTRY_CODES.as_bytes(), [0; 26], 0);
    while at < codes.len() {
        letters[(codes[at] - b'a') as usize] |= 1 << (codes[at + 1] - b'a');
        at += 3;
    }
    letters
};

/// Endings of files, units and private zones: none is a top-level domain that mail is sent to.
#[rustfmt::skip]
const NO_DOMAINS: [&str; 80] = [
    "arpa", "bin", "bmp", "class", "cluster", "conf", "config", "consul", "corp", "css", "csv", "device", "dll", "doc",
    "docx", "dump", "exe", "gif", "gzip", "home", "html", "internal", "intranet", "invalid", "ipynb", "jar", "java",
    "jpeg", "jpg", "json", "key", "lan", "local", "localdomain", "localhost", "lock", "log", "map", "min", "mjs",
    "mount", "mpeg", "node", "onion", "path", "pdf", "pem", "php", "png", "prod", "proto", "pyc", "scope", "service",
    "slice", "sock", "socket", "sql", "staging", "svc", "svg", "swap", "swift", "target", "test-local", "timer", "tmp",
    "toml", "tsx", "txt", "war", "webp", "whl", "woff", "xls", "xlsx", "xml", "yaml", "yml", "zip",
];

/// The address around the `@` at `at`.
fn around(window: &Window, at: usize) -> Option<Found> {
    let text = window.text;
    let (start, end) = (local_start(text, at), domain_end(text, at + 1));
    if start == at || end == at + 1 {
        return None;
    }
    let (local, domain) = (&text[start..at], &text[at + 1..end]);
    let certainty = if JID_DOMAINS.iter().any(|d| domain.eq_ignore_ascii_case(d)) && is_jid(local) {
        None
    } else if is_local(local)
        && is_domain(domain)
        && !is_user_of_url(text, start)
        && !is_remote_path(local, text, end)
        && !is_message_id(window, start)
    {
        Some(FindingCertainty::Validated)
    } else {
        return None;
    };
    Some(Found { start, end, certainty })
}

/// Whether a whole value under a key such as `email` is an address, even in a private zone.
fn fits(value: &str) -> bool {
    let Some((local, domain)) = value.rsplit_once('@') else { return false };
    let labels = domain.split('.').filter(|label| !label.is_empty()).count();
    is_local(local.as_bytes())
        && labels >= 2
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b >= 0x80 || b"._%+'-@".contains(&b))
        && domain.bytes().any(|b| b.is_ascii_alphabetic())
        && domain.bytes().next_back().is_some_and(|b| b.is_ascii_alphabetic())
        && !JID_DOMAINS.iter().any(|d| domain.as_bytes().eq_ignore_ascii_case(d))
}

/// Where the local part before the `@` at `at` starts; `at` if there is none.
fn local_start(text: &[u8], at: usize) -> usize {
    let floor = at.saturating_sub(MAX_LOCAL + 1);
    let mut start = at;
    while start > floor
        && (text[start - 1].is_ascii_alphanumeric() || text[start - 1] >= 0x80 || b"._%+'-".contains(&text[start - 1]))
    {
        start -= 1;
    }
    // Beyond ASCII only letters count: quotes and dashes of the sentence are not part of it.
    let mut position = start;
    for chunk in text[start..at].utf8_chunks() {
        for c in chunk.valid().chars() {
            position += c.len_utf8();
            if !c.is_ascii() && !c.is_alphabetic() {
                start = position;
            }
        }
        position += chunk.invalid().len();
        if !chunk.invalid().is_empty() {
            start = position;
        }
    }
    while start < at && text[start].is_ascii_punctuation() && text[start] != b'_' {
        start += 1;
    }
    if at - start > MAX_LOCAL { at } else { start }
}

/// Where the domain from `start` ends.
fn domain_end(text: &[u8], start: usize) -> usize {
    let ceiling = text.len().min(start + MAX_DOMAIN);
    let mut end = start;
    while end < ceiling && (text[end].is_ascii_alphanumeric() || text[end] >= 0x80 || b".-".contains(&text[end])) {
        end += 1;
    }
    let Some(chunk) = text[start..end].utf8_chunks().next() else { return start };
    let valid = chunk.valid();
    let letters = valid.find(|c: char| !c.is_ascii() && !c.is_alphabetic()).unwrap_or(valid.len());
    start + valid[..letters].trim_end_matches(['.', '-']).len()
}

fn is_local(local: &[u8]) -> bool {
    (1..=MAX_LOCAL).contains(&local.len())
        && !local.ends_with(b".")
        && !local.windows(2).any(|pair| pair == b"..")
        && local.iter().any(|b| b.is_ascii_alphanumeric() || *b >= 0x80)
}

fn is_domain(domain: &[u8]) -> bool {
    let mut labels = 0;
    let mut last: &[u8] = b"";
    for label in domain.split(|b| *b == b'.') {
        if label.is_empty() || label.len() > 63 || label.starts_with(b"-") || label.ends_with(b"-") {
            return false;
        }
        labels += 1;
        last = label;
    }
    labels >= 2 && is_top_level(last)
}

/// Whether mail may be sent to addresses that end in `.label`.
fn is_top_level(label: &[u8]) -> bool {
    let mut folded = [0; 24];
    let (Some(folded), 2..) = (folded.get_mut(..label.len()), label.len()) else { return false };
    folded.copy_from_slice(label);
    folded.make_ascii_lowercase();
    if folded.starts_with(b"xn--") {
        return true;
    }
    if !label.iter().all(|b| b.is_ascii_alphabetic() || *b >= 0x80) {
        return false;
    }
    match folded {
        [first @ b'a'..=b'z', second @ b'a'..=b'z'] => {
            COUNTRIES[usize::from(*first - b'a')] & 1 << (*second - b'a') != 0
        }
        _ => NO_DOMAINS.binary_search_by(|known| known.as_bytes().cmp(folded)).is_err(),
    }
}

/// WhatsApp: a number, for groups two with a dash, for devices one more after a colon.
fn is_jid(local: &[u8]) -> bool {
    local.iter().all(|b| b.is_ascii_digit() || b"-._".contains(b))
}

/// Bytes of a kind.
struct ByteSet([bool; 256]);

/// What ends the user in a URL, read backwards.
const BEFORE_USER: ByteSet = ByteSet::new(b" \t\n\r\x0c\"'<>/?#&=");
/// What ends a path after a host.
const BEHIND_PATH: ByteSet = ByteSet::new(b" \t\n\r\x0c\"'<>,;");

impl ByteSet {
    const fn new(bytes: &[u8]) -> Self {
        let (mut set, mut at) = ([false; 256], 0);
        while at < bytes.len() {
            set[bytes[at] as usize] = true;
            at += 1;
        }
        Self(set)
    }

    fn has(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }
}

/// `https://user:secret@host`: the text before is scheme and authority of a URL.
fn is_user_of_url(text: &[u8], start: usize) -> bool {
    let before = &text[start.saturating_sub(128)..start];
    // Most text has no slash nearby, which is quick to see.
    memchr::memrchr(b'/', before).is_some()
        && before.iter().rposition(|b| BEFORE_USER.has(*b)).is_some_and(|at| before[..=at].ends_with(b"://"))
}

/// `git@host:team/project.git` and `deploy@host:/srv`: user and host of a remote copy.
fn is_remote_path(local: &[u8], text: &[u8], end: usize) -> bool {
    let Some(path) = text[end..].strip_prefix(b":") else { return false };
    let path = &path[..path.len().min(128)];
    let path = &path[..path.iter().position(|b| BEHIND_PATH.has(*b)).unwrap_or(path.len())];
    if path.is_empty() {
        return false;
    }
    matches!(local, b"git" | b"hg" | b"svn") || memchr::memchr(b'/', path).is_some() || path.ends_with(b".git")
}

/// `Message-ID: <…@host>`: names a message, not a person.
fn is_message_id(window: &Window, start: usize) -> bool {
    if window.meaning.exclusion == Exclusion::MessageId {
        return true;
    }
    if before(window.text, start) != Some(b'<') {
        return false;
    }
    Preceding::new(window.text, start).last(&MESSAGE_WORDS).is_some()
}

#[cfg(test)]
mod tests {
    use super::super::found_in;

    #[test]
    fn addresses_and_what_only_looks_like_one() {
        for (text, expected) in [
            ("Mail an erika@example.org, danke", Some("erika@example.org")),
            ("erika.muster+shop@mail.example.co.uk.", Some("erika.muster+shop@mail.example.co.uk")),
            ("<Erika_Muster-1@EXAMPLE.ORG>", Some("Erika_Muster-1@EXAMPLE.ORG")),
            ("'o'neil@example.org'", Some("o'neil@example.org")),
            ("mailto:erika@example.org?subject=x", Some("erika@example.org")),
            ("„jörg@müller.example“", Some("jörg@müller.example")),
            ("\u{201c}erika@example.org\u{201d}", Some("erika@example.org")),
            ("a@xn--mller-kva.xn--p1ai", Some("a@xn--mller-kva.xn--p1ai")),
            ("erika@example.org:8080", Some("erika@example.org")),
            ("https://shop.example/?mail=erika@example.org", Some("erika@example.org")),
            ("user=4711@example.org", Some("4711@example.org")),
            ("491511234567@s.whatsapp.net", None),
            ("12036302-15123@g.us", None),
            ("491511234567@c.us", None),
            ("git@example.org:team/app.git", None),
            ("git@example.org:app", None),
            ("deploy@example.org:/srv/app", None),
            ("https://user:secret@example.org/", None),
            ("postgres://app@db.example.org:5432/x", None),
            ("Message-ID: <20240101.7@mail.example.org>", None),
            ("lodash@4.17.21", None),
            ("@types/node@18.1.0", None),
            ("icon@2x.png", None),
            ("nginx@sha256:0123", None),
            ("root@localhost", None),
            ("svc@api.internal", None),
            ("getty@tty1.service", None),
            ("@media (max-width: 600px)", None),
            ("erika..muster@example.org", None),
            ("erika.@example.org", None),
            ("erika@-example.org", None),
            ("erika@example", None),
            ("erika@example.x", None),
            ("erika@example.qq", None),
            ("erika @ example.org", None),
        ] {
            assert_eq!(found_in(text, "email"), expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn top_level_domains_and_what_is_none() {
        assert!(super::NO_DOMAINS.is_sorted());
        for label in ["de", "DE", "uk", "org", "museum", "xn--p1ai", "рф", "q".repeat(24).as_str()] {
            assert!(super::is_top_level(label.as_bytes()), "{label}");
        }
        for label in ["", "d", "qq", "zz", "a1", "local", "PNG", "arpa", "zip", "test-local", "q".repeat(25).as_str()] {
            assert!(!super::is_top_level(label.as_bytes()), "{label}");
        }
        let codes = super::COUNTRY_CODES.split_whitespace();
        assert!(codes.clone().count() > 240 && codes.clone().all(|code| super::is_top_level(code.as_bytes())));
        let letters: u32 = super::COUNTRIES.iter().map(|letters| letters.count_ones()).sum();
        assert_eq!(letters as usize, codes.count());
    }

    #[test]
    fn lengths_of_the_standard_hold() {
        let local = "a".repeat(64);
        assert_eq!(found_in(&format!("{local}@example.org"), "email").len(), 1);
        assert!(found_in(&format!("{local}a@example.org"), "email").is_empty());
        let label = "b".repeat(64);
        assert!(found_in(&format!("a@{label}.org"), "email").is_empty());
    }

    #[test]
    fn a_key_for_mail_may_hold_addresses_of_private_zones() {
        assert!(super::fits("erika@firma.local"));
        for value in ["erika", "erika@localhost", "a@b@c.de x", "1.2@3.4", "491511234567@c.us", ""] {
            assert!(!super::fits(value), "{value}");
        }
    }
}
