use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::flat_enum;

/// Identifier of a basis in the Data Privacy Vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = flat_enum)]
pub enum BasisIdentifier {
    /// Adequacy decision, Art. 45(3).
    #[serde(rename = "eu-gdpr:A45-3")]
    A45_3,
    /// Instrument between public bodies, Art. 46(2)(a).
    #[serde(rename = "eu-gdpr:A46-2-a")]
    A46_2A,
    /// Binding corporate rules, Art. 46(2)(b).
    #[serde(rename = "eu-gdpr:A46-2-b")]
    A46_2B,
    /// Standard clauses of the Commission, Art. 46(2)(c).
    #[serde(rename = "eu-gdpr:A46-2-c")]
    A46_2C,
    /// Standard clauses of a supervisory authority, Art. 46(2)(d).
    #[serde(rename = "eu-gdpr:A46-2-d")]
    A46_2D,
    /// Code of conduct, Art. 46(2)(e).
    #[serde(rename = "eu-gdpr:A46-2-e")]
    A46_2E,
    /// Certification, Art. 46(2)(f).
    #[serde(rename = "eu-gdpr:A46-2-f")]
    A46_2F,
    /// Clauses of the parties' own, Art. 46(3)(a).
    #[serde(rename = "eu-gdpr:A46-3-a")]
    A46_3A,
    /// Administrative arrangement between public bodies, Art. 46(3)(b).
    #[serde(rename = "eu-gdpr:A46-3-b")]
    A46_3B,
    /// Explicit consent, Art. 49(1)(a).
    #[serde(rename = "eu-gdpr:A49-1-a")]
    A49_1A,
    /// Contract with the data subject, Art. 49(1)(b).
    #[serde(rename = "eu-gdpr:A49-1-b")]
    A49_1B,
    /// Contract in the interest of the data subject, Art. 49(1)(c).
    #[serde(rename = "eu-gdpr:A49-1-c")]
    A49_1C,
    /// Public interest, Art. 49(1)(d).
    #[serde(rename = "eu-gdpr:A49-1-d")]
    A49_1D,
    /// Legal claims, Art. 49(1)(e).
    #[serde(rename = "eu-gdpr:A49-1-e")]
    A49_1E,
    /// Vital interests, Art. 49(1)(f).
    #[serde(rename = "eu-gdpr:A49-1-f")]
    A49_1F,
    /// Public register, Art. 49(1)(g).
    #[serde(rename = "eu-gdpr:A49-1-g")]
    A49_1G,
    /// Compelling legitimate interests, Art. 49(1) second subparagraph; the label is the vocabulary's.
    #[serde(rename = "eu-gdpr:A49-2")]
    A49_2,
}

impl BasisIdentifier {
    /// The identifier as the vocabulary writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A45_3 => "eu-gdpr:A45-3",
            Self::A46_2A => "eu-gdpr:A46-2-a",
            Self::A46_2B => "eu-gdpr:A46-2-b",
            Self::A46_2C => "eu-gdpr:A46-2-c",
            Self::A46_2D => "eu-gdpr:A46-2-d",
            Self::A46_2E => "eu-gdpr:A46-2-e",
            Self::A46_2F => "eu-gdpr:A46-2-f",
            Self::A46_3A => "eu-gdpr:A46-3-a",
            Self::A46_3B => "eu-gdpr:A46-3-b",
            Self::A49_1A => "eu-gdpr:A49-1-a",
            Self::A49_1B => "eu-gdpr:A49-1-b",
            Self::A49_1C => "eu-gdpr:A49-1-c",
            Self::A49_1D => "eu-gdpr:A49-1-d",
            Self::A49_1E => "eu-gdpr:A49-1-e",
            Self::A49_1F => "eu-gdpr:A49-1-f",
            Self::A49_1G => "eu-gdpr:A49-1-g",
            Self::A49_2 => "eu-gdpr:A49-2",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_read_and_write_the_same() {
        let mut seen = 0;
        for article in ["45-3", "46-2-", "46-3-", "49-1-", "49-2"] {
            for letter in ["", "a", "b", "c", "d", "e", "f", "g"] {
                let name = format!("eu-gdpr:A{article}{letter}");
                if let Ok(identifier) = serde_json::from_value::<BasisIdentifier>(name.clone().into()) {
                    assert_eq!(identifier.as_str(), name);
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, 17);
    }
}
