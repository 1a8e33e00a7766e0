//! Compiles the objects in force whenever they change, and publishes the result.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use jiff::Timestamp;
use landfall_register::{Compiled, compile};
use landfall_transfer_law::{AgreementId, lint::Severity};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, MissedTickBehavior, interval},
};
use tracing::{error, info, warn};

use crate::{
    clock,
    objects::{Desired, ObjectKey, RegisterStatuses, condition::ConditionUpdate, register_status::DesiredStatus},
};

use super::{
    Published, Stale,
    debounce::settled,
    desired_status::RegisterFindings,
    kinds::Kinds,
    last_good_file::LastGoodFile,
    metrics::Metrics,
    networks::{Networks, Proposal},
};

/// How often the health of the watches is checked.
const HEALTH_CHECK: Duration = Duration::from_secs(5);
/// Facts become stale and periods end without any change to an object, so lint runs periodically.
const LINT: Duration = Duration::from_hours(1);

/// The lint rules about stale facts.
const STALE: [&str; 2] = ["FACT-STALE", "DPF-CHECK"];

/// Compiles and publishes the register.
pub(super) struct Compiler {
    kinds: Kinds,
    networks: Networks,
    /// The condition of every agreement about the pods of the nodes.
    pods_captured: watch::Receiver<Option<ConditionUpdate>>,
    file: LastGoodFile,
    changes: Arc<Notify>,
    metrics: Metrics,
    /// The last register that could be compiled.
    good: Option<Arc<Compiled>>,
    compiled_at: Timestamp,
    /// Whether the current register could be compiled.
    is_compiled: bool,
    findings: RegisterFindings,
    linted: Instant,
    /// The desired statuses of all objects.
    statuses: BTreeMap<ObjectKey, DesiredStatus>,
}

/// Where the compiled register goes.
type Publish = watch::Sender<Option<Arc<Published>>>;

impl Compiler {
    pub(super) fn new(
        kinds: Kinds,
        networks: Networks,
        pods_captured: watch::Receiver<Option<ConditionUpdate>>,
        file: LastGoodFile,
        changes: Arc<Notify>,
        metrics: Metrics,
    ) -> Self {
        Self {
            kinds,
            networks,
            pods_captured,
            file,
            changes,
            metrics,
            good: None,
            compiled_at: Timestamp::UNIX_EPOCH,
            is_compiled: true,
            findings: RegisterFindings::default(),
            linted: Instant::now(),
            statuses: BTreeMap::new(),
        }
    }

    /// Returns when nobody reads what is published, or when a task panicked.
    pub(super) async fn run(mut self, publish: Publish, objects: Desired<RegisterStatuses>) {
        let signal = self.changes.clone();
        let mut check = interval(HEALTH_CHECK);
        check.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let restore = move || {
            let forms = self.file.read();
            self.kinds.restore(&forms);
            self
        };
        let Ok(restored) = tokio::task::spawn_blocking(restore).await else { return };
        self = restored;
        while !publish.is_closed() {
            tokio::select! {
                () = settled(&signal) => {}
                _ = check.tick() => {}
            }
            if !self.kinds.are_listed() {
                continue;
            }
            // Checking many objects takes long and would block other tasks on this thread.
            let refresh = move || {
                let changed = self.kinds.refresh();
                if changed || self.file.is_failing() {
                    self.file.write(&self.kinds.last_good_forms());
                }
                let moved = self.networks.refresh();
                (self, changed, moved)
            };
            let Ok((refreshed, changed, moved)) = tokio::task::spawn_blocking(refresh).await else { return };
            self = refreshed;
            if changed || self.good.is_none() {
                self.compile().await;
            } else if moved || self.linted.elapsed() >= LINT {
                self.lint(self.good.clone()).await;
            }
            self.publish(&publish);
            // Until the cluster's networks are known after a start, conditions about them must not be removed.
            if !self.networks.are_known() {
                continue;
            }
            self.desire_statuses(&objects);
        }
    }

    /// Sets the desired status of each object that changed.
    fn desire_statuses(&mut self, objects: &Desired<RegisterStatuses>) {
        self.findings.pods_captured.clone_from(&self.pods_captured.borrow());
        let statuses = self.kinds.statuses(&self.findings);
        if statuses.keys().ne(self.statuses.keys()) {
            objects.retain(&statuses.keys().cloned().collect());
        }
        for (key, status) in &statuses {
            if self.statuses.get(key) != Some(status) {
                objects.set(key.clone(), status.clone());
            }
        }
        self.statuses = statuses;
    }

