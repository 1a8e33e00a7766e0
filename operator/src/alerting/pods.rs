//! Which nodes have pods whose transfers go unseen, as a condition of every agreement: whoever looks at an agreement learns
//! that the list of its transfers may be incomplete. Numbers are left to the metric, so that objects change seldom.

use std::collections::BTreeMap;

use jiff::Timestamp;
use landfall_api::{ConditionStatus, condition};

use crate::{objects::condition::ConditionUpdate, views::agents::AgentSeen};

/// Maximum number of nodes that a message names.
const MAX_NAMED: usize = 5;

/// The condition, for the nodes of the cluster and what their agents reported.
pub(super) fn captured(nodes: &[String], seen: &BTreeMap<String, AgentSeen>, now: Timestamp) -> ConditionUpdate {
    let pods = |node: &String| seen.get(node).and_then(|seen| seen.pods(now));
    let unseen: Vec<_> =
        nodes.iter().filter(|node| pods(node).is_some_and(landfall_observation::PodsByCapture::has_unseen)).collect();
    let silent: Vec<_> = nodes.iter().filter(|node| pods(node).is_none()).collect();
    let (status, reason, message) = if !unseen.is_empty() {
        let text = "pods whose interface is not captured, or of which that is not known; their transfers may go unseen";
        (ConditionStatus::False, condition::NOT_CAPTURED, named(&unseen, text))
    } else if silent.is_empty() && !nodes.is_empty() {
        (ConditionStatus::True, condition::CAPTURED, "the interface of every pod of every node is captured".to_owned())
    } else {
        let text = "no agent that reports which pods are captured";
        (ConditionStatus::Unknown, condition::NOT_REPORTED, named(&silent, text))
    };
    ConditionUpdate { r#type: condition::PODS_CAPTURED, status, reason, message }
}

fn named(nodes: &[&String], text: &str) -> String {
    let mut names: Vec<_> = nodes.iter().map(|node| node.as_str()).collect();
    names.sort_unstable();
    let names = match names.len().checked_sub(MAX_NAMED) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..MAX_NAMED].join(", ")),
    };
    match nodes.len() {
        0 => "the cluster has no nodes".to_owned(),
        1 => format!("1 node has {text}: {names}"),
        count => format!("{count} nodes have {text}: {names}"),
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::PodCapture;

    use super::*;
    use crate::views::agents::AgentsSeen;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn of(nodes: &[&str], reports: &[(&str, Option<PodCapture>)]) -> (ConditionStatus, &'static str, String) {
        let agents = AgentsSeen::default();
        for (node, capture) in reports {
            match capture {
                Some(capture) => agents.report(node, [(*capture, 2)].into_iter().collect(), NOW),
                None => agents.record(node, NOW),
            }
        }
        let nodes: Vec<_> = nodes.iter().map(|node| (*node).to_owned()).collect();
        let ConditionUpdate { r#type, status, reason, message } = captured(&nodes, &agents.all(), NOW);
        assert_eq!(r#type, "PodsCaptured");
        (status, reason, message)
    }

    #[test]
    fn one_node_with_pods_that_are_not_captured_is_enough() {
        use PodCapture::{Captured, HostNetwork, NotCaptured, Shared, Unknown};
        let (status, reason, message) = of(&["a", "b"], &[("a", Some(Captured)), ("b", Some(HostNetwork))]);
        assert_eq!((status, reason), (ConditionStatus::True, "Captured"), "{message}");
        for capture in [NotCaptured, Unknown] {
            let (status, reason, message) = of(&["a", "b"], &[("a", Some(capture))]);
            assert_eq!((status, reason), (ConditionStatus::False, "NotCaptured"));
            assert!(message.starts_with("1 node has ") && message.ends_with(": a"), "{message}");
        }
        assert_eq!(of(&["a"], &[("a", Some(Shared))]).0, ConditionStatus::True);
    }

    #[test]
    fn a_node_that_reports_nothing_is_unknown_and_one_that_is_gone_does_not_count() {
        let (status, reason, message) = of(&["b", "a"], &[("a", None), ("gone", Some(PodCapture::NotCaptured))]);
        assert_eq!((status, reason), (ConditionStatus::Unknown, "NotReported"));
        assert_eq!(message, "2 nodes have no agent that reports which pods are captured: a, b");
        let many = ["a", "b", "c", "d", "e", "f", "g"];
        assert!(of(&many, &[]).2.ends_with(": a, b, c, d, e and 2 more"));
        assert_eq!(of(&[], &[]).0, ConditionStatus::Unknown);
    }
}
