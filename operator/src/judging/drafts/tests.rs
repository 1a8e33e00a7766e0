use std::sync::Arc;

use landfall_evidence::RecordKind;

use super::*;
use crate::{
    fixture::{at, observation, published},
    judging::{
        Change, Judge,
        tests::{day, finding, incident_events, judgments, restore, spec, written},
    },
};

fn drafts(changes: &[Change]) -> Vec<&DraftChange> {
    changes.iter().filter_map(|change| if let Change::Draft(draft) = change { Some(draft) } else { None }).collect()
}

/// The number of drafts that are published, and of those that are recorded.
fn counts(changes: &[Change]) -> (usize, usize) {
    let drafts = drafts(changes);
    let records = changes.iter().flat_map(Change::records).filter(|(kind, _)| *kind == RecordKind::Draft);
    assert_eq!(records.count(), drafts.iter().filter(|draft| draft.at.is_some()).count());
    (drafts.len(), drafts.iter().filter(|draft| draft.at.is_some()).count())
}

#[test]
fn each_version_of_a_draft_is_recorded_once_even_over_a_restart() {
    let published = published();
    let leak = |summary: &str| Arc::new(vec![written("privacy", "leak", &spec("Leak", summary))]);
    let mut judge = Judge::new(day());
    judge.set_written(leak("one"));
    let first = judge.judge(&published, at(1));
    assert_eq!(counts(&first), (4, 4));
    let draft = &drafts(&first)[0].draft;
    let subject = Subject { kind: "Incident".to_owned(), namespace: "privacy".to_owned(), name: "leak".to_owned() };
    assert_eq!((&draft.subject, draft.edge.as_ref()), (&subject, None));
    assert!(draft.text.contains("one"), "{}", draft.text);
    judge.set_written(leak("one"));
    assert_eq!(counts(&judge.judge(&published, at(2))), (0, 0));

    // After a restart they are published again, but not recorded again.
    let mut again = Judge::new(day());
    restore(&mut again, &first);
    assert_eq!(counts(&again.judge(&published, at(3))), (0, 0), "the Incidents in the cluster are not known yet");
    again.set_written(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(4))), (4, 0));
    // Only changed drafts are recorded.
    let mut counted = spec("Leak", "one");
    counted.nature.approximate_records = Some(4_000);
    again.set_written(Arc::new(vec![written("privacy", "leak", &counted)]));
    assert_eq!(counts(&again.judge(&published, at(5))), (2, 2));
    again.set_written(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(6))), (2, 2), "an earlier version is recorded again");
}

#[test]
fn many_new_verdicts_are_judged_before_reports_are_drafted() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.set_written(Arc::default());
    judge.judge(&published, at(0));
    for seq in 0..60 {
        let mut observation = observation("a", seq, &format!("api.s{seq}.example"));
        observation.sent.findings.push(finding());
        judge.observe(&published, observation);
    }
    let changes = judge.judge(&published, at(61));
    assert_eq!((judgments(&changes).len(), incident_events(&changes).len()), (60, 60));
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
