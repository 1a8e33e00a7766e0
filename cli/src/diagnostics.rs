//! Messages to people on stderr, separate from the results on stdout.
//!
//! `eprintln!` panics where stderr cannot be written to, such as a full disk or a pipe that nobody reads any more; a lost
//! message must not cost the results.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

/// Prints what the program does or has done.
pub(crate) fn status(message: impl Display) {
    line("", message);
}

/// Prints what a reader of the results should know.
pub(crate) fn note(message: impl Display) {
    line("note: ", message);
}

/// Prints what is probably not as intended.
pub(crate) fn warning(message: impl Display) {
    line("warning: ", message);
}

/// Prints what is wrong.
pub(crate) fn error(message: impl Display) {
    line("error: ", message);
}

fn line(level: &str, message: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{level}{message}");
}
