//! Whether instruments are in force, and whether every transfer has one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use landfall_observation::DataCategory;

use super::{
    Rule,
    Severity::{Error, Info, Warning},
    case::{Case, Found, list},
    reach::Hop,
    standing::{dead_clauses, end_of_act, ends, fallen, has_begun, holds},
    wording::is_same,
};
use crate::{Basis, Entity, Instrument};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "BASIS-MISSING",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44 GDPR",
        meaning: "no basis is registered for a hop to a third country; milder where nobody's data takes it",
        action: "conclude and register a basis, or have the processing moved",
        check: no_basis,
    },
    Rule {
        id: "BASIS-FALLEN",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44, 45(5) GDPR, Art. 264, 267 TFEU",
        meaning: "every basis of a hop is annulled, repealed, suspended, expired or not on the list any more; milder where nobody's data takes it",
        action: "end the transfer or conclude another basis; a transition period is none",
        check: only_fallen_bases,
    },
    Rule {
        id: "BASIS-EXPIRES",
        severity: Warning,
        milder: None,
        article: "Art. 44 GDPR",
        meaning: "a basis in use ends within six months",
        action: "prepare another basis: notice to the controllers alone takes four weeks",
        check: expiring_bases,
    },
    Rule {
        id: "BASIS-OVERLAP",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 44 GDPR",
        meaning: "two decisions for one country, or two contracts of one kind between the same parties, apply at once",
        action: "end the older one in the register, or say what each is for",
        check: overlapping_bases,
    },
    Rule {
        id: "BASIS-STRANGER",
        severity: Warning,
        milder: None,
        article: "Art. 5(2), 44 GDPR",
        meaning: "a basis is for an entity that nothing else names; bases are found by the exact name",
        action: "correct the name, or take the basis out",
        check: strange_parties,
    },
    Rule {
        id: "ACT-UNKNOWN",
        severity: Error,
        milder: None,
        article: "Art. 45(3), 46(2)(c), (d) GDPR",
        meaning: "a basis rests on an act that the register does not have",
        action: "correct the number of the act, or register it",
        check: unknown_act,
    },
    Rule {
        id: "ADEQUACY-SCOPE",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 45(3) GDPR",
        meaning: "nothing but a decision is registered that is limited to those under a law to which the importer is not stated to be subject",
        action: "find out whether the importer is subject to that law, and register it",
        check: outside_the_scope,
    },
    Rule {
        id: "DEROGATION-ONLY",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 49(1) GDPR, EDPB Guidelines 2/2018",
        meaning: "a recurring flow rests on nothing but a derogation",
        action: "conclude another basis: derogations are for exceptions",
        check: nothing_but_derogations,
    },
    Rule {
        id: "DPF-ALONE",
        severity: Info,
        milder: None,
        article: "Art. 45(5), 46(2)(c) GDPR, C-362/14, C-311/18",
        meaning: "data leaves the EEA on nothing but a listing; the two decisions before fell from one day to the next",
        action: "conclude standard clauses with an assessment beside it, so that the transfer has something to fall back on",
        check: nothing_but_listings,
    },
    Rule {
        id: "BASIS-CATEGORIES",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44 GDPR",
        meaning: "no basis in force covers a category that is given",
        action: "extend a basis to the category, or stop giving it",
        check: uncovered_categories,
    },
    Rule {
        id: "SCC-DEAD",
        severity: Error,
        milder: None,
        article: "Art. 46(2)(c), (5) GDPR, (EU) 2021/914 Art. 4",
        meaning: "standard clauses of a set that has ended",
        action: "conclude the clauses of (EU) 2021/914",
        check: dead_sets,
    },
];

fn no_basis(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let why = if candidates.is_empty() {
            "no basis is registered"
        } else if candidates.iter().all(|basis| fallen(case, basis).is_none() && !has_begun(case, basis)) {
            "every basis begins only later"
        } else {
            return None;
        };
        Some(Found::recipient(hop.recipient, format!("{}: {why} for {place}", parties(hop))).cited(hop))
    })
}

fn only_fallen_bases(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let reasons: Option<Vec<_>> =
            candidates.iter().map(|basis| Some(format!("{} {}", basis.name, fallen(case, basis)?))).collect();
        let reasons = reasons.filter(|reasons| !reasons.is_empty())?;
        // A dead set is a finding of its own.
        if candidates.iter().all(|basis| dead_clauses(case, basis).is_some()) {
            return None;
        }
        Some(Found::recipient(hop.recipient, format!("{}, {place}: {}", parties(hop), list(reasons))).cited(hop))
    })
}

