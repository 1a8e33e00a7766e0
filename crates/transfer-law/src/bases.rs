//! Whether an instrument of Chapter V GDPR carries one hop to one place; one instrument a file.

mod adequacy;
mod dpf;
mod scc;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use landfall_observation::{DataCategory, Jurisdiction};

use crate::{
    Basis, Instrument, Interpretation, Ruleset, Validity,
    verdict::{Ground, Missing, MissingCode, Outcome, Reason, ReasonCode},
};

/// One hop of the chain, as far as bases ask for it. Every exporter here is a processor or a
/// sub-processor; a controller's own transfers are not watched.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hop<'a> {
    pub(crate) exporter: &'a str,
    /// The legal entity that receives. Clauses, listings and assessments are of one entity and
    /// never serve its parent or its sister.
    pub(crate) importer: &'a str,
    pub(crate) role: Role,
    pub(crate) categories: &'a BTreeSet<DataCategory>,
    pub(crate) at: Timestamp,
    pub(crate) ruleset: &'a Ruleset,
    pub(crate) settings: &'a Interpretation,
}

/// As what the importer receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A sub-processor.
    Processor,
    /// The controller gets its data back.
    Controller,
}

/// A place outside the EEA that a hop reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    In(Jurisdiction),
    /// The provider names no place.
    Anywhere,
}

/// What an instrument does for a hop to a place, from best to worst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It carries the transfer.
    Carries,
    /// It fits, and lacks something a person can fetch.
    Lacks(Vec<Missing>),
    /// It is about this hop, and does not carry it.
    Fails(Reason),
}

impl Fit {
    /// Sorts fits from best to worst.
    pub(crate) fn rank(&self) -> (u8, usize) {
        match self {
            Self::Carries => (0, 0),
            Self::Lacks(missing) => (1, missing.len()),
            Self::Fails(_) => (2, 0),
        }
    }
}

/// What `basis` does for `hop` to `place`; `None` if it is not about them.
pub(crate) fn assess(basis: &Basis, hop: &Hop<'_>, place: Place) -> Option<Fit> {
    if !concerns(basis, hop, place) {
        return None;
    }
    if let Err(reason) = holds(basis, hop.at) {
        return Some(Fit::Fails(reason));
    }
    if let Some(limit) = &basis.categories
        && !hop.categories.is_subset(limit)
    {
        let outside = list(hop.categories.difference(limit));
        let text = format!("{} does not cover {outside}", basis.name);
        return Some(Fit::Fails(fails(basis, ReasonCode::BasisDoesNotFit, Some("Art. 44 GDPR"), text)));
    }
    let own = match &basis.instrument {
        Instrument::Adequacy { .. } => adequacy::assess(),
        Instrument::DpfListing { active, data_types, checked_at, .. } => {
            dpf::assess(basis, hop, *active, data_types, *checked_at)
        }
        Instrument::StandardContractualClauses { modules, annexes_complete, signed, assessment, .. } => scc::assess(
            basis,
            hop,
            place,
            &scc::Contract {
                modules,
                annexes_complete: *annexes_complete,
                signed: *signed,
                assessment: assessment.as_deref(),
            },
        ),
        _ => Fit::Lacks(Vec::new()),
    };
    let mut missing = match own {
        Fit::Carries => Vec::new(),
        Fit::Lacks(missing) => missing,
        Fit::Fails(reason) => return Some(Fit::Fails(reason)),
    };
    missing.extend(stale(&basis.name, basis.as_of, hop.settings, hop.at));
    Some(if missing.is_empty() { Fit::Carries } else { Fit::Lacks(missing) })
}

/// Whether the instrument is between these parties and for this place.
fn concerns(basis: &Basis, hop: &Hop<'_>, place: Place) -> bool {
    let importer = basis.importers.as_ref().is_none_or(|names| names.contains(hop.importer));
    let exporter = basis.exporters.as_ref().is_none_or(|names| names.contains(hop.exporter));
    let country = match (place, &basis.countries) {
        (_, None) => true,
        (Place::In(jurisdiction), Some(countries)) => countries.contains(&jurisdiction),
        (Place::Anywhere, Some(_)) => false,
    };
    importer && exporter && country
}

