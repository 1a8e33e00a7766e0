//! An operator as a process on loopback, beside a test's API server.

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    built,
    chart::{Helm, VALUES},
    cluster::{ClusterError, ControlPlane, free_address},
};

/// The register of the example agreement.
pub const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/crm-processor");
const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: landfall-system, labels: { pod-security.kubernetes.io/enforce: privileged } }
---
apiVersion: v1
kind: Namespace
metadata: { name: privacy }
---
apiVersion: v1
kind: Namespace
metadata:
  name: crm
  labels: { landfall.dev/consent: privacy, landfall.dev/tenant: tenant-a }
";
/// Name of the cluster that it takes observations of.
pub const CLUSTER: &str = "test";

/// An operator that ends with its owner.
#[derive(Debug)]
pub struct Operator {
    child: Child,
    /// Where `/metrics`, `/readyz` and `/healthz` are.
    pub listen: SocketAddr,
    /// Where agents deliver.
    pub ingest: SocketAddr,
}

impl Operator {
    /// Starts one with its ledger in `folder`; `around` goes before the program, such as `taskset -c 0`.
    pub fn start(folder: &Path, kubeconfig: &Path, around: &[&str], flags: &[&str]) -> io::Result<Self> {
        // However the test ends, the operator does.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).args(around).arg(built("landfall-operator")?);
        let free = || free_address().map_err(io::Error::other);
        let (listen, ingest) = (free()?, free()?);
        command.args(["--cluster", CLUSTER, "--agent-identity", "any", "--server-names", "localhost"]);
        command.args(["--listen", &listen.to_string(), "--ingest", &ingest.to_string(), "--log-format", "text"]);
        command.arg("--ledger").arg(folder.join("ledger")).arg("--signing-key").arg(folder.join("key.pem"));
        command.arg("--kubeconfig").arg(kubeconfig).args(flags);
        Ok(Self { child: command.spawn()?, listen, ingest })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What `/readyz` or `/metrics` says; the status and the text.
    pub fn ask(&self, path: &str) -> Result<(u16, String), ureq::Error> {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let client: ureq::Agent = config.timeout_global(Some(Duration::from_secs(5))).build().into();
        let mut answer = client.get(format!("http://{}{path}", self.listen)).call()?;
        Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
    }

    /// Waits until it is ready; gives what it still waits for otherwise.
    pub fn await_ready(&self, limit: Duration) -> Result<(), String> {
        let began = Instant::now();
        loop {
            let said = match self.ask("/readyz") {
                Ok((200, _)) => return Ok(()),
                Ok((_, text)) => text,
                Err(error) => error.to_string(),
            };
            if began.elapsed() > limit {
                return Err(said);
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// The value of a metric, by its name with labels.
    pub fn metric(&self, name: &str) -> Option<f64> {
        let (_, text) = self.ask("/metrics").ok()?;
        text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGTERM; how it ended.
    pub fn stop(mut self) -> io::Result<ExitStatus> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()
    }

    /// How it ended, if it did within `limit`.
    pub fn await_end(&mut self, limit: Duration) -> io::Result<Option<ExitStatus>> {
        let began = Instant::now();
        while began.elapsed() < limit {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            sleep(Duration::from_millis(100));
        }
        Ok(None)
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Puts definitions, namespaces and the register of a folder into a control plane, as a person would.
pub fn install_register(plane: &ControlPlane, register: &Path) -> Result<(), ClusterError> {
    let failed = |source| ClusterError::Start { program: "landfall".to_owned(), source };
    let printed = built("landfall").and_then(|program| Command::new(program).arg("crds").output()).map_err(failed)?;
    if !printed.status.success() {
        let output = String::from_utf8_lossy(&printed.stderr).into_owned();
        return Err(ClusterError::Command { command: "landfall crds".to_owned(), output });
    }
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &String::from_utf8_lossy(&printed.stdout))?;
    plane.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "")?;
    apply_register(plane, register)
}

/// The same where the kinds are defined.
pub fn apply_register(plane: &ControlPlane, register: &Path) -> Result<(), ClusterError> {
    plane.kubectl(&["apply", "--server-side", "-f", "-"], NAMESPACES)?;
    let register = register.display().to_string();
    plane.kubectl(&["apply", "--server-side", "--recursive", "-f", &register], "")?;
    Ok(())
}

/// The same, and the operator's own account with its rights as in the chart; gives the kubeconfig of that account.
pub async fn install(plane: &ControlPlane) -> Result<PathBuf, ClusterError> {
    install_register(plane, Path::new(EXAMPLE))?;
    let values = Path::new(VALUES).join("landfall.yaml");
    let without = ["agent.enabled=false", "tests.enabled=false"];
    let objects = Helm::new(plane.programs(), 4).template("landfall", &[&values], &without)?;
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &objects)?;
    plane.kubectl(&["create", "-n", "landfall-system", "serviceaccount", "landfall-agent"], "")?;
    plane.service_account_kubeconfig("landfall-system", "landfall-operator").await
}
