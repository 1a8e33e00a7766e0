//! The words by which keys and headers are shown.

use std::{collections::HashMap, sync::LazyLock};

use foldhash::fast::FixedState;

/// A word for a key of a document or form, or for the name of a header.
///
/// It is one of a closed list (docs/decisions/0024) and never a copy of what somebody sent. Words are folded (lower case without `-`, `_`, spaces;
/// umlauts and accents written out), so that `firstName`, `FIRST_NAME` and `first-name` are all `firstname`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyWord {
    word: &'static str,
    kind: KeyKind,
}

/// What values under a word are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// The name of a person.
    PersonName,
    /// The name of a person or of a thing.
    AnyName,
    /// A person, or an object about one.
    Party,
    /// Street and number, or a line of an address.
    Street,
    /// A postal address, or one of a machine.
    Address,
    /// A postcode.
    Postcode,
    /// A city.
    City,
    /// A telephone number.
    Phone,
    /// An e-mail address.
    Email,
    /// The number of a bank account.
    BankAccount,
    /// The number of a payment card.
    PaymentCard,
    /// An IP address.
    IpAddress,
    /// Something else that only persons have, such as a date of birth.
    AboutPerson,
    /// The number of an article or a device.
    ArticleNumber,
    /// Something else that only articles or machines have, such as a price.
    AboutThing,
    /// Objects about articles, machines or companies.
    Things,
    /// Software and its version.
    Software,
    /// The identifier of a message (RFC 5322, 3.6.4).
    MessageId,
    /// An identifier, a measurement or an instant.
    Identifier,
    /// Anything: the word says where a value is and not what it is.
    General,
}

