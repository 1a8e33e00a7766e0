use landfall_observation::{DataCategory, Finding, FindingCertainty, Place};
use landfall_transfer_law::RollupRecord;

use super::*;
use crate::fixture::{another_version, at, observation, published};

pub(super) const STRANGER: &str = "api.stranger.example";

pub(super) fn day() -> SignedDuration {
    SignedDuration::from_hours(24)
}

pub(super) fn finding() -> Finding {
    Finding {
        category: DataCategory::EMAIL_ADDRESS,
        detector: "email".into(),
        certainty: FindingCertainty::Validated,
        matches: 1,
        records: 1,
        places: vec![Place::Body],
    }
}

pub(super) fn edges(changes: &[Change]) -> impl Iterator<Item = &EdgeChange> {
    changes.iter().filter_map(|change| if let Change::Edge(edge) = change { Some(edge) } else { None })
}

pub(super) fn judgments(changes: &[Change]) -> Vec<&JudgmentRecord> {
    edges(changes).filter_map(|edge| edge.judgment.as_ref()).collect()
}

pub(super) fn rollups(changes: &[Change]) -> Vec<&RollupRecord> {
    edges(changes).filter_map(|edge| edge.rollup.as_ref()).collect()
}

pub(super) fn transitions(changes: &[Change]) -> Vec<&Transition> {
    edges(changes).filter_map(|edge| edge.transition.as_ref()).collect()
}

/// Outcome, bytes sent, and whether it is a re-judgment.
pub(super) fn judged(changes: &[Change]) -> Vec<(Outcome, u64, bool)> {
    let judgments = judgments(changes).into_iter();
    judgments.map(|record| (record.verdict.outcome(), record.traffic.bytes_sent, record.rejudged)).collect()
}

pub(super) fn rolled_up(changes: &[Change]) -> Vec<(Outcome, u64)> {
    rollups(changes).into_iter().map(|record| (record.outcome(), record.traffic.bytes_sent)).collect()
}

/// Whether there is nothing to record.
pub(super) fn has_no_records(changes: &[Change]) -> bool {
    changes.iter().all(|change| change.records().is_empty())
}

pub(super) fn remembered(changes: &[Change]) -> Vec<Remembered> {
    changes.iter().filter_map(Change::remembered).filter_map(|(_, it)| it).collect()
}

/// As after a restart.
pub(super) fn restore(judge: &mut Judge, changes: &[Change]) {
    for it in remembered(changes) {
        judge.restore(serde_json::from_str(&serde_json::to_string(&it).unwrap()).unwrap());
    }
}

pub(super) fn with_finding(seq: u64) -> Observation {
    let mut observation = observation("a", seq, STRANGER);
    observation.sent.findings.push(finding());
    observation
}

/// An Incident in the cluster.
pub(super) fn written(namespace: &str, name: &str, spec: &IncidentSpec) -> WrittenIncident {
    WrittenIncident {
        reference: NamespacedReference { namespace: namespace.to_owned(), name: name.to_owned() },
        uid: None,
        generation: None,
        created: None,
        spec: Arc::new(spec.clone()),
    }
}

pub(super) fn spec(code: &str, summary: &str) -> IncidentSpec {
    let spec = serde_json::json!({
        "agreementRef": { "name": "crm-processor" }, "firstAwareness": at(0), "discoveredBy": "Person",
        "nature": { "codes": [code], "summary": summary },
    });
    serde_json::from_value(spec).unwrap()
}

pub(super) fn incidents(changes: &[Change]) -> impl Iterator<Item = &IncidentChange> {
    changes.iter().filter_map(|change| if let Change::Incident(incident) = change { Some(incident) } else { None })
}

/// Events of incidents, with the number of times that the breach became known.
pub(super) fn incident_events(changes: &[Change]) -> Vec<(IncidentEvent, usize)> {
    incidents(changes).filter_map(|change| Some((change.event?.0, change.incident.known.len()))).collect()
}

