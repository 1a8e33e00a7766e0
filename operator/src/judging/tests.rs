use landfall_evidence::RecordKind;
use landfall_observation::{DataCategory, Finding, FindingCertainty, Place};
use landfall_transfer_law::RollupRecord;

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
        certainty: FindingCertainty::Validated,
        matches: 1,
        records: 1,
        places: vec![Place::Body],
    }
}

fn edges(changes: &[Change]) -> impl Iterator<Item = &EdgeChange> {
    changes.iter().filter_map(|change| if let Change::Edge(edge) = change { Some(edge) } else { None })
}

fn judgments(changes: &[Change]) -> Vec<&JudgmentRecord> {
    edges(changes).filter_map(|edge| edge.judgment.as_ref()).collect()
}

fn rollups(changes: &[Change]) -> Vec<&RollupRecord> {
    edges(changes).filter_map(|edge| edge.rollup.as_ref()).collect()
}

fn transitions(changes: &[Change]) -> Vec<&Transition> {
    edges(changes).filter_map(|edge| edge.transition.as_ref()).collect()
}

/// Outcome, bytes sent, and whether it is a re-judgment.
fn judged(changes: &[Change]) -> Vec<(Outcome, u64, bool)> {
    let judgments = judgments(changes).into_iter();
    judgments.map(|record| (record.verdict.outcome(), record.traffic.bytes_sent, record.rejudged)).collect()
}

fn rolled_up(changes: &[Change]) -> Vec<(Outcome, u64)> {
    rollups(changes).into_iter().map(|record| (record.outcome(), record.traffic.bytes_sent)).collect()
}

/// Whether there is nothing for the ledger.
fn is_quiet(changes: &[Change]) -> bool {
    changes.iter().all(|change| change.records().is_empty())
}

fn remembered(changes: &[Change]) -> Vec<Remembered> {
    changes.iter().filter_map(Change::remembered).filter_map(|(_, it)| it).collect()
}

/// As after a restart.
fn restore(judge: &mut Judge, changes: &[Change]) {
    for it in remembered(changes) {
        judge.restore(serde_json::from_str(&serde_json::to_string(&it).unwrap()).unwrap());
    }
}

#[test]
fn a_verdict_is_written_once_and_traffic_under_it_is_rolled_up() {
    let published = published();
    let mut judge = Judge::new(day());
    assert!(judge.absorb(&published, observation("a", 0, STRANGER)));
    let first = judge.judge(&published, at(1));
    assert_eq!(judged(&first), [(Outcome::Unknown, 100, false)]);
    assert_eq!(transitions(&first)[0].before, None);

    for seq in 1..4 {
        judge.absorb(&published, observation("a", seq, STRANGER));
        let round = judge.judge(&published, at(2));
        assert!(is_quiet(&round) && transitions(&round).is_empty());
        assert_eq!(remembered(&round).len(), 1);
    }
    assert!(is_quiet(&judge.roll_up(at(60))));
    let round = judge.roll_up(at(24 * 60 + 1));
    assert_eq!(rolled_up(&round), [(Outcome::Unknown, 300)]);
    assert!(is_quiet(&judge.roll_up(at(49 * 60))));
}

#[test]
fn another_verdict_closes_the_stretch_and_every_byte_stands_in_one_record() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, observation("a", 0, STRANGER));
    judge.judge(&published, at(1));
    judge.absorb(&published, observation("a", 1, STRANGER));
    judge.judge(&published, at(2));
    let mut seen = observation("a", 2, STRANGER);
    seen.sent.findings.push(finding());
    judge.absorb(&published, seen);
    let round = judge.judge(&published, at(3));
    assert_eq!(rolled_up(&round), [(Outcome::Unknown, 100)]);
    assert_eq!(judged(&round), [(Outcome::Unlawful, 100, false)]);
    let transition = transitions(&round)[0];
    assert_eq!((transition.before, transition.after), (Some(Outcome::Unknown), Outcome::Unlawful));
    assert_eq!(judgments(&round)[0].interval.from, rollups(&round)[0].interval.until);
}

