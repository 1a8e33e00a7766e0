//! The whole way on a real cluster: two nodes, the example agreement, operator and agents as pods, pods with real
//! clients, and servers of the world around them. Stories of `e2e/` and `make demo-cluster` stand on it.

mod bus;
mod client;
mod monitoring;
mod provider;
mod system;
mod volume;

use std::{
    io,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    built,
    cluster::{self, Cluster, ClusterError},
    kafka::KafkaError,
    operator::EXAMPLE,
    plugin::Plugin,
};

pub use bus::{Bus, Party, Reader};
pub use client::Client;
pub use monitoring::Monitoring;
pub use provider::{Counts, Provider};

/// The nodes and their regions.
pub const NODES: [(&str, &str); 2] = [("node-eu", "eu-central-1"), ("node-us", "us-east-1")];
/// Providers: the machine, the host and the address of each. Two are registered, one is not.
pub const PROVIDERS: [(&str, &str, Ipv4Addr); 3] = [
    ("openai", "eu.api.openai.com", Ipv4Addr::new(198, 51, 100, 10)),
    ("twilio", "api.twilio.com", Ipv4Addr::new(198, 51, 101, 10)),
    ("stranger", "collector.stranger.example", Ipv4Addr::new(203, 0, 113, 10)),
];
/// Turns offloads off in a network namespace, so that every frame is a packet of the wire.
const OFFLOADS_OFF: &str = r#"
for link in $(ip -o link | awk -F': ' '{ sub(/@.*/, "", $2); print $2 }'); do
    ethtool -K $link gro off gso off tso off >/dev/null 2>&1 || true
done
"#;
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
    /// A broker.
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    /// A program of the project that must have been built.
    #[error(transparent)]
    NotBuilt(io::Error),
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
    #[error("{what} did not come within {limit:?}: {last}")]
    Timeout {
        /// What.
        what: String,
        /// How long it was waited for.
        limit: Duration,
        /// How it stood at last.
        last: String,
    },
}

/// A cluster with the operator, the agents and the register in it.
#[derive(Debug)]
pub struct Story {
    /// The cluster.
    pub cluster: Cluster,
    /// The operator's volume, as its node sees it.
    volume: String,
}

/// As [`cluster::or_skip`], for the start of a story.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn or_skip<T>(begun: Result<T, StoryError>) -> Option<T> {
    match begun {
        Ok(begun) => Some(begun),
        Err(StoryError::Cluster(error)) => cluster::or_skip(Err(error)),
        Err(error) => panic!("{error:?}"),
    }
}

impl Story {
    /// Brings up the nodes, the providers, the example register, the operator and the agents, all ready.
    pub async fn begin() -> Result<(Self, Vec<Provider>), StoryError> {
        Self::begin_with(Path::new(EXAMPLE), &PROVIDERS).await
    }

    /// The same with another register and other providers: the machine, the host and the address of each.
    pub async fn begin_with(
        register: &Path,
        providers: &[(&str, &str, Ipv4Addr)],
    ) -> Result<(Self, Vec<Provider>), StoryError> {
        let (story, providers) = Self::prepare(providers).await?;
        story.install(register)?;
        Ok((story, providers))
    }

    /// Brings up the nodes, with all images, and the providers; nothing is installed.
    pub async fn prepare(providers: &[(&str, &str, Ipv4Addr)]) -> Result<(Self, Vec<Provider>), StoryError> {
        let mut cluster = Cluster::start(&NODES).await?;
        cluster.set_hosts(&providers.iter().map(|(_, host, address)| (*address, *host)).collect::<Vec<_>>())?;
        let start =
            |(name, host, address): &(&str, &str, Ipv4Addr)| Provider::start(&mut cluster, name, host, *address);
        let providers = providers.iter().map(start).collect::<Result<Vec<_>, _>>()?;
        let mut story = Self { cluster, volume: LEDGER.to_owned() };
        story.load_images()?;
        Ok((story, providers))
    }

    /// Runs `landfall ledger COMMAND` on the operator's ledger, on the node that has it.
    pub fn ledger(&self, command: &str, options: &[&str]) -> Result<String, StoryError> {
        let program = program("landfall")?.display().to_string();
        let folder = format!("{}/ledger", self.volume);
        let node = self.cluster.node(LEDGER_NODE).expect("it was started");
        Ok(node.machine().run(&program, &[&["ledger", command, &folder], options].concat())?)
    }

    /// Runs `kubectl landfall …` as a person with all rights would.
    pub fn plugin(&self, arguments: &[&str]) -> Result<String, StoryError> {
        let failed = |source| StoryError::Io { action: "run kubectl landfall".to_owned(), source };
        let plugin = Plugin::install(&self.cluster.folder().join("plugin"), &program("landfall")?).map_err(failed)?;
        let path = plugin.path(self.cluster.programs());
        let mut command = Command::new(self.cluster.programs().path("kubectl"));
        command.arg("landfall").args(arguments).env("PATH", path).env("KUBECONFIG", self.cluster.admin_kubeconfig()?);
        let output = command.output().map_err(failed)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(StoryError::Command { command: format!("kubectl landfall {arguments:?}"), output: text(&output.stderr) })
    }

    /// Address and port of the operator's metrics.
    pub fn operator_metrics(&self) -> Result<String, ClusterError> {
        let address = ["get", "-n", "landfall-system", "pod", "landfall-operator-0", "-o", "jsonpath={.status.podIP}"];
        Ok(format!("{}:8080", self.cluster.kubectl(&address, "")?))
    }

    /// Address and port of the metrics of a node's agent.
    pub fn agent_metrics(&self, node: &str) -> String {
        format!("{}:9464", self.cluster.node(node).expect("it was started").machine().address())
    }

    /// Address and port of the metrics of the agent that watches buses.
    pub fn bus_agent_metrics(&self) -> Result<String, ClusterError> {
        let pod = ["get", "-n", "landfall-system", "pod", "landfall-bus-agent-0", "-o", "jsonpath={.status.podIP}"];
        Ok(format!("{}:9464", self.cluster.kubectl(&pod, "")?))
    }

    /// Asks again until there is an answer.
    pub fn wait_for<T>(&self, what: &str, ask: impl FnMut() -> Result<T, String>) -> Result<T, StoryError> {
        self.wait_within(PATIENCE, what, ask)
    }

    /// The same for what takes its time.
    pub fn wait_within<T>(
        &self,
        limit: Duration,
        what: &str,
        mut ask: impl FnMut() -> Result<T, String>,
    ) -> Result<T, StoryError> {
        let began = Instant::now();
        loop {
            match ask() {
                Ok(answer) => return Ok(answer),
                Err(last) if began.elapsed() > limit => {
                    return Err(StoryError::Timeout { what: what.to_owned(), limit, last });
                }
                Err(_) => sleep(Duration::from_millis(200)),
            }
        }
    }
}

/// A program of the project.
fn program(name: &str) -> Result<PathBuf, StoryError> {
    built(name).map_err(StoryError::NotBuilt)
}
