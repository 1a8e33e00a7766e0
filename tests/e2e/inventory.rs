//! What is in a cluster: every object that can be listed.

use std::collections::BTreeSet;

use landfall_tests::{cluster::ClusterError, story::Story};

/// Objects that come and go by themselves.
const PASSING: [&str; 2] = ["Event ", "Secret landfall-system/sh.helm.release."];

/// `Kind namespace/name` of every object.
pub(crate) fn inventory(story: &Story) -> Result<BTreeSet<String>, ClusterError> {
    let kinds = story.cluster.kubectl(&["api-resources", "--verbs=list", "--output=name"], "")?;
    let kinds = kinds.split_whitespace().collect::<Vec<_>>().join(",");
    let line = r#"jsonpath={range .items[*]}{.kind}{" "}{.metadata.namespace}{"/"}{.metadata.name}{"\n"}{end}"#;
    let all = story.cluster.kubectl(&["get", &kinds, "--all-namespaces", "--output", line], "")?;
    let stays = |line: &&str| !PASSING.iter().any(|passing| line.starts_with(passing));
    Ok(all.lines().filter(stays).map(str::to_owned).collect())
}