    /// If the compiler panics, the last good ruleset stays in force and the operator keeps running.
    async fn compile(&mut self) {
        let register = self.kinds.register();
        match tokio::task::spawn_blocking(move || compile(&register)).await {
            Ok(compiled) => {
                self.is_compiled = true;
                let before = self.good.as_ref().map(|good| good.ruleset.version.as_str());
                if before != Some(compiled.ruleset.version.as_str()) {
                    info!(version = %compiled.ruleset.version, "Compiled a ruleset");
                    self.compiled_at = clock::now();
                }
                let compiled = Arc::new(compiled);
                self.good = Some(compiled.clone());
                self.lint(Some(compiled)).await;
            }
            Err(error) => {
                error!(%error, "Failed to compile the register, the last good ruleset stays in force");
                self.is_compiled = false;
                self.findings.compiled = false;
            }
        }
        self.kinds.count(&self.metrics);
    }

    async fn lint(&mut self, compiled: Option<Arc<Compiled>>) {
        let Some(compiled) = compiled else { return };
        self.linted = Instant::now();
        match tokio::task::spawn_blocking(move || (compiled.findings(clock::now()), compiled)).await {
            Ok((mut findings, compiled)) => {
                let proposals = self.proposals(&compiled);
                for (agreement, proposal) in &proposals {
                    proposal.add_to(&mut findings, agreement);
                }
                for (severity, label) in
                    [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")]
                {
                    let count = findings.iter().filter(|finding| finding.severity == severity).count();
                    let count = i64::try_from(count).unwrap_or(i64::MAX);
                    self.metrics.findings.with_label_values(&[label]).set(count);
                }
                let stale = findings.iter().filter(|finding| STALE.contains(&finding.id));
                let stale: BTreeSet<_> = stale.map(|finding| (&finding.object.kind, &finding.object.name)).collect();
                let mut by_kind: BTreeMap<_, i64> = BTreeMap::new();
                for (kind, _) in stale {
                    *by_kind.entry(kind.clone()).or_default() += 1;
                }
                self.metrics.stale_facts.show(by_kind.into_iter().map(|(kind, count)| (vec![kind], count)));
                self.findings = RegisterFindings::new(self.is_compiled, &findings, proposals);
            }
            Err(error) => error!(%error, "Failed to lint the register"),
        }
    }

    /// The proposals about the cluster's networks, by agreement.
    fn proposals(&self, compiled: &Compiled) -> BTreeMap<AgreementId, Proposal> {
        let registered = self.kinds.endpoint_prefixes();
        let agreements = compiled.ruleset.agreements.iter();
        agreements
            .filter_map(|(id, agreement)| {
                let own = agreement.own_networks.iter().flat_map(|network| &network.cidrs);
                let declared = own.chain(&registered).copied().collect();
                Some((id.clone(), self.networks.propose(&declared)?))
            })
            .collect()
    }

    fn publish(&self, publish: &Publish) {
        let Some(good) = &self.good else { return };
        let stale = if self.is_compiled { self.kinds.stale() } else { Some(Stale::Compiler) };
        let namespaces = self.kinds.namespaces();
        publish.send_if_modified(|published| {
            let before = published.as_deref();
            let version = good.ruleset.version.as_str();
            let known = before.filter(|before| before.version() == version);
            let same_namespaces = before.filter(|before| *before.namespaces == namespaces);
            if known.is_some() && same_namespaces.is_some_and(|before| before.stale == stale) {
                return false;
            }
            if before.map(|before| &before.stale) != Some(&stale) {
                self.report_staleness(stale.as_ref());
            }
            let (ruleset, resolver, agent, alerting) = if let Some(known) = known {
                let Published { ruleset, resolver, agent, alerting, .. } = known.clone();
                (ruleset, resolver, agent, alerting)
            } else {
                self.metrics.version.reset();
                self.metrics.version.with_label_values(&[version]).set(1);
                self.metrics.compiled.set(self.compiled_at.as_second());
                let Compiled { ruleset, resolver, agent, alerting, warnings: _ } = (**good).clone();
                (Arc::new(ruleset), Arc::new(resolver), Arc::new(agent), Arc::new(alerting))
            };
            let namespaces = same_namespaces.map_or_else(|| Arc::new(namespaces), |before| before.namespaces.clone());
            let compiled_at = self.compiled_at;
            *published =
                Some(Arc::new(Published { ruleset, resolver, agent, alerting, namespaces, compiled_at, stale }));
            true
        });
    }

    fn report_staleness(&self, stale: Option<&Stale>) {
        self.metrics.stale.set(i64::from(stale.is_some()));
        if let Some(reason) = stale {
            warn!(%reason, "The ruleset in force is not what the cluster holds");
        } else {
            info!("The ruleset in force is what the cluster holds");
        }
    }
}
