//! Compares what the text says about a recipient with itself and with the facts: identity and places.

use landfall_observation::JurisdictionSet;

use super::{
    Rule,
    Severity::{Error, Warning},
    case::{Case, Found, Listed, list},
    wording::is_same,
};
use crate::{Agreement, AgreementId, Citation, Places, Statement, StatementTopic, Subject};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "GAP-04",
        severity: Warning,
        milder: None,
        article: "Art. 28(3)(a), 44 GDPR",
        meaning: "two lines of the text disagree on the country in which a recipient processes",
        action: "find out where it processes, and state it consistently",
        check: contradicting_places,
    },
    Rule {
        id: "GAP-06",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), 30(2)(a) GDPR",
        meaning: "the name or address that the text gives differs from the facts",
        action: "correct the text, and check that contracts and listings are of the right entity",
        check: wrong_name_or_address,
    },
    Rule {
        id: "CLAIM-SEAT",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), 44 GDPR",
        meaning: "the country that the text gives for a recipient is not the seat of any of its entities",
        action: "correct the text; the seat determines what the first hop needs",
        check: wrong_seat,
    },
    Rule {
        id: "ENTITY-MISMATCH",
        severity: Warning,
        milder: None,
        article: "Art. 28(2), (4), 44 GDPR",
        meaning: "the contract is with an entity other than the one that the text names",
        action: "name the contracting entity in the text: it is the importer, and bases are of one entity only",
        check: other_contracting_entity,
    },
    Rule {
        id: "CLAIM-UNLISTED",
        severity: Error,
        milder: Some(Warning),
        article: "Art. 28(2) GDPR",
        meaning: "the text mentions a recipient that is not on its list (error), or no longer is (warning)",
        action: "list the recipient after notice to the controllers, or remove it from the text",
        check: claims_about_unlisted_recipients,
    },
];

fn contradicting_places(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        let Listed { agreement, name, .. } = listed;
        let centres: Vec<_> = claims(agreement, name, StatementTopic::DataCentre).collect();
        for (index, (line, places)) in centres.iter().enumerate() {
            for (other_line, other) in &centres[..index] {
                if places != other {
                    found.push(contradiction(listed, (line, places), (other_line, other)));
                }
            }
            for (seat_line, seat) in claims(agreement, name, StatementTopic::Seat) {
                if disagree(listed, places, seat) {
                    found.push(contradiction(listed, (line, places), (seat_line, seat)));
                }
            }
        }
    }
    found
}

/// A claim about the seat is compatible with other places of processing. It contradicts a claim without limits, and one
/// that excludes the country if the recipient has no seat there.
fn disagree(listed: &Listed<'_>, centres: &Places, seat: &Places) -> bool {
    match (centres, seat) {
        (Places::Anywhere, Places::Anywhere) => false,
        (Places::Anywhere, Places::Only(_)) | (Places::Only(_), Places::Anywhere) => true,
        (Places::Only(centres), Places::Only(seat)) => centres.is_disjoint(*seat) && seats(listed).is_disjoint(*seat),
    }
}

fn contradiction(listed: &Listed<'_>, one: (&Citation, &Places), other: (&Citation, &Places)) -> Found {
    let ((line, places), (other_line, other_places)) = (one, other);
    let text = format!(
        "{}: {line} says {}, {other_line} says {}",
        listed.name,
        places_text(places),
        places_text(other_places)
    );
    Found::listed(listed, Citation::joined([line, other_line]).as_ref(), text)
}

fn wrong_name_or_address(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement, statement) in case.statements() {
        let Some((subject, topic, facts)) = facts(case, id, agreement, statement) else { continue };
        if !facts.iter().any(|fact| is_same(fact, &statement.value)) {
            let text =
                format!("{subject}: the text gives the {topic} {:?}, the register {:?}", statement.value, facts[0]);
            let found_here = match case.about(id, statement) {
                Some(listed) => Found::listed(listed, Some(&statement.line), text),
                None => Found::agreement(id, Some(&statement.line), text),
            };
            found.push(found_here);
        }
    }
    found
}

/// The subject of a claim about a name or an address, and the values of the register; `None` if it has none.
fn facts<'a>(
    case: &Case<'a>,
    id: &AgreementId,
    agreement: &'a Agreement,
    statement: &'a Statement,
) -> Option<(&'a str, &'static str, Vec<&'a str>)> {
    match (&statement.subject, statement.topic) {
        (Subject::Agreement, StatementTopic::LegalName) => {
            Some(("the processor", "name", vec![&agreement.processor.name]))
        }
        (Subject::Recipient(name), StatementTopic::LegalName) => {
            Some((name, "name", case.about(id, statement)?.entities().to_vec()))
        }
        (Subject::Recipient(name), StatementTopic::Address) => {
            Some((name, "address", vec![case.about(id, statement)?.recipient.address.as_deref()?]))
        }
        _ => None,
    }
}

fn wrong_seat(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        for (line, places) in claims(listed.agreement, listed.name, StatementTopic::Seat) {
            if let Places::Only(claimed) = places
                && seats(listed).is_disjoint(*claimed)
            {
                let text = format!(
                    "{}: the text gives {}, the register {}",
                    listed.name,
                    places_text(places),
                    list(seats(listed))
                );
                found.push(Found::listed(listed, Some(line), text));
            }
        }
    }
    found
}

fn other_contracting_entity(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for listed in &case.listed {
        let [named, contracting] = listed.entities();
        let is_named = |statement: &&Statement| {
            statement.topic == StatementTopic::LegalName
                && statement.subject == Subject::Recipient(listed.name.to_owned())
                && is_same(&statement.value, contracting)
        };
        if !is_same(named, contracting) && !listed.agreement.text.statements.iter().any(|claim| is_named(&claim)) {
            let text = format!("{}: the text names {named}, the contract is with {contracting}", listed.name);
            found.push(Found::listed(listed, listed.clause(), text));
        }
    }
    found
}

fn claims_about_unlisted_recipients(case: &Case<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for (id, agreement, statement) in case.statements() {
        let Subject::Recipient(name) = &statement.subject else { continue };
        let engagement = agreement.engagements.get(name);
        if engagement.is_none_or(|engagement| engagement.ended(&mut case.moment()).is_some()) {
            let list = if engagement.is_none() { "does not contain" } else { "no longer contains" };
            let text = format!("the text mentions {name}, which its list {list}");
            found.push(Found::agreement(id, Some(&statement.line), text).mild(engagement.is_some()));
        }
    }
    found
}

/// The places that the text claims for a recipient.
fn claims<'a>(
    agreement: &'a Agreement,
    recipient: &str,
    topic: StatementTopic,
) -> impl Iterator<Item = (&'a Citation, &'a Places)> {
    let all = agreement.text.statements.iter();
    all.filter(move |claim| claim.topic == topic)
        .filter(move |claim| matches!(&claim.subject, Subject::Recipient(name) if name == recipient))
        .filter_map(|claim| Some((&claim.line, claim.places.as_ref()?)))
}

fn seats(listed: &Listed<'_>) -> JurisdictionSet {
    [listed.recipient.legal_entity.seat, listed.recipient.contracting_entity.seat].into()
}

/// Places as a sentence says them.
pub(super) fn places_text(places: &Places) -> String {
    match places {
        Places::Only(places) if places.is_empty() => "no place".to_owned(),
        Places::Only(places) => list(places),
        Places::Anywhere => "any country".to_owned(),
    }
}
