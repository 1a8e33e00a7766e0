//! Networks of the cluster that an agreement does not declare, as text to add to it. Pure.
//!
//! Operator and jurisdiction of a network are left blank: no object of the cluster states them (decision 0019).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use ipnet::IpNet;
use landfall_api::{ConditionStatus, Kind as _, ProcessingAgreementSpec, condition as words};
use landfall_transfer_law::{
    AgreementId,
    lint::{Finding, NETWORKS_UNDECLARED, Object},
};

use super::{ClusterNetworks, NetworkUse};
use crate::objects::condition::ConditionUpdate;

/// Maximum number of prefixes shown; an entry of an agreement has at most 64.
const MAX_SHOWN: usize = 48;
/// Maximum number of prefixes in a finding, which refers to the condition.
const MAX_NAMED: usize = 4;
/// Maximum length of a label value in Kubernetes; a longer one is not shown.
const MAX_LABEL: usize = 63;

/// The prefixes that an agreement and the register declare.
#[derive(Debug, Default)]
pub(in crate::register) struct Declared(Vec<IpNet>);

/// What to report about an agreement.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::register) struct Proposal {
    pub(in crate::register) condition: ConditionUpdate,
    /// The text of the lint finding, if something is not declared.
    pub(in crate::register) finding: Option<String>,
}

impl Proposal {
    /// Replaces the finding of lint, which does not know the cluster's networks.
    pub(in crate::register) fn add_to(&self, findings: &mut Vec<Finding>, agreement: &AgreementId) {
        let is_known = self.condition.status != ConditionStatus::Unknown;
        let object = Object { kind: ProcessingAgreementSpec::KIND.to_owned(), name: agreement.to_string() };
        findings.retain(|finding| !is_known || finding.id != NETWORKS_UNDECLARED.id || finding.object != object);
        if let Some(text) = &self.finding {
            let mut finding = NETWORKS_UNDECLARED.noted(object, text.clone());
            finding.agreement = Some(agreement.clone());
            findings.push(finding);
            findings.sort();
        }
    }
}

/// The prefixes of one `ownNetworks` entry, each with its uses.
type Entry = BTreeMap<IpNet, BTreeSet<NetworkUse>>;

impl FromIterator<IpNet> for Declared {
    fn from_iter<I: IntoIterator<Item = IpNet>>(prefixes: I) -> Self {
        // Adjacent prefixes are merged, so that two halves cover the whole.
        Self(IpNet::aggregate(&prefixes.into_iter().collect()))
    }
}

impl Declared {
    fn covers(&self, prefix: &IpNet) -> bool {
        self.0.iter().any(|declared| declared.contains(prefix))
    }
}

impl NetworkUse {
    fn label(self) -> &'static str {
        match self {
            Self::Services => "Services",
            Self::NameServer => "name server",
            Self::ApiServer => "API server",
            Self::Nodes => "nodes",
            Self::Pods => "pods",
        }
    }
}

