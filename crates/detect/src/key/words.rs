//! The vocabulary of keys: exact words in German, English, French and their neighbours.

use super::{Evidence, MAX_LEN, Meaning, Route, Veto};

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

/// What the key `text` says.
pub(super) fn meaning(text: &[u8]) -> Meaning {
    let mut folded = [0; 2 * MAX_LEN];
    let folded = fold(text, &mut folded);
    let mut meaning = word(folded);
    if meaning == Meaning::default() {
        let bare = folded.trim_ascii_end();
        let bare = strip_number(bare);
        meaning = word(bare);
        if meaning == Meaning::default()
            && let Some(qualifier) = QUALIFIERS.iter().find(|q| bare.starts_with(q))
        {
            let rest = &bare[qualifier.len()..];
            meaning = match word(rest) {
                Meaning { route: Route::MaybeName { .. }, .. } if matches!(rest, b"name" | b"displayname") => {
                    if PERSONS.contains(qualifier) { person(Route::Name) } else { Meaning::default() }
                }
                Meaning { route: Route::MaybeName { .. }, .. } => Meaning::default(),
                known => known,
            };
        }
    }
    if meaning.veto == Veto::None && matches!(meaning.route, Route::None) {
        if ends_with_word(text, "ip", true) {
            meaning.route = Route::Ip;
        }
        meaning.veto = if names_number(text) { Veto::Identifier } else { veto(folded) };
    }
    meaning
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

/// The words that are known exactly.
#[rustfmt::skip]
fn word(folded: &[u8]) -> Meaning {
    match folded {
        b"firstname" | b"lastname" | b"fullname" | b"middlename" | b"givenname" | b"familyname" | b"surname" |
        b"forename" | b"fname" | b"lname" | b"personname" | b"legalname" | b"maidenname" | b"birthname" |
        b"realname" | b"contactperson" | b"cardholder" | b"cardholdername" | b"accountholder" |
        b"accountholdername" | b"nameoncard" | b"beneficiaryname" | b"customername" | b"clientname" |
        b"attendeename" | b"pushname" | b"notifyname" | b"vorname" | b"vornamen" | b"nachname" | b"familienname" |
        b"zuname" | b"geburtsname" | b"rufname" | b"vollname" | b"vollstaendigername" | b"vorundnachname" |
        b"kundenname" | b"ansprechpartner" | b"ansprechpartnerin" | b"kontoinhaber" | b"karteninhaber" |
        b"versicherungsnehmer" | b"nom" | b"prenom" | b"prenoms" | b"nomcomplet" | b"nomfamille" | b"nomdefamille" |
        b"nomclient" | b"titulaire" | b"nombre" | b"apellido" | b"apellidos" | b"nombrecompleto" | b"nome" |
        b"cognome" | b"nomecompleto" | b"intestatario" | b"voornaam" | b"achternaam" | b"volledigenaam" | b"imie" |
        b"nazwisko" | b"imieinazwisko" => person(Route::Name),
        b"name" | b"displayname" | b"naam" => {
            Meaning { route: Route::MaybeName { titled: false }, ..Meaning::default() }
        }
        b"passenger" | b"patient" | b"guest" | b"gast" | b"attendee" | b"teilnehmer" | b"assignee" | b"author" |
        b"autor" | b"sender" | b"absender" | b"recipient" | b"empfaenger" | b"caller" | b"anrufer" | b"customer" |
        b"kunde" | b"beneficiary" | b"beguenstigter" | b"payee" | b"payer" | b"owner" | b"holder" | b"inhaber" |
        b"employee" | b"mitarbeiter" | b"patientin" | b"kundin" | b"person" | b"consignee" | b"signatory" |
        b"unterzeichner" | b"tenant" | b"mieter" | b"driver" | b"fahrer" | b"contact" | b"kontakt" => {
            Meaning { route: Route::MaybeName { titled: true }, ..Meaning::default() }
        }
        b"street" | b"streetaddress" | b"streetname" | b"strasse" | b"strassehausnummer" | b"strasseundhausnummer" |
        b"strassenr" | b"strassehausnr" | b"addressline" | b"addressstreet" | b"addrline" | b"line1" | b"addr1" |
        b"rue" | b"voie" | b"calle" | b"straat" | b"ulica" => person(Route::Street),
        b"address" | b"adresse" | b"anschrift" | b"postanschrift" | b"postadresse" | b"wohnadresse" |
        b"wohnanschrift" | b"lieferadresse" | b"lieferanschrift" | b"rechnungsadresse" | b"rechnungsanschrift" |
        b"versandadresse" | b"privatadresse" | b"homeaddress" | b"postaladdress" | b"mailingaddress" |
        b"deliveryaddress" | b"shippingaddress" | b"billingaddress" | b"shipto" | b"billto" | b"fulladdress" |
        b"formattedaddress" | b"residence" | b"adressepostale" | b"adresselivraison" | b"adressefacturation" |
        b"direccion" | b"indirizzo" | b"adres" => person(Route::Address),
        b"plz" | b"postleitzahl" | b"postcode" | b"postalcode" | b"zip" | b"zipcode" | b"codepostal" |
        b"codigopostal" | b"cap" | b"kodpocztowy" => Meaning { route: Route::Postcode, ..Meaning::default() },
        b"city" | b"ort" | b"stadt" | b"wohnort" | b"town" | b"locality" | b"ville" | b"ciudad" | b"citta" |
        b"plaats" | b"woonplaats" | b"miasto" => Meaning { route: Route::City, ..Meaning::default() },
        b"phone" | b"phonenumber" | b"phoneno" | b"phonenr" | b"telephone" | b"telephonenumber" | b"tel" | b"telno" |
        b"telnr" | b"telefon" | b"telefonnummer" | b"telefonnr" | b"fon" | b"rufnummer" | b"handy" | b"handynummer" |
        b"handynr" | b"mobile" | b"mobilephone" | b"mobilenumber" | b"mobileno" | b"mobil" | b"mobiltelefon" |
        b"mobilnummer" | b"mobilfunk" | b"cell" | b"cellphone" | b"cellnumber" | b"landline" | b"festnetz" |
        b"msisdn" | b"callerid" | b"callernumber" | b"smsnumber" | b"smsto" | b"fax" | b"faxnumber" | b"faxnummer" |
        b"whatsapp" | b"whatsappnumber" | b"whatsappnummer" | b"dayphone" | b"eveningphone" | b"phonehome" |
        b"phonework" | b"phonemobile" | b"telefonprivat" | b"telefongeschaeftlich" | b"telefonmobil" |
        b"rueckrufnummer" | b"durchwahl" | b"portable" | b"numerotelephone" | b"numerodetelephone" | b"telefono" |
        b"numerotelefono" | b"movil" | b"cellulare" | b"telefoon" | b"telefoonnummer" | b"mobiel" |
        b"numertelefonu" | b"komorka" => person(Route::Phone),
        b"email" | b"emailaddress" | b"emailadresse" | b"emailaddr" | b"mail" | b"mailaddress" | b"mailadresse" |
        b"useremail" | b"replyto" | b"courriel" | b"adressemail" | b"adresseemail" | b"correo" |
        b"correoelectronico" => person(Route::Email),
        b"iban" | b"ibannumber" | b"ibannummer" | b"ibannr" | b"bankaccount" | b"bankaccountnumber" |
        b"kontonummer" | b"kontonr" | b"bankverbindung" | b"accountiban" | b"creditoriban" | b"debtoriban" |
        b"payoutiban" | b"sepaiban" => person(Route::Iban),
        b"creditcard" | b"creditcardnumber" | b"cardnumber" | b"cardno" | b"ccnumber" | b"ccnum" | b"ccno" | b"pan" |
        b"primaryaccountnumber" | b"kreditkarte" | b"kreditkartennummer" | b"kartennummer" | b"kartennr" |
        b"cartebancaire" | b"numerocarte" | b"debitcard" | b"paymentcard" | b"tarjeta" => person(Route::Card),
        b"ip" | b"ipaddress" | b"ipaddr" | b"ipadresse" | b"ipv4" | b"ipv6" | b"peer" | b"remoteaddr" |
        b"remoteaddress" |
        b"clientaddr" | b"clientaddress" | b"sourceaddress" | b"clientip" | b"remoteip" | b"userip" |
        b"xforwardedfor" | b"xrealip" | b"forwarded" | b"forwardedfor" => {
            Meaning { route: Route::Ip, ..Meaning::default() }
        }
        b"birthdate" | b"birthday" | b"dateofbirth" | b"dob" | b"geburtsdatum" | b"geburtstag" | b"geboren" |
        b"datenaissance" | b"datedenaissance" | b"naissance" | b"salutation" | b"anrede" | b"civilite" | b"gender" |
        b"geschlecht" | b"nationality" | b"maritalstatus" | b"passportnumber" | b"ausweisnummer" | b"steuerid" |
        b"ssn" => person(Route::None),
        b"sku" | b"ean" | b"gtin" | b"upc" | b"isbn" | b"asin" | b"mpn" | b"articlenumber" | b"articleno" |
        b"artikelnummer" | b"artikelnr" | b"partno" | b"partnumber" | b"productid" | b"itemid" | b"serial" |
        b"serialnumber" | b"seriennummer" => thing(Veto::Identifier),
        b"price" | b"preis" | b"prix" | b"precio" | b"prezzo" | b"unitprice" | b"listprice" | b"qty" | b"quantity" |
        b"menge" | b"anzahl" | b"stock" | b"bestand" | b"brand" | b"marke" | b"manufacturer" | b"hersteller" |
        b"warengruppe" | b"weight" | b"replicas" | b"namespace" | b"port" | b"image" | b"runtime" | b"apiversion" |
        b"mimetype" | b"filesize" => thing(Veto::None),
        b"items" | b"item" | b"lineitems" | b"products" | b"product" | b"produkte" | b"produkt" | b"artikel" |
        b"articles" | b"article" | b"positionen" | b"cart" | b"warenkorb" | b"company" | b"firma" | b"vendor" |
        b"supplier" | b"lieferant" | b"merchant" | b"organization" | b"organisation" | b"store" | b"shop" |
        b"service" | b"metadata" | b"campaign" | b"category" | b"categories" | b"kategorie" | b"file" | b"files" |
        b"plan" | b"device" | b"cluster" | b"country" | b"land" => {
            Meaning { evidence: Evidence::Goods, ..Meaning::default() }
        }
        b"useragent" | b"secchua" | b"secchuafullversionlist" | b"secchuafullversion" | b"server" | b"via" |
        b"build" | b"version" | b"release" | b"firmware" | b"sdk" |
        b"appversion" => Meaning { veto: Veto::Version, ..Meaning::default() },
        b"messageid" | b"inreplyto" | b"references" | b"contentid" => {
            Meaning { veto: Veto::MessageId, ..Meaning::default() }
        }
        _ => Meaning::default(),
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

/// What numbers are under a key that is no known word.
fn veto(folded: &[u8]) -> Veto {
    let has = |needle: &[u8]| memchr::memmem::find(folded, needle).is_some();
    let ends = |suffix: &[u8]| folded.ends_with(suffix);
    if has(b"version") || has(b"firmware") || has(b"useragent") || ends(b"build") || ends(b"release") {
        Veto::Version
    } else if matches!(
        folded,
        b"id"
            | b"uid"
            | b"ts"
            | b"timestamp"
            | b"time"
            | b"offset"
            | b"seq"
            | b"sequence"
            | b"batch"
            | b"snowflake"
            | b"bytes"
            | b"size"
            | b"etag"
            | b"nonce"
            | b"lat"
            | b"lon"
            | b"lng"
            | b"latitude"
            | b"longitude"
            | b"ref"
            | b"reference"
            | b"referenz"
            | b"invoice"
            | b"rechnung"
            | b"order"
            | b"bestellung"
            | b"authorization"
            | b"checksum"
            | b"hash"
            | b"imei"
            | b"expires"
            | b"gclid"
            | b"fbclid"
    ) || ["hash", "timestamp", "imei"].iter().any(|suffix| ends(suffix.as_bytes()))
    {
        Veto::Identifier
    } else {
        Veto::None
    }
}
