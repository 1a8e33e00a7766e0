use landfall_observation::{DataCategory, Finding, Place};

use super::*;
use crate::fixture::{another_version, at, observation, published};

const STRANGER: &str = "api.stranger.example";

fn day() -> SignedDuration {
    SignedDuration::from_hours(24)
}

fn finding() -> Finding {
    Finding {
        category: DataCategory::EMAIL_ADDRESS,
        detector: "email".into(),
        matches: 1,
        records: 1,
        places: vec![Place::Body],
    }
}

/// Outcome, bytes sent, and whether it is a re-judgment.
fn judged(round: &Round) -> Vec<(Outcome, u64, bool)> {
    let judgments = round.judgments.iter();
    judgments.map(|record| (record.verdict.outcome, record.traffic.bytes_sent, record.rejudged)).collect()
}

fn rolled_up(round: &Round) -> Vec<(Outcome, u64)> {
    round.rollups.iter().map(|record| (record.outcome, record.traffic.bytes_sent)).collect()
}

#[test]
fn a_verdict_is_written_once_and_traffic_under_it_is_rolled_up() {
    let published = published();
    let mut desk = Desk::new(day());
    assert!(desk.absorb(&published, observation("a", 0, STRANGER)));
    let first = desk.judge(&published, at(1));
    assert_eq!(judged(&first), [(Outcome::Unknown, 100, false)]);
    assert_eq!(first.transitions[0].before, None);

    for seq in 1..4 {
        desk.absorb(&published, observation("a", seq, STRANGER));
        let round = desk.judge(&published, at(2));
        assert!(round.is_quiet() && round.transitions.is_empty());
        assert_eq!(round.memory.len(), 1);
    }
    assert!(desk.roll_up(at(60)).is_quiet());
    let round = desk.roll_up(at(24 * 60 + 1));
    assert_eq!(rolled_up(&round), [(Outcome::Unknown, 300)]);
    assert!(desk.roll_up(at(49 * 60)).is_quiet());
}

#[test]
fn another_verdict_closes_the_stretch_and_every_byte_stands_in_one_record() {
    let published = published();
    let mut desk = Desk::new(day());
    desk.absorb(&published, observation("a", 0, STRANGER));
    desk.judge(&published, at(1));
    desk.absorb(&published, observation("a", 1, STRANGER));
    desk.judge(&published, at(2));
    let mut seen = observation("a", 2, STRANGER);
    seen.sent.findings.push(finding());
    desk.absorb(&published, seen);
    let round = desk.judge(&published, at(3));
    assert_eq!(rolled_up(&round), [(Outcome::Unknown, 100)]);
    assert_eq!(judged(&round), [(Outcome::Unlawful, 100, false)]);
    let transition = &round.transitions[0];
    assert_eq!((transition.before, transition.after), (Some(Outcome::Unknown), Outcome::Unlawful));
    assert_eq!(round.judgments[0].interval.from, round.rollups[0].interval.until);
}

#[test]
fn a_new_law_judges_again_without_counting_again() {
    let published = published();
    let mut desk = Desk::new(day());
    desk.absorb(&published, observation("a", 0, "eu.api.openai.com"));
    let first = desk.judge(&published, at(1));
    assert_eq!(first.judgments.len(), 1);
    // A version that says the same is no judgment.
    assert!(desk.judge(&another_version(&published), at(2)).is_quiet());

    let mut law = (*published).clone();
    let mut ruleset = (*law.ruleset).clone();
    ruleset.version = "third".to_owned();
    ruleset.bases = ruleset.bases.iter().filter(|basis| basis.importers.is_none()).cloned().collect();
    ruleset.recipients.values_mut().for_each(|recipient| recipient.contracting_entity.seat = "US".parse().unwrap());
    law.ruleset = std::sync::Arc::new(ruleset);
    let round = desk.judge(&law, at(3));
    assert_eq!(judged(&round), [(Outcome::Unlawful, 100, true)]);
    assert_eq!(round.judgments[0].interval, first.judgments[0].interval);
    assert_eq!(round.traffic, []);
}

