//! Starts what only the leader does.

use anyhow::Context as _;
use axum::Router;
use landfall_evidence::{KeyChangeReason, Ledger, LedgerError, PublicKey, Settings, Signer};
use landfall_process::tasks::Tasks;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot, watch},
    task::{JoinHandle, spawn_blocking},
};

use super::{REGISTER, leader::Leader};
use crate::{
    alerting, archive,
    args::{AgentIdentity, Args},
    clock, incidents,
    ingest::{self, Intake},
    ledger_writer::{Command, Delivery, Inputs, LEDGER, LedgerWriter, Outputs, Schedule},
    objects::Objects,
    register::{RegisterWatch, agent_configuration},
    serving::{
        authentication::{AgentRule, Authenticator, TokenReviewer},
        authorization::Authorizer,
        ledger::{self, LedgerService},
    },
    transfers,
    views::{Views, agents::AgentsSeen},
};

/// Maximum number of deliveries that wait for the ledger writer, a few seconds of work. Further ones get a 429.
const DELIVERIES: usize = 256;

impl Leader {
    /// Starts all tasks; returns the handle of the ledger writer, which must be waited for: it closes the ledger.
    pub(super) async fn start(
        &self,
        tasks: &mut Tasks,
        register: &RegisterWatch,
        objects: &Objects,
        epoch: u64,
        leading: watch::Receiver<bool>,
        commands: watch::Receiver<Command>,
    ) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
        let (views, agents) = (Views::default(), AgentsSeen::default());
        let (deliver, deliveries) = mpsc::channel(DELIVERIES);
        let (ledger, public_key) = self.open_ledger(epoch).await?;
        let copied = archive::Source {
            folder: self.args.ledger.clone(),
            holds: ledger.holds().clone(),
            metrics: self.metrics.archive.clone(),
        };
        tasks.essential("the copies of the ledger", archive::keep(copied, self.destinations.clone()));
        let inputs = Inputs { published: register.published.clone(), written: register.written.clone(), deliveries };
        let writer = self.start_ledger_writer(tasks, ledger, inputs, views.clone(), commands)?;
        self.start_readers(tasks, register, objects, views, agents.clone(), public_key.clone());
        self.start_settings(tasks, register, objects);
        let reviewer = TokenReviewer::new(self.client.clone(), &self.args.audience);
        let router = self.ingest(deliver, agents, reviewer.clone(), leading.clone());
        let router = router.merge(self.ledger(public_key, reviewer, leading));
        self.start_https(tasks, objects, router).await?;
        Ok(writer)
    }

    async fn open_ledger(&self, epoch: u64) -> anyhow::Result<(Ledger, PublicKey)> {
        let Args { keep_windows, keep_people, .. } = self.args;
        let settings = Settings { keep_windows, keep_people, ..Settings::default() };
        let args = self.args.clone();
        let open = move || open_ledger(&args, epoch, settings);
        let ledger = spawn_blocking(open).await?.context("failed to open the ledger")?;
        let public_key = ledger.public_key();
        let recovery = ledger.recovery();
        tracing::info!(removed = recovery.removed.len(), adopted = recovery.adopted.len(), "Opened the ledger");
        Ok((ledger, public_key))
    }

    fn start_ledger_writer(
        &self,
        tasks: &mut Tasks,
        ledger: Ledger,
        inputs: Inputs,
        views: Views,
        commands: watch::Receiver<Command>,
    ) -> anyhow::Result<JoinHandle<anyhow::Result<()>>> {
        let Self { args, metrics, readiness, .. } = self;
        let schedule = Schedule { roll_up: args.roll_up, seal: args.seal, keep: args.keep, ..Schedule::default() };
        let outputs = Outputs { views, metrics: metrics.clone(), readiness: readiness.clone() };
        let writer = LedgerWriter::new(ledger, schedule, inputs, outputs)?;
        readiness.done(LEDGER);
        let (end, ended) = oneshot::channel();
        let writer = spawn_blocking(move || {
            let result = Handle::current().block_on(writer.run(commands));
            // The task below may have been aborted already.
            let _ = end.send(());
            result.context("the ledger writer failed")
        });
        tasks.essential("the ledger writer", async move {
            // An error only means that the writer panicked, which its handle reports.
            let _ = ended.await;
        });
        Ok(writer)
    }

    /// Starts the modules that read views.
    fn start_readers(
        &self,
        tasks: &mut Tasks,
        register: &RegisterWatch,
        objects: &Objects,
        views: Views,
        agents: AgentsSeen,
        public_key: PublicKey,
    ) {
        let Self { args, metrics, .. } = self;
        let transfers = transfers::keep(views.clone(), objects.transfers.clone());
        tasks.essential("the Transfers", transfers);
        let source = incidents::Source {
            views: views.clone(),
            published: register.published.clone(),
            written: register.written.clone(),
            statuses: register.incident_statuses.clone(),
            objects: objects.clone(),
            metrics: metrics.incidents.clone(),
        };
        tasks.essential("the Incidents", incidents::keep(source));
        let events = alerting::events::keep(views.clone(), objects.events.clone(), metrics.clone());
        tasks.essential("the Events", events);
        let source = alerting::Source {
            views,
            agents,
            published: register.published.clone(),
            nodes: register.nodes.clone(),
            pods_captured: register.pods_captured.clone(),
            active: args.active,
            metrics: metrics.alerts.clone(),
            facts: metrics.facts.clone(),
        };
        tasks.essential("what alerts are raised from", alerting::keep(source));
        let check = alerting::ledger_check::keep(args.ledger.clone(), public_key, metrics.alerts.clone());
        tasks.essential("the check of the ledger", check);
    }

    fn start_settings(&self, tasks: &mut Tasks, register: &RegisterWatch, objects: &Objects) {
        let (namespace, published) = (self.args.agent_namespace().to_owned(), register.published.clone());
        // An owner is of the same namespace.
        let owner = self.owner.clone().filter(|_| namespace == self.args.namespace);
        let settings = agent_configuration::keep(namespace, owner, objects.config_maps.clone(), published);
        tasks.essential("the agents' settings", settings);
        let (readiness, mut first) = (self.readiness.clone(), register.published.clone());
        tasks.finite("the wait for the register", async move {
            if first.wait_for(Option::is_some).await.is_ok() {
                readiness.done(REGISTER);
            }
        });
    }

    fn ingest(
        &self,
        deliveries: mpsc::Sender<Delivery>,
        agents: AgentsSeen,
        reviewer: TokenReviewer,
        leading: watch::Receiver<bool>,
    ) -> Router {
        let Self { args, metrics, .. } = self;
        let rule = AgentRule {
            service_account: args.agent_account.clone(),
            bus_service_account: args.bus_agent_account.clone(),
            by_node: args.agent_identity == AgentIdentity::Node,
        };
        let intake = Intake {
            cluster: args.cluster.clone(),
            authenticator: Authenticator::new(reviewer, rule),
            deliveries,
            agents,
            leading,
            metrics: metrics.clone(),
        };
        ingest::router(intake)
    }

    fn ledger(&self, key: PublicKey, reviewer: TokenReviewer, leading: watch::Receiver<bool>) -> Router {
        let authorizer = Authorizer::new(self.client.clone());
        ledger::router(LedgerService::new(self.args.ledger.clone(), key, reviewer, authorizer, leading))
    }

    async fn start_https(&self, tasks: &mut Tasks, objects: &Objects, router: Router) -> anyhow::Result<()> {
        let Self { args, client, owner, metrics, stopped, .. } = self;
        let issuer = Some((objects.requests.clone(), owner.as_ref()));
        let https = super::https(args, client, issuer, metrics, stopped.clone());
        let serving = https.start(router).await?;
        tasks.essential("HTTPS", serving);
        Ok(())
    }
}

/// Opens the ledger. If it is signed with the previous key, that key signs the change to the new one, once.
fn open_ledger(args: &Args, epoch: u64, settings: Settings) -> anyhow::Result<Ledger> {
    let Args { ledger: folder, signing_key: key, previous_signing_key, .. } = args;
    let opened = Ledger::open_with(folder, Signer::open_or_create(key)?, epoch, settings);
    let (Err(LedgerError::KeyChanged { .. }), Some(previous)) = (&opened, previous_signing_key) else {
        return Ok(opened?);
    };
    let pem = std::fs::read_to_string(previous)
        .with_context(|| format!("--previous-signing-key {}: cannot be read", previous.display()))?;
    let previous = Signer::from_pem(&pem).with_context(|| previous.display().to_string())?;
    let reason = (KeyChangeReason::Superseded, clock::now());
    Ok(Ledger::open_after(folder, Signer::open_or_create(key)?, &previous, epoch, settings, reason)?)
}
