//! What agents need of a MessageBus, and what is probably not intended in one.

use std::collections::BTreeSet;

use landfall_api::{
    BrokerPlace, BusService as ServiceSpec, BusTls as TlsSpec, MessageBusSpec, Object, ObjectReference, SaslSpec,
    TopicEntry, TopicPatterns as PatternsSpec,
};
use landfall_observation::{
    BusConfiguration, BusName, BusSasl, BusService, BusTls, SaslMechanism, TopicPatterns, TopicSelector,
};
use landfall_transfer_law::{
    AgreementId,
    lint::{BUS_AGREEMENT, BUS_PASSWORD, BUS_SELECTOR},
};

use super::{Warning, id};
use crate::Register;

pub(crate) fn bus_name(object: &Object<MessageBusSpec>) -> BusName {
    BusName { namespace: object.namespace().unwrap_or_default().to_owned(), name: object.metadata.name.clone() }
}

pub(crate) fn patterns(PatternsSpec { names, prefixes, globs }: &PatternsSpec) -> TopicPatterns {
    TopicPatterns { names: names.clone(), prefixes: prefixes.clone(), globs: globs.clone() }
}

pub(crate) fn selector(entry: &TopicEntry) -> TopicSelector {
    let TopicEntry { include, exclude, from, until, name: _, agreement_ref: _, categories: _ } = entry;
    TopicSelector { include: patterns(include), exclude: patterns(exclude), from: *from, until: *until }
}

/// What agents need, without law, places and secrets.
pub(super) fn configuration(object: &Object<MessageBusSpec>) -> BusConfiguration {
    let MessageBusSpec {
        bootstrap_servers,
        cluster_id,
        tls,
        sasl,
        agreement_ref,
        topics,
        excluded_topics,
        sampling,
        schema_registry,
        connect,
        brokers: _,
    } = &object.spec;
    let mut topics: Vec<_> = match agreement_ref {
        Some(_) => vec![TopicSelector::all()],
        None => topics.iter().map(selector).collect(),
    };
    for TopicSelector { exclude, .. } in &mut topics {
        let PatternsSpec { names, prefixes, globs } = excluded_topics;
        exclude.names.extend(names.iter().cloned());
        exclude.prefixes.extend(prefixes.iter().cloned());
        exclude.globs.extend(globs.iter().cloned());
    }
    BusConfiguration {
        bus: bus_name(object),
        bootstrap_servers: bootstrap_servers.clone(),
        cluster_id: cluster_id.clone(),
        tls: tls.as_ref().map(|TlsSpec { ca_secret_ref, client_certificate_secret_ref }| BusTls {
            ca_secret: secret(ca_secret_ref.as_ref()),
            client_certificate_secret: secret(client_certificate_secret_ref.as_ref()),
        }),
        sasl: sasl.as_ref().map(|SaslSpec { mechanism, credentials_secret_ref }| BusSasl {
            mechanism: *mechanism,
            credentials_secret: credentials_secret_ref.name.clone(),
        }),
        topics,
        sampling: *sampling,
        schema_registry: schema_registry.as_ref().map(service),
        connect: connect.iter().map(service).collect(),
    }
}

fn secret(reference: Option<&ObjectReference>) -> Option<String> {
    reference.map(|reference| reference.name.clone())
}

fn service(ServiceSpec { url, credentials_secret_ref }: &ServiceSpec) -> BusService {
    BusService { url: url.clone(), credentials_secret: secret(credentials_secret_ref.as_ref()) }
}

pub(super) fn warnings(register: &Register) -> Vec<Warning> {
    let agreements: BTreeSet<_> = register.agreements.iter().map(id).collect();
    let mut found = Vec::new();
    for object in &register.buses {
        let spec = &object.spec;
        let mut warn = |rule, message| found.push(Warning { rule, ..Warning::new(object, message) });
        for missing in missing(spec, &agreements) {
            warn(BUS_AGREEMENT.id, format!("names the agreement {missing}, which is no ProcessingAgreement"));
        }
        for message in selected_before(spec).into_iter().chain(attested_before(&spec.brokers)) {
            warn(BUS_SELECTOR.id, message);
        }
        for message in sent_in_clear(spec) {
            warn(BUS_PASSWORD.id, message);
        }
    }
    found
}

