mod guess;
mod set;

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
pub use set::JurisdictionSet;

/// The officially assigned ISO 3166-1 alpha-2 codes, and three that are reserved or user-assigned
/// and have their own place in the law of the Union: `IC` (Canaries), `EA` (Ceuta and Melilla), `XK` (Kosovo).
const CODES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EA EC EE EG \
EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID \
IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC \
MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY \
SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// The number of codes.
const COUNT: u8 = 252;

/// A territory whose law applies, as an ISO 3166-1 alpha-2 code in capitals (`DE`, `US`, `GB`).
///
/// Not a cloud region: that is [`crate::Cloud::region`]. What a code means for Chapter V GDPR is
/// decided in `landfall-transfer-law`, never here.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Jurisdiction(
    /// Its index in [`CODES`].
    u8,
);

/// The text is no ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 3166-1 alpha-2 code in capitals such as \"DE\"")]
pub struct ParseJurisdictionError;

impl Jurisdiction {
    /// All, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..COUNT).map(Self)
    }

    /// The jurisdiction with the code of these two letters.
    pub const fn from_letters(letters: [u8; 2]) -> Option<Self> {
        let codes = CODES.as_bytes();
        let mut index = 0;
        while index < COUNT {
            let at = index as usize * 3;
            if codes[at] == letters[0] && codes[at + 1] == letters[1] {
                return Some(Self(index));
            }
            index += 1;
        }
        None
    }

    /// The two letters of the code.
    pub const fn letters(self) -> [u8; 2] {
        let at = self.0 as usize * 3;
        [CODES.as_bytes()[at], CODES.as_bytes()[at + 1]]
    }

    /// The code, two capital letters.
    pub fn as_str(&self) -> &'static str {
        let at = usize::from(self.0) * 3;
        &CODES[at..at + 2]
    }
}

impl FromStr for Jurisdiction {
    type Err = ParseJurisdictionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let letters = text.as_bytes().try_into().ok();
        letters.and_then(Self::from_letters).ok_or(ParseJurisdictionError)
    }
}

impl TryFrom<String> for Jurisdiction {
    type Error = ParseJurisdictionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Jurisdiction> for String {
    fn from(jurisdiction: Jurisdiction) -> Self {
        jurisdiction.as_str().to_owned()
    }
}

impl fmt::Display for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Jurisdiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_parses_to_itself() {
        assert_eq!(CODES.split(' ').count(), 249 + 3);
        assert!(Jurisdiction::all().map(|jurisdiction| jurisdiction.as_str()).eq(CODES.split(' ')));
        assert!(CODES.split(' ').is_sorted());
        for code in CODES.split(' ') {
            assert_eq!(code.parse::<Jurisdiction>().unwrap().to_string(), code);
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "D", "de", "DEU", "EU", "UK", "ZZ", "Ä", "D "] {
            assert_eq!(text.parse::<Jurisdiction>(), Err(ParseJurisdictionError), "{text:?}");
        }
    }
}
