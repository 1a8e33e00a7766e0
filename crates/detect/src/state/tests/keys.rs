//! Values that are judged by their keys.

use super::*;

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
