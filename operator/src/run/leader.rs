//! The replica that may lead: the order in which things begin and end.

use anyhow::{Context as _, anyhow};
use kube::Client;
use prometheus::Registry;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};

use super::{Ended, INGEST, LEASE, NAME};
use crate::{
    args::Args,
    clock,
    lease::{Candidate, LeaseError, stop},
    ledger_writer::Command,
    metrics::Metrics,
    objects::{Objects, Writer},
    register::{RegisterError, RegisterWatch},
    serving::health::Readiness,
};

/// The work of the replica that may lead.
pub(super) struct Leader {
    pub(super) args: Args,
    pub(super) client: Client,
    pub(super) registry: Registry,
    pub(super) metrics: Metrics,
    pub(super) readiness: Readiness,
    pub(super) stopped: watch::Receiver<bool>,
}

impl Leader {
    pub(super) async fn serve(mut self) -> anyhow::Result<()> {
        let Self { args, client, .. } = &self;
        // The pod's name alone would be that of its predecessor, too.
        let identity = format!("{}_{}", args.pod_name, clock::now().as_nanosecond());
        let candidate = Candidate::new(client.clone(), &args.namespace, NAME.to_owned(), identity);
        let refresh = args.refresh.try_into().context("--refresh: expected a time that is not negative")?;
        let objects = Objects::new(&self.metrics, refresh);
        objects.events.report_as(args.pod_name.clone());
        // The register is read before the Lease is ours, so that judging begins at once.
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
        let mut parts: JoinSet<Ended> = JoinSet::new();
        let (stop_lease, lease_stopped) = watch::channel(false);
        let mut lease = tokio::spawn(async move { candidate.hold(lease_stopped).await });
        // First: certificates are written by it.
        let writer = Writer::new(client.clone(), objects.clone(), leading.clone(), register.watch_errors.clone());
        parts.spawn(async move { Err(writer.run().await.into()) });
        let ledger = self.spawn(&mut parts, &register, &objects, epoch, leading, commands).await?;
        self.readiness.done(INGEST);
        let ended = tokio::select! {
            ended = parts.join_next() => ended.unwrap_or(Ok(Ok("the operator"))).context("a part panicked").flatten(),
            error = &mut register.task => Err(register_ended(error)),
            lost = &mut lease => {
                // Whoever took it may write from now on: not one more record.
                command.send_replace(Command::Abandon);
                lead.send_replace(false);
                let _ = ledger.await;
                return Err(anyhow!("{}", lease_ended(lost)));
            }
            () = stop::requested(&mut self.stopped) => Ok("stopped"),
        };
        // First no more deliveries, then the ledger, then the Lease.
        lead.send_replace(false);
        command.send_replace(Command::Close);
        let closed = ledger.await.context("the ledger writer panicked");
        let closed = closed.and_then(|closed| closed.context("failed to close the ledger"));
        stop_lease.send_replace(true);
        let _ = lease.await;
        self.metrics.leader.set(0);
        match ended {
            // Told to stop, other parts end, too, and one of them may be the first to be seen.
            Ok(_) if *self.stopped.borrow() => closed,
            Ok(part) => Err(anyhow!("{part} ended")),
            Err(error) => Err(error),
        }
    }
}

fn register_ended(ended: Result<RegisterError, JoinError>) -> anyhow::Error {
    match ended {
        Ok(error) => error.into(),
        Err(panicked) => anyhow::Error::from(panicked).context("the register panicked"),
    }
}

fn lease_ended(ended: Result<Result<(), LeaseError>, JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "the Lease was given back".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(panicked) => panicked.to_string(),
    }
}
