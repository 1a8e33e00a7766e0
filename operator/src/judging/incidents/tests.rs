use std::sync::Arc;

use landfall_api::{IncidentSpec, NamespacedReference};
use landfall_evidence::RecordKind;

use crate::{
    fixture::{another_version, at, observation, published},
    judging::{
        Change, DecisionKind, FIRST, FULL, IncidentEvent, Judge, ServedTenants, assign,
        tests::{STRANGER, day, happened, incidents, is_quiet, restore, spec, with_finding, written},
    },
};

/// What people decided, and who.
fn decided(changes: &[Change]) -> Vec<(DecisionKind, Option<&str>)> {
    let records = incidents(changes).filter_map(|change| change.decision.as_ref());
    records.flat_map(|record| &record.decisions).map(|decided| (decided.what, decided.by.as_deref())).collect()
}

#[test]
fn a_breach_opens_one_incident_and_what_goes_on_after_its_closing_is_another() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, observation("a", 0, STRANGER));
    assert_eq!(happened(&judge.judge(&published, at(1))), [], "nothing personal was seen");
    judge.observe(&published, with_finding(1));
    let opened = judge.judge(&published, at(2));
    assert_eq!(happened(&opened), [(IncidentEvent::Opened, 1)]);
    assert_eq!(decided(&opened), [], "no person did that");
    judge.observe(&published, with_finding(2));
    assert_eq!(happened(&judge.judge(&published, at(3))), []);

    // A person closes it.
    let incident = judge.incidents().next().unwrap().clone();
    assert_eq!(incident.served, ServedTenants::from_names(&["tenant-a"]));
    let closed = |minutes: i64| {
        let mut spec = incident.initial_spec(at(3)).unwrap();
        let closing = serde_json::json!({
            "measures": ["stopped"], "reasoning": "nothing leaves", "by": "office", "at": at(minutes),
        });
        spec.closing = Some(serde_json::from_value(closing).unwrap());
        let NamespacedReference { namespace, name } = incident.key.reference();
        Arc::new(vec![written(&namespace, &name, &spec)])
    };
    judge.set_written(closed(4));
    let changes = judge.judge(&published, at(5));
    assert_eq!(decided(&changes), [(DecisionKind::Closing, Some("office"))]);
    assert_eq!(happened(&changes), []);
    let records: Vec<_> = changes.iter().flat_map(Change::records).map(|(kind, _)| kind).collect();
    assert!(records.contains(&RecordKind::Decision) && !records.contains(&RecordKind::Incident), "{records:?}");
    judge.set_written(closed(4));
    assert_eq!(decided(&judge.judge(&published, at(5))), [], "the second says nothing new");

    // What was sent before and arrives late is no return.
    judge.observe(&published, with_finding(3));
    assert_eq!(happened(&judge.judge(&published, at(6))), []);
    judge.observe(&published, with_finding(7));
    let returned = judge.judge(&published, at(8));
    assert_eq!(happened(&returned), [(IncidentEvent::Returned, 2)]);
    judge.observe(&published, with_finding(9));
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
    judge.observe(&published, with_finding(1));
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
    judge.observe(&published, with_finding(1));
    judge.judge(&published, at(2));
    let incident = judge.incidents().next().unwrap().clone();
    let NamespacedReference { namespace, name } = incident.key.reference();
    let mut spec = incident.initial_spec(at(3)).unwrap();
    let mut write = |judge: &mut Judge, more: serde_json::Value, now| {
        let mut value = serde_json::to_value(&spec).unwrap();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        spec = serde_json::from_value(value).unwrap();
        judge.set_written(Arc::new(vec![written(&namespace, &name, &spec)]));
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
    judge.observe(&published, with_finding(40 * 60));
    assert_eq!(happened(&judge.judge(&published, at(40 * 60 + 1))), [(IncidentEvent::Returned, 2)]);
    // The clocks run anew.
    assert_eq!(happened(&judge.judge(&published, at(45 * 60))), [(IncidentEvent::Overdue, 2)]);
}

#[test]
fn what_was_entered_about_no_edge_is_kept_with_what_was_agreed_over_a_restart_too() {
    let published = published();
    let entered = |summary: &str| Arc::new(vec![written("privacy", "lost-laptop", &spec("LostDevice", summary))]);
    let mut judge = Judge::new(day());
    judge.set_written(entered("a laptop was lost"));
    judge.set_written(entered("a laptop was lost"));
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
    again.set_written(entered("a laptop was lost"));
    assert!(is_quiet(&again.judge(&published, at(2))));
    again.set_written(entered("a laptop was lost in a train"));
    assert_eq!(decided(&again.judge(&published, at(3))), [(DecisionKind::Particulars, None)]);
}

#[test]
fn the_first_incident_at_the_agreement_is_the_one_of_an_edge_and_no_other() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, with_finding(1));
    judge.judge(&published, at(2));
    let incident = judge.incidents().next().unwrap().clone();
    let initial_spec = incident.initial_spec(at(3)).unwrap();
    let mistaken = IncidentSpec {
        agreement_ref: landfall_api::ObjectReference { name: "another".to_owned() },
        ..initial_spec.clone()
    };
    // Somebody of another namespace, and somebody who names another agreement.
    let all = [
        written("crm", "foreign", &initial_spec),
        written("privacy", "mistaken", &mistaken),
        written("privacy", "ours", &initial_spec),
        written("privacy", "second", &initial_spec),
    ];
    let assigned: Vec<_> = assign(&all, std::iter::once(&incident.key)).into_iter().map(|(_, key)| key).collect();
    assert_eq!(assigned, [None, None, Some(incident.key.clone()), None]);
    judge.set_written(Arc::new(all.to_vec()));
    let changes = judge.judge(&published, at(4));
    let written: Vec<_> = incidents(&changes).filter_map(|change| change.incident.written.as_ref()).collect();
    assert_eq!(written, [&initial_spec], "what the operator writes itself is remembered");
    assert_eq!((happened(&changes), decided(&changes)), (vec![], vec![]), "and is nobody's decision");
}
