//! Where the first hop processes: attested places, made worse by evidence.

use landfall_observation::{Certainty, Confidence, Jurisdiction, JurisdictionSet, LocationEvidence, LocationMethod};
use std::borrow::Cow;

use crate::{
    Instrument, Places, Ruleset, Sentence, Territory,
    bases::validity,
    moment::Moment,
    ruleset::Candidate,
    territory::{judged_as, territory},
    verdict::{LocationFinding, Note, NoteCode},
};

/// The places of a party that attests `processing`, compared with the evidence.
///
/// Only published ranges and the network's operator can contradict an attested place, and only by a
/// worse one: then the worse counts.
pub(crate) fn attested<'a>(
    processing: &'a Places,
    evidence: &'a [LocationEvidence],
    ruleset: &Ruleset,
    moment: &mut Moment,
) -> (LocationFinding, Option<Note<'a>>) {
    let observed = named(evidence, true);
    let attested = match processing {
        Places::Anywhere => {
            let certainty = Certainty::Uncorroborated;
            return (LocationFinding { jurisdictions: observed, anywhere: true, certainty }, None);
        }
        Places::Only(jurisdictions) => jurisdictions,
    };
    let worse: JurisdictionSet = observed.iter().filter(|place| is_worse(*place, *attested, ruleset, moment)).collect();
    let finding = |certainty| LocationFinding { jurisdictions: attested.union(worse), anywhere: false, certainty };
    if !worse.is_empty() {
        let says = Sentence::LocationConflict {
            attested: *attested,
            evidence: naming(evidence, worse).into_iter().map(Cow::Borrowed).collect(),
            worse,
        };
        return (finding(Certainty::Conflict), Some(Note { code: NoteCode::LocationConflict, says }));
    }
    let elsewhere = observed.difference(*attested);
    if !observed.is_empty() && elsewhere.is_empty() {
        return (finding(Certainty::Corroborated), None);
    }
    let says = if observed.is_empty() {
        Sentence::LocationUnconfirmed { attested: *attested }
    } else {
        Sentence::LocationNoWorse {
            attested: *attested,
            evidence: naming(evidence, elsewhere).into_iter().map(Cow::Borrowed).collect(),
            elsewhere,
        }
    };
    (finding(Certainty::Uncorroborated), Some(Note { code: NoteCode::LocationUncorroborated, says }))
}

/// The likely places of a party without a register entry, by the strongest evidence that names a place.
pub(crate) fn unattested(evidence: &[LocationEvidence]) -> LocationFinding {
    let (observed, hinted) = (named(evidence, true), named(evidence, false));
    if !observed.is_empty() {
        LocationFinding { jurisdictions: observed, anywhere: false, certainty: Certainty::Observed }
    } else if !hinted.is_empty() {
        LocationFinding { jurisdictions: hinted, anywhere: false, certainty: Certainty::Hint }
    } else {
        LocationFinding::default()
    }
}

/// The places that strong evidence names, or the rest.
fn named(evidence: &[LocationEvidence], strong: bool) -> JurisdictionSet {
    evidence.iter().filter(|item| is_strong(item) == strong).filter_map(|item| item.jurisdiction).collect()
}

/// Rungs 2 and 3; the country database is a hint that never conflicts.
fn is_strong(item: &LocationEvidence) -> bool {
    match item.method {
        LocationMethod::CloudRange | LocationMethod::Asn => item.confidence != Confidence::UnknownEdge,
        LocationMethod::CountryDb => false,
    }
}

/// Whether `place` is worse than every attested place (third country, adequate country, EEA), or an unattested
/// third country: a basis or assessment made for the attested ones need not cover it.
fn is_worse(place: Jurisdiction, attested: JurisdictionSet, ruleset: &Ruleset, moment: &mut Moment) -> bool {
    if attested.iter().any(|attested| judged_as(attested) == judged_as(place)) {
        return false;
    }
    let mut rank = |jurisdiction: Jurisdiction| match territory(jurisdiction) {
        Territory::Eea => 0,
        _ if is_adequate(jurisdiction, ruleset, moment) => 1,
        Territory::Review | Territory::ThirdCountry => 2,
    };
    let worst_attested = attested.iter().map(&mut rank).max().unwrap_or(0);
    let rank = rank(place);
    rank > worst_attested || rank == 2
}

/// Whether a decision for the whole country is in force.
fn is_adequate(jurisdiction: Jurisdiction, ruleset: &Ruleset, moment: &mut Moment) -> bool {
    ruleset.bases.about("", Some(jurisdiction)).any(|Candidate { basis, .. }| {
        matches!(basis.instrument, Instrument::Adequacy { regime: None, .. })
            && basis.countries.as_ref().is_some_and(|countries| countries.contains(jurisdiction))
            && validity::in_force(basis, moment).is_ok()
    })
}

fn naming(evidence: &[LocationEvidence], places: JurisdictionSet) -> Vec<&LocationEvidence> {
    let names = |item: &LocationEvidence| is_strong(item) && item.jurisdiction.is_some_and(|j| places.contains(j));
    evidence.iter().filter(|item| names(item)).collect()
}
