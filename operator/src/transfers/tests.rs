use std::collections::BTreeSet;

use landfall_transfer_law::{AgreementId, EdgeId, Exporter};

use super::*;
use crate::judging::names::{MAX_TEXT, edge_from_spec, spec, transfer};

fn edge(recipient: &str) -> EdgeId {
    EdgeId {
        cluster: "test".to_owned(),
        agreement: AgreementId { namespace: "privacy".to_owned(), name: "avv".to_owned() },
        exporter: Exporter::workload("crm", "Deployment", "Sync.v2"),
        recipient: recipient.to_owned(),
        endpoint: "eu".to_owned(),
    }
}

#[test]
fn names_are_readable_and_valid() {
    let name = |recipient: &str| transfer(&edge(recipient)).name;
    assert_eq!(name("openai"), "sync-v2-openai-8cdb793ffb");
    assert_eq!(name("unregistered:stranger.example").rsplit_once('-').unwrap().0, "sync-v2-stranger-example");
    assert_ne!(name("a"), name("b"));
    for recipient in ["", ":", "\u{202e}\u{7}", &"x".repeat(10_000), "übel.example", "unregistered:2001:db8::/48"] {
        let name = name(recipient);
        assert!(name.len() <= 253 && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
        assert!(!name.starts_with('-') && !name.ends_with('-'), "{name}");
    }
}

#[test]
fn the_transfer_of_a_topic_is_in_the_namespace_of_its_bus() {
    let of_topic = EdgeId { exporter: Exporter::topic("shop", "events", "Orders_v1"), ..edge("openai") };
    let NamespacedReference { namespace, name } = transfer(&of_topic);
    assert_eq!((namespace.as_str(), name.rsplit_once('-').unwrap().0), ("shop", "orders-v1-openai"));
    // Neither a workload of these names nor a topic of another bus is the same edge.
    let workload = EdgeId { exporter: Exporter::workload("shop", "events", "Orders_v1"), ..edge("openai") };
    let elsewhere = EdgeId { exporter: Exporter::topic("shop", "archive", "Orders_v1"), ..edge("openai") };
    assert_eq!(BTreeSet::from([&of_topic, &workload, &elsewhere].map(|edge| transfer(edge).name)).len(), 3);
}

#[test]
fn an_object_describes_its_edge_completely() {
    for edge in [
        edge("openai"),
        EdgeId { exporter: Exporter::topic("shop", "events", "orders"), endpoint: String::new(), ..edge("openai") },
    ] {
        assert_eq!(edge_from_spec(&spec(&edge)), Some(edge));
    }
    let mut nobody = spec(&edge("openai"));
    nobody.exporter.workload = None;
    assert_eq!(edge_from_spec(&nobody), None);
}

#[test]
fn external_texts_are_bounded_and_have_no_control_characters() {
    assert_eq!(spec(&edge("a\u{7}\u{1b}[2Jb")).recipient, "a\u{fffd}\u{fffd}[2Jb");
    assert_eq!(spec(&edge(&"ü".repeat(1_000))).recipient.chars().count(), MAX_TEXT);
}

#[test]
fn verdicts_that_became_worse_go_first_and_counters_last() {
    use landfall_observation::Outcome::{Conditional, Permitted, Unknown, Unlawful};
    let status = |outcome, bytes| TransferStatus {
        outcome: Some(outcome),
        volume: Some(landfall_api::TransferVolume { bytes_sent: bytes, ..landfall_api::TransferVolume::default() }),
        ..TransferStatus::default()
    };
    let priority =
        |current: Option<&TransferStatus>, want| <TransferSpec as StatusKind>::priority(current, &status(want, 1));
    let permitted = status(Permitted, 0);
    let mut order = vec![
        priority(Some(&permitted), Permitted),
        priority(Some(&status(Unlawful, 0)), Permitted),
        priority(Some(&status(Unlawful, 0)), Unknown),
        priority(None, Conditional),
        priority(Some(&permitted), Unknown),
        priority(None, Unlawful),
    ];
    let expected: Vec<_> = order.iter().copied().rev().collect();
    order.sort();
    assert_eq!(order, expected);
    assert_eq!(<TransferSpec as StatusKind>::priority(Some(&status(Permitted, 1)), &status(Permitted, 1)), None);
}
