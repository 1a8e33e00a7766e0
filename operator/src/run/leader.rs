//! The replica that may become leader: the order in which its tasks start and stop.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context as _, anyhow};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::{Api, Client};
use landfall_process::{
    error_chain::error_chain,
    readiness::Readiness,
    stop,
    tasks::{Ended, Tasks},
};
use prometheus::Registry;
use tokio::{
    sync::watch,
    task::{JoinError, spawn_blocking},
};

use super::{INGEST, LEASE, NAME};
use crate::{
    archive::Destinations,
    args::Args,
    clock,
    lease::{Candidate, LeaseError},
    ledger_writer::Command,
    metrics::Metrics,
    objects::{Objects, Writer},
    register::{RegisterError, RegisterWatch},
};

/// The replica that may become leader.
pub(super) struct Leader {
    pub(super) args: Args,
    pub(super) client: Client,
    /// Owner of what this replica writes for itself.
    pub(super) owner: Option<OwnerReference>,
    pub(super) registry: Registry,
    pub(super) metrics: Metrics,
    pub(super) readiness: Readiness,
    pub(super) stopped: watch::Receiver<bool>,
    pub(super) destinations: Destinations,
}

impl Leader {
    pub(super) async fn serve(mut self) -> anyhow::Result<()> {
        let Self { args, client, owner, .. } = &self;
        // The pod's name alone is not unique: its predecessor had the same.
        let identity = format!("{}_{}", args.pod_name, clock::now().as_nanosecond());
        let candidate = Candidate {
            leases: Arc::new(Api::namespaced(client.clone(), &args.namespace)),
            name: NAME.to_owned(),
            identity,
            owner: owner.clone(),
            above: held_epoch(args.ledger.clone()).await,
        };
        let refresh = args.refresh.try_into().context("--refresh: expected a time that is not negative")?;
        let objects = Objects::new(&self.metrics, refresh);
        objects.events.report_as(args.pod_name.clone());
        // The register is read before the Lease is acquired, so that judging can start at once.
        let last_good = args.ledger.join("register.ndjson");
        let mut register = RegisterWatch::spawn(client, &objects, &self.registry, last_good)?;
        let mut stopped = self.stopped.clone();
        let epoch = tokio::select! {
            epoch = candidate.campaign() => epoch,
            error = &mut register.task => return Err(register_ended(error)),
            () = stop::requested(&mut stopped) => return Ok(()),
        };
        tracing::info!(epoch, "Leading");
        self.metrics.leader.set(1);
        self.readiness.done(LEASE);

        let (lead, leading) = watch::channel(true);
        let (command, commands) = watch::channel(Command::Work);
        let mut tasks = Tasks::new();
        let (stop_lease, lease_stopped) = watch::channel(false);
        let mut lease = tokio::spawn(async move { candidate.hold(lease_stopped).await });
        // First, because HTTPS waits for certificates, which this task writes.
        let writer = Writer::new(client.clone(), objects.clone(), leading.clone(), register.watch_errors.clone());
        tasks.essential("the writer of objects", async move { Err::<(), _>(writer.run().await) });
        let ledger = self.start(&mut tasks, &register, &objects, epoch, leading, commands).await?;
        self.readiness.done(INGEST);
        let ended = tokio::select! {
            ended = tasks.ended() => Err(ended.into()),
            error = &mut register.task => Err(register_ended(error)),
            lost = &mut lease => {
                // Another replica may already hold the Lease and write: append no further record.
                command.send_replace(Command::Abandon);
                lead.send_replace(false);
                let _ = ledger.await;
                return Err(anyhow!("{}", lease_ended(lost)));
            }
            () = stop::requested(&mut self.stopped) => Ok(()),
        };
        // In this order: accept no more deliveries, close the ledger, release the Lease.
        lead.send_replace(false);
        command.send_replace(Command::Close);
        let closed = ledger.await.context("the ledger writer panicked");
        let closed = closed.and_then(|closed| closed.context("failed to close the ledger"));
        stop_lease.send_replace(true);
        let _ = lease.await;
        self.metrics.leader.set(0);
        match (ended, closed) {
            // A request to stop ends other tasks as well, and one of them may be noticed first.
            (Err(error), closed) if *self.stopped.borrow() && has_just_ended(&error) => closed,
            // The ledger writer failed: its error is the cause.
            (Err(error), Err(why)) => Err(why.context(error.to_string())),
            (ended, closed) => ended.and(closed),
        }
    }
}

/// The epoch of who wrote the ledger last. A Lease can be younger than the ledger: after a reinstallation, or where the ledger
/// was restored.
async fn held_epoch(folder: PathBuf) -> u64 {
    match spawn_blocking(move || landfall_evidence::owner(&folder)).await {
        Ok(Ok(owner)) => owner.map_or(0, |owner| owner.writer_epoch),
        Ok(Err(error)) => {
            // Opening it says more, once the Lease is held.
            tracing::warn!(error = error_chain(&error), "Failed to read who wrote the ledger last");
            0
        }
        Err(_) => 0,
    }
}

fn has_just_ended(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Ended>().is_some_and(|ended| ended.cause.is_none())
}

fn register_ended(ended: Result<RegisterError, JoinError>) -> anyhow::Error {
    match ended {
        Ok(error) => error.into(),
        Err(panicked) => anyhow::Error::from(panicked).context("the register panicked"),
    }
}

fn lease_ended(ended: Result<Result<(), LeaseError>, JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "the Lease was released".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(panicked) => panicked.to_string(),
    }
}
