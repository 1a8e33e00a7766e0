//! Keys of JSON objects and forms, names of headers: what they say about their values.

mod words;

/// The longest name that is kept.
const MAX_LEN: usize = 64;

/// A key as far as it is kept.
#[derive(Clone, Copy)]
pub(crate) struct Key {
    name: [u8; MAX_LEN],
    len: u8,
    kind: Kind,
    meaning: Meaning,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    /// There is no key.
    #[default]
    Absent,
    /// A name that may be shown.
    Plain,
    /// One that is too long or may hold personal data itself.
    Hidden,
}

/// What a key says about its value and about the keys beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    pub(crate) route: Route,
    pub(crate) evidence: Evidence,
    pub(crate) veto: Veto,
}

/// How a value is judged by its key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Route {
    #[default]
    None,
    /// The name of a person.
    Name,
    /// The name of a person or of a thing. `titled`: the key speaks of a person (`passenger`).
    MaybeName {
        titled: bool,
    },
    /// A line with street and number.
    Street,
    /// A postal address, or one of a machine.
    Address,
    Postcode,
    City,
    Phone,
    Email,
    Iban,
    Card,
    /// A network address; no route of its own, but its value is no version.
    Ip,
}

/// What a key says about the object that it is in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Evidence {
    #[default]
    None,
    /// It is about a person.
    Person,
    /// It is about an article or a machine.
    Thing,
    /// Nothing; but the objects under it are things.
    Goods,
}

/// What numbers under a key are, whatever they look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Veto {
    #[default]
    None,
    /// A version or a product with its version.
    Version,
    /// An identifier, a measurement or an instant.
    Identifier,
    /// An identifier of a message, written like an e-mail address.
    MessageId,
}

// === impl Key ===

impl Default for Key {
    fn default() -> Self {
        Self { name: [0; MAX_LEN], len: 0, kind: Kind::Absent, meaning: Meaning::default() }
    }
}

impl Key {
    /// The key written as `text`; `personal` if a detector found something in it.
    pub(crate) fn new(text: &[u8], personal: bool) -> Self {
        let mut key = Self { kind: Kind::Hidden, ..Self::default() };
        if text.len() > MAX_LEN || personal {
            return key;
        }
        key.meaning = words::meaning(last_component(text));
        if is_plain(text) {
            key.kind = Kind::Plain;
            key.len = u8::try_from(text.len()).unwrap_or(0);
            key.name[..text.len()].copy_from_slice(text);
            key.name.make_ascii_lowercase();
        }
        key
    }

    pub(crate) fn is_present(&self) -> bool {
        self.kind != Kind::Absent
    }

    pub(crate) fn meaning(&self) -> Meaning {
        self.meaning
    }

    /// The place of a value under this key.
    pub(crate) fn place(&self, is_header: bool) -> String {
        let route = if is_header { "header" } else { "key" };
        match (self.kind, str::from_utf8(&self.name[..usize::from(self.len)])) {
            (Kind::Absent, _) => "body".to_owned(),
            (Kind::Plain, Ok(name)) => format!("{route}:{name}"),
            _ => format!("{route}:*"),
        }
    }

    /// Whether the name is part of a value: `{"erika.muster": "erika.muster@example.org"}`. Keys that are
    /// known words are no names of people.
    pub(crate) fn repeats(&self, value: &[u8]) -> bool {
        let name = &self.name[..usize::from(self.len)];
        name.len() >= 4
            && self.meaning == Meaning::default()
            && value.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name))
    }

    /// A key that is there and not shown.
    pub(crate) fn hidden() -> Self {
        Self { kind: Kind::Hidden, ..Self::default() }
    }

    pub(crate) fn wipe(&mut self) {
        *self = Self::default();
        std::hint::black_box(&self.name);
    }
}

/// Whether a name may be shown: words and separators, hardly a digit.
fn is_plain(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else { return false };
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'))
        && digits <= 4
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '$' | '[' | ']'))
}

/// `email` of `user.email` and of `user[email]`.
fn last_component(text: &[u8]) -> &[u8] {
    let text = text.strip_suffix(b"[]").unwrap_or(text);
    let text = text.strip_suffix(b"]").unwrap_or(text);
    match memchr::memrchr2(b'.', b'[', text) {
        Some(at) => &text[at + 1..],
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(key: &str) -> Route {
        Key::new(key.as_bytes(), false).meaning().route
    }

    #[test]
    fn a_key_is_known_in_every_spelling() {
        for key in ["firstName", "first_name", "FIRST-NAME", "vorname", "user.firstName", "user[vorname]", "prénom"] {
            assert_eq!(route(key), Route::Name, "{key}");
        }
        for key in ["phone", "phoneNumber", "customer_phone", "Telefon", "telefonnummer", "contactPhone", "phone1"] {
            assert_eq!(route(key), Route::Phone, "{key}");
        }
        for key in ["street", "Straße", "billing_street", "addressLine1", "address[line1]"] {
            assert_eq!(route(key), Route::Street, "{key}");
        }
    }

    #[test]
    fn a_word_inside_another_key_is_no_key() {
        for key in ["username", "hostname", "filename", "company_name", "mailbox_size", "microphone", "streetlight"] {
            assert_eq!(route(key), Route::None, "{key}");
        }
        assert_eq!(route("name"), Route::MaybeName { titled: false });
    }

    #[test]
    fn a_key_that_may_hold_a_value_is_not_shown() {
        let place = |key: &str| Key::new(key.as_bytes(), false).place(false);
        for key in ["Erika Muster", "+49 151", "k4915112345", "4711", "", "a@b", "x\u{0}", &"k".repeat(65)] {
            assert_eq!(place(key), "key:*", "{key}");
        }
        assert_eq!(place("firstName"), "key:firstname");
        assert_eq!(Key::new(b"user.erika", true).place(false), "key:*");
        assert_eq!(Key::default().place(false), "body");
        assert_eq!(Key::new(b"X-Real-IP", false).place(true), "header:x-real-ip");
    }
}
