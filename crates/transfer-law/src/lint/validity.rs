//! Whether instruments are in force, and whether every transfer has one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};

use super::{
    Rule,
    Severity::{Error, Info, Warning},
    case::{Case, Found, list},
    ended::{dead_clauses, invalid_text},
    reach::{self, Hop},
    wording::is_same,
};
use crate::{
    Basis, Entity, Instrument,
    bases::{
        self, Invalid, adequacy, scope,
        validity::{check, ends},
    },
    ruleset::Candidate,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "BASIS-MISSING",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44 GDPR",
        meaning: "no basis is registered for a hop to a third country; milder if no active chain uses the hop",
        action: "conclude and register a basis, or have the processing moved",
        check: no_basis,
    },
    Rule {
        id: "BASIS-FALLEN",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44, 45(5) GDPR, Art. 264, 267 TFEU",
        meaning: "every basis of a hop is annulled, repealed, suspended, expired or no longer on the list; milder if no active chain uses the hop",
        action: "end the transfer or conclude another basis; a transition period is not a basis",
        check: only_fallen_bases,
    },
    Rule {
        id: "BASIS-EXPIRES",
        severity: Warning,
        milder: None,
        article: "Art. 44 GDPR",
        meaning: "a basis in use ends within six months",
        action: "prepare another basis in time for the notice to the controllers",
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
        meaning: "a basis is for an entity that is named nowhere else; bases are matched by the exact name",
        action: "correct the name, or remove the basis",
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
        meaning: "the only registered basis is a decision limited to importers under a law, and the importer is not stated to be subject to it",
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
        meaning: "data leaves the EEA on nothing but a listing; both earlier decisions were annulled with immediate effect",
        action: "conclude standard clauses with an assessment as well, so that the transfer has a fallback",
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
        meaning: "standard clauses are from a set that has ended",
        action: "conclude the clauses of (EU) 2021/914",
        check: dead_sets,
    },
];

fn no_basis(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let is_later =
            |candidate: &Candidate<'_>| matches!(check(*candidate, &mut case.moment()), Err(Invalid::NotYet { .. }));
        let why = if candidates.is_empty() {
            "no basis is registered"
        } else if candidates.iter().all(is_later) {
            "every basis begins only later"
        } else {
            return None;
        };
        Some(Found::recipient(hop.recipient, format!("{}: {why} for {place}", parties(hop))).cited(hop))
    })
}

fn only_fallen_bases(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let invalid: Option<Vec<_>> = candidates
            .iter()
            .map(|candidate| Some((candidate.basis, check(*candidate, &mut case.moment()).err()?)))
            .collect();
        let invalid = invalid.filter(|all| all.iter().any(|(_, invalid)| invalid.has_ended()))?;
        // An ended set of clauses is a separate finding.
        if candidates.iter().all(|candidate| dead_clauses(case, *candidate).is_some()) {
            return None;
        }
        let reasons =
            invalid.into_iter().map(|(basis, invalid)| format!("{} {}", basis.name, invalid_text(basis, invalid)));
        Some(Found::recipient(hop.recipient, format!("{}, {place}: {}", parties(hop), list(reasons))).cited(hop))
    })
}

fn outside_the_scope(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let judged = hop.judged(case.ruleset);
        let regimes: Option<Vec<_>> = in_force(case, candidates)
            .map(|candidate| match &candidate.basis.instrument {
                Instrument::Adequacy { regime: Some(regime), .. } if !in_scope(candidate.basis, &judged) => {
                    Some(format!("{} asks for {regime}", candidate.basis.name))
                }
                _ => None,
            })
            .collect();
        let regimes = regimes.filter(|regimes| !regimes.is_empty())?;
        Some(Found::recipient(hop.recipient, format!("{}, {place}: {}", parties(hop), list(regimes))).cited(hop))
    })
}

/// Whether an importer is stated to be under the law to which a decision is limited, if it is limited to one.
pub(super) fn in_scope(basis: &Basis, hops: &[bases::Hop<'_>]) -> bool {
    hops.iter().all(|hop| adequacy::is_in_scope(basis, hop.importer) == Some(true))
}

fn nothing_but_derogations(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let mut in_force = in_force(case, candidates).peekable();
        in_force.peek()?;
        let only = in_force.all(|candidate| matches!(candidate.basis.instrument, Instrument::Derogation { .. }));
        only.then(|| {
            Found::recipient(hop.recipient, format!("{}: nothing but a derogation for {place}", parties(hop)))
                .cited(hop)
        })
    })
}

fn nothing_but_listings(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let mut in_force = in_force(case, candidates).peekable();
        in_force.peek().filter(|_| hop.exit)?;
        let only = in_force.all(|candidate| matches!(candidate.basis.instrument, Instrument::DpfListing { .. }));
        let text = format!("{}: nothing but a listing for {place}", parties(hop));
        only.then(|| Found::recipient(hop.recipient, text).cited(hop))
    })
}

