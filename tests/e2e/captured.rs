//! The condition `PodsCaptured` of the example agreement, and what makes it false.

use landfall_tests::{cluster::Node, story::Story};

use crate::releases::upgrade;

/// Waits until it has this status and a message with this in it.
pub(crate) fn await_captured(story: &Story, status: &str, said: &str) {
    let path = r#"jsonpath={range .status.conditions[?(@.type=="PodsCaptured")]}{.status}: {.message}{end}"#;
    let is_so = || {
        let condition = story.cluster.kubectl(&["-n", "privacy", "get", "agr", "crm-processor", "-o", path], "");
        let condition = condition.map_err(|error| error.to_string())?;
        if condition.starts_with(status) && condition.contains(said) { Ok(condition) } else { Err(condition) }
    };
    let condition = story.wait_for(&format!("PodsCaptured {status}"), is_so).unwrap();
    eprintln!("PodsCaptured is {condition}");
}

/// Has agents capture the interfaces of all pods that there are but those of one workload, as a pattern does that is too
/// narrow.
pub(crate) fn leave_out(story: &Story, workload: &str) {
    let target = format!("deployment/{workload}");
    let index = story.cluster.kubectl(&["-n", "crm", "exec", &target, "--", "cat", "/sys/class/net/eth0/iflink"], "");
    let script = r#"ip -o link show type veth | awk -F'[:@ ]+' -v left="$1" '$1 != left && $2 ~ /^veth/ { print $2 }'"#;
    let of_pod = ["-l", &format!("app={workload}"), "-o", "jsonpath={.items[0].spec.nodeName}"];
    let node = story.cluster.kubectl(&[&["-n", "crm", "get", "pods"], &of_pod[..]].concat(), "");
    let (index, node) = (index.unwrap(), node.unwrap());
    let interfaces = |of: &Node| {
        let left = if of.name() == node { index.trim() } else { "" };
        let listed = of.machine().shell(script, &[left]).unwrap();
        // A name alone must be there on every node; a pattern need not.
        listed.lines().map(|name| format!("{}?", &name[..name.len() - 1])).collect::<Vec<_>>()
    };
    let patterns: Vec<_> = story.cluster.nodes().iter().flat_map(interfaces).collect();
    assert!(patterns.len() >= story.cluster.nodes().len(), "{patterns:?}");
    set_interfaces(story, &patterns.join(","));
}

/// Has agents capture the interfaces of these patterns, separated by commas.
pub(crate) fn set_interfaces(story: &Story, patterns: &str) {
    upgrade(&story.helm(4).unwrap(), &format!("agent.interfaces={{{patterns}}}"));
    story.ready().unwrap();
}
