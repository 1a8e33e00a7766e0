//! Compares the places and instruments that the text claims with the chain.

use std::collections::BTreeSet;

use landfall_observation::JurisdictionSet;

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, Listed, list},
    claims::places_text,
    reach::{self, Hop, walk},
    validity::in_scope,
    wording::is_same,
};
use crate::{
    Agreement, Basis, Citation, ClaimedInstrument, Instrument, Place, Places, Statement, StatementTopic, Subject,
    reach::Reach, territory::judged_as,
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-05",
        severity: Error,
        milder: None,
        article: "Art. 13(1)(f), 28(3)(a), 44 GDPR",
        meaning: "the text names narrower places than those where the data goes, onward recipients included",
        action: "name the third countries and what each transfer rests on, or have the processing moved",
        check: narrower_than_the_facts,
    },
    Rule {
        id: "CLAIM-INSTRUMENT",
        severity: Warning,
        milder: None,
        article: "Art. 13(1)(f), 44, 46 GDPR",
        meaning: "the text claims an instrument other than those that carry the transfer out of the EEA",
        action: "conclude what the text claims, or name in the text what the transfer rests on",
        check: other_instrument,
    },
    Rule {
        id: "GAP-07",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), (4) GDPR, EDPB Opinion 22/2024",
        meaning: "the text names an operator of data centres and does not list it as a further processor",
        action: "name it as an onward recipient of the one that uses it, with its entity and places",
        check: unlisted_operators,
    },
    Rule {
        id: "GAP-11",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 44, 46 GDPR",
        meaning: "a claim about transfers is limited to recipients with their seat in certain countries; another recipient reaches a third country (error) or could (warning)",
        action: "tie the claim to where data is processed and accessed, not to the seat",
        check: claim_by_seat,
    },
];

fn narrower_than_the_facts(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, _, statement) in case.statements() {
        let (StatementTopic::DataCentre, Some(Places::Only(claimed)), Some(listed)) =
            (statement.topic, &statement.places, case.about(id, statement))
        else {
            continue;
        };
        let claimed = claimed.iter().map(judged_as).collect();
        let mut outside = Vec::new();
        let mut clauses = vec![&statement.line];
        for (whose, reach) in whereabouts(case, listed) {
            let outside_of_it = Reach { places: reach.abroad().difference(claimed), ..reach };
            if outside_of_it != Reach::default() {
                outside.push(format!("{whose} {}", reach::named(outside_of_it)));
            }
        }
        if outside.is_empty() {
            continue;
        }
        let mut text = format!(
            "{}: the text says {}; the facts say {}",
            listed.name,
            places_text(&Places::Only(claimed)),
            list(outside)
        );
        for (claim, real) in other_instruments(case, listed) {
            text = format!("{text}; {} claims {}, it rests on {real}", claim.line, claimed_name(claim));
            clauses.push(&claim.line);
        }
        found.push(Found::listed(listed, Citation::joined(clauses).as_ref(), text));
    }
    found
}

/// The places that a recipient and its onward recipients reach, each with a description.
fn whereabouts<'a>(case: &Case<'a>, listed: &Listed<'a>) -> Vec<(String, Reach)> {
    let mut all = Vec::new();
    for (name, entry) in &listed.recipient.endpoints {
        for (what, places) in [
            ("processing at", Some(&entry.processing)),
            ("storage at", entry.storage.as_ref()),
            ("access at", entry.access.as_ref()),
        ] {
            all.extend(places.map(|places| (format!("{what} {name} in"), Reach::from_places([places]))));
        }
    }
    let onward = walk(case.ruleset, std::iter::once(*listed)).into_iter().skip(1);
    all.extend(onward.map(|hop| (format!("onward to {} in", hop.importer.name), hop.reach)));
    all
}

fn other_instrument(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        for (claim, real) in other_instruments(case, listed) {
            let text = format!("{}: the text claims {}, it rests on {real}", listed.name, claimed_name(claim));
            found.push(Found::listed(listed, Some(&claim.line), text));
        }
    }
    found
}

/// The claims about a recipient whose instrument is not the one that carries its data out of the EEA, with the
/// instruments that do.
fn other_instruments<'a>(case: &Case<'a>, listed: &Listed<'a>) -> Vec<(&'a Statement, String)> {
    let exits: Vec<_> = walk(case.ruleset, std::iter::once(*listed)).into_iter().filter(|hop| hop.exit).collect();
    let claims = claims_on_transfers(listed.agreement, listed).filter(|claim| claim.instrument.is_some());
    claims
        .filter_map(|claim| {
            let others: BTreeSet<_> = exits.iter().filter_map(|hop| carried_otherwise(case, hop, claim)).collect();
            (!others.is_empty()).then(|| (claim, list(others)))
        })
        .collect()
}

