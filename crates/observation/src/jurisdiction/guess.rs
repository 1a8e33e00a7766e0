//! Common mistakes for jurisdiction codes.

use super::Jurisdiction;

/// Texts that occur in forms, domains and other standards, and the code that is meant: codes of the Union's own style
/// guide (`UK`, `EL`), top-level domains, vehicle plates, languages taken for countries, withdrawn codes.
const MISTAKES: [(&str, [u8; 2]); 15] = [
    ("UK", *b"GB"),
    ("EL", *b"GR"),
    ("EN", *b"GB"),
    ("ENG", *b"GB"),
    ("SCT", *b"GB"),
    ("WLS", *b"GB"),
    ("NIR", *b"GB"),
    ("GER", *b"DE"),
    ("DDR", *b"DE"),
    ("SUI", *b"CH"),
    ("HOL", *b"NL"),
    ("DEN", *b"DK"),
    ("USA", *b"US"),
    ("KS", *b"XK"),
    ("XKX", *b"XK"),
];

/// Alpha-3 codes (ISO 3166-1) of the EEA, of countries with an adequacy decision and of large ones.
const ALPHA_3: [(&str, [u8; 2]); 60] = [
    ("AUT", *b"AT"),
    ("BEL", *b"BE"),
    ("BGR", *b"BG"),
    ("HRV", *b"HR"),
    ("CYP", *b"CY"),
    ("CZE", *b"CZ"),
    ("DNK", *b"DK"),
    ("EST", *b"EE"),
    ("FIN", *b"FI"),
    ("FRA", *b"FR"),
    ("DEU", *b"DE"),
    ("GRC", *b"GR"),
    ("HUN", *b"HU"),
    ("IRL", *b"IE"),
    ("ITA", *b"IT"),
    ("LVA", *b"LV"),
    ("LTU", *b"LT"),
    ("LUX", *b"LU"),
    ("MLT", *b"MT"),
    ("NLD", *b"NL"),
    ("POL", *b"PL"),
    ("PRT", *b"PT"),
    ("ROU", *b"RO"),
    ("SVK", *b"SK"),
    ("SVN", *b"SI"),
    ("ESP", *b"ES"),
    ("SWE", *b"SE"),
    ("ISL", *b"IS"),
    ("LIE", *b"LI"),
    ("NOR", *b"NO"),
    ("AND", *b"AD"),
    ("ARG", *b"AR"),
    ("BRA", *b"BR"),
    ("CAN", *b"CA"),
    ("FRO", *b"FO"),
    ("GGY", *b"GG"),
    ("ISR", *b"IL"),
    ("IMN", *b"IM"),
    ("JPN", *b"JP"),
    ("JEY", *b"JE"),
    ("NZL", *b"NZ"),
    ("KOR", *b"KR"),
    ("CHE", *b"CH"),
    ("GBR", *b"GB"),
    ("URY", *b"UY"),
    ("AUS", *b"AU"),
    ("CHN", *b"CN"),
    ("HKG", *b"HK"),
    ("IND", *b"IN"),
    ("IDN", *b"ID"),
    ("MEX", *b"MX"),
    ("PHL", *b"PH"),
    ("RUS", *b"RU"),
    ("SGP", *b"SG"),
    ("SRB", *b"RS"),
    ("TUR", *b"TR"),
    ("TWN", *b"TW"),
    ("UKR", *b"UA"),
    ("VNM", *b"VN"),
    ("ZAF", *b"ZA"),
];

impl Jurisdiction {
    /// The code that is probably meant by a text that is not a code, for error messages: for `UK`, `EL`, an alpha-3
    /// code, a code in lower case or with surrounding spaces. `None` for a valid code and for anything ambiguous.
    pub fn guess(text: &str) -> Option<Self> {
        let written = text.trim().to_ascii_uppercase();
        if written == text && text.parse::<Self>().is_ok() {
            return None;
        }
        if let Ok(code) = written.parse() {
            return Some(code);
        }
        let (_, letters) = MISTAKES.iter().chain(&ALPHA_3).find(|(mistake, _)| *mistake == written)?;
        Self::from_letters(*letters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_mistake_is_no_code_and_means_one() {
        for (text, letters) in MISTAKES.iter().chain(&ALPHA_3) {
            assert!(text.parse::<Jurisdiction>().is_err(), "{text}");
            assert_eq!(Jurisdiction::guess(text), Jurisdiction::from_letters(*letters), "{text}");
            assert!(Jurisdiction::from_letters(*letters).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_meant_is_told_where_it_can_be() {
        for (text, meant) in [
            ("UK", Some("GB")),
            ("uk", Some("GB")),
            ("EL", Some("GR")),
            ("USA", Some("US")),
            ("deu", Some("DE")),
            ("de", Some("DE")),
            (" DE", Some("DE")),
            ("DE", None),
            ("EU", None),
            ("ZZ", None),
            ("", None),
        ] {
            assert_eq!(Jurisdiction::guess(text).map(|code| code.as_str()), meant, "{text:?}");
        }
    }
}
