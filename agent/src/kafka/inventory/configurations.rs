//! Settings of brokers and topics: those that matter for where data lies and for how long, and no others.

use std::collections::HashMap;

use rdkafka::consumer::ConsumerContext;

use super::{
    super::ffi::{self, RequestError, Requests, ResourceKind},
    Broker, Limit, Part, Permission, Topic,
};

/// What says who may connect, and who keeps what is moved out of the brokers.
const OF_BROKERS: [&str; 3] = [AUTHORIZER, "remote.log.storage.manager.class.name", "remote.log.storage.system.enable"];
/// Empty if everybody may do everything.
const AUTHORIZER: &str = "authorizer.class.name";

/// What says how long what is kept where.
const OF_TOPICS: [&str; 10] = [
    "cleanup.policy",
    "compression.type",
    "delete.retention.ms",
    "local.retention.bytes",
    "local.retention.ms",
    "max.compaction.lag.ms",
    "min.compaction.lag.ms",
    "remote.storage.enable",
    "retention.bytes",
    "retention.ms",
];

/// Topics in one request: an answer about these takes a broker some tens of milliseconds.
const BATCH: usize = 500;

/// Adds the settings of brokers, and what is missing of them.
pub(super) fn of_brokers<Context: ConsumerContext>(
    requests: &Requests<'_, Context>,
    brokers: &mut [Broker],
) -> Vec<Limit> {
    let mut failed: Vec<(i32, RequestError)> = Vec::new();
    for broker in brokers {
        match single(requests, broker.id) {
            Ok(entries) => broker.configuration = Some(entries.into_iter().collect()),
            Err(error) => {
                let is_final = error.is_authorization();
                failed.push((broker.id, error));
                // It would be the same at every broker.
                if is_final {
                    break;
                }
            }
        }
    }
    let Some((_, first)) = failed.first() else { return Vec::new() };
    let permission = Permission::describe_configurations_of_cluster();
    let limit = Limit::failed(Part::BrokerConfiguration, "settings of brokers", first, permission);
    let ids: Vec<i32> = failed.iter().map(|(id, _)| *id).collect();
    vec![if first.is_authorization() { limit } else { limit.about(&ids) }]
}

/// Adds the settings of topics, and what is missing of them.
pub(super) fn of_topics<Context: ConsumerContext>(
    requests: &Requests<'_, Context>,
    topics: &mut [Topic],
) -> Vec<Limit> {
    let mut failed = Vec::new();
    for batch in topics.chunks_mut(BATCH) {
        let names: Vec<&str> = batch.iter().map(|topic| topic.name.as_str()).collect();
        let answer = requests.describe_configurations(ResourceKind::Topic, &names, &OF_TOPICS);
        failed.extend(add(batch, answer));
    }
    limits_of_topics(&failed)
}

/// Whether the brokers are known to let everybody do everything.
pub(super) fn is_open(brokers: &[Broker]) -> bool {
    let authorizers = brokers.iter().filter_map(|broker| broker.configuration.as_ref()?.get(AUTHORIZER));
    authorizers.into_iter().any(String::is_empty)
}

/// Whether it is known who decides what is allowed.
pub(super) fn is_authorizer_known(brokers: &[Broker]) -> bool {
    brokers.iter().any(|broker| broker.configuration.as_ref().is_some_and(|it| it.contains_key(AUTHORIZER)))
}

fn single<Context: ConsumerContext>(
    requests: &Requests<'_, Context>,
    broker: i32,
) -> Result<Vec<(String, String)>, RequestError> {
    let answer = requests.describe_configurations(ResourceKind::Broker, &[&broker.to_string()], &OF_BROKERS)?;
    let entries = answer.into_iter().next().map_or_else(|| Ok(Vec::new()), |configuration| configuration.entries)?;
    Ok(entries.into_iter().filter(|(name, _)| OF_BROKERS.contains(&name.as_str())).collect())
}

/// Gives topics their settings; the names of those that have none, with the reason.
fn add(topics: &mut [Topic], answer: Result<Vec<ffi::Configuration>, RequestError>) -> Vec<(String, RequestError)> {
    let found = match answer {
        Ok(found) => found,
        Err(error) => return topics.iter().map(|topic| (topic.name.clone(), error.clone())).collect(),
    };
    let mut found: HashMap<String, _> = found.into_iter().map(|it| (it.resource, it.entries)).collect();
    let mut failed = Vec::new();
    for topic in topics {
        match found.remove(&topic.name) {
            Some(Ok(entries)) => {
                // A broker may answer more than it was asked.
                let entries = entries.into_iter().filter(|(name, _)| OF_TOPICS.contains(&name.as_str()));
                topic.configuration = Some(entries.collect());
            }
            Some(Err(error)) => failed.push((topic.name.clone(), error)),
            None => failed.push((topic.name.clone(), RequestError::missing())),
        }
    }
    failed
}

/// One for those that may not be seen, and one for those that could not be.
fn limits_of_topics(failed: &[(String, RequestError)]) -> Vec<Limit> {
    let limit = |is_authorization: bool| {
        let these: Vec<_> = failed.iter().filter(|(_, error)| error.is_authorization() == is_authorization).collect();
        let (_, first) = these.first()?;
        let names: Vec<&String> = these.iter().map(|(name, _)| name).collect();
        let permission = Permission::describe_configurations_of_topics();
        Some(Limit::failed(Part::TopicConfiguration, "settings of topics", first, permission).about(&names))
    };
    [true, false].into_iter().filter_map(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str) -> Topic {
        Topic { name: name.into(), internal: false, partitions: 1, replication: Vec::new(), configuration: None }
    }

    fn error(code: &str) -> RequestError {
        RequestError { code: code.into(), text: "made up".into() }
    }

    #[test]
    fn only_settings_that_matter_are_kept_and_the_rest_is_said() {
        let mut topics = ["a", "b", "c", "d"].map(topic);
        let entry = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let answer = vec![
            ffi::Configuration {
                resource: "b".into(),
                entries: Ok(vec![entry("retention.ms", "-1"), entry("made.up", "secret")]),
            },
            ffi::Configuration { resource: "a".into(), entries: Err(error("TOPIC_AUTHORIZATION_FAILED")) },
            ffi::Configuration { resource: "d".into(), entries: Err(error("REQUEST_TIMED_OUT")) },
        ];
        let limits = limits_of_topics(&add(&mut topics, Ok(answer)));

        let known: Vec<_> = topics.iter().map(|topic| topic.configuration.clone()).collect();
        let settings = [entry("retention.ms", "-1")].into_iter().collect();
        assert_eq!(known, [None, Some(settings), None, None]);
        let denied = Limit::new(Part::TopicConfiguration, "settings of topics may not be seen")
            .about(&["a"])
            .needs(Permission::describe_configurations_of_topics());
        let reason = "settings of topics could not be seen: the broker has not answered it (_NOENT)";
        assert_eq!(limits, [denied, Limit::new(Part::TopicConfiguration, reason).about(&["c", "d"])]);
    }

    #[test]
    fn a_failed_request_is_said_of_all_its_topics() {
        let failed = add(&mut ["a", "b"].map(topic), Err(error("_TIMED_OUT")));
        let reason = "settings of topics could not be seen: made up (_TIMED_OUT)";
        assert_eq!(limits_of_topics(&failed), [Limit::new(Part::TopicConfiguration, reason).about(&["a", "b"])]);
    }
}