#[test]
fn a_new_law_judges_again_without_counting_again() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, observation("a", 0, "eu.api.openai.com"));
    let first = judge.judge(&published, at(1));
    assert_eq!(judgments(&first).len(), 1);
    // A version that says the same is no judgment.
    assert!(is_quiet(&judge.judge(&another_version(&published), at(2))));

    let mut law = (*published).clone();
    let mut ruleset = (*law.ruleset).clone();
    ruleset.version = "third".to_owned();
    ruleset.bases = ruleset.bases.iter().filter(|basis| basis.importers.is_none()).cloned().collect();
    ruleset.recipients.values_mut().for_each(|recipient| recipient.contracting_entity.seat = "US".parse().unwrap());
    law.ruleset = std::sync::Arc::new(ruleset);
    let round = judge.judge(&law, at(3));
    assert_eq!(judged(&round), [(Outcome::Unlawful, 100, true)]);
    assert_eq!(judgments(&round)[0].interval, judgments(&first)[0].interval);
    assert!(edges(&round).all(|edge| !edge.counts()));
}

#[test]
fn what_no_agreement_selects_is_not_judged() {
    let published = published();
    let mut judge = Judge::new(day());
    let mut foreign = observation("a", 0, STRANGER);
    foreign.local = landfall_observation::Local::Workload(landfall_observation::Workload::new("other", "Pod", "x"));
    assert!(!judge.absorb(&published, foreign));
    assert!(judge.judge(&published, at(1)).is_empty());
}

#[test]
fn a_restart_goes_on_where_it_was() {
    let published = published();
    let (mut judge, mut restarted) = (Judge::new(day()), Judge::new(day()));
    for seq in 0..2 {
        judge.absorb(&published, observation("a", seq, STRANGER));
        let round = judge.judge(&published, at(1));
        restore(&mut restarted, &round);
    }
    assert_eq!(restarted.census(), judge.census());
    for judge in [&mut judge, &mut restarted] {
        judge.absorb(&published, observation("a", 2, STRANGER));
        assert!(is_quiet(&judge.judge(&published, at(3))));
        assert_eq!(rolled_up(&judge.roll_up(at(25 * 60))), [(Outcome::Unknown, 200)]);
    }
}

fn incidents(changes: &[Change]) -> impl Iterator<Item = &IncidentChange> {
    changes.iter().filter_map(|change| if let Change::Incident(incident) = change { Some(incident) } else { None })
}

/// What happened to incidents.
fn happened(changes: &[Change]) -> Vec<(IncidentEvent, usize)> {
    incidents(changes).filter_map(|change| Some((change.event?.0, change.incident.known.len()))).collect()
}

/// What people decided, and who.
fn decided(changes: &[Change]) -> Vec<(DecisionKind, Option<&str>)> {
    let records = incidents(changes).filter_map(|change| change.decision.as_ref());
    records.flat_map(|record| &record.decisions).map(|decided| (decided.what, decided.by.as_deref())).collect()
}

fn drafts(changes: &[Change]) -> Vec<&DraftChange> {
    changes.iter().filter_map(|change| if let Change::Draft(draft) = change { Some(draft) } else { None }).collect()
}

/// How many drafts readers are shown, and how many of them are news to the ledger.
fn counts(changes: &[Change]) -> (usize, usize) {
    let drafts = drafts(changes);
    let records = changes.iter().flat_map(Change::records).filter(|(kind, _)| *kind == RecordKind::Draft);
    assert_eq!(records.count(), drafts.iter().filter(|draft| draft.at.is_some()).count());
    (drafts.len(), drafts.iter().filter(|draft| draft.at.is_some()).count())
}

fn with_finding(seq: u64) -> Observation {
    let mut observation = observation("a", seq, STRANGER);
    observation.sent.findings.push(finding());
    observation
}

/// An Incident that is in the cluster.
fn written(namespace: &str, name: &str, spec: &IncidentSpec) -> WrittenIncident {
    WrittenIncident {
        reference: NamespacedReference { namespace: namespace.to_owned(), name: name.to_owned() },
        uid: None,
        generation: None,
        created: None,
        spec: Arc::new(spec.clone()),
    }
}

