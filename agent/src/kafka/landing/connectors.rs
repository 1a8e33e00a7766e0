//! What connectors of Connect say of landings: sinks, dead letters and copies that MirrorMaker makes.

use jiff::Timestamp;

use super::{
    Destination, Evidence, LandingGraph, TopicRelation,
    mirrors::{self, Flow, Policy},
    pattern::TopicPattern,
};
use crate::kafka::{
    connect::{self, Address, ConnectCluster, Connector, ConnectorKind},
    inventory::{Group, GroupKind, Inventory},
};

/// So many names of topics are listed in a sentence.
const MAX_NAMES: usize = 10;

impl LandingGraph {
    pub(super) fn add_connects(
        &mut self,
        inventory: &Inventory,
        servers: &str,
        connects: &[ConnectCluster],
        at: Timestamp,
    ) {
        let own = mirrors::own_addresses(servers, inventory);
        for ConnectCluster { url, answer } in connects {
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) => {
                    self.gaps.push(format!("the connectors of Connect at {url} are not known: {error}"));
                    continue;
                }
            };
            let uses = answer.kafka_cluster_id.as_ref();
            let is_ours = uses.is_some() && uses == inventory.cluster_id.as_ref();
            if !is_ours {
                let which = uses
                    .map_or_else(|| "does not say which cluster it uses".to_owned(), |id| format!("uses cluster {id}"));
                self.gaps
                    .push(format!("Connect at {url} {which}: only connectors that copy topics of this cluster count"));
            }
            for connector in &answer.connectors {
                match (Flow::of(connector), connector.kind) {
                    (Some(flow), _) => self.add_flow(&flow, &own, at),
                    (None, ConnectorKind::Sink) if is_ours => self.add_sink(connector, at),
                    // Connect has lost the class of a connector whose plugin is gone. A source names no `topics`.
                    (None, ConnectorKind::Unknown) if is_ours && has_topics(connector) => self.add_sink(connector, at),
                    (None, _) => {}
                }
            }
        }
        self.add_unasked_workers(inventory, connects);
    }

    /// Copies whose topics no connector has told.
    pub(super) fn add_untold_mirrors(&mut self) {
        let is_told = |alias: &&String| {
            let landings = self.topics.values().flat_map(|topic| &topic.landings);
            landings.into_iter().any(|landing| match &landing.destination {
                Destination::Mirror { cluster, .. } => cluster.as_ref() == Some(*alias),
                _ => false,
            })
        };
        let untold: Vec<_> = self.mirrored_to.iter().filter(|alias| !is_told(alias)).collect();
        let gaps =
            untold.iter().map(|alias| format!("topics are copied to cluster {alias}, and which ones is not known"));
        let gaps: Vec<_> = gaps.collect();
        self.gaps.extend(gaps);
    }

    fn add_sink(&mut self, sink: &Connector, at: Timestamp) {
        let Connector { name, kind: _, settings, unknown: _ } = sink;
        let mut topics = self.named(sink);
        if let Some(pattern) = settings.get("topics.regex") {
            topics.extend(self.fitting(sink, pattern));
        }
        let unseen: Vec<_> = topics.iter().filter(|topic| !self.topics.contains_key(*topic)).cloned().collect();
        if !unseen.is_empty() {
            let first = unseen.iter().take(MAX_NAMES).map(String::as_str).collect::<Vec<_>>().join(", ");
            let count = unseen.len();
            self.gaps
                .push(format!("connector {name} reads {count} topics that do not exist or may not be seen: {first}"));
        }
        for topic in topics {
            let destination = Destination::Sink { connector: name.clone(), settings: settings.clone() };
            self.add(&topic, destination, Evidence::Connect, at);
            if let Some(letters) = settings.get("errors.deadletterqueue.topic.name") {
                let destination = Destination::Topic { topic: letters.clone(), relation: TopicRelation::DeadLetters };
                self.add(&topic, destination, Evidence::Connect, at);
            }
        }
        if !has_topics(sink) {
            self.gaps.push(format!("which topics connector {name} reads is not known"));
        }
    }

    /// Clusters are joined by their addresses, never by alias alone.
    fn add_flow(&mut self, flow: &Flow<'_>, own: &[Address], at: Timestamp) {
        let name = &flow.connector.name;
        let (source, target) =
            (flow.setting("source.cluster.bootstrap.servers"), flow.setting("target.cluster.bootstrap.servers"));
        let is_own = |servers: Option<&str>| servers.is_some_and(|servers| mirrors::has_any(servers, own));
        if is_own(source) {
            self.add_copies(flow, at);
        }
        if is_own(target) {
            self.add_originals(flow);
        }
        match source {
            None => self.gaps.push(format!("which cluster connector {name} copies from is not known")),
            Some(source) if !is_own(Some(source)) && !is_own(target) => {
                self.gaps.push(format!(
                    "connector {name} copies topics of {source}, which is no known address of this cluster"
                ));
            }
            Some(_) => {}
        }
    }

    /// Topics of this cluster that are copied to another one.
    fn add_copies(&mut self, flow: &Flow<'_>, at: Timestamp) {
        let (name, unknown) = (&flow.connector.name, &flow.connector.unknown);
        let cluster = flow.setting("target.cluster.alias").map(str::to_owned);
        let servers = flow.setting("target.cluster.bootstrap.servers").map(str::to_owned);
        self.mirrored_to.extend(cluster.clone());
        if unknown.iter().any(|key| key == "topics") {
            self.gaps.push(format!("which topics connector {name} copies is not known"));
            return;
        }
        let is_hidden = unknown.iter().any(|key| key == "topics.exclude");
        let excluded = flow.excluded().filter(|_| !is_hidden);
        if excluded.is_none() {
            self.gaps.push(format!(
                "which topics connector {name} leaves out is not known: it may copy fewer than are shown"
            ));
        }
        for topic in self.fitting(flow.connector, flow.topics()) {
            if flow.never_copies(&topic) || excluded.as_ref().is_some_and(|excluded| excluded.fits(&topic)) {
                continue;
            }
            let destination = Destination::Mirror {
                cluster: cluster.clone(),
                servers: servers.clone(),
                topic: flow.copy_name(&topic),
                connector: name.clone(),
            };
            self.add(&topic, destination, Evidence::Connect, at);
        }
    }

    /// Topics of this cluster that are copies.
    fn add_originals(&mut self, flow: &Flow<'_>) {
        self.mirrored_from.extend(flow.setting("source.cluster.alias").map(str::to_owned));
        for (topic, landings) in &mut self.topics {
            if let Some(copy) = flow.copy_of(topic) {
                landings.copy_of.get_or_insert(copy);
            }
        }
        if !matches!(flow.policy, Policy::Prefix { .. }) {
            let name = &flow.connector.name;
            self.gaps
                .push(format!("connector {name} copies topics into this cluster, and their names do not tell which"));
        }
    }

    /// Workers of Connect whose connectors nobody has told.
    fn add_unasked_workers(&mut self, inventory: &Inventory, connects: &[ConnectCluster]) {
        let is_worker = |group: &&Group| group.kind == GroupKind::Connect && !group.members.is_empty();
        let is_at = |url: &str, connect: &ConnectCluster| {
            let of = |url: &str| connect::addresses(url).unwrap_or_default();
            of(url).first().is_some_and(|worker| of(connect.url.as_str()).iter().any(|asked| asked.may_be(worker)))
        };
        // A Connect cluster can be asked by an address that is none of its workers', such as that of a balancer.
        let is_any = |connect: &&ConnectCluster| {
            let mut urls =
                inventory.groups.iter().flat_map(|group| &group.members).filter_map(|it| it.connect_url.as_ref());
            urls.any(|url| is_at(url, connect))
        };
        let is_ours = |connect: &&ConnectCluster| {
            let of_connect = connect.answer.as_ref().ok().and_then(|answer| answer.kafka_cluster_id.as_ref());
            of_connect.is_some() && of_connect == inventory.cluster_id.as_ref()
        };
        let elsewhere = connects.iter().filter(|connect| is_ours(connect) && !is_any(connect)).count();
        let mut unasked = Vec::new();
        for group in inventory.groups.iter().filter(is_worker) {
            let urls: Vec<_> = group.members.iter().filter_map(|member| member.connect_url.as_deref()).collect();
            let name = &group.name;
            match urls.first() {
                None => {
                    let gap =
                        format!("the connectors of group {name} are not known: its workers have no REST interface");
                    self.gaps.push(gap);
                }
                Some(first) if !urls.iter().any(|url| connects.iter().any(|connect| is_at(url, connect))) => {
                    let url = first.trim_end_matches('/');
                    unasked.push(format!("the connectors of group {name} are not known: ask with --connect {url}"));
                }
                Some(_) => {}
            }
        }
        if unasked.len() > elsewhere {
            self.gaps.extend(unasked);
        }
    }

    /// The topics that a sink names one by one.
    fn named(&mut self, sink: &Connector) -> Vec<String> {
        if sink.unknown.iter().any(|key| key == "topics" || key == "topics.regex") {
            self.gaps.push(format!("which topics connector {} reads is not known", sink.name));
        }
        let names = sink.settings.get("topics").into_iter().flat_map(|names| names.split(','));
        names.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
    }

    /// The topics of the cluster that fit a pattern; one that is not understood becomes a gap.
    fn fitting(&mut self, connector: &Connector, pattern: &str) -> Vec<String> {
        let Some(pattern) = TopicPattern::parse(pattern) else {
            self.gaps.push(format!("the pattern of topics of connector {} is not understood", connector.name));
            return Vec::new();
        };
        self.topics.keys().filter(|name| pattern.fits(name)).cloned().collect()
    }
}

/// Whether a connector says which topics it reads, legibly or not.
fn has_topics(connector: &Connector) -> bool {
    let is_one = |key: &String| key == "topics" || key == "topics.regex";
    connector.settings.keys().chain(&connector.unknown).any(is_one)
}