fn outside_the_scope(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let regimes: Option<Vec<_>> = holding(case, candidates)
            .map(|basis| match &basis.instrument {
                Instrument::Adequacy { regime: Some(regime), .. } if !hop.in_scope(basis) => {
                    Some(format!("{} asks for {regime}", basis.name))
                }
                _ => None,
            })
            .collect();
        let regimes = regimes.filter(|regimes| !regimes.is_empty())?;
        Some(Found::recipient(hop.recipient, format!("{}, {place}: {}", parties(hop), list(regimes))).cited(hop))
    })
}

fn nothing_but_derogations(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let mut holding = holding(case, candidates).peekable();
        holding.peek()?;
        let only = holding.all(|basis| matches!(basis.instrument, Instrument::Derogation { .. }));
        only.then(|| {
            Found::recipient(hop.recipient, format!("{}: nothing but a derogation for {place}", parties(hop)))
                .cited(hop)
        })
    })
}

fn nothing_but_listings(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let mut holding = holding(case, candidates).peekable();
        holding.peek().filter(|_| hop.exit)?;
        let only = holding.all(|basis| matches!(basis.instrument, Instrument::DpfListing { .. }));
        let text = format!("{}: nothing but a listing for {place}", parties(hop));
        only.then(|| Found::recipient(hop.recipient, text).cited(hop))
    })
}

fn uncovered_categories(case: &Case<'_>) -> Vec<Found> {
    of_places(case, |case, hop, candidates, place| {
        let holding: Vec<_> = holding(case, candidates).collect();
        let given = &case.ruleset.recipients.get(hop.recipient)?.categories;
        let covers = |basis: &Basis, category: &DataCategory| {
            basis.categories.as_ref().is_none_or(|limit| limit.contains(category))
                && !basis.except_categories.contains(category)
        };
        let uncovered = given.iter().filter(|category| !holding.iter().any(|basis| covers(basis, category)));
        let uncovered: Vec<_> = uncovered.filter(|_| !holding.is_empty()).collect();
        let text = || format!("{}, {place}: no basis in force covers {}", parties(hop), list(&uncovered));
        (!uncovered.is_empty()).then(|| Found::recipient(hop.recipient, text()).cited(hop))
    })
}

fn dead_sets(case: &Case<'_>) -> Vec<Found> {
    let bases = case.ruleset.bases.iter();
    bases.filter_map(|basis| Some(Found::basis(basis, dead_clauses(case, basis)?))).collect()
}

fn expiring_bases(case: &Case<'_>) -> Vec<Found> {
    let soon = case.at.to_zoned(TimeZone::UTC).checked_add(6.months());
    let soon = soon.map_or(Timestamp::MAX, |soon| soon.timestamp());
    let in_use = case.bases_in_use();
    let all = case.ruleset.bases.iter().filter(|basis| in_use.contains(basis.name.as_str()));
    all.filter(|basis| holds(case, basis))
        .filter_map(|basis| {
            let ends = ends(&basis.validity).min(end_of_act(case, basis));
            (ends <= soon && ends < Timestamp::MAX).then(|| Found::basis(basis, format!("ends at {ends}")))
        })
        .collect()
}

fn overlapping_bases(case: &Case<'_>) -> Vec<Found> {
    let mut groups: BTreeMap<String, Vec<(&Basis, Timestamp, Timestamp)>> = BTreeMap::new();
    for basis in &case.ruleset.bases {
        let from = basis.validity.from.unwrap_or(Timestamp::MIN);
        let until = if basis.validity.annulled.is_some() { Timestamp::MIN } else { ends(&basis.validity) };
        for key in purposes(basis) {
            groups.entry(key).or_default().push((basis, from, until));
        }
    }
    let mut found = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| (a.1, &a.0.name).cmp(&(b.1, &b.0.name)));
        // Sorted by their start, one overlaps the one with the latest end before it or none at all.
        let mut latest: Option<(&Basis, Timestamp)> = None;
        for (basis, from, until) in group {
            if let Some((before, _)) =
                latest.filter(|(before, end)| from < *end && from < until && before.name != basis.name)
            {
                found.push(Found::basis(basis, format!("applies beside {}, which is for the same", before.name)));
            }
            if latest.is_none_or(|(_, end)| end < until) {
                latest = Some((basis, until));
            }
        }
    }
    found
}