#[test]
fn what_no_agreement_selects_is_not_judged() {
    let published = published();
    let mut desk = Desk::new(day());
    let mut foreign = observation("a", 0, STRANGER);
    foreign.local = landfall_observation::Local::Workload(landfall_observation::Workload::new("other", "Pod", "x"));
    assert!(!desk.absorb(&published, foreign));
    assert!(desk.judge(&published, at(1)).memory.is_empty());
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let published = published();
    let (mut desk, mut restarted) = (Desk::new(day()), Desk::new(day()));
    for seq in 0..2 {
        desk.absorb(&published, observation("a", seq, STRANGER));
        let round = desk.judge(&published, at(1));
        for memory in round.memory {
            restarted.restore(serde_json::from_str(&serde_json::to_string(&memory).unwrap()).unwrap());
        }
    }
    assert_eq!(restarted.census(), desk.census());
    for desk in [&mut desk, &mut restarted] {
        desk.absorb(&published, observation("a", 2, STRANGER));
        assert!(desk.judge(&published, at(3)).is_quiet());
        assert_eq!(rolled_up(&desk.roll_up(at(25 * 60))), [(Outcome::Unknown, 200)]);
    }
}

/// What happened to cases in a round.
fn happened(round: &Round) -> Vec<(IncidentEvent, usize)> {
    round.incidents.iter().map(|record| (record.event, record.known.len())).collect()
}

/// What people decided in a round, and who.
fn decided(round: &Round) -> Vec<(DecisionKind, Option<&str>)> {
    let decisions = round.decisions.iter().flat_map(|record| &record.decisions);
    decisions.map(|decided| (decided.what, decided.by.as_deref())).collect()
}

fn with_finding(seq: u64) -> Observation {
    let mut observation = observation("a", seq, STRANGER);
    observation.sent.findings.push(finding());
    observation
}

#[test]
fn a_breach_opens_one_case_and_what_goes_on_after_its_closing_is_another() {
    let published = published();
    let mut desk = Desk::new(day());
    desk.absorb(&published, observation("a", 0, STRANGER));
    assert_eq!(happened(&desk.judge(&published, at(1))), [], "nothing personal was seen");
    desk.absorb(&published, with_finding(1));
    let opened = desk.judge(&published, at(2));
    assert_eq!(happened(&opened), [(IncidentEvent::Opened, 1)]);
    assert_eq!(decided(&opened), [], "no person did that");
    desk.absorb(&published, with_finding(2));
    assert_eq!(happened(&desk.judge(&published, at(3))), []);

    // A person closes it.
    let case = desk.cases().next().unwrap().clone();
    assert_eq!(case.served, Served::by(&["tenant-a"]));
    let written = |minutes: i64| {
        let closing = serde_json::json!({
            "measures": ["stopped"], "reasoning": "nothing leaves", "by": "office", "at": at(minutes),
        });
        let spec = serde_json::json!({
            "agreementRef": { "name": "crm-processor" }, "firstAwareness": at(2), "discoveredBy": "Alert",
            "nature": { "codes": ["UnregisteredRecipient"], "summary": "it went to a stranger" }, "closing": closing,
        });
        let subject = Subject::incident("privacy".to_owned(), "leak".to_owned());
        Entry::Written { subject, edge: case.edge.clone(), written: serde_json::from_value(spec).unwrap() }
    };
    desk.enter(written(4));
    desk.enter(written(4));
    let closed = desk.judge(&published, at(5));
    assert_eq!(decided(&closed), [(DecisionKind::Closing, Some("office"))], "the second says nothing new");
    assert_eq!((happened(&closed), closed.decisions.len()), (vec![], 1));
    assert_eq!(closed.decisions[0].edge.as_ref(), Some(&case.edge));

    // What was sent before and arrives late is no return.
    desk.absorb(&published, with_finding(3));
    assert_eq!(happened(&desk.judge(&published, at(6))), []);
    desk.absorb(&published, with_finding(7));
    let returned = desk.judge(&published, at(8));
    assert_eq!(happened(&returned), [(IncidentEvent::Returned, 2)]);
    desk.absorb(&published, with_finding(9));
    assert_eq!(happened(&desk.judge(&published, at(10))), []);

    // A restart knows all of it.
    let mut again = Desk::new(day());
    for round in [opened, returned] {
        for memory in round.memory {
            again.restore(memory);
        }
    }
    assert_eq!(again.cases().next().unwrap().known, [at(2), at(8)]);
    assert_eq!(happened(&again.judge(&another_version(&published), at(11))), []);
}

