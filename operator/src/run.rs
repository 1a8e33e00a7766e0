//! Puts the parts together. Every part that ends ends the process.

mod acts;

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use axum_server::{Handle, tls_rustls::RustlsConfig};
use kube::{
    Client, Config,
    config::{KubeConfigOptions, Kubeconfig},
};
use landfall_evidence::{KeyChangeReason, Ledger, LedgerError, Settings, Signer};
use prometheus::Registry;
use rustls::crypto::ring;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
    task::JoinSet,
    time::sleep,
};

use crate::{
    Args, agent_configuration,
    args::AgentIdentity,
    authentication::{Authenticator, Rule},
    board::Board,
    certificates::{CertificateError, Chain, Keeper, Lives},
    clerk::{Clerk, LEDGER, Order, Out, Pace},
    endpoints::{self, Readiness},
    events,
    index::Index,
    ingest::{self, Heard, Intake},
    lease::Candidate,
    metrics::Metrics,
    stop,
    upkeep::Precedence,
};

use acts::Shared;

/// Deliveries that wait at the clerk's: some seconds of work. More are told to come again.
const WAITING: usize = 256;
/// Transitions that wait for the API server.
const TRANSITIONS: usize = 1_024;
/// What people wrote and reports that wait for the clerk.
const ENTRIES: usize = 64;
/// How often certificates are looked at.
const CERTIFICATES: Duration = Duration::from_mins(5);
/// How long requests that were begun may take when the process stops.
const GRACE: Duration = Duration::from_secs(5);

const LEASE: &str = "the Lease";
const REGISTER: &str = "the register";
const INTAKE: &str = "the intake";