/// The words of each kind.
#[rustfmt::skip]
const WORDS: [(KeyKind, &[&str]); 20] = [
    (KeyKind::PersonName, &[
        "firstname", "lastname", "fullname", "middlename", "givenname", "familyname", "surname", "forename", "fname",
        "lname", "personname", "legalname", "maidenname", "birthname", "realname", "contactperson", "cardholder",
        "cardholdername", "accountholder", "accountholdername", "nameoncard", "beneficiaryname", "customername",
        "clientname", "attendeename", "pushname", "notifyname", "vorname", "vornamen", "nachname", "familienname",
        "zuname", "geburtsname", "rufname", "vollname", "vollstaendigername", "vorundnachname", "kundenname",
        "ansprechpartner", "ansprechpartnerin", "kontoinhaber", "karteninhaber", "versicherungsnehmer", "nom",
        "prenom", "prenoms", "nomcomplet", "nomfamille", "nomdefamille", "nomclient", "titulaire", "nombre",
        "apellido", "apellidos", "nombrecompleto", "nome", "cognome", "nomecompleto", "intestatario", "voornaam",
        "achternaam", "volledigenaam", "imie", "nazwisko", "imieinazwisko",
    ]),
    (KeyKind::AnyName, &[
        "name", "displayname", "naam",
    ]),
    (KeyKind::Party, &[
        "passenger", "patient", "guest", "gast", "attendee", "teilnehmer", "assignee", "author", "autor", "sender",
        "absender", "recipient", "empfaenger", "caller", "anrufer", "customer", "kunde", "beneficiary",
        "beguenstigter", "payee", "payer", "owner", "holder", "inhaber", "employee", "mitarbeiter", "patientin",
        "kundin", "person", "consignee", "signatory", "unterzeichner", "tenant", "mieter", "driver", "fahrer",
        "contact", "kontakt",
    ]),
    (KeyKind::Street, &[
        "street", "streetaddress", "streetname", "strasse", "strassehausnummer", "strasseundhausnummer", "strassenr",
        "strassehausnr", "addressline", "addressstreet", "addrline", "line1", "addr1", "rue", "voie", "calle",
        "straat", "ulica",
    ]),
    (KeyKind::Address, &[
        "address", "adresse", "anschrift", "postanschrift", "postadresse", "wohnadresse", "wohnanschrift",
        "lieferadresse", "lieferanschrift", "rechnungsadresse", "rechnungsanschrift", "versandadresse",
        "privatadresse", "homeaddress", "postaladdress", "mailingaddress", "deliveryaddress", "shippingaddress",
        "billingaddress", "shipto", "billto", "fulladdress", "formattedaddress", "residence", "adressepostale",
        "adresselivraison", "adressefacturation", "direccion", "indirizzo", "adres",
    ]),
    (KeyKind::Postcode, &[
        "plz", "postleitzahl", "postcode", "postalcode", "zip", "zipcode", "codepostal", "codigopostal", "cap",
        "kodpocztowy",
    ]),
    (KeyKind::City, &[
        "city", "ort", "stadt", "wohnort", "town", "locality", "ville", "ciudad", "citta", "plaats", "woonplaats",
        "miasto",
    ]),
    (KeyKind::Phone, &[
        "phone", "phonenumber", "phoneno", "phonenr", "telephone", "telephonenumber", "tel", "telno", "telnr",
        "telefon", "telefonnummer", "telefonnr", "fon", "rufnummer", "handy", "handynummer", "handynr", "mobile",
        "mobilephone", "mobilenumber", "mobileno", "mobil", "mobiltelefon", "mobilnummer", "mobilfunk", "cell",
        "cellphone", "cellnumber", "landline", "festnetz", "msisdn", "callerid", "callernumber", "smsnumber", "smsto",
        "fax", "faxnumber", "faxnummer", "whatsapp", "whatsappnumber", "whatsappnummer", "dayphone", "eveningphone",
        "phonehome", "phonework", "phonemobile", "telefonprivat", "telefongeschaeftlich", "telefonmobil",
        "rueckrufnummer", "durchwahl", "portable", "numerotelephone", "numerodetelephone", "telefono",
        "numerotelefono", "movil", "cellulare", "telefoon", "telefoonnummer", "mobiel", "numertelefonu", "komorka",
    ]),
    (KeyKind::Email, &[
        "email", "emailaddress", "emailadresse", "emailaddr", "mail", "mailaddress", "mailadresse", "useremail",
        "replyto", "courriel", "adressemail", "adresseemail", "correo", "correoelectronico",
    ]),
    (KeyKind::BankAccount, &[
        "iban", "ibannumber", "ibannummer", "ibannr", "bankaccount", "bankaccountnumber", "kontonummer", "kontonr",
        "bankverbindung", "accountiban", "creditoriban", "debtoriban", "payoutiban", "sepaiban",
    ]),
    (KeyKind::PaymentCard, &[
        "creditcard", "creditcardnumber", "cardnumber", "cardno", "ccnumber", "ccnum", "ccno", "pan",
        "primaryaccountnumber", "kreditkarte", "kreditkartennummer", "kartennummer", "kartennr", "cartebancaire",
        "numerocarte", "debitcard", "paymentcard", "tarjeta",
    ]),
    (KeyKind::IpAddress, &[
        "ip", "ipaddress", "ipaddr", "ipadresse", "ipv4", "ipv6", "peer", "remoteaddr", "remoteaddress", "clientaddr",
        "clientaddress", "sourceaddress", "clientip", "remoteip", "userip", "xforwardedfor", "xrealip", "forwarded",
        "forwardedfor",
    ]),
    (KeyKind::AboutPerson, &[
        "birthdate", "birthday", "dateofbirth", "dob", "geburtsdatum", "geburtstag", "geboren", "datenaissance",
        "datedenaissance", "naissance", "salutation", "anrede", "civilite", "gender", "geschlecht", "nationality",
        "maritalstatus", "passportnumber", "ausweisnummer", "steuerid", "ssn",
    ]),
    (KeyKind::ArticleNumber, &[
        "sku", "ean", "gtin", "upc", "isbn", "asin", "mpn", "articlenumber", "articleno", "artikelnummer",
        "artikelnr", "partno", "partnumber", "productid", "itemid", "serial", "serialnumber", "seriennummer",
    ]),
    (KeyKind::AboutThing, &[
        "price", "preis", "prix", "precio", "prezzo", "unitprice", "listprice", "qty", "quantity", "menge", "anzahl",
        "stock", "bestand", "brand", "marke", "manufacturer", "hersteller", "warengruppe", "weight", "replicas",
        "namespace", "port", "image", "runtime", "apiversion", "mimetype", "filesize",
    ]),
    (KeyKind::Things, &[
        "items", "item", "lineitems", "products", "product", "produkte", "produkt", "artikel", "articles", "article",
        "positionen", "cart", "warenkorb", "company", "firma", "vendor", "supplier", "lieferant", "merchant",
        "organization", "organisation", "store", "shop", "service", "metadata", "campaign", "category", "categories",
        "kategorie", "file", "files", "plan", "device", "cluster", "country", "land",
    ]),
    (KeyKind::Software, &[
        "useragent", "secchua", "secchuafullversionlist", "secchuafullversion", "server", "via", "build", "version",
        "release", "firmware", "sdk", "appversion",
    ]),
    (KeyKind::MessageId, &[
        "messageid", "inreplyto", "references", "contentid",
    ]),
    (KeyKind::Identifier, &[
        "id", "uid", "ts", "timestamp", "time", "offset", "seq", "sequence", "batch", "snowflake", "bytes", "size",
        "etag", "nonce", "lat", "lon", "lng", "latitude", "longitude", "ref", "reference", "referenz", "invoice",
        "rechnung", "order", "bestellung", "authorization", "checksum", "hash", "imei", "expires", "gclid", "fbclid",
    ]),
    (KeyKind::General, &[
        "account", "action", "addresses", "alias", "anhang", "attachment", "authtoken", "bcc", "bearer", "bemerkung",
        "benutzer", "benutzername", "beschreibung", "betreff", "billing", "body", "business", "callback", "cc",
        "cfconnectingip", "channel", "client", "clientid", "code", "column", "comment", "comments", "communication",
        "consent", "contacts", "content", "cookie", "copy", "created", "createdby", "customers", "data", "delivery",
        "description", "destination", "detail", "details", "document", "documents", "employees", "entity", "entry",
        "error", "event", "events", "extra", "field", "fields", "filename", "folder", "footer", "form", "from",
        "header", "headers", "history", "home", "host", "hostname", "html", "identity", "info", "inhalt", "input",
        "invitee", "invitees", "job", "kommentar", "kommentare", "kunden", "label", "labels", "lead", "link", "links",
        "list", "log", "login", "member", "members", "memo", "message", "messages", "meta", "method", "mitarbeiterin",
        "mitglied", "msg", "nachricht", "note", "notes", "notification", "notiz", "notizen", "object", "office",
        "operator", "origin", "output", "page", "param", "parameters", "params", "participant", "participants",
        "party", "path", "payload", "people", "persons", "phones", "primary", "privat", "private", "profil",
        "profile", "properties", "property", "q", "query", "queue", "rawtext", "reason", "recipients", "record",
        "records", "referer", "referrer", "reply", "request", "response", "result", "results", "row", "rows",
        "screenname", "search", "secondary", "sendername", "session", "setcookie", "shipping", "source", "speaker",
        "state", "status", "student", "subject", "subscriber", "summary", "tag", "tags", "target", "template", "text",
        "thread", "title", "to", "token", "topic", "transaction", "transcript", "trueclientip", "type", "update",
        "uri", "url", "user", "userid", "username", "users", "value", "values", "visitor", "work", "xclient",
        "xclientip", "xoriginalforwardedfor", "xoriginatingip", "xuser", "zieladresse",
    ]),
];

