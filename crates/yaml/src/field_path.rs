use std::fmt;

/// The path from a document to one of its fields, such as `spec.endpoints[1].hosts[0]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldPath(Vec<Segment>);

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// The key in a mapping.
    Key(String),
    /// The index in a list, from 0.
    Index(usize),
}

impl FieldPath {
    /// From a JSON pointer (RFC 6901). A segment of digits is read as an index: no field has such a name.
    pub fn from_pointer(pointer: &str) -> Self {
        let segment = |text: &str| match text.parse() {
            Ok(index) => Segment::Index(index),
            Err(_) => Segment::Key(text.replace("~1", "/").replace("~0", "~")),
        };
        Self(pointer.split('/').skip(1).map(segment).collect())
    }

    /// From the notation that `Display` writes, without quoted keys.
    pub fn from_dotted(text: &str) -> Self {
        let mut path = Self::default();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (key, indices) = part.split_once('[').map_or((part, ""), |(key, rest)| (key, rest));
            if !key.is_empty() {
                path.push(Segment::Key(key.to_owned()));
            }
            for index in indices.split('[').filter_map(|index| index.trim_end_matches(']').parse().ok()) {
                path.push(Segment::Index(index));
            }
        }
        path
    }

    /// Its steps.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// Adds a step.
    pub fn push(&mut self, segment: Segment) {
        self.0.push(segment);
    }

    /// The path of a key below it.
    pub fn key(&self, key: &str) -> Self {
        let mut path = self.clone();
        path.push(Segment::Key(key.to_owned()));
        path
    }

    /// The path of an item below it.
    pub fn index(&self, index: usize) -> Self {
        let mut path = self.clone();
        path.push(Segment::Index(index));
        path
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_field_name(key) && position == 0 => f.write_str(key)?,
                Segment::Key(key) if is_field_name(key) => write!(f, ".{key}")?,
                Segment::Key(key) if is_label_key(key) => write!(f, "[{key:?}]")?,
                // A key that does not look like a field name may be personal data, such as an address.
                Segment::Key(_) => f.write_str("[key]")?,
            }
        }
        Ok(())
    }
}

fn is_field_name(key: &str) -> bool {
    (1..=63).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_label_key(key: &str) -> bool {
    key.split('/').count() <= 2 && key.split(['/', '.']).all(is_field_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written() {
        for text in ["spec", "spec.endpoints[1].hosts[0]", "spec.ownNetworks[10].cidrs[2]", ""] {
            assert_eq!(FieldPath::from_dotted(text).to_string(), text);
        }
        assert_eq!(FieldPath::from_pointer("/spec/endpoints/1/hosts").to_string(), "spec.endpoints[1].hosts");
        assert_eq!(FieldPath::from_pointer("").to_string(), "");
    }

    #[test]
    fn a_key_that_is_no_name_is_not_shown() {
        let labels = FieldPath::from_dotted("metadata.labels");
        assert_eq!(labels.key("app.kubernetes.io/name").to_string(), "metadata.labels[\"app.kubernetes.io/name\"]");
        assert_eq!(labels.key("erika@example.org").to_string(), "metadata.labels[key]");
        assert_eq!(labels.key("").to_string(), "metadata.labels[key]");
    }
}
