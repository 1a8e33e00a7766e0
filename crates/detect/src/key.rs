//! Keys of JSON objects and forms and names of headers: what they say about their values.

mod words;

use landfall_observation::{KeyWord, Place};

use crate::meaning::Meaning;

/// The longest name that is read, in bytes.
const MAX_LEN: usize = 64;

/// What is known of a key: the word of the vocabulary that it is, and never its name, which is somebody's data.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Key {
    is_present: bool,
    word: Option<KeyWord>,
    meaning: Meaning,
}

// === impl Key ===

impl Key {
    /// The key written as `text`; `personal` if a detector found something in it.
    pub(crate) fn new(text: &[u8], personal: bool) -> Self {
        if text.len() > MAX_LEN || personal {
            return Self::hidden();
        }
        let (word, meaning) = words::read(last_component(text));
        Self { is_present: true, word, meaning }
    }

    /// A key of which nothing is known.
    pub(crate) fn hidden() -> Self {
        Self { is_present: true, ..Self::default() }
    }

    pub(crate) fn is_present(&self) -> bool {
        self.is_present
    }

    pub(crate) fn meaning(&self) -> Meaning {
        self.meaning
    }

    /// The place of a value under this key.
    pub(crate) fn place(&self, is_header: bool) -> Place {
        match (self.is_present, is_header) {
            (false, _) => Place::Body,
            (true, false) => Place::Key(self.word),
            (true, true) => Place::Header(self.word),
        }
    }
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
    use landfall_observation::KeyKind;

    use super::*;

    fn value(key: &str) -> Option<KeyKind> {
        Key::new(key.as_bytes(), false).meaning().value
    }

    #[test]
    fn a_key_is_known_in_every_spelling() {
        for key in ["firstName", "first_name", "FIRST-NAME", "vorname", "user.firstName", "user[vorname]", "prénom"] {
            assert_eq!(value(key), Some(KeyKind::PersonName), "{key}");
        }
        for key in ["phone", "phoneNumber", "customer_phone", "Telefon", "telefonnummer", "contactPhone", "phone1"] {
            assert_eq!(value(key), Some(KeyKind::Phone), "{key}");
        }
        for key in ["street", "Straße", "billing_street", "addressLine1", "address[line1]"] {
            assert_eq!(value(key), Some(KeyKind::Street), "{key}");
        }
    }

    #[test]
    fn a_word_inside_another_key_is_no_key() {
        for key in ["username", "hostname", "filename", "company_name", "mailbox_size", "microphone", "streetlight"] {
            assert_eq!(value(key), None, "{key}");
        }
        assert_eq!(value("name"), Some(KeyKind::AnyName));
    }

    #[test]
    fn a_key_is_shown_by_its_word_and_by_nothing_else() {
        let place = |key: &str| Key::new(key.as_bytes(), false).place(false).to_string();
        for (key, shown) in [
            ("firstName", "key:firstname"),
            ("FIRST-NAME", "key:firstname"),
            ("user.erika.vorname", "key:vorname"),
            ("kunde[straße]", "key:strasse"),
            ("customer_phone", "key:phone"),
            ("Phone2", "key:phone"),
            ("passenger_name", "key:name"),
            ("note", "key:note"),
            ("id", "key:id"),
        ] {
            assert_eq!(place(key), shown, "{key}");
        }
        let long = "phone".repeat(13);
        for key in [
            "mueller",
            "Müller",
            "MÜLLER",
            "Mu\u{308}ller",
            "mueller_phone",
            "phone_mueller",
            "phone of mueller",
            "email.mueller",
            "email[mueller]",
            "customer_mueller",
            "mueller1",
            "Erika Muster",
            "+49 151",
            "k4915112345",
            "4711",
            "",
            "a@b",
            "x\u{0}",
            &long,
        ] {
            assert_eq!(place(key), "key:*", "{key}");
        }
        assert_eq!(Key::new(b"phone", true).place(false).to_string(), "key:*");
        assert_eq!(Key::default().place(false), Place::Body);
        assert_eq!(Key::new(b"X-Real-IP", false).place(true).to_string(), "header:xrealip");
        assert_eq!(Key::new(b"X-Mueller", false).place(true).to_string(), "header:*");
    }
}
