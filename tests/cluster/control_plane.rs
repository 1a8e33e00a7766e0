//! etcd and the API server on loopback, with the controllers when asked for.

mod access;
mod arguments;

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Mutex,
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::{Api, Client};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::{
    AuditEntry, ClusterError, Programs, audit,
    guardian::Guardian,
    network::Network,
    pki::Authority,
    process::{Daemon, Folder},
};

const START_LIMIT: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(25);

/// What a control plane is made of.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Runs kube-controller-manager: namespaces end, owned objects are collected, workloads get their pods,
    /// namespaces their default service account. Costs 1 to 2 seconds.
    pub controllers: bool,
    /// Runs kube-scheduler.
    pub scheduler: bool,
    /// Further arguments of kube-apiserver.
    pub api_server: Vec<String>,
}

/// A running control plane; dropped, it is taken down with all that it left.
#[derive(Debug)]
pub struct ControlPlane {
    // In this order they end: who asks before who answers, and the guardian last, since it removes the folder.
    controller_manager: Option<Daemon>,
    scheduler: Option<Daemon>,
    api_server: Option<Daemon>,
    etcd: Option<Daemon>,
    guardian: Guardian,
    options: Options,
    programs: Programs,
    authority: Authority,
    /// Kubeconfigs by the name of their file.
    identified: Mutex<BTreeMap<String, PathBuf>>,
    folder: Folder,
    site: Site,
    began: Instant,
    started: Vec<(&'static str, Duration)>,
}

/// Where a control plane runs.
#[derive(Debug)]
pub(super) struct Site {
    /// What puts a command there.
    pub(super) around: Vec<String>,
    pub(super) network: Network,
    pub(super) etcd: u16,
    pub(super) etcd_peer: u16,
    /// The API server as the programs of the cluster see it.
    pub(super) inner: SocketAddr,
    /// And as the tests see it.
    pub(super) outer: SocketAddr,
}

impl ControlPlane {
    /// Brings it up, ready to be asked.
    pub async fn start(options: Options) -> Result<Self, ClusterError> {
        let programs = Programs::find()?;
        let folder = new_folder()?;
        let guardian = Guardian::watch_over(&folder.path, &folder.mark(), None)?;
        let api_server = free_address()?;
        let site = Site {
            around: Vec::new(),
            network: Network::Own,
            etcd: free_port()?,
            etcd_peer: free_port()?,
            inner: api_server,
            outer: api_server,
        };
        let mut plane = Self::prepare(options, programs, folder, guardian, site)?;
        plane.launch().await?;
        plane.complete().await?;
        Ok(plane)
    }

    /// Writes what the programs read.
    pub(super) fn prepare(
        options: Options,
        programs: Programs,
        folder: Folder,
        guardian: Guardian,
        site: Site,
    ) -> Result<Self, ClusterError> {
        let plane = Self {
            controller_manager: None,
            scheduler: None,
            api_server: None,
            etcd: None,
            guardian,
            options,
            programs,
            authority: Authority::create(&folder)?,
            identified: Mutex::default(),
            folder,
            site,
            began: Instant::now(),
            started: Vec::new(),
        };
        plane.write_files()?;
        Ok(plane)
    }

    /// Starts etcd and the API server, which then takes seconds.
    pub(super) async fn launch(&mut self) -> Result<(), ClusterError> {
        self.start_etcd().await?;
        self.reached("etcd");
        self.launch_api_server()
    }

    /// Waits until the API server is ready, and for the controllers.
    pub(super) async fn complete(&mut self) -> Result<(), ClusterError> {
        self.await_ready().await?;
        self.reached("API server");
        self.launch_controllers()?;
        if self.options.controllers {
            self.await_default_service_account().await?;
            self.reached("controllers");
        }
        Ok(())
    }

    pub(super) fn reached(&mut self, what: &'static str) {
        self.started.push((what, self.began.elapsed()));
    }

    /// Takes it down and waits until nothing is left. Dropping it does the same.
    pub fn stop(mut self) {
        self.end();
    }

    pub(super) fn end(&mut self) {
        self.controller_manager = None;
        self.scheduler = None;
        self.stop_api_server();
        self.stop_etcd();
        self.guardian.release();
    }