fn spec(code: &str, summary: &str) -> IncidentSpec {
    let spec = serde_json::json!({
        "agreementRef": { "name": "crm-processor" }, "firstAwareness": at(0), "discoveredBy": "Person",
        "nature": { "codes": [code], "summary": summary },
    });
    serde_json::from_value(spec).unwrap()
}

#[test]
fn a_breach_opens_one_incident_and_what_goes_on_after_its_closing_is_another() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, observation("a", 0, STRANGER));
    assert_eq!(happened(&judge.judge(&published, at(1))), [], "nothing personal was seen");
    judge.absorb(&published, with_finding(1));
    let opened = judge.judge(&published, at(2));
    assert_eq!(happened(&opened), [(IncidentEvent::Opened, 1)]);
    assert_eq!(decided(&opened), [], "no person did that");
    judge.absorb(&published, with_finding(2));
    assert_eq!(happened(&judge.judge(&published, at(3))), []);

    // A person closes it.
    let incident = judge.incidents().next().unwrap().clone();
    assert_eq!(incident.served, Served::by(&["tenant-a"]));
    let closed = |minutes: i64| {
        let mut spec = incident.opening(at(3)).unwrap();
        let closing = serde_json::json!({
            "measures": ["stopped"], "reasoning": "nothing leaves", "by": "office", "at": at(minutes),
        });
        spec.closing = Some(serde_json::from_value(closing).unwrap());
        let NamespacedReference { namespace, name } = incident.key.reference();
        Arc::new(vec![written(&namespace, &name, &spec)])
    };
    judge.read(closed(4));
    let changes = judge.judge(&published, at(5));
    assert_eq!(decided(&changes), [(DecisionKind::Closing, Some("office"))]);
    assert_eq!(happened(&changes), []);
    let records: Vec<_> = changes.iter().flat_map(Change::records).map(|(kind, _)| kind).collect();
    assert!(records.contains(&RecordKind::Decision) && !records.contains(&RecordKind::Incident), "{records:?}");
    judge.read(closed(4));
    assert_eq!(decided(&judge.judge(&published, at(5))), [], "the second says nothing new");

    // What was sent before and arrives late is no return.
    judge.absorb(&published, with_finding(3));
    assert_eq!(happened(&judge.judge(&published, at(6))), []);
    judge.absorb(&published, with_finding(7));
    let returned = judge.judge(&published, at(8));
    assert_eq!(happened(&returned), [(IncidentEvent::Returned, 2)]);
    judge.absorb(&published, with_finding(9));
    assert_eq!(happened(&judge.judge(&published, at(10))), []);

    // A restart knows all of it.
    let mut again = Judge::new(day());
    restore(&mut again, &opened);
    restore(&mut again, &returned);
    assert_eq!(again.incidents().next().unwrap().known, [at(2), at(8)]);
    assert_eq!(happened(&again.judge(&another_version(&published), at(11))), []);
}

#[test]
fn a_report_that_is_not_sent_in_time_is_an_event_once_over_a_restart_too() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, with_finding(1));
    let mut all = judge.judge(&published, at(2));
    // Four hours, then twelve (BR-FIRST, BR-FULL).
    assert_eq!(happened(&judge.judge(&published, at(2 + 4 * 60 - 1))), []);
    let first = judge.judge(&published, at(2 + 4 * 60));
    assert_eq!(happened(&first), [(IncidentEvent::Overdue, 1)]);
    let (kind, record) = first.iter().flat_map(Change::records).next().unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    let expected = serde_json::json!([{ "obligation": FIRST, "started": at(2), "due": at(2 + 4 * 60) }]);
    assert_eq!((kind, &record["event"], &record["overdue"]), (RecordKind::Incident, &"overdue".into(), &expected));
    assert_eq!(record.get("written"), None, "nothing that people wrote");
    assert_eq!(happened(&judge.judge(&published, at(6 * 60))), []);
    all.extend(first);

    // Nobody was there when the full report was due.
    let mut again = Judge::new(day());
    restore(&mut again, &all);
    let late = again.judge(&published, at(20 * 60));
    assert_eq!(happened(&late), [(IncidentEvent::Overdue, 1)]);
    let overdue = &incidents(&late).next().unwrap().incident.overdue;
    assert_eq!(overdue.iter().map(|it| it.obligation.clone()).collect::<Vec<_>>(), [FIRST.into(), FULL.into()]);
    assert_eq!(happened(&again.judge(&published, at(21 * 60))), []);
}