#[test]
fn a_verdict_is_recorded_once_and_further_traffic_is_rolled_up() {
    let published = published();
    let mut judge = Judge::new(day());
    assert!(judge.observe(&published, observation("a", 0, STRANGER)));
    let first = judge.judge(&published, at(1));
    assert_eq!(judged(&first), [(Outcome::Unknown, 100, false)]);
    assert_eq!(transitions(&first)[0].before, None);

    for seq in 1..4 {
        judge.observe(&published, observation("a", seq, STRANGER));
        let changes = judge.judge(&published, at(2));
        assert!(has_no_records(&changes) && transitions(&changes).is_empty());
        assert_eq!(remembered(&changes).len(), 1);
    }
    assert!(has_no_records(&judge.roll_up(at(60))));
    let changes = judge.roll_up(at(24 * 60 + 1));
    assert_eq!(rolled_up(&changes), [(Outcome::Unknown, 300)]);
    assert!(has_no_records(&judge.roll_up(at(49 * 60))));
}

#[test]
fn a_changed_verdict_ends_the_interval_and_every_byte_is_in_one_record() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, observation("a", 0, STRANGER));
    judge.judge(&published, at(1));
    judge.observe(&published, observation("a", 1, STRANGER));
    judge.judge(&published, at(2));
    let mut seen = observation("a", 2, STRANGER);
    seen.sent.findings.push(finding());
    judge.observe(&published, seen);
    let changes = judge.judge(&published, at(3));
    assert_eq!(rolled_up(&changes), [(Outcome::Unknown, 100)]);
    assert_eq!(judged(&changes), [(Outcome::Unlawful, 100, false)]);
    let transition = transitions(&changes)[0];
    assert_eq!((transition.before, transition.after), (Some(Outcome::Unknown), Outcome::Unlawful));
    assert_eq!(judgments(&changes)[0].interval.from, rollups(&changes)[0].interval.until);
}

#[test]
fn a_new_ruleset_rejudges_without_counting_traffic_again() {
    let published = published();
    let mut judge = Judge::new(day());
    judge.observe(&published, observation("a", 0, "eu.api.openai.com"));
    let first = judge.judge(&published, at(1));
    assert_eq!(judgments(&first).len(), 1);
    // The same verdicts under another version are not recorded.
    assert!(has_no_records(&judge.judge(&another_version(&published), at(2))));

    let mut law = (*published).clone();
    let mut ruleset = (*law.ruleset).clone();
    ruleset.version = "third".to_owned();
    ruleset.bases = ruleset.bases.iter().filter(|basis| basis.importers.is_none()).cloned().collect();
    ruleset.recipients.values_mut().for_each(|recipient| recipient.contracting_entity.seat = "US".parse().unwrap());
    law.ruleset = std::sync::Arc::new(ruleset);
    let changes = judge.judge(&law, at(3));
    assert_eq!(judged(&changes), [(Outcome::Unlawful, 100, true)]);
    assert_eq!(judgments(&changes)[0].interval, judgments(&first)[0].interval);
    assert!(edges(&changes).all(|edge| !edge.is_counted()));
}

#[test]
fn what_no_agreement_selects_is_not_judged() {
    let published = published();
    let mut judge = Judge::new(day());
    let mut foreign = observation("a", 0, STRANGER);
    foreign.local = landfall_observation::Local::Workload(landfall_observation::Workload::new("other", "Pod", "x"));
    assert!(!judge.observe(&published, foreign));
    assert!(judge.judge(&published, at(1)).is_empty());
}

#[test]
fn a_restart_continues_from_the_remembered_state() {
    let published = published();
    let (mut judge, mut restarted) = (Judge::new(day()), Judge::new(day()));
    for seq in 0..2 {
        judge.observe(&published, observation("a", seq, STRANGER));
        let changes = judge.judge(&published, at(1));
        restore(&mut restarted, &changes);
    }
    assert_eq!(restarted.count_outcomes(), judge.count_outcomes());
    for judge in [&mut judge, &mut restarted] {
        judge.observe(&published, observation("a", 2, STRANGER));
        assert!(has_no_records(&judge.judge(&published, at(3))));
        assert_eq!(rolled_up(&judge.roll_up(at(25 * 60))), [(Outcome::Unknown, 200)]);
    }
}