/// What a basis is for, as text: two with the same text would stand for the same transfers. Derogations
/// and orders are for single occasions.
fn purposes(basis: &Basis) -> Vec<String> {
    let kind = match &basis.instrument {
        Instrument::Adequacy { regime, listed_only: false, .. } => {
            let countries = basis.countries.iter().flatten();
            return countries
                .map(|country| format!("adequacy {country} {regime:?} {:?} {:?}", basis.importers, basis.categories))
                .collect();
        }
        Instrument::Adequacy { .. }
        | Instrument::ClauseSet { .. }
        | Instrument::Derogation { .. }
        | Instrument::ForeignOrder { .. } => {
            return Vec::new();
        }
        Instrument::StandardContractualClauses { modules, .. } => format!("clauses {modules:?}"),
        Instrument::DpfListing { data_types, .. } => format!("listing {data_types:?}"),
        Instrument::BindingCorporateRules { variant, .. } => format!("rules {variant:?}"),
        Instrument::CodeOfConduct { .. } => "code".to_owned(),
        Instrument::Certification { .. } => "certification".to_owned(),
        Instrument::AdHocClauses { .. } => "ad hoc".to_owned(),
        Instrument::AdministrativeArrangement { .. } => "arrangement".to_owned(),
        Instrument::PublicInstrument { .. } => "instrument".to_owned(),
    };
    let importers = basis.importers.iter().flatten();
    importers
        .map(|importer| {
            format!("{kind} {importer:?} {:?} {:?} {:?}", basis.exporters, basis.countries, basis.categories)
        })
        .collect()
}

fn strange_parties(case: &Case<'_>) -> Vec<Found> {
    let known = entities(case);
    let mut found = Vec::new();
    for basis in &case.ruleset.bases {
        // A decision is for whom it is for, whether or not anybody sends anything there.
        if matches!(basis.instrument, Instrument::Adequacy { .. }) {
            continue;
        }
        let named = basis.exporters.iter().flatten().chain(basis.importers.iter().flatten());
        for name in named.filter(|name| !known.contains(name.as_str())) {
            found.push(Found::basis(basis, format!("is for {name:?}, whom nothing else names{}", hint(&known, name))));
        }
    }
    found
}

/// The names of all entities of agreements and recipients.
pub(super) fn entities<'a>(case: &Case<'a>) -> BTreeSet<&'a str> {
    let agreements = case.agreements().flat_map(|(_, agreement)| {
        agreement.controllers.iter().map(|controller| &controller.entity).chain([&agreement.processor])
    });
    let recipients = case.ruleset.recipients.values().flat_map(|recipient| {
        let onward = recipient.onward.iter().flatten().map(|onward| &onward.entity);
        onward.chain([&recipient.legal_entity, &recipient.contracting_entity])
    });
    agreements.chain(recipients).map(|Entity { name, .. }| name.as_str()).collect()
}

/// A known name that is the same but for its spelling.
pub(super) fn hint(known: &BTreeSet<&str>, name: &str) -> String {
    let like = known.iter().find(|known| is_same(known, name));
    like.map_or(String::new(), |known| format!("; {known:?} is written otherwise"))
}

fn unknown_act(case: &Case<'_>) -> Vec<Found> {
    let resting = case.ruleset.bases.iter().filter_map(|basis| Some((basis, basis.instrument.decision()?)));
    resting
        .filter(|(_, decision)| case.ruleset.bases.act(decision).is_none())
        .map(|(basis, decision)| {
            Found::basis(basis, format!("rests on {decision:?}, which the register does not have"))
        })
        .collect()
}

/// What `find` finds for each place outside the EEA of each hop, with the bases about it.
fn of_places<'a>(
    case: &Case<'a>,
    find: impl Fn(&Case<'a>, &Hop<'a>, &[&'a Basis], &str) -> Option<Found>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for hop in &case.hops {
        for place in hop.beyond() {
            let name = place.map_or_else(|| "any country".to_owned(), |place| place.to_string());
            let candidates = hop.candidates(case.ruleset, place);
            found.extend(find(case, hop, &candidates, &name).map(|found| found.mild(!hop.active)));
        }
    }
    found
}

fn parties(hop: &Hop<'_>) -> String {
    format!("{} → {}", hop.exporters[0], hop.importer.name)
}

fn holding<'a, 'c>(case: &'c Case<'a>, candidates: &'c [&'a Basis]) -> impl Iterator<Item = &'a Basis> + 'c {
    candidates.iter().copied().filter(|basis| holds(case, basis))
}
