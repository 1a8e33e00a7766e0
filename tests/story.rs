//! The whole way on a real cluster: two nodes, the example agreement, operator and agents as pods, pods with real
//! clients, and servers of the world around them. Stories of `e2e/` and `make demo-cluster` stand on it.

mod client;
mod provider;
mod system;

use std::{
    io,
    net::Ipv4Addr,
    path::PathBuf,
    process::{Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::cluster::{Cluster, ClusterError};

pub use client::Client;
pub use provider::{Counts, Provider};

/// The nodes and their regions.
pub const NODES: [(&str, &str); 2] = [("node-eu", "eu-central-1"), ("node-us", "us-east-1")];
/// The node with the operator's ledger.
const LEDGER_NODE: &str = "node-eu";
/// Where that node keeps it.
const LEDGER: &str = "/var/lib/landfall/operator";
/// How long anything may take to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why a story cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum StoryError {
    /// The cluster.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A program of the project that must have been built.
    #[error("{} is not there; build it first (make demo-cluster and make e2e do)", .0.display())]
    NotBuilt(PathBuf),
    /// A command that failed.
    #[error("{command} failed: {output}")]
    Command {
        /// Which.
        command: String,
        /// What it said.
        output: String,
    },
    /// A file or program.
    #[error("failed to {action}")]
    Io {
        /// What was tried.
        action: String,
        /// Why it failed.
        #[source]
        source: io::Error,
    },
    /// Something that did not come.
    #[error("{what} did not come within {PATIENCE:?}: {last}")]
    Timeout {
        /// What.
        what: String,
        /// How it stood at last.
        last: String,
    },
}

/// A cluster with the operator, the agents and the register in it.
#[derive(Debug)]
pub struct Story {
    /// The cluster.
    pub cluster: Cluster,
    providers: Vec<(Ipv4Addr, &'static str)>,
}

impl Story {
    /// Brings up the nodes, the providers, the register, the operator and the agents, all ready.
    pub async fn begin(
        providers: &[(&'static str, &'static str, Ipv4Addr)],
    ) -> Result<(Self, Vec<Provider>), StoryError> {
        let cluster = Cluster::start(&NODES).await?;
        let mut story = Self { cluster, providers: Vec::new() };
        let mut running = Vec::new();
        for (name, host, address) in providers {
            running.push(Provider::start(&mut story.cluster, name, host, *address)?);
            story.providers.push((*address, host));
        }
        story.cluster.set_hosts(&story.providers)?;
        story.install()?;
        Ok((story, running))
    }

    /// Runs kubectl as an administrator.
    pub fn kubectl(&self, arguments: &[&str], input: &str) -> Result<String, StoryError> {
        let mut command = Command::new(self.cluster.programs().path("kubectl"));
        command.arg("--kubeconfig").arg(self.cluster.admin_kubeconfig()?).args(arguments);
        run(&mut command, input)
    }

    /// Runs the command line.
    pub fn landfall(&self, arguments: &[&str]) -> Result<String, StoryError> {
        run(Command::new(built("landfall")?).args(arguments), "")
    }

    /// Runs `landfall ledger COMMAND` on the operator's ledger, on the node that has it.
    pub fn ledger(&self, command: &str, options: &[&str]) -> Result<String, StoryError> {
        let program = built("landfall")?.display().to_string();
        let folder = format!("{LEDGER}/ledger");
        let node = self.cluster.node(LEDGER_NODE).expect("it was started");
        Ok(node.machine().run(&program, &[&["ledger", command, &folder], options].concat())?)
    }

    /// Asks again until there is an answer.
    pub fn wait_for<T>(&self, what: &str, mut ask: impl FnMut() -> Result<T, String>) -> Result<T, StoryError> {
        let began = Instant::now();
        loop {
            match ask() {
                Ok(answer) => return Ok(answer),
                Err(last) if began.elapsed() > PATIENCE => {
                    return Err(StoryError::Timeout { what: what.to_owned(), last });
                }
                Err(_) => sleep(Duration::from_millis(200)),
            }
        }
    }
}

/// A program of the project, beside the one that runs.
fn built(name: &str) -> Result<PathBuf, StoryError> {
    let failed = |source| StoryError::Io { action: "find myself".to_owned(), source };
    let me = std::env::current_exe().map_err(failed)?;
    // …/debug/deps/e2e-… or …/debug/examples/demo_cluster
    let folder = me.ancestors().nth(2).unwrap_or(&me);
    let program = folder.join(name);
    if program.exists() { Ok(program) } else { Err(StoryError::NotBuilt(program)) }
}

fn run(command: &mut Command, input: &str) -> Result<String, StoryError> {
    use io::Write as _;
    let shown = format!("{command:?}");
    let failed = |source| StoryError::Io { action: format!("run {shown}"), source };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(StoryError::Command { command: shown, output: text(&output.stderr) + &text(&output.stdout) })
    }
}