    /// When each part was ready, since the start.
    pub fn started(&self) -> &[(&'static str, Duration)] {
        &self.started
    }

    /// etcd, the Kubernetes programs, kubectl and helm.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// Where all of it lives, logs in `log/`.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// Every request that the API server has answered, in its order.
    pub fn audit(&self) -> Result<Vec<AuditEntry>, ClusterError> {
        audit::read(&self.folder.join(audit::LOG))
    }

    /// Ends etcd at once. The API server stays and fails.
    pub fn stop_etcd(&mut self) {
        self.etcd = None;
    }

    /// Starts etcd on the data that it had.
    pub async fn start_etcd(&mut self) -> Result<(), ClusterError> {
        if self.etcd.is_none() {
            self.etcd = Some(self.start_program("etcd", self.etcd_arguments())?);
        }
        self.await_etcd().await
    }

    /// Ends etcd and starts it on its data, as after a crash; returns when the API server is ready again.
    pub async fn restart_etcd(&mut self) -> Result<(), ClusterError> {
        self.stop_etcd();
        self.start_etcd().await?;
        self.await_ready().await
    }

    /// Ends the API server at once; connections break.
    pub fn stop_api_server(&mut self) {
        self.api_server = None;
    }

    /// Starts the API server on the same port and waits until it is ready.
    pub async fn start_api_server(&mut self) -> Result<(), ClusterError> {
        self.launch_api_server()?;
        self.await_ready().await
    }

    fn launch_api_server(&mut self) -> Result<(), ClusterError> {
        if self.api_server.is_none() {
            self.api_server = Some(self.start_program("kube-apiserver", self.api_server_arguments())?);
        }
        Ok(())
    }

    /// Starts a program of the control plane where this one runs.
    pub(super) fn start_program(&self, program: &str, arguments: Vec<String>) -> Result<Daemon, ClusterError> {
        let path = self.programs.path(program).display().to_string();
        self.folder.start(program, &self.site.around, &[vec![path], arguments].concat())
    }

    fn launch_controllers(&mut self) -> Result<(), ClusterError> {
        if self.options.controllers {
            let arguments = self.controller_manager_arguments()?;
            self.controller_manager = Some(self.start_program("kube-controller-manager", arguments)?);
        }
        if self.options.scheduler {
            self.scheduler = Some(self.start_program("kube-scheduler", self.as_component("system:kube-scheduler")?)?);
        }
        Ok(())
    }

    async fn await_etcd(&mut self) -> Result<(), ClusterError> {
        // etcd listens for clients once it serves.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.site.etcd));
        let network = self.site.network.clone();
        await_true("etcd", &mut self.etcd, async || network.connect(address).is_ok()).await
    }

    pub(super) async fn await_ready(&mut self) -> Result<(), ClusterError> {
        let client = self.impatient_client().await?;
        await_true("the API server", &mut self.api_server, async || is_ready(&client).await).await
    }

    async fn await_default_service_account(&mut self) -> Result<(), ClusterError> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client().await?, "default");
        let exists = async || matches!(accounts.get_opt("default").await, Ok(Some(_)));
        await_true("the default service account", &mut self.controller_manager, exists).await
    }
}

async fn is_ready(client: &Client) -> bool {
    let request = http::Request::get("/readyz").body(Vec::new());
    let Ok(request) = request else { return false };
    matches!(timeout(Duration::from_secs(2), client.request_text(request)).await, Ok(Ok(_)))
}

/// Asks until it is so, as long as the program that makes it so runs.
pub(super) async fn await_true(
    what: &str,
    daemon: &mut Option<Daemon>,
    mut is_so: impl AsyncFnMut() -> bool,
) -> Result<(), ClusterError> {
    let deadline = Instant::now() + START_LIMIT;
    while !is_so().await {
        if let Some(daemon) = daemon {
            daemon.alive()?;
        }
        if Instant::now() > deadline {
            let log = daemon.as_ref().map(Daemon::log_end).unwrap_or_default();
            return Err(ClusterError::Timeout { what: what.to_owned(), limit: START_LIMIT, log });
        }
        sleep(PAUSE).await;
    }
    Ok(())
}

pub(crate) fn new_folder() -> Result<Folder, ClusterError> {
    let parent = std::env::temp_dir();
    let folder = TempDir::with_prefix("landfall-cluster-").map_err(ClusterError::file("make a folder in", parent))?;
    // The guardian removes it: it knows when nobody writes any more.
    Ok(Folder { path: folder.keep() })
}

/// An address on loopback at which nobody listens, for a server that is told where to.
pub fn free_address() -> Result<SocketAddr, ClusterError> {
    Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)))
}

/// A port that nobody listens on, below those that the kernel gives to outgoing connections: one of these could
/// be taken again before the server binds it.
pub(crate) fn free_port() -> Result<u16, ClusterError> {
    use std::sync::atomic::{AtomicU16, Ordering};
    const FIRST: u16 = 20_000;
    const COUNT: u16 = 10_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Test processes that run side by side begin at different places.
    let begin = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(COUNT)).unwrap_or(0);
    for _ in 0..COUNT {
        let port = FIRST + (begin + NEXT.fetch_add(1, Ordering::Relaxed) % COUNT) % COUNT;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(ClusterError::NoPort)
}
