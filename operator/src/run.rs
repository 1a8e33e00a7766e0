//! Wires the modules together. The end of any task ends the process.

mod leader;
mod start;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::{Router, routing::get};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use kube::Client;
use landfall_process::{
    client, error_chain::error_chain, readiness::Readiness, server::MonitoringServer, stop, tasks::Tasks,
};
use prometheus::Registry;
use rustls::crypto::ring;
use tokio::{net::TcpListener, runtime, sync::watch};

use crate::{
    archive::Destinations,
    args::Args,
    ledger_writer::LEDGER,
    metrics::Metrics,
    objects::{Requests, owner},
    serving::{
        certificates::{CertificateFolder, CertificateLifetimes, CertificateStore, Places},
        https::Https,
    },
};
use leader::Leader;

// Reasons for not being ready, as `/readyz` shows them.
const LEASE: &str = "waiting for the Lease";
const REGISTER: &str = "waiting for the register";
const INGEST: &str = "waiting for the intake";
/// Name of the operator's Secret, ConfigMap, Service and Lease.
const NAME: &str = "landfall-operator";

/// Runs until SIGTERM or SIGINT. Exit status 0: stopped; 1: a task ended, for example because the Lease was lost; 2:
/// bad usage.
pub(crate) fn run(args: Args) -> ExitCode {
    if let Err(error) = args.log.init() {
        let _ = writeln!(io::stderr(), "error: {error}");
        return ExitCode::from(2);
    }
    let runtime = match runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "Failed to start");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(serve(args));
    // A blocking task that hangs must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(5));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = error_chain(&*error), "The operator ended");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: Args) -> anyhow::Result<()> {
    // It may be installed already, as in tests.
    let _ = ring::default_provider().install_default();
    let registry = Registry::new();
    let metrics = Metrics::register(&registry).context("failed to register metrics")?;
    let client = client::of_daemon(args.kubeconfig.as_deref()).await?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = Tasks::new();

    let destinations =
        Destinations::open(args.ledger_archive.as_deref(), args.ledger_anchor.as_deref(), args.ledger_anchor_interval)?;
    let ordinal = args.pod_name.rsplit_once('-').and_then(|(_, ordinal)| ordinal.parse::<u32>().ok());
    let Some(ordinal) = ordinal else {
        bail!("--pod-name {}: expected a name that ends in its ordinal", args.pod_name)
    };
    // Only ordinal 0 has the volume with the ledger.
    let readiness = match ordinal {
        0 => Readiness::waiting_for(&[LEASE, REGISTER, LEDGER, INGEST]),
        _ => Readiness::default(),
    };
    #[cfg(debug_assertions)]
    if let Some(file) = args.test_clock.clone() {
        crate::clock::moved::by(file);
    }
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("failed to listen on {}", args.listen))?;
    let monitoring = MonitoringServer::new(registry.clone(), readiness.clone());
    tasks.essential("the server of health and metrics", monitoring.serve(listener));
    let signalled = stop::signalled().context("failed to listen for signals")?;
    if ordinal == 0 {
        let owner = owner::service_account(&client, &args.namespace).await;
        let leader = Leader { args, client, owner, registry, metrics, readiness, stopped, destinations };
        tasks.essential("the leader", leader.serve());
    } else {
        let https = https(&args, &client, None, &metrics, stopped);
        tasks.essential("HTTPS", async move {
            let serving = https.start(Router::new().route("/healthz", get(async || "ok\n"))).await?;
            serving.await.map_err(anyhow::Error::from)
        });
    }

    let ended = tokio::select! {
        signal = signalled => {
            tracing::info!(signal, "Stopping");
            stop.send_replace(true);
            if ordinal != 0 {
                return Ok(());
            }
            // The leader closes the ledger and releases the Lease; other replicas have nothing to close.
            tasks.ended().await
        }
        ended = tasks.ended() => ended,
    };
    if *stop.borrow() && ended.cause.is_none() { Ok(()) } else { Err(ended.into()) }
}

/// The HTTPS server of this replica. With an issuer it renews the certificates: by whom they are written, and the owner of
/// what is.
fn https(
    args: &Args,
    client: &Client,
    issuer: Option<(Requests, Option<&OwnerReference>)>,
    metrics: &Metrics,
    stopped: watch::Receiver<bool>,
) -> Https {
    let service = format!("{NAME}.{}.svc", args.namespace);
    let mut names = vec![format!("{service}.cluster.local"), service];
    names.extend(args.server_names.iter().cloned());
    let renews = issuer.is_some();
    let (requests, owner) = issuer.unzip();
    let owner = owner.flatten();
    let places = Places { server: NAME, namespace: &args.namespace, clients: args.agent_namespace(), owner };
    let store = CertificateStore::new(client, &places, names, CertificateLifetimes::default(), requests);
    let folder = args.certificates.clone().map(CertificateFolder::new);
    Https { address: args.ingest, store, folder, renews, expiry: metrics.certificate_expiry.clone(), stopped }
}
