use std::sync::Arc;

use landfall_api::{IncidentSpec, NamespacedReference};
use landfall_evidence::RecordKind;

use crate::{
    fixture::{another_version, at, observation, published},
    judging::{
        Change, DecisionKind, FIRST, FULL, IncidentEvent, Judge, ServedTenants, assign,
        tests::{STRANGER, day, has_no_records, incident_events, incidents, restore, spec, with_finding, written},
    },
};

/// Decisions and deciders.
fn decided(changes: &[Change]) -> Vec<(DecisionKind, Option<&str>)> {
    let records = incidents(changes).filter_map(|change| change.decision.as_ref());
    records.flat_map(|record| &record.decisions).map(|decided| (decided.what, decided.by.as_deref())).collect()
}

#[test]
fn a_breach_opens_one_incident_which_returns_if_traffic_continues_after_closing() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, observation("a", 0, STRANGER));
    assert_eq!(incident_events(&judge.judge(&published, at(1))), [], "nothing personal was seen");
    judge.observe(&published, with_finding(1));
    let opened = judge.judge(&published, at(2));
    assert_eq!(incident_events(&opened), [(IncidentEvent::Opened, 1)]);
    assert_eq!(decided(&opened), [], "no person did that");
    judge.observe(&published, with_finding(2));
    assert_eq!(incident_events(&judge.judge(&published, at(3))), []);

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
    assert_eq!(incident_events(&changes), []);
    let records: Vec<_> = changes.iter().flat_map(Change::records).map(|(kind, _)| kind).collect();
    assert!(records.contains(&RecordKind::Decision) && !records.contains(&RecordKind::Incident), "{records:?}");
    judge.set_written(closed(4));
    assert_eq!(decided(&judge.judge(&published, at(5))), [], "the second one changes nothing");

    // Traffic from before the closing that arrives late is not a return.
    judge.observe(&published, with_finding(3));
    assert_eq!(incident_events(&judge.judge(&published, at(6))), []);
    judge.observe(&published, with_finding(7));
    let returned = judge.judge(&published, at(8));
    assert_eq!(incident_events(&returned), [(IncidentEvent::Returned, 2)]);
    judge.observe(&published, with_finding(9));
    assert_eq!(incident_events(&judge.judge(&published, at(10))), []);

    // A restart remembers all of it.
    let mut again = Judge::new(day());
    restore(&mut again, &opened);
    restore(&mut again, &returned);
    assert_eq!(again.incidents().next().unwrap().known, [at(2), at(8)]);
    assert_eq!(incident_events(&again.judge(&another_version(&published), at(11))), []);
}

#[test]
fn an_overdue_report_is_recorded_once_even_over_a_restart() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, with_finding(1));
    let mut all = judge.judge(&published, at(2));
    // Four hours, then twelve (BR-FIRST, BR-FULL).
    assert_eq!(incident_events(&judge.judge(&published, at(2 + 4 * 60 - 1))), []);
    let first = judge.judge(&published, at(2 + 4 * 60));
    assert_eq!(incident_events(&first), [(IncidentEvent::Overdue, 1)]);
    let (kind, record) = first.iter().flat_map(Change::records).next().unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    let expected = serde_json::json!([{ "obligation": FIRST, "started": at(2), "due": at(2 + 4 * 60) }]);
    assert_eq!((kind, &record["event"], &record["overdue"]), (RecordKind::Incident, &"overdue".into(), &expected));
    assert_eq!(record.get("written"), None, "nothing that people wrote");
    assert_eq!(incident_events(&judge.judge(&published, at(6 * 60))), []);
    all.extend(first);

    // The operator was down when the full report was due.
    let mut again = Judge::new(day());
    restore(&mut again, &all);
    let late = again.judge(&published, at(20 * 60));
    assert_eq!(incident_events(&late), [(IncidentEvent::Overdue, 1)]);
    let overdue = &incidents(&late).next().unwrap().incident.overdue;
    assert_eq!(overdue.iter().map(|it| it.obligation.clone()).collect::<Vec<_>>(), [FIRST.into(), FULL.into()]);
    assert_eq!(incident_events(&again.judge(&published, at(21 * 60))), []);
}

#[test]
fn an_incident_is_closed_once_it_is_reported_and_measures_are_recorded() {
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
        (incident_events(&changes), decided)
    };
    let closing = serde_json::json!({
        "closing": { "measures": ["stopped"], "reasoning": "nothing leaves", "by": "office", "at": at(4) },
    });
    assert_eq!(write(&mut judge, closing, 5), (vec![], vec![DecisionKind::Closing]), "a report must still be sent");
    let report = serde_json::json!({ "name": "full", "stage": "FullReport", "sentAt": at(6) });
    let sent = write(&mut judge, serde_json::json!({ "reports": [report] }), 7);
    assert_eq!(sent, (vec![(IncidentEvent::Closed, 1)], vec![DecisionKind::ReportSent]));
    // Only once: further edits do not close it again.
    let consequences = serde_json::json!({ "consequences": "none" });
    assert_eq!(write(&mut judge, consequences, 8), (vec![], vec![DecisionKind::Particulars]));
    assert_eq!(incident_events(&judge.judge(&published, at(30 * 60))), [], "what was sent in time is not overdue");
    judge.observe(&published, with_finding(40 * 60));
    assert_eq!(incident_events(&judge.judge(&published, at(40 * 60 + 1))), [(IncidentEvent::Returned, 2)]);
    // New deadlines run.
    assert_eq!(incident_events(&judge.judge(&published, at(45 * 60))), [(IncidentEvent::Overdue, 2)]);
}

#[test]
fn an_incident_without_an_edge_is_remembered_with_its_terms_over_a_restart() {
    let published = published();
    let entered = |summary: &str| Arc::new(vec![written("privacy", "lost-laptop", &spec("LostDevice", summary))]);
    let mut judge = Judge::new(day());
    judge.set_written(entered("a laptop was lost"));
    judge.set_written(entered("a laptop was lost"));
    let changes = judge.judge(&published, at(1));
    assert_eq!((incident_events(&changes), decided(&changes)), (vec![], vec![(DecisionKind::Opening, None)]));
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
    assert!(has_no_records(&again.judge(&published, at(2))));
    again.set_written(entered("a laptop was lost in a train"));
    assert_eq!(decided(&again.judge(&published, at(3))), [(DecisionKind::Particulars, None)]);
}

#[test]
fn only_the_oldest_incident_in_the_agreements_namespace_belongs_to_an_edge() {
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
    // One in another namespace, and one that names another agreement.
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
    assert_eq!((incident_events(&changes), decided(&changes)), (vec![], vec![]), "and is nobody's decision");
}