/// The words by their text.
static INDEX: LazyLock<HashMap<&'static [u8], KeyWord, FixedState>> = LazyLock::new(|| {
    let words = WORDS.into_iter().flat_map(|(kind, words)| words.iter().map(move |word| KeyWord { word, kind }));
    words.map(|word| (word.word.as_bytes(), word)).collect()
});

// === impl KeyWord ===

impl KeyWord {
    /// The word of the list with this folded text.
    pub fn find(folded: &[u8]) -> Option<Self> {
        INDEX.get(folded).copied()
    }

    /// The word's text: ASCII letters and digits.
    pub fn as_str(self) -> &'static str {
        self.word
    }

    /// What values under it are.
    pub fn kind(self) -> KeyKind {
        self.kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_stands_once_and_is_folded() {
        let all: Vec<&str> = WORDS.iter().flat_map(|(_, words)| *words).copied().collect();
        assert_eq!(INDEX.len(), all.len());
        for word in all {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{word}");
            assert_eq!(KeyWord::find(word.as_bytes()).map(KeyWord::as_str), Some(word));
        }
        assert_eq!(KeyWord::find(b"mueller"), None);
        assert_eq!(KeyWord::find(b"vorname").map(KeyWord::kind), Some(KeyKind::PersonName));
    }
}
