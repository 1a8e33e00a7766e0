//! Where results are shown, and how wide lines may be there.

use std::{
    env,
    io::{self, IsTerminal as _},
};

/// Characters of a line without a terminal and without `COLUMNS`.
const DEFAULT_WIDTH: u16 = 160;
/// No table is legible on narrower lines: a smaller `COLUMNS` is ignored.
const MIN_WIDTH: u16 = 40;

/// Where a table is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// Whether colours (ANSI escapes) are shown.
    pub(crate) colour: bool,
    pub(super) width: Width,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// A terminal: what does not fit continues on the next line.
    Terminal,
    /// A pipe or a file: a row is one line of at most so many characters, and cells that do not fit are cut.
    Lines(u16),
    /// Unlimited.
    Wide,
}

impl Screen {
    pub(crate) fn stdout(is_wide: bool) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let width = match (is_wide, is_terminal) {
            (true, _) => Width::Wide,
            (false, true) => Width::Terminal,
            (false, false) => Width::Lines(columns(env::var("COLUMNS").ok().as_deref())),
        };
        Self { colour: is_terminal && env::var_os("NO_COLOR").is_none(), width }
    }

    /// `text`, cut to `width` characters unless the screen is unlimited.
    pub(crate) fn short(self, text: &str, width: usize) -> String {
        if self.width == Width::Wide || text.chars().count() <= width {
            return text.to_owned();
        }
        let mut cut: String = text.chars().take(width - 1).collect();
        cut.push('…');
        cut
    }

    /// A pipe with lines of at most `columns` characters, or of any length.
    #[cfg(test)]
    pub(crate) fn pipe(columns: Option<u16>) -> Self {
        Self { colour: false, width: columns.map_or(Width::Wide, Width::Lines) }
    }
}

/// The width that `COLUMNS` gives, if it is one.
fn columns(text: Option<&str>) -> u16 {
    text.and_then(|text| text.trim().parse().ok()).filter(|columns| *columns >= MIN_WIDTH).unwrap_or(DEFAULT_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_width_is_taken_from_the_environment_if_it_is_one() {
        for (text, expected) in [
            (None, DEFAULT_WIDTH),
            (Some("100"), 100),
            (Some(" 40 "), 40),
            (Some("39"), DEFAULT_WIDTH),
            (Some("0"), DEFAULT_WIDTH),
            (Some("wide"), DEFAULT_WIDTH),
            (Some("70000"), DEFAULT_WIDTH),
        ] {
            assert_eq!(columns(text), expected, "{text:?}");
        }
    }
}
