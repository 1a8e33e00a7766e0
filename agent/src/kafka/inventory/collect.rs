//! Takes an inventory: the requests in their order, and what each could not show.

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, sync::Arc};

use rdkafka::{
    config::RDKafkaLogLevel,
    consumer::{BaseConsumer, Consumer as _, ConsumerContext},
};

use super::{
    super::{
        connection::{self, Connection, Context},
        ffi::{Cluster, RequestError, Requests},
    },
    AccessControlEntry, Broker, Group, Inventory, InventoryError, InventoryOptions, Limit, Part, Permission, Topic,
    configurations, groups, offsets,
    topics::{self, OFFSETS},
};

/// What a client may do that may see the names of all groups, and the access control lists.
const DESCRIBE: &str = "DESCRIBE";

/// Takes the inventory of a cluster. It fails only if no broker answers: whatever else cannot be seen is said in the limits.
pub fn collect(connection: &Connection, options: InventoryOptions) -> Result<Inventory, InventoryError> {
    let mut config = connection.client_config();
    // Some connections are lost without an error; that they are is said at this level.
    config.set_log_level(RDKafkaLogLevel::Info);
    let consumer: BaseConsumer<Context> = connection::create(&config, Context::hiding(&connection.properties))?;
    let context = Arc::clone(consumer.client().context());
    let is_refused = || context.is_refused();
    let requests = Requests::new(&consumer, options.timeout, &is_refused);
    let cluster = requests.describe_cluster().map_err(|error| {
        let bootstrap = connection.bootstrap.clone();
        let reason = context.reason().unwrap_or_else(|| error.to_string());
        if context.is_refused() {
            InventoryError::Refused { bootstrap, reason }
        } else {
            InventoryError::Unreachable { bootstrap, seconds: options.timeout.as_secs(), reason }
        }
    })?;
    Ok(of_cluster(&requests, &cluster, options))
}

