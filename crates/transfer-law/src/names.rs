//! A set of names in insertion order, which allocates nothing for a single one.

use std::iter;

use serde::{Serialize, Serializer};

/// Names in the order in which they were added, each once.
///
/// A judgment makes several of these, nearly always with one name, so the first is stored inline. A
/// small-vector crate would tie the lifetimes of two verdicts together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names<'a> {
    first: Option<&'a str>,
    more: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Adds `name` unless it is there.
    pub(crate) fn add(&mut self, name: &'a str) {
        if self.first.is_none() {
            self.first = Some(name);
        } else if !self.iter().any(|known| known == name) {
            self.more.push(name);
        }
    }

    /// The names.
    pub fn iter(&self) -> iter::Chain<std::option::IntoIter<&'a str>, iter::Copied<std::slice::Iter<'_, &'a str>>> {
        self.first.into_iter().chain(self.more.iter().copied())
    }

    /// The names as a list.
    pub fn to_vec(&self) -> Vec<&'a str> {
        self.iter().collect()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

impl<'n, 'a> IntoIterator for &'n Names<'a> {
    type Item = &'a str;
    type IntoIter = iter::Chain<std::option::IntoIter<&'a str>, iter::Copied<std::slice::Iter<'n, &'a str>>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Serialize for Names<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_in_the_order_added() {
        let mut names = Names::default();
        assert!(names.is_empty());
        for name in ["scc", "dpf", "scc", "dpf", "bcr"] {
            names.add(name);
        }
        assert_eq!(names.to_vec(), ["scc", "dpf", "bcr"]);
        assert_eq!(serde_json::to_string(&names).unwrap(), r#"["scc","dpf","bcr"]"#);
    }
}