pub(super) fn propose(named: &ClusterNetworks, declared: &Declared) -> Proposal {
    let entries = entries(named, declared);
    let mut unread: Vec<&str> = named.unread.iter().copied().collect();
    let r#type = words::OWN_NETWORKS_DECLARED;
    if entries.is_empty() {
        let condition = if unread.is_empty() {
            let message = format!("every known network of the cluster is declared{}", pods_unnamed(named));
            ConditionUpdate { r#type, status: ConditionStatus::True, reason: words::DECLARED, message }
        } else {
            let message =
                format!("cannot tell whether every network of the cluster is declared: {}", unread.join("; "));
            ConditionUpdate { r#type, status: ConditionStatus::Unknown, reason: words::NOT_READABLE, message }
        };
        return Proposal { condition, finding: None };
    }
    if named.has_nodes_without_pods {
        unread.push("the networks of pods of nodes without podCIDRs (the network plugin knows them)");
    }
    let message = format!(
        "the agreement does not declare these networks of the cluster, so traffic to them is judged as traffic to \
         unregistered recipients. Add them, or larger ones that are entirely yours (nodes come and go), with their \
         operator and jurisdiction:\n\n{}",
        text(&entries, &unread)
    );
    let condition = ConditionUpdate { r#type, status: ConditionStatus::False, reason: words::UNDECLARED, message };
    Proposal { condition, finding: Some(finding(&entries)) }
}

fn pods_unnamed(named: &ClusterNetworks) -> &'static str {
    if named.has_nodes_without_pods { "; the networks of pods are not known (nodes have no podCIDRs)" } else { "" }
}

/// The undeclared networks by region. Those without a region form an entry of their own, or join the only region.
fn entries(named: &ClusterNetworks, declared: &Declared) -> BTreeMap<Option<String>, Entry> {
    // The name server is usually a Service and the API server a node, so another network already covers them.
    let is_single = |part: NetworkUse| matches!(part, NetworkUse::NameServer | NetworkUse::ApiServer);
    let is_within =
        |prefix: &IpNet| named.networks.iter().any(|other| !is_single(other.part) && other.prefix.contains(prefix));
    let undeclared = named.networks.iter().filter(|network| !declared.covers(&network.prefix));
    let undeclared = undeclared.filter(|network| !(is_single(network.part) && is_within(&network.prefix)));
    // Grouped by use, so that adjacent prefixes of the same use are merged.
    let mut by_part: BTreeMap<(Option<&str>, NetworkUse), Vec<IpNet>> = BTreeMap::new();
    for network in undeclared {
        by_part.entry((network.region.as_deref(), network.part)).or_default().push(network.prefix);
    }
    let regions: BTreeSet<_> = named.networks.iter().filter_map(|network| network.region.as_deref()).collect();
    let only = regions.first().copied().filter(|_| regions.len() == 1);
    let mut entries: BTreeMap<Option<String>, Entry> = BTreeMap::new();
    for ((region, part), prefixes) in by_part {
        let entry = entries.entry(region.or(only).map(str::to_owned)).or_default();
        for prefix in IpNet::aggregate(&prefixes) {
            entry.entry(prefix).or_default().insert(part);
        }
    }
    entries
}

/// The YAML to add. The comments explain the prefixes and the blank fields.
fn text(entries: &BTreeMap<Option<String>, Entry>, unread: &[&str]) -> String {
    let count: usize = entries.values().map(BTreeMap::len).sum();
    let mut room = MAX_SHOWN;
    let mut text = "spec:\n  ownNetworks:\n".to_owned();
    for (region, entry) in entries {
        if room == 0 {
            break;
        }
        text.push_str("    - cidrs:\n");
        for (prefix, parts) in entry.iter().take(room) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "        - {prefix} # {}", names(parts));
        }
        room -= entry.len().min(room);
        let region = region.as_deref().filter(|region| region.len() <= MAX_LABEL);
        let label = region.map_or_else(String::new, |region| format!("; nodes are labelled region \"{region}\""));
        text.push_str("      operator: # the legal entity that runs them\n");
        let _ = writeln!(text, "      jurisdiction: # where they are, such as DE{label}");
    }
    if count > MAX_SHOWN {
        let more = count - MAX_SHOWN;
        let _ =
            writeln!(text, "    # and {more} more: kubectl get nodes -o wide; declare the networks that contain them");
    }
    for what in unread {
        let _ = writeln!(text, "    # not known: {what}");
    }
    text.truncate(text.trim_end().len());
    text
}

fn finding(entries: &BTreeMap<Option<String>, Entry>) -> String {
    let all: Vec<_> = entries.values().flatten().collect();
    let shown = all.iter().take(MAX_NAMED).map(|(prefix, parts)| format!("{prefix} ({})", names(parts)));
    let shown: Vec<_> = shown.collect();
    let more = match all.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("networks of the cluster that the agreement does not declare: {}{more}", shown.join(", "))
}

fn names(parts: &BTreeSet<NetworkUse>) -> String {
    parts.iter().map(|part| part.label()).collect::<Vec<_>>().join(", ")
}