fn carried_otherwise(case: &Case<'_>, hop: &Hop<'_>, claim: &Statement) -> Option<String> {
    let places = hop.stops().filter(|place| match (&claim.places, place) {
        (Some(Places::Only(claimed)), Place::In(place)) => claimed.iter().any(|claimed| judged_as(claimed) == *place),
        (Some(Places::Only(_)), Place::Anywhere | Place::Organisation) => false,
        _ => true,
    });
    let judged = hop.judged(case.ruleset);
    let mut others = BTreeSet::new();
    for place in places {
        let candidates = hop.candidates(case.ruleset, place).into_iter();
        let carrying: Vec<_> = candidates
            .filter(|candidate| case.in_force(*candidate) && in_scope(candidate.basis, &judged))
            .map(|candidate| candidate.basis)
            .collect();
        if !carrying.iter().any(|basis| Some(kind(basis)) == claim.instrument) {
            others.extend(carrying.iter().map(|basis| basis.name.as_str()));
        }
    }
    (!others.is_empty()).then(|| format!("{} ({})", list(others), hop.importer.name))
}

fn unlisted_operators(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement, statement) in case.statements() {
        if statement.topic != StatementTopic::DataCentre || statement.operators.is_empty() {
            continue;
        }
        let unlisted: Vec<_> = statement.operators.iter().filter(|name| !is_listed(case, agreement, name)).collect();
        if unlisted.is_empty() {
            continue;
        }
        let text = format!("{} are named as operators of data centres and are not listed", list(unlisted));
        found.push(match case.about(id, statement) {
            Some(listed) => Found::listed(listed, Some(&statement.line), format!("{}: {text}", listed.name)),
            None => Found::agreement(id, Some(&statement.line), text),
        });
    }
    found
}

/// Whether the text lists `operator` as a recipient or an onward one.
fn is_listed(case: &Case<'_>, agreement: &Agreement, operator: &str) -> bool {
    let mut recipients = case.listed.iter().filter(|listed| std::ptr::eq(listed.agreement, agreement));
    recipients.any(|listed| listed.entities().iter().any(|name| is_same(name, operator)))
        || agreement
            .text
            .statements
            .iter()
            .filter(|claim| claim.topic == StatementTopic::OnwardRecipient)
            .any(|claim| claim.operators.iter().any(|name| is_same(name, operator)))
}

fn claim_by_seat(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement, statement) in case.statements() {
        let (StatementTopic::TransferBasis, Subject::Agreement, Some(seats)) =
            (statement.topic, &statement.subject, &statement.seats)
        else {
            continue;
        };
        for listed in case.listed.iter().filter(|listed| listed.id == id) {
            // A claim about the recipient itself covers it regardless of its seat.
            let covered = claims_on_transfers(agreement, listed).any(|claim| claim.subject != Subject::Agreement);
            if covered || covers(seats, listed) {
                continue;
            }
            let hops = walk(case.ruleset, std::iter::once(*listed)).into_iter();
            let reach = hops.fold(Reach::default(), |reach, hop| reach.and(hop.reach));
            let inside = reach.abroad().is_empty() && !reach.anywhere;
            let seat = listed.recipient.legal_entity.seat;
            let text = if inside {
                format!("{} has its seat in {seat}: the claim would not cover a transfer by it", listed.name)
            } else {
                format!(
                    "{} has its seat in {seat} and reaches {}: the claim does not cover that",
                    listed.name,
                    reach::named(reach)
                )
            };
            found.push(Found::listed(listed, Some(&statement.line), text).mild(inside));
        }
    }
    found
}

/// The claims about the basis of transfers that are about a recipient: its own, and those of the
/// agreement that its seat does not exclude.
fn claims_on_transfers<'a>(agreement: &'a Agreement, listed: &Listed<'_>) -> impl Iterator<Item = &'a Statement> {
    agreement.text.statements.iter().filter(|claim| claim.topic == StatementTopic::TransferBasis).filter(|claim| {
        match &claim.subject {
            Subject::Recipient(name) => name == listed.name,
            Subject::Agreement => claim.seats.as_ref().is_none_or(|seats| covers(seats, listed)),
        }
    })
}

fn covers(seats: &JurisdictionSet, listed: &Listed<'_>) -> bool {
    seats.contains(listed.recipient.legal_entity.seat) || seats.contains(listed.recipient.contracting_entity.seat)
}

fn kind(basis: &Basis) -> ClaimedInstrument {
    match &basis.instrument {
        Instrument::Adequacy { .. } => ClaimedInstrument::Adequacy,
        Instrument::DpfListing { .. } => ClaimedInstrument::DpfListing,
        Instrument::StandardContractualClauses { .. } | Instrument::ClauseSet { .. } => {
            ClaimedInstrument::StandardContractualClauses
        }
        Instrument::BindingCorporateRules { .. } => ClaimedInstrument::BindingCorporateRules,
        _ => ClaimedInstrument::Other,
    }
}

fn claimed_name(claim: &Statement) -> &'static str {
    match claim.instrument {
        Some(ClaimedInstrument::Adequacy) => "an adequacy decision",
        Some(ClaimedInstrument::DpfListing) => "a listing under the Data Privacy Framework",
        Some(ClaimedInstrument::StandardContractualClauses) => "standard contractual clauses",
        Some(ClaimedInstrument::BindingCorporateRules) => "binding corporate rules",
        Some(ClaimedInstrument::Other) | None => "another instrument",
    }
}
