//! Cells of an inventory.

use std::{collections::BTreeMap, time::Duration};

use landfall_agent::kafka::inventory::{Broker, BrokerShare, Configuration, GroupKind, Part};

use super::UNKNOWN;
use crate::cells::bytes;

/// What Kafka has for a setting without a limit.
const UNLIMITED: &str = "-1";

pub(super) fn or_unknown(value: Option<&String>) -> String {
    value.map_or(UNKNOWN, String::as_str).to_owned()
}

/// The name of the class without its package.
fn class(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

pub(super) fn authorizer(settings: Option<&Configuration>) -> String {
    match settings.and_then(|settings| settings.get("authorizer.class.name")).map(String::as_str) {
        None => UNKNOWN.to_owned(),
        Some("") => "none".to_owned(),
        Some(name) => class(name),
    }
}

/// Whether a broker is known to let everybody do everything.
pub(super) fn is_open(brokers: &[Broker]) -> bool {
    brokers.iter().any(|broker| authorizer(broker.configuration.as_ref()) == "none")
}

/// What takes what is moved out of a broker.
pub(super) fn remote_storage_of_broker(settings: Option<&Configuration>) -> String {
    let Some(settings) = settings else { return UNKNOWN.to_owned() };
    let manager = settings.get("remote.log.storage.manager.class.name").filter(|name| !name.is_empty());
    match (settings.get("remote.log.storage.system.enable").map(String::as_str), manager) {
        (Some("true"), Some(manager)) => class(manager),
        (Some("true"), None) => "yes".to_owned(),
        (Some(_), _) => "no".to_owned(),
        (None, _) => UNKNOWN.to_owned(),
    }
}

/// The brokers with replicas, by id, and how many of their replicas are not in sync.
pub(super) fn replication(shares: &[BrokerShare]) -> String {
    let share = |share: &BrokerShare| match share.replica.saturating_sub(share.in_sync) {
        0 => share.broker.to_string(),
        behind => format!("{} ({behind} not in sync)", share.broker),
    };
    shares.iter().map(share).collect::<Vec<_>>().join(", ")
}

/// How long a message stays.
pub(super) fn kept_for(settings: &Configuration) -> String {
    let policies = settings.get("cleanup.policy").map(String::as_str).unwrap_or_default();
    if policies == "compact" {
        return "last of each key".to_owned();
    }
    match settings.get("retention.ms").map(String::as_str) {
        None => UNKNOWN.to_owned(),
        Some(UNLIMITED) => "unlimited".to_owned(),
        Some(text) => text.parse().map_or_else(|_| text.to_owned(), |ms| duration(Duration::from_millis(ms))),
    }
}

/// How many bytes of a partition stay.
pub(super) fn kept_bytes(settings: &Configuration) -> String {
    match settings.get("retention.bytes").map(String::as_str) {
        None => UNKNOWN.to_owned(),
        Some(UNLIMITED) => "unlimited".to_owned(),
        Some(text) => text.parse().map_or_else(|_| text.to_owned(), bytes),
    }
}

/// Whether old segments are moved out of the brokers, and how long they stay in them as well.
pub(super) fn remote_storage(settings: &Configuration) -> String {
    match settings.get("remote.storage.enable").map(String::as_str) {
        None => UNKNOWN.to_owned(),
        Some("true") => match settings.get("local.retention.ms").and_then(|text| text.parse().ok()) {
            Some(ms) => format!("yes, {} local", duration(Duration::from_millis(ms))),
            None => "yes".to_owned(),
        },
        Some(_) => "no".to_owned(),
    }
}

/// In the largest unit that leaves no rest.
fn duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)];
    let fitting = units.into_iter().find(|(_, length)| milliseconds >= *length && milliseconds.is_multiple_of(*length));
    let (unit, length) = fitting.unwrap_or(("ms", 1));
    format!("{} {unit}", milliseconds / length)
}

/// Topics with the number of partitions that are read of each.
pub(super) fn reads(topics: &BTreeMap<String, Vec<i32>>) -> String {
    if topics.is_empty() {
        return "-".to_owned();
    }
    let topic = |(name, partitions): (&String, &Vec<i32>)| match partitions.len() {
        0 => format!("{name} (no partition)"),
        1 => format!("{name} (1 partition)"),
        count => format!("{name} ({count} partitions)"),
    };
    topics.iter().map(topic).collect::<Vec<_>>().join(", ")
}

pub(super) fn kind(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Classic => "classic",
        GroupKind::Consumer => "consumer",
        GroupKind::Connect => "connect",
        GroupKind::Other => "other",
        GroupKind::ShareOrUnknown => "share or unknown",
        GroupKind::Unknown => UNKNOWN,
    }
}

pub(super) fn part(part: Part) -> &'static str {
    match part {
        Part::BrokerConfiguration => "broker settings",
        Part::Topics => "topics",
        Part::TopicConfiguration => "topic settings",
        Part::Groups => "groups",
        Part::GroupMembers => "group members",
        Part::CommittedOffsets => "committed offsets",
        Part::AccessControl => "access control",
    }
}