#[test]
fn an_incident_is_closed_when_it_is_reported_and_measures_are_written_down() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, with_finding(1));
    judge.judge(&published, at(2));
    let incident = judge.incidents().next().unwrap().clone();
    let NamespacedReference { namespace, name } = incident.key.reference();
    let mut spec = incident.opening(at(3)).unwrap();
    let mut write = |judge: &mut Judge, more: serde_json::Value, now| {
        let mut value = serde_json::to_value(&spec).unwrap();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        spec = serde_json::from_value(value).unwrap();
        judge.read(Arc::new(vec![written(&namespace, &name, &spec)]));
        let changes = judge.judge(&published, at(now));
        let decided: Vec<_> = decided(&changes).into_iter().map(|(what, _)| what).collect();
        (happened(&changes), decided)
    };
    let closing = serde_json::json!({
        "closing": { "measures": ["stopped"], "reasoning": "nothing leaves", "by": "office", "at": at(4) },
    });
    assert_eq!(write(&mut judge, closing, 5), (vec![], vec![DecisionKind::Closing]), "a report is still to be sent");
    let report = serde_json::json!({ "name": "full", "stage": "FullReport", "sentAt": at(6) });
    let sent = write(&mut judge, serde_json::json!({ "reports": [report] }), 7);
    assert_eq!(sent, (vec![(IncidentEvent::Closed, 1)], vec![DecisionKind::ReportSent]));
    // Once: another word is no other end.
    let consequences = serde_json::json!({ "consequences": "none" });
    assert_eq!(write(&mut judge, consequences, 8), (vec![], vec![DecisionKind::Particulars]));
    assert_eq!(happened(&judge.judge(&published, at(30 * 60))), [], "what was sent in time is not overdue");
    judge.absorb(&published, with_finding(40 * 60));
    assert_eq!(happened(&judge.judge(&published, at(40 * 60 + 1))), [(IncidentEvent::Returned, 2)]);
    // The clocks run anew.
    assert_eq!(happened(&judge.judge(&published, at(45 * 60))), [(IncidentEvent::Overdue, 2)]);
}

#[test]
fn a_draft_is_written_down_once_for_all_that_it_says_over_a_restart_too() {
    let published = published();
    let leak = |summary: &str| Arc::new(vec![written("privacy", "leak", &spec("Leak", summary))]);
    let mut judge = Judge::new(day());
    judge.read(leak("one"));
    let first = judge.judge(&published, at(1));
    assert_eq!(counts(&first), (4, 4));
    let draft = &drafts(&first)[0].draft;
    let subject = Subject { kind: "Incident".to_owned(), namespace: "privacy".to_owned(), name: "leak".to_owned() };
    assert_eq!((&draft.subject, draft.edge.as_ref()), (&subject, None));
    assert!(draft.text.contains("one"), "{}", draft.text);
    judge.read(leak("one"));
    assert_eq!(counts(&judge.judge(&published, at(2))), (0, 0));

    // After a restart readers are shown them again, and the ledger has them.
    let mut again = Judge::new(day());
    restore(&mut again, &first);
    assert_eq!(counts(&again.judge(&published, at(3))), (0, 0), "nobody knows what is in the cluster");
    again.read(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(4))), (4, 0));
    // Only what says something else is news.
    let mut counted = spec("Leak", "one");
    counted.nature.approximate_records = Some(4_000);
    again.read(Arc::new(vec![written("privacy", "leak", &counted)]));
    assert_eq!(counts(&again.judge(&published, at(5))), (2, 2));
    again.read(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(6))), (2, 2), "what it said before is news again");
}

