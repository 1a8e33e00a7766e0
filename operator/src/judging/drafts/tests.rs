use std::sync::Arc;

use landfall_evidence::RecordKind;

use super::*;
use crate::{
    fixture::{at, observation, published},
    judging::{
        Change, Judge,
        tests::{day, finding, happened, judgments, restore, spec, written},
    },
};

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

#[test]
fn a_draft_is_written_down_once_for_all_that_it_says_over_a_restart_too() {
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

    // After a restart readers are shown them again, and the ledger has them.
    let mut again = Judge::new(day());
    restore(&mut again, &first);
    assert_eq!(counts(&again.judge(&published, at(3))), (0, 0), "nobody knows what is in the cluster");
    again.set_written(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(4))), (4, 0));
    // Only what says something else is news.
    let mut counted = spec("Leak", "one");
    counted.nature.approximate_records = Some(4_000);
    again.set_written(Arc::new(vec![written("privacy", "leak", &counted)]));
    assert_eq!(counts(&again.judge(&published, at(5))), (2, 2));
    again.set_written(leak("one"));
    assert_eq!(counts(&again.judge(&published, at(6))), (2, 2), "what it said before is news again");
}

#[test]
fn a_law_that_hits_many_is_judged_before_drafts_are_drawn_up() {
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
