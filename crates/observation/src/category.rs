use std::{fmt, str::FromStr};

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// The longest CURIE that is accepted, in bytes; the longest in DPV 2.3 has 62.
const MAX_LEN: usize = 96;

/// A kind of personal data, as the CURIE of a concept of the Data Privacy Vocabulary (DPV 2) in the version-less
/// namespaces `pd:` (`https://w3id.org/dpv/pd#`) or `dpv:` (`https://w3id.org/dpv#`), such as `pd:EmailAddress`.
///
/// Judgments compare many, so the text is stored inline; nearly all concepts are short enough for that.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataCategory(CompactString);

/// The text is no CURIE in a namespace of the Data Privacy Vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a DPV identifier such as \"pd:EmailAddress\"")]
pub struct ParseCategoryError;

impl DataCategory {
    /// E-mail address.
    pub const EMAIL_ADDRESS: Self = Self(CompactString::const_new("pd:EmailAddress"));
    /// Telephone number.
    pub const TELEPHONE_NUMBER: Self = Self(CompactString::const_new("pd:TelephoneNumber"));
    /// Bank account, such as an IBAN.
    pub const BANK_ACCOUNT: Self = Self(CompactString::const_new("pd:BankAccount"));
    /// Payment card number.
    pub const CREDIT_CARD_NUMBER: Self = Self(CompactString::const_new("pd:CreditCardNumber"));
    /// IP address of a person's device.
    pub const IP_ADDRESS: Self = Self(CompactString::const_new("pd:IPAddress"));
    /// Name of a person.
    pub const NAME: Self = Self(CompactString::const_new("pd:Name"));
    /// Postal address.
    pub const PHYSICAL_ADDRESS: Self = Self(CompactString::const_new("pd:PhysicalAddress"));

    /// The category with this CURIE; of a constant, so that a malformed one does not compile.
    ///
    /// # Panics
    ///
    /// If the text is no CURIE in one of the two namespaces.
    pub const fn from_static(curie: &'static str) -> Self {
        assert!(is_curie(curie.as_bytes()), "a DPV identifier such as \"pd:EmailAddress\"");
        Self(CompactString::const_new(curie))
    }

    /// The CURIE.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `text` is `pd:` or `dpv:` and the name of a concept: a capital, then letters and digits.
const fn is_curie(text: &[u8]) -> bool {
    let ([b'p', b'd', b':', concept @ ..] | [b'd', b'p', b'v', b':', concept @ ..]) = text else { return false };
    let [b'A'..=b'Z', rest @ ..] = concept else { return false };
    let mut at = 0;
    while at < rest.len() {
        if !rest[at].is_ascii_alphanumeric() {
            return false;
        }
        at += 1;
    }
    text.len() <= MAX_LEN
}

impl FromStr for DataCategory {
    type Err = ParseCategoryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_curie(text.as_bytes()) { Ok(Self(text.into())) } else { Err(ParseCategoryError) }
    }
}

impl TryFrom<String> for DataCategory {
    type Error = ParseCategoryError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DataCategory> for String {
    fn from(category: DataCategory) -> Self {
        category.0.into_string()
    }
}

impl fmt::Display for DataCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for DataCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dpv_curie_parses_to_itself() {
        assert_eq!("pd:EmailAddress".parse::<DataCategory>().unwrap(), DataCategory::EMAIL_ADDRESS);
        assert_eq!("pd:EmailAddress".parse(), Ok(DataCategory::from_static("pd:EmailAddress")));
        assert_eq!("dpv:Customer".parse::<DataCategory>().unwrap().as_str(), "dpv:Customer");
    }

    #[test]
    fn what_could_be_a_value_is_no_category() {
        let long = format!("pd:A{}", "a".repeat(MAX_LEN));
        for text in ["", "EmailAddress", "pd:", "pd:email", "pd:a@b.example", "xx:Name", long.as_str()] {
            assert_eq!(text.parse::<DataCategory>(), Err(ParseCategoryError), "{text:?}");
        }
    }
}
