//! The headings of columns.

use crate::locale::Locale;

/// A heading, in English and in German.
pub(crate) type Heading = (&'static str, &'static str);

pub(crate) const VERDICT: Heading = ("VERDICT", "BEWERTUNG");
pub(crate) const ONCE_WORSE: Heading = ("ONCE WORSE", "ZEITWEISE SCHLECHTER");
pub(crate) const BEFORE: Heading = ("BEFORE", "VORHER");
pub(crate) const AFTER: Heading = ("AFTER", "NACHHER");
pub(crate) const EXPORTER: Heading = ("EXPORTER", "EXPORTEUR");
pub(crate) const RECIPIENT: Heading = ("RECIPIENT", "EMPFÄNGER");
pub(crate) const WHERE: Heading = ("WHERE", "WO");
pub(crate) const DATA: Heading = ("DATA (HOW KNOWN)", "DATEN (WOHER BEKANNT)");
pub(crate) const SENT: Heading = ("SENT", "GESENDET");
pub(crate) const PAYLOAD: Heading = ("PAYLOAD", "INHALT");
pub(crate) const FIRST_SEEN: Heading = ("FIRST SEEN", "ZUERST");
pub(crate) const LAST_SEEN: Heading = ("LAST SEEN", "ZULETZT");
pub(crate) const JUDGMENTS: Heading = ("JUDGMENTS", "BEWERTUNGEN");
pub(crate) const WHY: Heading = ("WHY", "GRUND");

#[cfg(feature = "kubernetes")]
pub(crate) use self::incident::*;

#[cfg(feature = "kubernetes")]
mod incident {
    use super::Heading;

    pub(crate) const AGREEMENT: Heading = ("AGREEMENT", "VERTRAG");
    pub(crate) const CAUSE: Heading = ("CAUSE", "GRUND");
    pub(crate) const KNOWN_SINCE: Heading = ("KNOWN SINCE", "BEKANNT SEIT");
    pub(crate) const FIRST_REPORT: Heading = ("FIRST REPORT", "ERSTE MELDUNG");
    pub(crate) const FULL_REPORT: Heading = ("FULL REPORT", "VOLLSTÄNDIGE MELDUNG");
    pub(crate) const CLOSED: Heading = ("CLOSED", "ABGESCHLOSSEN");
    pub(crate) const NAME: Heading = ("NAME", "NAME");
}

/// The headings in one language.
pub(crate) fn headings<const N: usize>(headings: [Heading; N], locale: Locale) -> [&'static str; N] {
    headings.map(|(english, german)| locale.text(english, german))
}
