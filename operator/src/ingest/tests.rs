use std::collections::BTreeSet;

use jiff::SignedDuration;
use landfall_observation::{Local, PodCapture, Topic};

use super::*;
use crate::fixture::{CLUSTER, body, observation};
use crate::serving::authentication::Scope;

fn three() -> Vec<landfall_observation::Observation> {
    (0..3).map(|seq| observation("node-eu", seq, "api.stranger.example")).collect()
}

fn refused(text: &str) -> (RefusalKind, Option<usize>, Option<u64>) {
    let refusal = read(text.as_bytes(), false).unwrap_err();
    (refusal.kind, refusal.record, refusal.seq)
}

#[test]
fn a_batch_is_read_plain_or_compressed() {
    let text = body(&three());
    let plain = read(text.as_bytes(), false).unwrap();
    assert_eq!(plain.observations.iter().map(|(seq, _, _)| *seq).collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!((plain.source.agent.as_str(), plain.source.epoch), ("node-eu", 1));
    let compressed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    assert_eq!(read(&compressed, true).unwrap(), plain);
}

#[test]
fn every_prefix_is_read_or_refused() {
    let text = body(&three());
    assert!(text.len() <= 4 << 10);
    let compressed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for end in 0..text.len() {
        match read(&text.as_bytes()[..end], false) {
            Ok(batch) => assert!((1..=3).contains(&batch.observations.len())),
            Err(refusal) => assert!(refusal.kind.is_final(), "{refusal}"),
        }
    }
    for end in 0..compressed.len() {
        let refusal = read(&compressed[..end], true).unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Unreadable);
    }
}

#[test]
fn the_record_at_fault_is_named() {
    let mut unsorted = three();
    unsorted[2].identity.seq = 1;
    assert_eq!(refused(&body(&unsorted)), (RefusalKind::NotAscending, Some(2), Some(1)));
    let mut foreign = three();
    foreign[1].identity.epoch = 2;
    assert_eq!(refused(&body(&foreign)), (RefusalKind::MixedIdentity, Some(1), Some(1)));
    let broken = body(&three()).replacen("\"bytes\":100", "\"bytes\":\"jane@example.org\"", 1);
    let refusal = read(broken.as_bytes(), false).unwrap_err();
    assert_eq!((refusal.kind, refusal.record), (RefusalKind::InvalidObservation, Some(0)));
    assert!(!refusal.to_string().contains("jane"), "{refusal}");
    assert_eq!(refused(""), (RefusalKind::Unreadable, None, None));
    assert_eq!(refused("\u{0}garbage"), (RefusalKind::InvalidObservation, Some(0), None));
}

#[test]
fn an_agent_that_watches_buses_delivers_topics_alone() {
    let mut observations = three();
    let text = body(&observations);
    assert_eq!(read(text.as_bytes(), false).unwrap().check_scope(Scope::All), Ok(()));
    let refusal = read(text.as_bytes(), false).unwrap().check_scope(Scope::Topics).unwrap_err();
    assert_eq!((refusal.kind, refusal.record, refusal.seq), (RefusalKind::NotATopic, Some(0), Some(0)));
    assert!(refusal.kind.is_final());
    for observation in &mut observations[..2] {
        observation.local = Local::Topic(Topic {
            bus: None,
            cluster_id: "k1".to_owned(),
            topic: "orders".to_owned(),
            declared: BTreeSet::new(),
        });
    }
    let text = body(&observations);
    let refusal = read(text.as_bytes(), false).unwrap().check_scope(Scope::Topics).unwrap_err();
    assert_eq!((refusal.kind, refusal.record), (RefusalKind::NotATopic, Some(2)));
    let topics = read(body(&observations[..2]).as_bytes(), false).unwrap();
    assert_eq!(topics.check_scope(Scope::Topics), Ok(()));
}

#[test]
fn unknown_fields_are_stored_as_received() {
    let newer = body(&three()[..1]).replacen('{', "{\"of-a-later-version\":{\"a\":[1]},", 1);
    let batch = read(newer.as_bytes(), false).unwrap();
    assert!(batch.observations[0].1.contains("of-a-later-version"));
}

#[test]
fn key_names_from_older_agents_are_dropped_before_anything_is_stored() {
    let mut one = three().remove(0);
    one.sent.findings.push(landfall_observation::Finding {
        category: landfall_observation::DataCategory::EMAIL_ADDRESS,
        detector: "email".into(),
        certainty: landfall_observation::FindingCertainty::Validated,
        matches: 3,
        records: 1,
        places: vec!["key:email".parse().unwrap()],
    });
    let with_places = |places: &str| body(std::slice::from_ref(&one)).replace("\"key:email\"", places);
    let old = with_places("\"key:email\",\"key:mueller\",\"key:m\\u0075eller.x\",\"header:x-mueller\",\"mueller\"");
    let batch = read(old.as_bytes(), false).unwrap();
    let (_, kept, observation) = &batch.observations[0];
    assert_eq!(*kept, with_places("\"key:email\",\"key:*\",\"header:*\"").trim_end());
    assert!(!format!("{batch:?}").contains("eller"));
    assert_eq!((observation.sent.findings[0].matches, observation.sent.findings[0].places.len()), (3, 3));
}