/// The agreements that a bus names and the register does not have. The loader rejects them; in a cluster they can be
/// missing for a while.
fn missing(spec: &MessageBusSpec, known: &BTreeSet<AgreementId>) -> BTreeSet<AgreementId> {
    let named = spec.agreement_ref.iter().chain(spec.topics.iter().filter_map(|entry| entry.agreement_ref.as_ref()));
    let named = named.map(|it| AgreementId { namespace: it.namespace.clone(), name: it.name.clone() });
    named.filter(|agreement| !known.contains(agreement)).collect()
}

/// Names and patterns that never count, because the whole bus excludes them or an entry before selects them at all times.
fn selected_before(spec: &MessageBusSpec) -> Vec<String> {
    let excluded = patterns(&spec.excluded_topics);
    let mut found = Vec::new();
    for (index, entry) in spec.topics.iter().enumerate() {
        let before = || spec.topics.iter().take(index).filter(|before| before.from.is_none() && before.until.is_none());
        let TopicEntry { name, include, .. } = entry;
        for topic in &include.names {
            let first = before()
                .find(|before| patterns(&before.include).matches(topic) && !patterns(&before.exclude).matches(topic));
            match first {
                _ if excluded.matches(topic) => {
                    found.push(format!("topics entry {name}: excludedTopics excludes the topic {topic}"));
                }
                Some(first) => {
                    found.push(format!(
                        "topics entry {name}: the entry {} selects the topic {topic} before it",
                        first.name
                    ));
                }
                None => {}
            }
        }
        let whole = || before().filter(|before| before.exclude.is_empty());
        for prefix in &include.prefixes {
            let covers =
                |patterns: &PatternsSpec| patterns.prefixes.iter().any(|wide| prefix.starts_with(wide.as_str()));
            if let Some(first) = whole().find(|before| covers(&before.include)) {
                found.push(format!(
                    "topics entry {name}: the entry {} selects the prefix {prefix} before it",
                    first.name
                ));
            }
        }
        for glob in &include.globs {
            if let Some(first) = whole().find(|before| before.include.globs.contains(glob)) {
                found.push(format!(
                    "topics entry {name}: the entry {} selects the pattern {glob} before it",
                    first.name
                ));
            }
        }
    }
    found
}

/// Brokers that an entry before selects at all times.
fn attested_before(brokers: &[BrokerPlace]) -> Vec<String> {
    let mut found = Vec::new();
    for (index, entry) in brokers.iter().enumerate() {
        for first in brokers.iter().take(index).filter(|before| before.from.is_none() && before.until.is_none()) {
            let hosts = entry.hosts.iter().filter(|host| first.hosts.contains(host)).map(|host| format!("host {host}"));
            let ids = entry.ids.iter().filter(|id| first.ids.contains(id)).map(|id| format!("broker {id}"));
            let racks = entry.racks.iter().filter(|rack| first.racks.contains(rack)).map(|rack| format!("rack {rack}"));
            found.extend(hosts.chain(ids).chain(racks).map(|what| {
                format!("brokers entry {}: the entry {} selects the {what} before it", entry.name, first.name)
            }));
        }
    }
    found
}

/// Where a password crosses the network as it is.
fn sent_in_clear(spec: &MessageBusSpec) -> Vec<String> {
    let mut found = Vec::new();
    let is_plain = |sasl: &SaslSpec| sasl.mechanism == SaslMechanism::Plain;
    if spec.tls.is_none() && spec.sasl.as_ref().is_some_and(is_plain) {
        found.push("sends its password to the brokers in clear: PLAIN without TLS".to_owned());
    }
    let services = spec.schema_registry.iter().chain(&spec.connect);
    let in_clear = |it: &&ServiceSpec| it.credentials_secret_ref.is_some() && it.url.starts_with("http:");
    found.extend(services.filter(in_clear).map(|it| format!("sends its password to {} in clear", it.url)));
    found
}
