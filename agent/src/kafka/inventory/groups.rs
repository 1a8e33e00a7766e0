//! Groups: the union of librdkafka's two lists, of which each lacks what the other has.
//!
//! The older way lists every group, has what members of classic groups tell each other, and calls every other group dead. The
//! newer way describes groups of consumers of both protocols, and refuses those of Connect.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        ffi::{DescribedGroup, DescribedMember, ListedGroup, ListedMember, RequestError},
        group_member,
    },
    Group, GroupKind, Limit, Member, Part, Permission,
};

/// What consumers call what they speak in a classic group.
const CONSUMER: &str = "consumer";
/// What workers of Connect call it.
const CONNECT: &str = "connect";
/// The state of a group that a broker does not have, in the protocol that it was asked by.
const DEAD: &str = "Dead";
/// The same as an error, of newer brokers.
const NOT_FOUND: &str = "GROUP_ID_NOT_FOUND";

/// Why there is less to say about a group than there could be.
enum Shortfall {
    /// It may not be described.
    Denied,
    /// librdkafka cannot describe it.
    NotSupported,
    /// It could not be described.
    Failed(RequestError),
}

/// The names of all groups that librdkafka's newer way can describe.
pub(super) fn to_describe(listed: &[ListedGroup], names: &[String]) -> Vec<String> {
    let is_of_another_type = |group: &&ListedGroup| !["", CONSUMER].contains(&group.protocol_type.as_str());
    let others: BTreeSet<&String> = listed.iter().filter(is_of_another_type).map(|group| &group.name).collect();
    let all: BTreeSet<&String> = listed.iter().map(|group| &group.name).chain(names).collect();
    all.difference(&others).map(|name| (*name).clone()).collect()
}

/// The groups by name, and what is missing of them. `failed` is why there are no descriptions, if that is so.
pub(super) fn groups(
    listed: Vec<ListedGroup>,
    names: Vec<String>,
    described: Vec<DescribedGroup>,
    failed: Option<&RequestError>,
) -> (Vec<Group>, Vec<Limit>) {
    let mut all: BTreeMap<String, (Option<ListedGroup>, Option<DescribedGroup>)> = BTreeMap::new();
    for name in names {
        all.entry(name).or_default();
    }
    for group in listed {
        let name = group.name.clone();
        all.entry(name).or_default().0 = Some(group);
    }
    for group in described {
        let name = group.name.clone();
        all.entry(name).or_default().1 = Some(group);
    }
    let mut groups = Vec::new();
    let mut shortfalls = Vec::new();
    for (name, (listed, described)) in all {
        let (group, shortfall) = group(name, listed, described, failed);
        shortfalls.extend(shortfall.map(|shortfall| (group.name.clone(), shortfall)));
        groups.push(group);
    }
    (groups, limits(&shortfalls))
}

fn group(
    name: String,
    listed: Option<ListedGroup>,
    described: Option<DescribedGroup>,
    failed: Option<&RequestError>,
) -> (Group, Option<Shortfall>) {
    let error_of = |error: &RequestError| match error {
        error if error.is_authorization() => Shortfall::Denied,
        error if error.code == NOT_FOUND => Shortfall::NotSupported,
        error => Shortfall::Failed(error.clone()),
    };
    let listed = match listed {
        Some(group) if group.error.is_none() => Ok(Some(group)),
        Some(ListedGroup { error, .. }) => Err(error),
        None => Ok(None),
    };
    let (listed, listed_error) = match listed {
        Ok(listed) => (listed, None),
        Err(error) => (None, error),
    };
    match (listed, described) {
        (Some(listed), _) if listed.protocol_type == CONNECT => {
            let members = listed.members.iter().map(worker).collect();
            (made(name, GroupKind::Connect, listed.state, listed.protocol, members), None)
        }
        (Some(listed), _) if !["", CONSUMER].contains(&listed.protocol_type.as_str()) => {
            let members = listed.members.iter().map(of_listed).collect();
            (made(name, GroupKind::Other, listed.state, listed.protocol, members), None)
        }
        (listed, Some(described)) if described.error.is_none() && described.state != DEAD => {
            let kind = if described.is_new_protocol { GroupKind::Consumer } else { GroupKind::Classic };
            let told = listed.map(|listed| listed.members).unwrap_or_default();
            let members = described.members.into_iter().map(|member| of_described(member, &told)).collect();
            (made(name, kind, described.state, described.assignor, members), None)
        }
        (Some(listed), described) if listed.state != DEAD => {
            // It is classic, and the newer way has failed: what the older way has is kept.
            let members = listed.members.iter().map(consumer).collect();
            let error = described.and_then(|group| group.error).or_else(|| failed.cloned());
            let shortfall = error.as_ref().map(error_of);
            (made(name, GroupKind::Classic, listed.state, listed.protocol, members), shortfall)
        }
        (_, described) => {
            let error = described.as_ref().and_then(|group| group.error.as_ref()).or(listed_error.as_ref());
            let error = error.or_else(|| failed.filter(|_| described.is_none()));
            let shortfall = error.map_or(Shortfall::NotSupported, error_of);
            let is_unsupported = matches!(shortfall, Shortfall::NotSupported);
            let kind = if is_unsupported { GroupKind::ShareOrUnknown } else { GroupKind::Unknown };
            (made(name, kind, String::new(), String::new(), Vec::new()), Some(shortfall))
        }
    }
}