fn of_cluster<C: ConsumerContext>(
    requests: &Requests<'_, C>,
    cluster: &Cluster,
    options: InventoryOptions,
) -> Inventory {
    let mut brokers = brokers(cluster);
    let mut limits = configurations::of_brokers(requests, &mut brokers);
    let is_open = configurations::is_open(&brokers);

    let (mut topics, failed) = match requests.topics() {
        Ok(seen) => (topics::topics(&seen), None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let limits_of_settings = configurations::of_topics(requests, &mut topics);
    let (mut groups, mut limits_of_groups) = groups_of(requests, cluster);
    if options.with_committed {
        limits_of_groups.extend(offsets::of_groups(requests, &mut groups, options.timeout));
    }
    match failed {
        Some(error) => {
            limits.push(Limit::failed(Part::Topics, "topics", &error, Permission::describe_topics()));
        }
        None if is_open => {}
        None => limits.extend(hidden_topics(&topics, &groups)),
    }
    limits.extend(limits_of_settings);
    limits.extend(limits_of_groups);

    let may_describe = cluster.operations.as_ref().map(|operations| operations.iter().any(|it| it == DESCRIBE));
    let is_authorizer_known = configurations::is_authorizer_known(&brokers);
    let answer = (may_describe != Some(false)).then(|| requests.describe_acls());
    let (access_control, limit) = access_control(answer, may_describe, is_authorizer_known);
    limits.extend(limit);
    Inventory {
        cluster_id: cluster.id.clone(),
        controller: cluster.controller,
        brokers,
        topics,
        groups,
        access_control,
        limits,
    }
}

fn brokers(cluster: &Cluster) -> Vec<Broker> {
    let mut brokers: Vec<Broker> = cluster
        .nodes
        .iter()
        .map(|node| Broker {
            id: node.id,
            host: node.host.clone(),
            port: node.port,
            rack: node.rack.clone(),
            configuration: None,
        })
        .collect();
    brokers.sort_by_key(|broker| broker.id);
    brokers
}

/// Groups of all kinds, and what is missing of them.
fn groups_of<C: ConsumerContext>(requests: &Requests<'_, C>, cluster: &Cluster) -> (Vec<Group>, Vec<Limit>) {
    let mut limits = Vec::new();
    let mut failed = |what: &str, error: &RequestError| {
        limits.push(Limit::failed(Part::Groups, what, error, Permission::describe_cluster()));
    };
    let listed = requests.list_groups().unwrap_or_else(|error| {
        failed("groups of Connect, and others that are not of consumers,", &error);
        Vec::new()
    });
    let names = match requests.list_consumer_groups() {
        Ok((names, errors)) => {
            for error in &errors {
                failed("groups of consumers at one of the brokers", error);
            }
            names
        }
        Err(error) => {
            failed("groups of consumers", &error);
            Vec::new()
        }
    };
    let to_describe = groups::to_describe(&listed, &names);
    let (described, error) = match requests.describe_consumer_groups(&to_describe) {
        Ok(described) => (described, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let (groups, more) = groups::groups(listed, names, described, error.as_ref());
    let may_describe = cluster.operations.as_ref().is_none_or(|operations| operations.iter().any(|it| it == DESCRIBE));
    if !may_describe {
        let reason = "groups that may not be described are not listed";
        limits.push(Limit::new(Part::Groups, reason).needs(Permission::describe_cluster()));
    }
    limits.extend(more);
    (groups, limits)
}

/// What shows that topics are hidden. A broker leaves out, without a word, what may not be described.
fn hidden_topics(topics: &[Topic], groups: &[Group]) -> Option<Limit> {
    let is_seen = |name: &str| topics.binary_search_by(|topic| topic.name.as_str().cmp(name)).is_ok();
    let limit = |reason: &str| Limit::new(Part::Topics, reason).needs(Permission::describe_topics());
    if topics.is_empty() {
        return Some(limit("no topic may be seen, or there is none"));
    }
    let read = groups.iter().flat_map(|group| &group.members).flat_map(|member| &member.topics);
    let hidden: BTreeSet<&String> =
        read.filter(|(topic, partitions)| !partitions.is_empty() && !is_seen(topic)).map(|(topic, _)| topic).collect();
    if !hidden.is_empty() {
        let hidden: Vec<_> = hidden.into_iter().collect();
        return Some(limit("groups read topics that may not be seen; there can be more").about(&hidden));
    }
    let is_partial = !groups.is_empty() && !is_seen(OFFSETS);
    is_partial.then(|| limit("there are groups, yet the topic of their offsets may not be seen; there can be more"))
}

/// The access control lists, or why they are not known. An empty list proves nothing by itself: librdkafka gives one, and no
/// error, to a client that may not see it and for a cluster that has no authorizer.
fn access_control(
    answer: Option<Result<Vec<AccessControlEntry>, RequestError>>,
    may_describe: Option<bool>,
    is_authorizer_known: bool,
) -> (Option<Vec<AccessControlEntry>>, Option<Limit>) {
    let limit = |reason: &str| Limit::new(Part::AccessControl, reason);
    match (answer, may_describe) {
        (None, _) => {
            let limit = limit("access control lists may not be seen").needs(Permission::describe_cluster());
            (None, Some(limit))
        }
        (Some(Err(error)), _) => {
            let permission = Permission::describe_cluster();
            (None, Some(Limit::failed(Part::AccessControl, "access control lists", &error, permission)))
        }
        (Some(Ok(entries)), None) if entries.is_empty() => {
            let reason = "the broker does not tell whether access control lists may be seen, and has listed none";
            (None, Some(limit(reason).needs(Permission::describe_cluster())))
        }
        (Some(Ok(entries)), _) => {
            let is_unclear = entries.is_empty() && !is_authorizer_known;
            let unclear = is_unclear.then(|| {
                limit("no entry is listed: there is none, or the cluster has no authorizer and allows everybody everything")
                    .needs(Permission::describe_configurations_of_cluster())
            });
            (Some(entries), unclear)
        }
    }
}
