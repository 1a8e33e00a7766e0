//! Keys of JSON objects and forms, names of headers: what they say about their values.

mod words;

use landfall_observation::{KeyWord, Place};

/// The longest name that is read.
const MAX_LEN: usize = 64;

/// What is known of a key: never its name, which is somebody's data, but the word of ours that it is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Key {
    is_present: bool,
    word: Option<KeyWord>,
    meaning: Meaning,
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