/// What ended, or how it failed.
type Ended = anyhow::Result<&'static str>;

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
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
        0 => Readiness::waiting_for(&[LEASE, REGISTER, LEDGER, INTAKE]),
        _ => Readiness::default(),
    };
    #[cfg(debug_assertions)]
    if let Some(file) = args.test_clock.clone() {
        crate::clock::moved::by(file);
    }
    let listener =
        TcpListener::bind(args.listen).await.with_context(|| format!("failed to listen on {}", args.listen))?;
    let looked_at = endpoints::router(registry.clone(), readiness.clone());
    parts.spawn(async move { axum::serve(listener, looked_at).await.map(|()| "metrics").context("failed to serve") });
    if ordinal == 0 {
        let term = Term { args, client, registry, metrics, readiness, stopped };
        parts.spawn(async move { term.serve().await.map(|()| "the term of the leader") });
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

/// The work of the replica that may lead.
struct Term {
    args: Args,
    client: Client,
    registry: Registry,
    metrics: Metrics,
    readiness: Readiness,
    stopped: watch::Receiver<bool>,
}

impl Term {
    async fn serve(mut self) -> anyhow::Result<()> {
        let Self { args, client, .. } = &self;
        // The pod's name alone would be that of its predecessor, too.
        let identity = format!("{}_{}", args.pod_name, crate::clock::now().as_nanosecond());
        let candidate = Candidate::new(client.clone(), &args.namespace, "landfall-operator".to_owned(), identity);
        let (lead, leading) = watch::channel(false);
        // The register is read before the Lease is ours, so that judging begins at once.
        let kept = args.ledger.join("register.ndjson");
        let mut index = Index::spawn(client.clone(), leading.clone(), &self.registry, kept)?;
        let mut stopped = self.stopped.clone();
        let epoch = tokio::select! {
            epoch = candidate.campaign() => epoch,
            error = &mut index.task => return Err(index_ended(error)),
            () = stop::told(&mut stopped) => return Ok(()),
        };
        tracing::info!(epoch, "Leading");
        self.metrics.leader.set(1);
        self.readiness.done(LEASE);

        let (order, orders) = watch::channel(Order::Work);
        let mut parts: JoinSet<Ended> = JoinSet::new();
        let (stop_lease, lease_stopped) = watch::channel(false);
        let mut lease = tokio::spawn(async move { candidate.hold(lease_stopped).await });
        let clerk = self.spawn_parts(&mut parts, &index, epoch, leading, orders).await?;
        lead.send_replace(true);
        self.readiness.done(INTAKE);
        let ended = tokio::select! {
            ended = parts.join_next() => ended.unwrap_or(Ok(Ok("the operator"))).context("a part panicked").flatten(),
            error = &mut index.task => Err(index_ended(error)),
            lost = &mut lease => {
                // Whoever took it may write from now on: not one more record.
                order.send_replace(Order::Abandon);
                lead.send_replace(false);
                let _ = clerk.await;
                return Err(anyhow!("{}", lease_end(lost)));
            }
            () = stop::told(&mut self.stopped) => Ok("stopped"),
        };
        // First no more deliveries, then the ledger, then the Lease.
        lead.send_replace(false);
        order.send_replace(Order::Close);
        let closed =
            clerk.await.context("the clerk panicked").and_then(|closed| closed.context("failed to close the ledger"));
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

    /// Starts what only the leader does; gives the clerk, who must be waited for.
    async fn spawn_parts(
        &self,
        parts: &mut JoinSet<Ended>,
        index: &Index,
        epoch: u64,
        leading: watch::Receiver<bool>,
        orders: watch::Receiver<Order>,
    ) -> anyhow::Result<tokio::task::JoinHandle<anyhow::Result<()>>> {
        let Self { args, client, metrics, readiness, .. } = self;
        let (folder, key, previous) =
            (args.ledger.clone(), args.signing_key.clone(), args.previous_signing_key.clone());
        let settings =
            Settings { keep_windows: args.keep_windows, keep_people: args.keep_people, ..Settings::default() };
        let open = move || {
            let ledger = open_ledger(&folder, &key, previous.as_deref(), epoch, settings)?;
            let public_key = ledger.public_key();
            anyhow::Ok((ledger, public_key))
        };
        let (ledger, public_key) = tokio::task::spawn_blocking(open).await?.context("failed to open the ledger")?;
        let recovery = ledger.recovery();
        tracing::info!(removed = recovery.removed.len(), adopted = recovery.adopted.len(), "Opened the ledger");

        let (board, precedence) = (Board::default(), Precedence::default());
        let (entries, entered) = mpsc::channel(ENTRIES);
        let (deliver, deliveries) = mpsc::channel(WAITING);
        let (report, transitions) = mpsc::channel(TRANSITIONS);
        let pace = Pace { roll_up: args.roll_up, seal: args.seal, keep: args.keep, ..Pace::default() };
        let clerk = {
            let (register, metrics) = (index.published.clone(), metrics.clone());
            let (board, precedence) = (board.clone(), precedence.clone());
            let out = Out { transitions: report, board, precedence, entries: entered };
            Clerk::new(ledger, pace, register, deliveries, out, metrics, readiness.clone())?
        };
        readiness.done(LEDGER);
        let (gone, clerk_gone) = tokio::sync::oneshot::channel();
        let clerk = tokio::task::spawn_blocking(move || {
            let ended = tokio::runtime::Handle::current().block_on(clerk.run(orders));
            // Whoever waits for it may have gone first.
            let _ = gone.send(());
            ended.context("the clerk cannot go on")
        });
        parts.spawn(async move {
            let _ = clerk_gone.await;
            Ok("the clerk")
        });
        let pod = args.pod_name.clone();
        let publisher = events::publish(client.clone(), pod, transitions, precedence.clone());
        parts.spawn(async move {
            publisher.await;
            // Its source is the clerk, who says himself why he ended.
            std::future::pending::<Ended>().await
        });
        let heard = Heard::default();
        let shared = Shared { board, entries, heard: heard.clone(), public_key, precedence };
        self.spawn_acts(parts, index, shared)?;
        self.spawn_settings(parts, index);
        self.spawn_intake(parts, deliver, heard, leading).await?;
        Ok(clerk)
    }

    fn spawn_settings(&self, parts: &mut JoinSet<Ended>, index: &Index) {
        let (client, namespace) = (self.client.clone(), self.args.namespace.clone());
        let published = index.published.clone();
        let mut first = published.clone();
        parts.spawn(async move {
            agent_configuration::render(client, &namespace, "landfall-agent-configuration".to_owned(), published).await;
            Ok("the agents' settings")
        });
        let readiness = self.readiness.clone();
        parts.spawn(async move {
            if first.wait_for(Option::is_some).await.is_ok() {
                readiness.done(REGISTER);
            }
            std::future::pending::<Ended>().await
        });
    }

    async fn spawn_intake(
        &self,
        parts: &mut JoinSet<Ended>,
        deliveries: mpsc::Sender<crate::clerk::Delivery>,
        heard: Heard,
        leading: watch::Receiver<bool>,
    ) -> anyhow::Result<()> {
        let Self { args, client, metrics, .. } = self;
        let keeper =
            Keeper::new(client.clone(), &args.namespace, "landfall-operator", server_names(args), Lives::default());
        let chain = keeper.keep().await?;
        let tls = RustlsConfig::from_config(server_config(&chain)?);
        metrics.certificate_expiry.set(chain.ends().as_second());
        let rule = Rule {
            audience: args.audience.clone(),
            service_account: args.agent_account.clone(),
            by_node: args.agent_identity == AgentIdentity::Node,
        };
        let intake = Intake {
            cluster: args.cluster.clone(),
            authenticator: Authenticator::new(client.clone(), rule),
            deliveries,
            heard,
            leading,
            metrics: metrics.clone(),
        };
        let handle = Handle::new();
        let server = axum_server::bind(args.ingest)
            .acceptor(axum_server::tls_rustls::RustlsAcceptor::new(tls.clone()))
            .handle(handle.clone())
            .serve(ingest::router(intake).into_make_service());
        parts.spawn(async move { server.await.map(|()| "ingest").context("failed to serve agents") });
        let mut stopped = self.stopped.clone();
        parts.spawn(async move {
            stop::told(&mut stopped).await;
            handle.graceful_shutdown(Some(GRACE));
            std::future::pending::<Ended>().await
        });
        let metrics = metrics.clone();
        parts.spawn(async move {
            loop {
                sleep(CERTIFICATES).await;
                match keeper.keep().await {
                    Ok(chain) => {
                        tls.reload_from_config(server_config(&chain)?);
                        metrics.certificate_expiry.set(chain.ends().as_second());
                    }
                    // There are days left, and an alert before they end.
                    Err(error) => keep_failed(&error),
                }
            }
        });
        Ok(())
    }
}

fn keep_failed(error: &CertificateError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "Failed to keep the certificates");
}

/// Opens the ledger; if it is signed with the previous key, that one hands over. Once it has, it may be gone.
fn open_ledger(
    folder: &Path,
    key: &Path,
    previous: Option<&Path>,
    epoch: u64,
    settings: Settings,
) -> anyhow::Result<Ledger> {
    let opened = Ledger::open_with(folder, Signer::open_or_create(key)?, epoch, settings);
    let (Err(LedgerError::KeyChanged { .. }), Some(previous)) = (&opened, previous) else { return Ok(opened?) };
    let pem = std::fs::read_to_string(previous)
        .with_context(|| format!("--previous-signing-key {}: cannot be read", previous.display()))?;
    let previous = Signer::from_pem(&pem).with_context(|| previous.display().to_string())?;
    let reason = (KeyChangeReason::Superseded, crate::clock::now());
    Ok(Ledger::open_after(folder, Signer::open_or_create(key)?, &previous, epoch, settings, reason)?)
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

fn server_names(args: &Args) -> Vec<String> {
    let service = format!("landfall-operator.{}.svc", args.namespace);
    let mut names = vec![format!("{service}.cluster.local"), service];
    names.extend(args.server_names.iter().cloned());
    names
}

fn server_config(chain: &Chain) -> anyhow::Result<Arc<rustls::ServerConfig>> {
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};
    let (certificate, key) = chain.server();
    let certificate =
        CertificateDer::from_pem_slice(certificate.as_bytes()).context("failed to read the certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).context("failed to read the certificate's key")?;
    let mut config = rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

async fn stop_signal() -> anyhow::Result<&'static str> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}

fn index_ended(ended: Result<crate::index::IndexError, tokio::task::JoinError>) -> anyhow::Error {
    match ended {
        Ok(error) => error.into(),
        Err(panicked) => anyhow::Error::from(panicked).context("the index panicked"),
    }
}

fn lease_end(ended: Result<Result<(), crate::lease::LeaseError>, tokio::task::JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "the Lease was given back".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(panicked) => panicked.to_string(),
    }
}
