//! Errors with their causes, on one line.

use std::{error::Error, fmt::Write as _, iter};

/// The error and all its causes, separated by colons.
pub fn error_chain(error: &dyn Error) -> String {
    causes(error).fold(error.to_string(), |mut text, cause| {
        // Writing to a String does not fail.
        let _ = write!(text, ": {cause}");
        text
    })
}

/// The causes of an error, from the outermost to the innermost.
pub fn causes(error: &dyn Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    iter::successors(error.source(), |cause: &&(dyn Error + 'static)| (*cause).source())
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to {0}")]
    struct Failed(&'static str, #[source] Option<Box<dyn Error + Send + Sync>>);

    #[test]
    fn causes_follow_from_the_outermost_to_the_innermost() {
        let inner = Failed("open the file", Some(io::Error::from(io::ErrorKind::NotFound).into()));
        let error = Failed("start", Some(inner.into()));
        assert_eq!(error_chain(&error), "failed to start: failed to open the file: entity not found");
        assert_eq!(error_chain(&Failed("stop", None)), "failed to stop");
    }
}
