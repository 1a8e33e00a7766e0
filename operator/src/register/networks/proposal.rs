//! What of the cluster's networks an agreement does not declare, as text to add to it. Pure.
//!
//! Who runs a network and where it stands is left open: no object of the cluster says so (decision 0019).

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

/// Most prefixes that are shown; an entry of an agreement has at most 64.
const MOST_SHOWN: usize = 48;
/// Most that a finding names; it points to the condition.
const MOST_NAMED: usize = 4;
/// A label is of 63 characters at most; one that somebody made longer is not shown.
const LONGEST_LABEL: usize = 63;

/// What an agreement and the register declare.
#[derive(Debug, Default)]
pub(in crate::register) struct Declared(Vec<IpNet>);

/// What is to be said about an agreement.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::register) struct Proposal {
    pub(in crate::register) condition: ConditionUpdate,
    /// The text of the finding, if something is not declared.
    pub(in crate::register) finding: Option<String>,
}

impl Proposal {
    /// Puts the finding in the place of what lint says without seeing the cluster.
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

/// Prefixes that one entry can hold, with what they are of.
type Entry = BTreeMap<IpNet, BTreeSet<NetworkUse>>;

impl FromIterator<IpNet> for Declared {
    fn from_iter<I: IntoIterator<Item = IpNet>>(prefixes: I) -> Self {
        // Two halves are a whole.
        Self(IpNet::aggregate(&prefixes.into_iter().collect()))
    }
}

impl Declared {
    fn covers(&self, prefix: &IpNet) -> bool {
        self.0.iter().any(|declared| declared.contains(prefix))
    }
}

impl NetworkUse {
    fn named(self) -> &'static str {
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
            let message = format!("every network that the cluster names is declared{}", pods_unnamed(named));
            ConditionUpdate { r#type, status: ConditionStatus::True, reason: words::DECLARED, message }
        } else {
            let message = format!("not known whether every network of the cluster is declared: {}", unread.join("; "));
            ConditionUpdate { r#type, status: ConditionStatus::Unknown, reason: words::NOT_READABLE, message }
        };
        return Proposal { condition, finding: None };
    }
    if named.has_nodes_without_pods {
        unread.push("the networks of pods of nodes without podCIDRs (the network plugin knows them)");
    }
    let message = format!(
        "the agreement does not say whose these networks of the cluster are, so that traffic to them is judged as \
         traffic to unregistered recipients. Add them, or wider ones that are wholly yours (nodes come and go), with \
         who runs them and where:\n\n{}",
        text(&entries, &unread)
    );
    let condition = ConditionUpdate { r#type, status: ConditionStatus::False, reason: words::UNDECLARED, message };
    Proposal { condition, finding: Some(finding(&entries)) }
}

fn pods_unnamed(named: &ClusterNetworks) -> &'static str {
    if named.has_nodes_without_pods { "; it does not name the pods' (nodes have no podCIDRs)" } else { "" }
}

/// What is not declared, by the nodes' region; what is of no node stands by itself, or with the nodes of the one region.
fn entries(named: &ClusterNetworks, declared: &Declared) -> BTreeMap<Option<String>, Entry> {
    // The name server is mostly a Service, and the API server mostly a node: one entry declares both.
    let is_single = |part: NetworkUse| matches!(part, NetworkUse::NameServer | NetworkUse::ApiServer);
    let is_within =
        |prefix: &IpNet| named.networks.iter().any(|other| !is_single(other.part) && other.prefix.contains(prefix));
    let undeclared = named.networks.iter().filter(|network| !declared.covers(&network.prefix));
    let undeclared = undeclared.filter(|network| !(is_single(network.part) && is_within(&network.prefix)));
    // Parts by themselves, so that adjacent ones of a kind become one.
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

/// The YAML to add. Its comments are as much for people as its gaps.
fn text(entries: &BTreeMap<Option<String>, Entry>, unread: &[&str]) -> String {
    let count: usize = entries.values().map(BTreeMap::len).sum();
    let mut room = MOST_SHOWN;
    let mut text = "spec:\n  ownNetworks:\n".to_owned();
    for (region, entry) in entries {
        if room == 0 {
            break;
        }
        text.push_str("    - cidrs:\n");
        for (prefix, parts) in entry.iter().take(room) {
            // Writing to a text does not fail.
            let _ = writeln!(text, "        - {prefix} # {}", names(parts));
        }
        room -= entry.len().min(room);
        let region = region.as_deref().filter(|region| region.len() <= LONGEST_LABEL);
        let label = region.map_or_else(String::new, |region| format!("; nodes are labelled region \"{region}\""));
        text.push_str("      operator: # the legal entity that runs them\n");
        let _ = writeln!(text, "      jurisdiction: # where they stand, such as DE{label}");
    }
    if count > MOST_SHOWN {
        let more = count - MOST_SHOWN;
        let _ =
            writeln!(text, "    # and {more} more: kubectl get nodes -o wide; declare the networks that they are in");
    }
    for what in unread {
        let _ = writeln!(text, "    # not known: {what}");
    }
    text.truncate(text.trim_end().len());
    text
}

fn finding(entries: &BTreeMap<Option<String>, Entry>) -> String {
    let all: Vec<_> = entries.values().flatten().collect();
    let shown = all.iter().take(MOST_NAMED).map(|(prefix, parts)| format!("{prefix} ({})", names(parts)));
    let shown: Vec<_> = shown.collect();
    let more = match all.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("networks of the cluster that the agreement does not declare: {}{more}", shown.join(", "))
}

fn names(parts: &BTreeSet<NetworkUse>) -> String {
    parts.iter().map(|part| part.named()).collect::<Vec<_>>().join(", ")
}