fn made(name: String, kind: GroupKind, state: String, protocol: String, mut members: Vec<Member>) -> Group {
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    // Brokers list members in no order.
    members.sort_by(|a, b| {
        let key = |member: &Member| (member.client_id.clone(), member.client_host.clone(), member.topics.clone());
        key(a).cmp(&key(b))
    });
    Group { name, kind, state: known(state), protocol: known(protocol), members, committed: BTreeMap::new() }
}

fn of_listed(member: &ListedMember) -> Member {
    Member {
        client_id: member.client_id.clone(),
        client_host: host(&member.client_host),
        group_instance_id: None,
        rack: None,
        topics: BTreeMap::new(),
        connect_url: None,
    }
}

fn worker(member: &ListedMember) -> Member {
    let url = group_member::worker(&member.metadata).and_then(|worker| worker.url).map(str::to_owned);
    Member { connect_url: url, ..of_listed(member) }
}

/// A consumer by what it and its group have told each other.
fn consumer(member: &ListedMember) -> Member {
    let (subscribed, rack) = subscription(member);
    let assigned = group_member::assignment(&member.assignment).unwrap_or_default();
    let mut topics: BTreeMap<_, _> =
        assigned.into_iter().map(|(topic, partitions)| (topic.to_owned(), sorted(partitions))).collect();
    for topic in subscribed {
        topics.entry(topic).or_default();
    }
    Member { rack, topics, ..of_listed(member) }
}

/// A consumer as its broker describes it, with what it has told its group.
fn of_described(member: DescribedMember, told: &[ListedMember]) -> Member {
    let DescribedMember { id, group_instance_id, client_id, client_host, assignment } = member;
    let mut topics: BTreeMap<_, _> = assignment.into_iter().map(|(topic, it)| (topic, sorted(it))).collect();
    let (subscribed, rack) = told.iter().find(|other| other.id == id).map(subscription).unwrap_or_default();
    for topic in subscribed {
        topics.entry(topic).or_default();
    }
    Member { client_id, client_host: host(&client_host), group_instance_id, rack, topics, connect_url: None }
}

/// The topics that a consumer has subscribed to, and its rack.
fn subscription(member: &ListedMember) -> (Vec<String>, Option<String>) {
    let told = group_member::subscription(&member.metadata);
    told.map(|told| (told.topics.into_iter().map(str::to_owned).collect(), told.rack.map(str::to_owned)))
        .unwrap_or_default()
}

fn sorted(mut partitions: Vec<i32>) -> Vec<i32> {
    partitions.sort_unstable();
    partitions
}

/// The address alone: a broker puts a slash, or a name and a slash, before it.
fn host(text: &str) -> String {
    text.rsplit_once('/').map_or(text, |(_, address)| address).to_owned()
}

fn limits(shortfalls: &[(String, Shortfall)]) -> Vec<Limit> {
    let named = |of: fn(&Shortfall) -> bool| -> Vec<&String> {
        shortfalls.iter().filter(|(_, shortfall)| of(shortfall)).map(|(name, _)| name).collect()
    };
    let mut limits = Vec::new();
    let denied = named(|shortfall| matches!(shortfall, Shortfall::Denied));
    if !denied.is_empty() {
        let limit = Limit::new(Part::GroupMembers, "members of groups may not be seen");
        limits.push(limit.about(&denied).needs(Permission::describe_groups()));
    }
    let unsupported = named(|shortfall| matches!(shortfall, Shortfall::NotSupported));
    if !unsupported.is_empty() {
        let reason = "these are share groups, streams groups or groups that were just deleted, and their readers are not \
                      known: librdkafka has no request for them";
        limits.push(Limit::new(Part::GroupMembers, reason).about(&unsupported));
    }
    let failed = named(|shortfall| matches!(shortfall, Shortfall::Failed(_)));
    let first = shortfalls.iter().find_map(|(_, shortfall)| match shortfall {
        Shortfall::Failed(error) => Some(error),
        _ => None,
    });
    limits.extend(
        first.map(|error| {
            Limit::new(Part::GroupMembers, format!("groups could not be described: {error}")).about(&failed)
        }),
    );
    limits
}
