//! The cells of a transfer: its verdict, where the data goes, and which data it is.

use std::fmt::Display;

use comfy_table::{Attribute, Cell, Color};
use landfall_observation::DataCategory;
use landfall_transfer_law::{Certainty, Outcome, Rung, rung_label};

use crate::locale::Locale;

/// Categories that fit into a cell.
const MAX_CATEGORIES: usize = 2;

/// How a verdict stands out on a terminal; without an outcome nothing was judged yet.
pub(crate) fn outcome_style(outcome: Option<Outcome>) -> impl Fn(Cell) -> Cell {
    let colour = match outcome {
        Some(Outcome::Unlawful) => Color::Red,
        Some(Outcome::Unknown) | None => Color::Magenta,
        Some(Outcome::Conditional) => Color::Yellow,
        Some(Outcome::Permitted | Outcome::IntraEea) => Color::Green,
        Some(Outcome::NotATransfer | Outcome::NotPersonal) => Color::DarkGrey,
    };
    move |cell| cell.fg(colour).add_attribute(Attribute::Bold)
}

/// The places where the recipient processes, `US IE anywhere`; empty if none is known.
pub(crate) fn places(
    jurisdictions: impl IntoIterator<Item = impl Display>,
    is_anywhere: bool,
    locale: Locale,
) -> String {
    let mut names: Vec<String> = jurisdictions.into_iter().map(|place| place.to_string()).collect();
    if is_anywhere {
        names.push(locale.text("anywhere", "irgendwo").to_owned());
    }
    names.join(" ")
}

/// How certain a place is, in a word.
pub(crate) fn certainty(certainty: Certainty, locale: Locale) -> &'static str {
    match certainty {
        Certainty::Corroborated => locale.text("corroborated", "bestätigt"),
        Certainty::Uncorroborated => locale.text("attested", "zugesichert"),
        Certainty::Conflict => locale.text("CONFLICT", "WIDERSPRUCH"),
        Certainty::Observed => locale.text("observed", "beobachtet"),
        Certainty::Hint => locale.text("hint", "Hinweis"),
        Certainty::Unknown => locale.text("unknown", "unbekannt"),
    }
}

/// How categories are known, in a word; `None` if no category is known.
pub(crate) fn rung(rung: Rung, locale: Locale) -> Option<&'static str> {
    (rung != Rung::None).then(|| rung_label(rung, locale.0))
}

/// The first categories without the names of their vocabularies, and ` +N` if there are N more.
pub(crate) fn categories<'a>(categories: impl IntoIterator<Item = &'a DataCategory>) -> (String, String) {
    let short = |category: &'a DataCategory| category.as_str().rsplit(':').next().unwrap_or_default();
    let names: Vec<_> = categories.into_iter().map(short).collect();
    let more = names.len().saturating_sub(MAX_CATEGORIES);
    let shown = names.into_iter().take(MAX_CATEGORIES).collect::<Vec<_>>().join(" ");
    (shown, if more == 0 { String::new() } else { format!(" +{more}") })
}

/// Why a transfer has its verdict: what speaks against it, else what is missing (the instrument and the piece), else the
/// bases that carry it.
pub(crate) fn reasons<S: Display, C: Display>(
    against: impl IntoIterator<Item = String>,
    missing: impl IntoIterator<Item = (S, C)>,
    bases: impl IntoIterator<Item = String>,
    locale: Locale,
) -> Vec<String> {
    let mut parts: Vec<String> = against.into_iter().collect();
    if parts.is_empty() {
        let lacks = locale.text("lacks", "fehlt");
        parts.extend(missing.into_iter().map(|(subject, piece)| format!("{subject} {lacks} {piece}")));
    }
    if parts.is_empty() {
        parts.extend(bases);
    }
    parts
}
