//! What is said to people on stderr, beside the results.

use std::{
    fmt,
    io::{self, Write as _},
};

/// Says a line. `eprintln!` would panic where stderr is a full disk or a pipe that nobody reads any
/// more; a remark that cannot be made must not cost the results.
pub(crate) fn remark(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
