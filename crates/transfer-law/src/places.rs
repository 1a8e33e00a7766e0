//! Where the first hop processes: attested places, made worse by evidence.

use std::collections::BTreeSet;

use jiff::Timestamp;
use landfall_observation::{Confidence, Jurisdiction, LocationEvidence, LocationMethod};

use crate::{
    Instrument, Places, Ruleset, Territory, bases,
    territory::{judged_as, territory},
    verdict::{Certainty, LocationFinding, Note, NoteCode},
};

/// Where somebody processes who attests `processing`, and what evidence said to it.
///
/// Only published ranges and the network's operator can contradict what is attested, and only if
/// what they say is worse: then the worse counts.
pub(crate) fn attested(
    processing: &Places,
    evidence: &[LocationEvidence],
    ruleset: &Ruleset,
    at: Timestamp,
) -> (LocationFinding, Vec<Note>) {
    let observed: BTreeSet<Jurisdiction> =
        evidence.iter().filter(|item| is_strong(item)).filter_map(|item| item.jurisdiction).collect();
    let attested = match processing {
        Places::Anywhere => {
            let finding =
                LocationFinding { jurisdictions: observed, anywhere: true, certainty: Certainty::Uncorroborated };
            return (finding, Vec::new());
        }
        Places::Only(jurisdictions) => jurisdictions,
    };
    let worse: BTreeSet<Jurisdiction> =
        observed.iter().copied().filter(|place| is_worse(*place, attested, ruleset, at)).collect();
    let jurisdictions = attested.union(&worse).copied().collect();
    let finding = |certainty| LocationFinding { jurisdictions, anywhere: false, certainty };
    if !worse.is_empty() {
        let text = format!(
            "attested is {}, but {} says {}: the worse counts",
            bases::list(attested),
            describe(evidence, &worse),
            bases::list(&worse)
        );
        return (finding(Certainty::Conflict), vec![Note { code: NoteCode::LocationConflict, text }]);
    }
    let elsewhere: BTreeSet<Jurisdiction> = observed.difference(attested).copied().collect();
    if !observed.is_empty() && elsewhere.is_empty() {
        return (finding(Certainty::Corroborated), Vec::new());
    }
    let text = if observed.is_empty() {
        format!("attested is {}; no evidence confirms or contradicts it", bases::list(attested))
    } else {
        let source = describe(evidence, &elsewhere);
        format!("attested is {}; {source} says {}, which is no worse", bases::list(attested), bases::list(&elsewhere))
    };
    (finding(Certainty::Uncorroborated), vec![Note { code: NoteCode::LocationUncorroborated, text }])
}

/// Where somebody the register does not know seems to be: the best rung that names a place.
pub(crate) fn of_stranger(evidence: &[LocationEvidence]) -> LocationFinding {
    let named = |strong: bool| -> BTreeSet<Jurisdiction> {
        evidence.iter().filter(|item| is_strong(item) == strong).filter_map(|item| item.jurisdiction).collect()
    };
    let (observed, hinted) = (named(true), named(false));
    if !observed.is_empty() {
        LocationFinding { jurisdictions: observed, anywhere: false, certainty: Certainty::Observed }
    } else if !hinted.is_empty() {
        LocationFinding { jurisdictions: hinted, anywhere: false, certainty: Certainty::Hint }
    } else {
        LocationFinding::default()
    }
}

/// Rungs 2 and 3; the country database is a hint that never conflicts.
fn is_strong(item: &LocationEvidence) -> bool {
    match item.method {
        LocationMethod::CloudRange | LocationMethod::Asn => item.confidence != Confidence::UnknownEdge,
        LocationMethod::CountryDb => false,
    }
}

/// Whether `place` is further from the GDPR than every attested place, or a third country that
/// nobody attested: a basis or assessment made for the attested ones need not cover it.
fn is_worse(place: Jurisdiction, attested: &BTreeSet<Jurisdiction>, ruleset: &Ruleset, at: Timestamp) -> bool {
    if attested.iter().any(|attested| judged_as(*attested) == judged_as(place)) {
        return false;
    }
    let rank = |jurisdiction: Jurisdiction| match territory(jurisdiction) {
        Territory::Eea => 0,
        _ if is_adequate(jurisdiction, ruleset, at) => 1,
        Territory::Review | Territory::ThirdCountry => 2,
    };
    let worst_attested = attested.iter().map(|jurisdiction| rank(*jurisdiction)).max().unwrap_or(0);
    rank(place) > worst_attested || rank(place) == 2
}

/// Whether a decision for the whole country is in force.
fn is_adequate(jurisdiction: Jurisdiction, ruleset: &Ruleset, at: Timestamp) -> bool {
    let categories = BTreeSet::new();
    let hop = bases::Hop {
        exporter: "",
        importer: "",
        role: bases::Role::Processor,
        categories: &categories,
        at,
        ruleset,
        settings: &crate::Interpretation::default(),
    };
    ruleset.bases.iter().any(|basis| {
        matches!(basis.instrument, Instrument::Adequacy { .. })
            && basis.importers.is_none()
            && !matches!(bases::assess(basis, &hop, bases::Place::In(jurisdiction)), None | Some(bases::Fit::Fails(_)))
    })
}

fn describe(evidence: &[LocationEvidence], places: &BTreeSet<Jurisdiction>) -> String {
    let names =
        evidence.iter().filter(|item| is_strong(item) && item.jurisdiction.is_some_and(|j| places.contains(&j)));
    let names: BTreeSet<String> = names
        .map(|item| match (&item.cloud, item.asn) {
            (Some(cloud), _) => format!("{} {}", cloud.provider, cloud.region),
            (None, Some(asn)) => format!("AS{asn}"),
            (None, None) => item.dataset.clone(),
        })
        .collect();
    bases::list(names)
}