/// The article on which an instrument rests.
pub(crate) fn article(instrument: &Instrument) -> &'static str {
    match instrument {
        Instrument::Adequacy { .. } => adequacy::DECISION,
        Instrument::DpfListing { .. } => dpf::DECISION,
        Instrument::StandardContractualClauses { .. } => scc::CLAUSES,
        _ => "Chapter V GDPR",
    }
}

/// Whether the instrument is in force at `at`. Annulment, and invalidity found in a preliminary
/// ruling, work from the start (Art. 264(1), 267 TFEU), repeal and suspension from their instant
/// on (Art. 45(5) GDPR; for clauses, clause 16).
fn holds(basis: &Basis, at: Timestamp) -> Result<(), Reason> {
    let Validity { from, until, suspended, repealed, annulled, .. } = basis.validity.clone();
    let name = &basis.name;
    let fallen = |article, text| Err(fails(basis, ReasonCode::BasisFallen, Some(article), text));
    let ended = match basis.instrument {
        Instrument::Adequacy { .. } | Instrument::DpfListing { .. } => "Art. 45(5) GDPR",
        _ => "Art. 46(2)(c) GDPR, (EU) 2021/914 clause 16",
    };
    if let Some(judgment) = annulled {
        let text = format!("{name} is void from the start, by the judgment of {judgment}");
        return fallen("Art. 264(1), 267 TFEU", text);
    }
    if let Some(instant) = repealed.filter(|instant| *instant <= at) {
        return fallen(ended, format!("{name} was repealed with effect from {instant}"));
    }
    if let Some(instant) = suspended.filter(|instant| *instant <= at) {
        return fallen(ended, format!("{name} has been suspended since {instant}"));
    }
    if let Some(instant) = until.filter(|instant| *instant <= at) {
        return fallen("Art. 44 GDPR", format!("{name} expired at {instant}"));
    }
    if let Some(instant) = from.filter(|instant| *instant > at) {
        let text = format!("{name} applies only from {instant}");
        return Err(fails(basis, ReasonCode::BasisDoesNotFit, Some("Art. 44 GDPR"), text));
    }
    Ok(())
}

/// That a legal fact is older than the setting allows, measured at the transfer's own time.
pub(crate) fn stale(subject: &str, as_of: Date, settings: &Interpretation, at: Timestamp) -> Option<Missing> {
    let limit = settings.legal_data_max_age_days;
    is_older(as_of, limit, at).then(|| Missing {
        code: MissingCode::FreshLegalData,
        subject: subject.to_owned(),
        ground: Ground {
            article: Some("Art. 5(2), 24 GDPR"),
            text: format!(
                "check the facts about {subject} again: they are of {as_of}, and legalDataMaxAgeDays is {limit}"
            ),
            ..Ground::default()
        },
    })
}

/// Whether `date` lies more than `days` days before `at` (dates are read as UTC).
pub(crate) fn is_older(date: Date, days: u16, at: Timestamp) -> bool {
    let limit = SignedDuration::from_hours(24 * i64::from(days));
    // A date that is no instant of UTC cannot vouch for anything.
    date.to_zoned(TimeZone::UTC).map_or(true, |start| at.duration_since(start.timestamp()) > limit)
}

/// Something that `basis` lacks.
pub(crate) fn lacks(basis: &Basis, code: MissingCode, article: &'static str, text: String) -> Missing {
    let instrument = Some(basis.name.clone());
    Missing {
        code,
        subject: basis.name.clone(),
        ground: Ground { article: Some(article), instrument, text, ..Ground::default() },
    }
}

/// Why `basis` does not carry.
pub(crate) fn fails(basis: &Basis, code: ReasonCode, article: Option<&'static str>, text: String) -> Reason {
    Reason {
        effect: Outcome::Unlawful,
        code,
        ground: Ground {
            obligation: Some("TRF-GATE"),
            clause: None,
            article,
            instrument: Some(basis.name.clone()),
            text,
        },
    }
}

/// Items separated by commas.
pub(crate) fn list<T: std::fmt::Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}
