//! Kinds of records, including those that a later version of the program wrote.

use std::{fmt, str::FromStr};

use landfall_observation::Recorded;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Class;

/// The kind of a record. Kinds are added and never renamed; docs/ledger.md describes the body of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// What an agent observed.
    Observation,
    /// A verdict of the law on an edge.
    Judgment,
    /// More traffic of an edge whose verdict has not changed.
    Rollup,
    /// What the program did to an incident, such as opening it.
    Incident,
    /// What a person decided, and who.
    Decision,
    /// A text that the program proposes; nobody has sent it.
    Draft,
    /// A declaration that was actually sent or received.
    Notice,
    /// A step of a migration playbook.
    Playbook,
    /// Another key signs from the next segment on ([`crate::KeyChange`]).
    KeyChange,
    /// A node was not observed for a period ([`crate::Gap`]).
    Gap,
}

/// The text is not a kind of record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the kind of a record, such as judgment or key-change")]
pub struct ParseRecordKindError;

// === impl RecordKind ===

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::Observation,
        Self::Judgment,
        Self::Rollup,
        Self::Incident,
        Self::Decision,
        Self::Draft,
        Self::Notice,
        Self::Playbook,
        Self::KeyChange,
        Self::Gap,
    ];

    /// Its name in segments and in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observation => "observation",
            Self::Judgment => "judgment",
            Self::Rollup => "rollup",
            Self::Incident => "incident",
            Self::Decision => "decision",
            Self::Draft => "draft",
            Self::Notice => "notice",
            Self::Playbook => "playbook",
            Self::KeyChange => "key-change",
            Self::Gap => "gap",
        }
    }

    /// Its retention class. Decisions, drafts and notices name people.
    pub fn class(self) -> Class {
        match self {
            Self::Observation => Class::Windows,
            Self::Judgment | Self::Rollup | Self::Incident | Self::Playbook | Self::KeyChange | Self::Gap => {
                Class::Lasting
            }
            Self::Decision | Self::Draft | Self::Notice => Class::People,
        }
    }
}

impl fmt::Display for RecordKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for RecordKind {
    type Err = ParseRecordKindError;

    fn from_str(text: &str) -> Result<Self, ParseRecordKindError> {
        Self::ALL.into_iter().find(|kind| kind.name() == text).ok_or(ParseRecordKindError)
    }
}

impl Serialize for RecordKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for RecordKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl PartialEq<RecordKind> for Recorded<RecordKind> {
    fn eq(&self, other: &RecordKind) -> bool {
        self.known() == Some(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in existing ledgers: a change here is a change of the format.
    #[test]
    fn names_and_classes_are_those_of_the_format() {
        let found: Vec<_> = RecordKind::ALL.into_iter().map(|kind| (kind.name(), kind.class())).collect();
        let expected = [
            ("observation", Class::Windows),
            ("judgment", Class::Lasting),
            ("rollup", Class::Lasting),
            ("incident", Class::Lasting),
            ("decision", Class::People),
            ("draft", Class::People),
            ("notice", Class::People),
            ("playbook", Class::Lasting),
            ("key-change", Class::Lasting),
            ("gap", Class::Lasting),
        ];
        assert_eq!(found, expected);
        for kind in RecordKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
            let text = serde_json::to_string(&kind).unwrap();
            assert_eq!(text, format!("\"{}\"", kind.name()));
            assert_eq!(serde_json::from_str::<RecordKind>(&text).unwrap(), kind);
        }
        assert_eq!("Judgment".parse::<RecordKind>(), Err(ParseRecordKindError));
    }

    #[test]
    fn a_name_of_a_later_version_is_kept_as_it_stands() {
        for (text, expected) in [
            (r#""judgment""#, Recorded::Known(RecordKind::Judgment)),
            (r#""approval""#, Recorded::Unknown("approval".to_owned())),
            (r#""jud\u0067ment""#, Recorded::Known(RecordKind::Judgment)),
            (r#""""#, Recorded::Unknown(String::new())),
        ] {
            let read: Recorded<RecordKind> = serde_json::from_str(text).unwrap();
            assert_eq!(read, expected);
            let again = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<Recorded<RecordKind>>(&again).unwrap(), expected);
        }
        assert!(serde_json::from_str::<Recorded<RecordKind>>("7").is_err());
        assert!(Recorded::Known(RecordKind::Gap) == RecordKind::Gap);
        assert!(Recorded::Unknown("gap ".to_owned()) != RecordKind::Gap);
    }
}