fn uncovered_categories(case: &Case<'_>) -> Vec<Found> {
    check_places(case, |case, hop, candidates, place| {
        let in_force: Vec<_> = in_force(case, candidates).collect();
        let covers = |category| {
            in_force.iter().any(|Candidate { basis, act }| {
                scope::covers(basis, category) && act.is_none_or(|act| scope::covers(act, category))
            })
        };
        let given = hop.given.iter().flat_map(|given| given.categories);
        let uncovered: BTreeSet<_> =
            given.filter(|category| !covers(category)).filter(|_| !in_force.is_empty()).collect();
        let text = || format!("{}, {place}: no basis in force covers {}", parties(hop), list(&uncovered));
        (!uncovered.is_empty()).then(|| Found::recipient(hop.recipient, text()).cited(hop))
    })
}

fn dead_sets(case: &Case<'_>) -> Vec<Found> {
    let bases = case.ruleset.bases.candidates();
    bases.filter_map(|candidate| Some(Found::basis(candidate.basis, dead_clauses(case, candidate)?))).collect()
}

fn expiring_bases(case: &Case<'_>) -> Vec<Found> {
    let soon = case.at.to_zoned(TimeZone::UTC).checked_add(6.months());
    let soon = soon.map_or(Timestamp::MAX, |soon| soon.timestamp());
    let in_use = case.bases_in_use();
    let all = case.ruleset.bases.candidates().filter(|candidate| in_use.contains(candidate.basis.name.as_str()));
    all.filter(|candidate| case.in_force(*candidate))
        .filter_map(|candidate| {
            let ends = ends(candidate);
            let text = || format!("ends at {ends}");
            (ends <= soon && ends < Timestamp::MAX).then(|| Found::basis(candidate.basis, text()))
        })
        .collect()
}

fn overlapping_bases(case: &Case<'_>) -> Vec<Found> {
    let mut groups: BTreeMap<String, Vec<(&Basis, Timestamp, Timestamp)>> = BTreeMap::new();
    for basis in &case.ruleset.bases {
        let from = basis.validity.from.unwrap_or(Timestamp::MIN);
        let until = if basis.validity.annulled.is_some() { Timestamp::MIN } else { basis.validity.ends() };
        for key in purposes(basis) {
            groups.entry(key).or_default().push((basis, from, until));
        }
    }
    let mut found = Vec::new();
    for mut group in groups.into_values() {
        group.sort_by(|a, b| (a.1, &a.0.name).cmp(&(b.1, &b.0.name)));
        // Sorted by start, a basis overlaps an earlier one only if it overlaps the one that ends last.
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

/// The scope of a basis as text: two with the same text would cover the same transfers. Derogations and
/// orders are for single occasions.
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
        // A decision applies whether or not anybody sends data there.
        if matches!(basis.instrument, Instrument::Adequacy { .. }) {
            continue;
        }
        let named = basis.exporters.iter().flatten().chain(basis.importers.iter().flatten());
        for name in named.filter(|name| !known.contains(name.as_str())) {
            found.push(Found::basis(
                basis,
                format!("is for {name:?}, which is named nowhere else{}", hint(&known, name)),
            ));
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

/// A hint at a known name that differs only in spelling.
pub(super) fn hint(known: &BTreeSet<&str>, name: &str) -> String {
    let like = known.iter().find(|known| is_same(known, name));
    like.map_or(String::new(), |known| format!("; {known:?} is spelled differently"))
}

fn unknown_act(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for candidate in case.ruleset.bases.candidates().filter(|candidate| bases::is_act_unknown(*candidate)) {
        let Candidate { basis, act } = candidate;
        let what = if act.is_none() { "which the register does not have" } else { "which is no act of that kind" };
        let decision = basis.instrument.decision().unwrap_or_default();
        found.push(Found::basis(basis, format!("rests on {decision:?}, {what}")));
    }
    found
}

/// The findings of `find` for each place of each hop that needs a basis, with the bases that concern it.
fn check_places<'a>(
    case: &Case<'a>,
    find: impl Fn(&Case<'a>, &Hop<'a>, &[Candidate<'a>], &str) -> Option<Found>,
) -> Vec<Found> {
    let mut found = Vec::new();
    for hop in &case.hops {
        for place in hop.stops() {
            let candidates = hop.candidates(case.ruleset, place);
            found.extend(find(case, hop, &candidates, &reach::name(place)).map(|found| found.mild(!hop.active)));
        }
    }
    found
}

fn parties(hop: &Hop<'_>) -> String {
    format!("{} → {}", hop.exporter.name, hop.importer.name)
}

fn in_force<'a, 'c>(case: &'c Case<'a>, candidates: &'c [Candidate<'a>]) -> impl Iterator<Item = Candidate<'a>> + 'c {
    candidates.iter().copied().filter(|candidate| case.in_force(*candidate))
}