#[test]
fn a_draft_is_written_down_once_for_all_that_it_says_over_a_restart_too() {
    let published = published();
    let draft = |name: &str, text: &str| {
        let subject = Subject::incident("privacy".to_owned(), "leak".to_owned());
        Entry::Drafted(Draft { subject, edge: None, name: name.to_owned(), text: text.to_owned() })
    };
    let written = |desk: &mut Desk, drafts: &[Entry]| {
        drafts.iter().cloned().for_each(|draft| desk.enter(draft));
        let round = desk.judge(&published, at(1));
        let texts: Vec<_> = round.drafts.iter().map(|record| record.draft.text.clone()).collect();
        (texts, round.memory)
    };
    let mut desk = Desk::new(day());
    let (texts, memory) = written(&mut desk, &[draft("de", "eins"), draft("en", "one"), draft("en", "one")]);
    assert_eq!(texts, ["eins", "one"]);
    let mut again = Desk::new(day());
    for memory in memory {
        again.restore(serde_json::from_str(&serde_json::to_string(&memory).unwrap()).unwrap());
    }
    assert_eq!(written(&mut again, &[draft("de", "eins"), draft("en", "one")]).0, [""; 0]);
    assert_eq!(written(&mut again, &[draft("de", "eins"), draft("en", "two")]).0, ["two"]);
    assert_eq!(written(&mut again, &[draft("en", "one")]).0, ["one"], "what it said before is news again");
}

#[test]
fn what_was_entered_about_no_edge_is_kept_with_what_was_agreed_over_a_restart_too() {
    let published = published();
    let written = |summary: &str| {
        let spec = serde_json::json!({
            "agreementRef": { "name": "crm-processor" }, "firstAwareness": at(0), "discoveredBy": "Person",
            "nature": { "codes": ["LostDevice"], "summary": summary },
        });
        let (namespace, name) = ("privacy".to_owned(), "lost-laptop".to_owned());
        Entry::Entered { namespace, name, written: serde_json::from_value(spec).unwrap() }
    };
    let mut desk = Desk::new(day());
    desk.enter(written("a laptop was lost"));
    desk.enter(written("a laptop was lost"));
    let round = desk.judge(&published, at(1));
    assert_eq!(decided(&round), [(DecisionKind::Opening, None)]);
    let record = serde_json::to_value(&round.decisions[0]).unwrap();
    let subject = serde_json::json!({ "kind": "Incident", "namespace": "privacy", "name": "lost-laptop" });
    assert_eq!((&record["schema"], &record["subject"]), (&"landfall.decision/v1".into(), &subject));
    assert_eq!(record["decisions"], serde_json::json!([{ "what": "opening", "by": null }]));
    assert_eq!(happened(&round), []);
    assert!(round.entered[0].terms.is_some());

    let mut again = Desk::new(day());
    for memory in round.memory {
        again.restore(serde_json::from_str(&serde_json::to_string(&memory).unwrap()).unwrap());
    }
    assert_eq!(again.entered().collect::<Vec<_>>(), [&round.entered[0]]);
    again.enter(written("a laptop was lost"));
    assert!(again.judge(&published, at(2)).is_quiet());
    again.enter(written("a laptop was lost in a train"));
    assert_eq!(decided(&again.judge(&published, at(3))), [(DecisionKind::Particulars, None)]);
}
