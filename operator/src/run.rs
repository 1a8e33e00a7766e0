//! Puts the rooms together. Every part that ends ends the process.

mod leader;
mod parts;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, anyhow, bail};
use axum::{Router, routing::get};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use prometheus::Registry;
use rustls::crypto::ring;
use tokio::{
    net::TcpListener,
    runtime,
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tracing_subscriber::{EnvFilter, filter::ParseError};

use crate::{
    args::{Args, LogFormat},
    ledger_writer::LEDGER,
    metrics::Metrics,
    objects::Requests,
    serving::{
        certificates::{CertificateStore, Lives},
        health::{self, Readiness},
        https::Https,
    },
};
use leader::Leader;

const LEASE: &str = "the Lease";
const REGISTER: &str = "the register";
const INGEST: &str = "the intake";
/// What Secret, ConfigMap and Service are called after.
const NAME: &str = "landfall-operator";

/// What ended, or how it failed.
type Ended = anyhow::Result<&'static str>;

/// Runs until SIGTERM or SIGINT. Status 0: stopped; 1: a part of it ended, such as by the loss of the Lease; 2: bad usage.
pub fn run(args: Args) -> ExitCode {
    if let Err(error) = log(&args) {
        let _ = writeln!(io::stderr(), "error: --log-level: {error}");
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
    // Blocking parts that hang must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(5));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "The operator ends");
            ExitCode::FAILURE
        }
    }
}

fn log(args: &Args) -> Result<(), ParseError> {
    let log = tracing_subscriber::fmt().with_env_filter(EnvFilter::try_new(&args.log_level)?).with_writer(io::stderr);
    // A second start in one process, as in tests, keeps the first log.
    let _ = match args.log_format {
        LogFormat::Json => tracing::subscriber::set_global_default(log.json().finish()),
        LogFormat::Text => tracing::subscriber::set_global_default(log.finish()),
    };
    Ok(())
}

async fn serve(args: Args) -> anyhow::Result<()> {
    // A process may have set it before, as tests do.
    let _ = ring::default_provider().install_default();
    let registry = Registry::new();
    let metrics = Metrics::register(&registry).context("failed to register metrics")?;
    let client = client(&args).await?;
    let (stop, stopped) = watch::channel(false);
    let mut parts: JoinSet<Ended> = JoinSet::new();

    let ordinal = args.pod_name.rsplit_once('-').and_then(|(_, ordinal)| ordinal.parse::<u32>().ok());
    let Some(ordinal) = ordinal else {
        bail!("--pod-name {}: expected a name that ends in its ordinal", args.pod_name)
    };
    // The ledger is on one volume, that of ordinal 0.
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
    let looked_at = health::router(registry.clone(), readiness.clone());
    parts.spawn(async move { axum::serve(listener, looked_at).await.map(|()| "metrics").context("failed to serve") });
    if ordinal == 0 {
        let leader = Leader { args, client, registry, metrics, readiness, stopped };
        parts.spawn(async move { leader.serve().await.map(|()| "the term of the leader") });
    } else {
        let https = https(&args, client, None, &metrics, stopped);
        parts.spawn(async move {
            let serving = https.start(Router::new().route("/healthz", get(async || "ok\n"))).await?;
            serving.await?;
            Ok("HTTPS")
        });
    }

    let ended = tokio::select! {
        signal = stop_signal() => {
            tracing::info!(signal = signal?, "Stopping");
            stop.send_replace(true);
            // The leader closes the ledger and gives the Lease back; replicas have nothing to close.
            if ordinal == 0 { parts.join_next().await } else { None }
        }
        ended = parts.join_next() => ended,
    };
    match ended {
        None => Ok(()),
        Some(Ok(Ok(part))) if !*stop.borrow() => Err(anyhow!("{part} ended")),
        Some(Ok(ended)) => ended.map(drop),
        Some(Err(panicked)) => Err(panicked).context("a part of the operator panicked"),
    }
}

/// The server of this replica. With somebody who writes objects it keeps the certificates.
fn https(
    args: &Args,
    client: Client,
    requests: Option<Requests>,
    metrics: &Metrics,
    stopped: watch::Receiver<bool>,
) -> Https {
    let service = format!("{NAME}.{}.svc", args.namespace);
    let mut names = vec![format!("{service}.cluster.local"), service];
    names.extend(args.server_names.iter().cloned());
    let renews = requests.is_some();
    let store = CertificateStore::new(client, &args.namespace, NAME, names, Lives::default(), requests);
    Https { address: args.ingest, store, renews, expiry: metrics.certificate_expiry.clone(), stopped }
}

async fn client(args: &Args) -> anyhow::Result<Client> {
    let config = match &args.kubeconfig {
        Some(file) => {
            let read = Kubeconfig::read_from(file).with_context(|| format!("failed to read {}", file.display()))?;
            Config::from_custom_kubeconfig(read, &KubeConfigOptions::default()).await?
        }
        None => Config::incluster().context("no --kubeconfig, and no service account of a pod")?,
    };
    Client::try_from(config).context("failed to make a client of the API server")
}

async fn stop_signal() -> anyhow::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
