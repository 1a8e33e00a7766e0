use std::fmt;

use crate::DataCategory;

/// A matched value on its way through one process, such as from a detector to a keyed hash.
///
/// Its `Debug` and `Display` print the category and the length only, it cannot be serialised, and
/// it is overwritten when it is dropped.
pub struct Redacted {
    category: DataCategory,
    value: Vec<u8>,
}

impl Redacted {
    /// Wraps `value`, which was matched as `category`.
    pub fn new(category: DataCategory, value: impl Into<Vec<u8>>) -> Self {
        Self { category, value: value.into() }
    }

    /// The kind of data the value is.
    pub fn category(&self) -> &DataCategory {
        &self.category
    }

    /// The value itself. The caller answers for what becomes of it.
    pub fn expose(&self) -> &[u8] {
        &self.value
    }
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {} bytes]", self.category, self.value.len())
    }
}

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Drop for Redacted {
    fn drop(&mut self) {
        self.value.fill(0);
        // The fill must not be optimised away before the memory is freed.
        std::hint::black_box(&self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_display_nor_debug_shows_the_value() {
        let redacted = Redacted::new(DataCategory::EMAIL_ADDRESS, "erika@example.org");
        for text in [format!("{redacted}"), format!("{redacted:?}"), format!("{redacted:#?}")] {
            assert_eq!(text, "[pd:EmailAddress, 17 bytes]");
        }
    }
}