#[test]
fn a_law_that_hits_many_is_judged_before_drafts_are_drawn_up() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.read(Arc::default());
    judge.judge(&published, at(0));
    for seq in 0..60 {
        let mut observation = observation("a", seq, &format!("api.s{seq}.example"));
        observation.sent.findings.push(finding());
        judge.absorb(&published, observation);
    }
    let changes = judge.judge(&published, at(61));
    assert_eq!((judgments(&changes).len(), happened(&changes).len()), (60, 60));
    let of = |changes: &[Change]| drafts(changes).iter().map(|it| it.draft.subject.clone()).collect::<Vec<_>>();
    let mut drafted = of(&changes);
    assert_eq!(drafted.len(), 4);
    drafted.extend(of(&judge.judge(&published, at(62))));
    assert_eq!(drafted.len(), 4 * 51);
    drafted.extend(of(&judge.judge(&published, at(63))));
    drafted.sort_unstable();
    drafted.dedup();
    assert_eq!(drafted.len(), 60);
}

#[test]
fn what_was_entered_about_no_edge_is_kept_with_what_was_agreed_over_a_restart_too() {
    let published = published();
    let entered = |summary: &str| Arc::new(vec![written("privacy", "lost-laptop", &spec("LostDevice", summary))]);
    let mut judge = Judge::new(day());
    judge.read(entered("a laptop was lost"));
    judge.read(entered("a laptop was lost"));
    let changes = judge.judge(&published, at(1));
    assert_eq!((happened(&changes), decided(&changes)), (vec![], vec![(DecisionKind::Opening, None)]));
    let change = incidents(&changes).next().unwrap();
    let (kind, record) =
        Change::records(changes.iter().find(|it| matches!(it, Change::Incident(_))).unwrap()).remove(0);
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(kind, RecordKind::Decision);
    let subject = serde_json::json!({ "kind": "Incident", "namespace": "privacy", "name": "lost-laptop" });
    assert_eq!((&record["schema"], &record["subject"]), (&"landfall.decision/v1".into(), &subject));
    assert_eq!(record["decisions"], serde_json::json!([{ "what": "opening", "by": null }]));
    assert!(change.incident.terms.is_some());

    let mut again = Judge::new(day());
    restore(&mut again, &changes);
    assert_eq!(again.incidents().collect::<Vec<_>>(), [&change.incident]);
    again.read(entered("a laptop was lost"));
    assert!(is_quiet(&again.judge(&published, at(2))));
    again.read(entered("a laptop was lost in a train"));
    assert_eq!(decided(&again.judge(&published, at(3))), [(DecisionKind::Particulars, None)]);
}

#[test]
fn the_first_incident_at_the_agreement_is_the_one_of_an_edge_and_no_other() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.absorb(&published, with_finding(1));
    judge.judge(&published, at(2));
    let incident = judge.incidents().next().unwrap().clone();
    let opening = incident.opening(at(3)).unwrap();
    let mistaken =
        IncidentSpec { agreement_ref: landfall_api::ObjectReference { name: "another".to_owned() }, ..opening.clone() };
    // Somebody of another namespace, and somebody who names another agreement.
    let all = [
        written("crm", "foreign", &opening),
        written("privacy", "mistaken", &mistaken),
        written("privacy", "ours", &opening),
        written("privacy", "second", &opening),
    ];
    let assigned: Vec<_> = assign(&all, std::iter::once(&incident.key)).into_iter().map(|(_, key)| key).collect();
    assert_eq!(assigned, [None, None, Some(incident.key.clone()), None]);
    judge.read(Arc::new(all.to_vec()));
    let changes = judge.judge(&published, at(4));
    let written: Vec<_> = incidents(&changes).filter_map(|change| change.incident.written.as_ref()).collect();
    assert_eq!(written, [&opening], "what the operator writes itself is remembered");
    assert_eq!((happened(&changes), decided(&changes)), (vec![], vec![]), "and is nobody's decision");
}
