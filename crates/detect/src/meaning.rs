//! What a key says about its value and about the keys beside it.

use landfall_observation::KeyKind;

/// What a key says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// What the value is, if a detector has a rule for such keys.
    pub(crate) value: Option<KeyKind>,
    pub(crate) evidence: Evidence,
    pub(crate) exclusion: Exclusion,
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
    /// Nothing about this object, but the objects under the key are articles or machines.
    ThingsBelow,
}

/// Why a value under a key is not personal data, whatever it looks like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Exclusion {
    #[default]
    None,
    /// It is a version, or a product with its version.
    Version,
    /// It is an identifier, a measurement or an instant.
    Identifier,
    /// It is the identifier of a message, which is written like an e-mail address (RFC 5322, 3.6.4).
    MessageId,
}
