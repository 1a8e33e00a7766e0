//! The gauges from which Prometheus raises alerts: active transfers, exceptions and bases about to end, nodes without an
//! agent; and what dashboards show about transfers beside their amounts. They are recomputed from the current state each
//! time, so that alerts resolve by themselves.

pub(crate) mod events;
mod facts;
pub(crate) mod ledger_check;
mod pods;
mod transfers;

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use kube::{ResourceExt as _, runtime::reflector::Store};
use landfall_api::ConditionStatus;
use tokio::{sync::watch, time::sleep};

use crate::{
    clock,
    metrics::{AlertMetrics, TransferFactMetrics},
    objects::condition::ConditionUpdate,
    register::{NodeNetworks, Published},
    views::{Views, agents::AgentsSeen},
};

/// How often the gauges are set.
const INTERVAL: Duration = Duration::from_secs(1);
/// How many edges are examined per interval; with more edges the interval grows.
const PER_INTERVAL: usize = 5_000;
/// Facts change seldom and have many labels, so they are set every so many rounds only.
const FACTS_EVERY: u32 = 5;
/// Right after a start, agents have not had time to report yet.
const BEGINNING: SignedDuration = SignedDuration::from_mins(5);

/// What the gauges are computed from.
pub(crate) struct Source {
    pub(crate) views: Views,
    pub(crate) agents: AgentsSeen,
    pub(crate) published: watch::Receiver<Option<Arc<Published>>>,
    pub(crate) nodes: Store<NodeNetworks>,
    /// The condition of agreements about the pods of the nodes; `None` until the agents have had time to report.
    pub(crate) pods_captured: watch::Sender<Option<ConditionUpdate>>,
    /// How long after its last packet a transfer counts as active.
    pub(crate) active: SignedDuration,
    pub(crate) metrics: AlertMetrics,
    pub(crate) facts: TransferFactMetrics,
}

/// Sets the gauges periodically. Does not end.
pub(crate) async fn keep(source: Source) {
    let Source { views, agents, published, nodes, pods_captured, active, metrics, facts } = source;
    let started = clock::now();
    for round in (0..FACTS_EVERY).cycle() {
        let now = clock::now();
        let edges = views.edges();
        let pause = INTERVAL * u32::try_from(1 + edges.len() / PER_INTERVAL).unwrap_or(u32::MAX);
        let law = published.borrow().clone();
        if let Some(published) = law {
            metrics.transfers(&transfers::gauges(&edges, &published.alerting, active, now));
            metrics.ends(&published.ruleset, &published.alerting, now);
        }
        if round == 0 {
            facts.show(&facts::facts(&edges));
        }
        let begins = now.duration_since(started) < BEGINNING;
        let seen = agents.all();
        let names: Vec<_> = nodes.state().into_iter().map(|node| node.name_any()).collect();
        metrics.nodes(names.iter().map(|node| {
            let seen = seen.get(node);
            let covers = begins || seen.is_some_and(|seen| seen.covers(now));
            (node.clone(), covers, seen.and_then(|seen| seen.pods(now)).cloned())
        }));
        let condition = pods::captured(&names, &seen, now);
        if !begins || condition.status != ConditionStatus::Unknown {
            pods_captured.send_replace(Some(condition));
        }
        drop(edges);
        sleep(pause).await;
    }
}

/// `abs`: a clock that was set back must neither hide nor keep everything.
fn is_recent(at: Timestamp, now: Timestamp, limit: SignedDuration) -> bool {
    now.duration_since(at).abs() <= limit
}
