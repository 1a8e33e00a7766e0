//! Cells of landings, and findings as sentences.

use std::collections::{BTreeMap, BTreeSet};

use landfall_agent::kafka::landing::{
    CopyOf, Destination, Evidence, TopicRelation,
    findings::{Finding, FindingKind},
};

use crate::cells;

/// Settings of a sink that do not say where it writes.
const NO_PLACE: [&str; 4] = ["connector.class", "topics", "topics.regex", "errors.deadletterqueue.topic.name"];

/// What a destination is, and which one.
pub(super) fn destination(destination: &Destination) -> (&'static str, String) {
    match destination {
        Destination::Broker { id, host, port, rack } => {
            let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
            let rack = rack.as_ref().map(|rack| format!(" in {rack}")).unwrap_or_default();
            ("broker", format!("{id} at {host}:{port}{rack}"))
        }
        Destination::Reader { group, client_id, host } => ("reader", format!("{group} at {host} ({client_id})")),
        Destination::AbsentReader { group } => ("absent reader", format!("{group}, which has no member")),
        Destination::Mirror { cluster, servers, topic, connector } => {
            let cluster = cluster.as_deref().unwrap_or("a cluster");
            let servers = servers.as_ref().map(|servers| format!(" at {servers}")).unwrap_or_default();
            let topic = topic.as_ref().map(|topic| format!(" as {topic}")).unwrap_or_default();
            ("copy", format!("{cluster}{servers}{topic} (connector {connector})"))
        }
        Destination::Sink { connector, settings } => ("sink", sink(connector, settings)),
        Destination::RemoteStorage { manager } => {
            let manager = manager.as_deref().map_or("a class that is not known", class);
            ("remote storage", manager.to_owned())
        }
        Destination::Topic { topic, relation } => (relation_name(*relation), topic.clone()),
    }
}

/// What a topic is a copy of.
pub(super) fn copy(of: &CopyOf) -> String {
    format!("{} of cluster {}", of.topic, of.cluster)
}

fn sink(connector: &str, settings: &BTreeMap<String, String>) -> String {
    let class = settings.get("connector.class").map(|name| class(name)).unwrap_or_default();
    let places = settings.iter().filter(|(name, _)| !NO_PLACE.contains(&name.as_str()));
    let places: Vec<_> = places.map(|(name, value)| format!("{name}={value}")).collect();
    [connector, class, &places.join(" ")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The name of a class without its package.
fn class(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn relation_name(relation: TopicRelation) -> &'static str {
    match relation {
        TopicRelation::Changelog => "changelog",
        TopicRelation::Repartition => "repartition",
        TopicRelation::DeadLetters => "dead letters",
    }
}

/// What says so.
pub(super) fn evidence(evidence: &BTreeSet<Evidence>) -> String {
    let name = |evidence: &Evidence| match evidence {
        Evidence::Metadata => "replicas",
        Evidence::GroupMembers => "group members",
        Evidence::CommittedOffsets => "committed offsets",
        Evidence::Settings => "settings",
        Evidence::TopicNames => "names",
        Evidence::Connect => "connector",
    };
    evidence.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// A finding as a sentence with the next step.
pub(super) fn finding(finding: &Finding) -> String {
    let Finding { topic, kind } = finding;
    match kind {
        FindingKind::ConnectorSecrets { copied_to, copied_from, read_by, sinks } => {
            let list = |what: &str, names: &BTreeSet<String>| {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")))
            };
            let from = copied_from.as_ref().map(|cluster| format!("is a copy from {cluster}"));
            let how = [from, list("is copied to", copied_to), list("is read by", read_by), list("goes to sink", sinks)];
            let how = how.into_iter().flatten().collect::<Vec<_>>().join(" and ");
            format!(
                "{topic} holds configurations of connectors, with their passwords in clear, and {how}: leave it out there \
                 (topics.exclude), allow READ on it to workers of Connect alone, delete what was copied, and change the passwords"
            )
        }
        FindingKind::ConfigurationReaders { principals } => {
            let names: Vec<_> = principals.iter().map(String::as_str).collect();
            let names = names.join(", ");
            format!(
                "{topic} holds configurations of connectors, with their passwords in clear, and {names} may read it: take READ \
                 on it from all but workers of Connect"
            )
        }
        FindingKind::PersonalKeys { categories, compacted } => {
            let (shown, more) = cells::categories(categories);
            let kept = if *compacted { ", and compaction keeps the last message of each key" } else { "" };
            format!(
                "{topic} has personal data in the keys of its messages ({shown}{more}), which stand in logs of clients{kept}: key \
                 by an identifier that says nothing, or by a keyed hash"
            )
        }
        FindingKind::CopiedAbroad { jurisdictions } => {
            let places: Vec<_> = jurisdictions.iter().map(String::as_str).collect();
            let places = places.join(", ");
            format!(
                "{topic} holds personal data and is copied to {places}, where none of its own brokers are: leave it out there \
                 (topics.exclude), or have a ground for the copy"
            )
        }
        FindingKind::UnlimitedRetention { personal_data } => {
            let (what, step) = match personal_data {
                Some(true) => ("keeps its messages, with personal data, for ever", ""),
                Some(false) => ("keeps its messages for ever", ""),
                None => {
                    ("keeps its messages for ever", "; `landfall kafka sample` shows whether they hold personal data")
                }
            };
            format!("{topic} {what}: set retention.ms to the time that they are needed for{step}")
        }
    }
}