#[test]
fn decompression_bombs_and_too_many_records_are_refused() {
    let bomb = zstd::encode_all(vec![b'\n'; MAX_BYTES + 1].as_slice(), 3).unwrap();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(read(&bomb, true).unwrap_err().kind, RefusalKind::TooLarge);
    let line = body(&three()[..1]);
    let crowd: String = (0..=MAX_RECORDS).map(|seq| line.replacen("\"seq\":0", &format!("\"seq\":{seq}"), 1)).collect();
    assert_eq!(read(crowd.as_bytes(), false).unwrap_err().kind, RefusalKind::TooLarge);
}

#[test]
fn a_batch_must_be_of_this_cluster_and_of_the_calling_agent() {
    let batch = read(body(&three()).as_bytes(), false).unwrap();
    let check = |cluster, agent| batch.check_source(cluster, agent).map_err(|refusal| refusal.kind);
    assert_eq!(check(CLUSTER, Some("node-eu")), Ok(()));
    assert_eq!(check(CLUSTER, None), Ok(()));
    assert_eq!(check("another", None), Err(RefusalKind::ForeignIdentity));
    assert_eq!(check(CLUSTER, Some("node-us")), Err(RefusalKind::ForeignIdentity));
    // A retry may succeed, so the agent keeps it.
    assert!(!RefusalKind::ForeignIdentity.is_final());
}

#[test]
fn observations_from_the_future_are_cut_off_and_accepted_later() {
    let whole = read(body(&three()).as_bytes(), false).unwrap();
    let ends: Vec<_> = whole.observations.iter().map(|(_, _, observation)| observation.window.end).collect();
    let minutes = SignedDuration::from_mins;
    // How many are accepted, and the first that is not: its index, the reason, and when to retry.
    let cut = |now| {
        let mut batch = whole.clone();
        let rest = batch.truncate_future(now);
        let left = if rest.is_ok() { batch.observations.len() } else { 0 };
        let refusal = rest.unwrap_or_else(Some);
        (left, refusal.map(|refusal| (refusal.record.unwrap(), refusal.kind, refusal.retry_after)))
    };
    assert_eq!(cut(ends[2]), (3, None));
    // Nodes may be some minutes ahead.
    assert_eq!(cut(ends[2] - minutes(5)), (3, None));
    let early = Some((2, RefusalKind::ClockAhead, Some(31)));
    assert_eq!(cut(ends[2] - minutes(5) - SignedDuration::from_secs(30)), (2, early));
    let hour = Some((0, RefusalKind::ClockAhead, Some(55 * 60 + 1)));
    assert_eq!(cut(ends[0] - minutes(60)), (0, hour));
    assert!(!RefusalKind::ClockAhead.is_final());
    assert_eq!(cut(ends[0] - minutes(24 * 60 + 1)), (0, Some((0, RefusalKind::FutureDated, None))));
    // Nothing is skipped: the first record from the future decides about the batch.
    assert_eq!(cut(ends[2] - minutes(24 * 60 + 1)).1.map(|(record, ..)| record), Some(0));
}

#[test]
fn a_heartbeat_may_have_no_report_or_one_of_a_newer_agent() {
    let read = |text: &str, caller| read_report(text.as_bytes(), CLUSTER, caller).map_err(|refusal| refusal.kind);
    let node = Some("node-eu");
    assert_eq!(read("", node), Ok(None));
    let pods = [(PodCapture::Captured, 7), (PodCapture::NotCaptured, 2)].into_iter().collect();
    let report = AgentReport { cluster: CLUSTER.to_owned(), agent: "node-eu".to_owned(), pods: Some(pods) };
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(read(&text, node), Ok(Some(report.clone())));
    // Where any name is accepted, the report says it.
    assert_eq!(read(&text, None), Ok(Some(report.clone())));
    assert_eq!(read(&text.replacen('{', "{\"of-a-later-version\":{\"a\":[1]},", 1), node), Ok(Some(report.clone())));
    let without = serde_json::to_string(&AgentReport { pods: None, ..report.clone() }).unwrap();
    assert_eq!(read(&without, node), Ok(Some(AgentReport { pods: None, ..report })));
}

#[test]
fn a_report_that_is_foreign_or_broken_is_refused_without_quoting_it() {
    let report = AgentReport { cluster: CLUSTER.to_owned(), agent: "node-eu".to_owned(), pods: None };
    let text = serde_json::to_string(&report).unwrap();
    let kind = |text: &str, caller| read_report(text.as_bytes(), CLUSTER, caller).unwrap_err().kind;
    assert_eq!(kind(&text, Some("node-us")), RefusalKind::ForeignIdentity);
    assert_eq!(kind(&text.replace(CLUSTER, "another"), None), RefusalKind::ForeignIdentity);
    for end in 1..text.len() {
        assert_eq!(kind(&text[..end], None), RefusalKind::InvalidReport);
    }
    let refusal = read_report(br#"{"cluster":1,"agent":"jane@example.org"}"#, CLUSTER, None).unwrap_err();
    assert!(!refusal.to_string().contains("jane"), "{refusal}");
}
