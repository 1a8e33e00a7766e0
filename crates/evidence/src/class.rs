//! Retention classes: how long the data of a record is kept.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How long a record's data is kept. Each class has segments of its own, so that one can expire without touching the
/// others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// Observations (raw windows): for some days.
    Windows,
    /// What the program found and judged: indefinitely.
    Lasting,
    /// Records that name people, by office or by name: for a period of its own (Art. 5(1)(e) GDPR), longer under a
    /// legal hold ([`crate::Hold`]).
    People,
}

/// The text names no retention class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected windows, lasting or people")]
pub struct ParseClassError;

/// A value for each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PerClass<T> {
    pub(crate) windows: T,
    pub(crate) lasting: T,
    pub(crate) people: T,
}

// === impl Class ===

impl Class {
    /// All classes, in the order in which pending records are sealed.
    pub const ALL: [Self; 3] = [Self::Windows, Self::Lasting, Self::People];

    /// Its name in files, manifests and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Windows => "windows",
            Self::Lasting => "lasting",
            Self::People => "people",
        }
    }

    /// Its number in the database.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Windows => 0,
            Self::Lasting => 1,
            Self::People => 2,
        }
    }

    pub(crate) fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.number() == number)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Class {
    type Err = ParseClassError;

    fn from_str(text: &str) -> Result<Self, ParseClassError> {
        Self::ALL.into_iter().find(|class| class.name() == text).ok_or(ParseClassError)
    }
}

impl Serialize for Class {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Class {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

// === impl PerClass ===

impl<T> PerClass<T> {
    pub(crate) fn get(&self, class: Class) -> &T {
        match class {
            Class::Windows => &self.windows,
            Class::Lasting => &self.lasting,
            Class::People => &self.people,
        }
    }

    pub(crate) fn get_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Windows => &mut self.windows,
            Class::Lasting => &mut self.lasting,
            Class::People => &mut self.people,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_one_name_and_one_number() {
        for (class, name, number) in
            [(Class::Windows, "windows", 0), (Class::Lasting, "lasting", 1), (Class::People, "people", 2)]
        {
            assert_eq!((class.name(), class.number()), (name, number));
            assert_eq!((name.parse(), Class::from_number(number)), (Ok(class), Some(class)));
            assert_eq!(serde_json::to_string(&class).unwrap(), format!("\"{name}\""));
        }
        assert_eq!("raw".parse::<Class>(), Err(ParseClassError));
        assert_eq!(Class::from_number(3), None);
    }
}
