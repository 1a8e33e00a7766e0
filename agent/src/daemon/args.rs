//! The command line of the agent. Each option has an environment variable, for the manifest of the DaemonSet.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, str::FromStr};

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use ipnet::IpNet;
use landfall_process::{client, error_chain::error_chain, log::LogArgs};
use tokio::sync::oneshot;

#[cfg(feature = "kafka")]
use super::BusSettings;
use super::{Daemon, DaemonError, Settings, prepare_spool::PrepareSpool};
#[cfg(feature = "kafka")]
use crate::kafka::sampler::share::{InvalidShare, Share};
use crate::{
    afpacket::CaptureConfig,
    links::InterfacePattern,
    pipeline::Limits,
    ship::{HttpsConfig, OperatorUrl},
    translation::{Nat64Prefix, Translation},
};

const EXAMPLE: &str = "Example:
  landfall-agent --cluster prod --node-name node-1 --interface 'veth*' --local-network 10.244.0.0/16 \\
    --operator-url https://landfall-operator.landfall-system.svc:8443 --spool /var/lib/landfall/spool";

/// Observes where the data of a node's pods goes, and reports it to the operator.
#[derive(Debug, Parser)]
#[command(name = "landfall-agent", version, after_help = EXAMPLE)]
pub struct Args {
    /// Name of the cluster, part of every observation
    #[arg(long, value_name = "NAME", env = "LANDFALL_CLUSTER", value_parser = name)]
    cluster: String,
    /// Name of the node, which is also the name of the agent
    #[arg(long, value_name = "NAME", env = "LANDFALL_NODE_NAME", value_parser = name)]
    node_name: String,
    /// Interfaces to capture, by name or glob: the host ends of the pods' veth pairs; without any, nothing is captured
    #[arg(long, value_name = "GLOB", env = "LANDFALL_INTERFACE", value_delimiter = ',')]
    interface: Vec<InterfacePattern>,
    /// Watch the message buses of the agent configuration; then nothing is captured, and --node-name is the agent's name
    #[cfg(feature = "kafka")]
    #[arg(long, env = "LANDFALL_BUSES", conflicts_with_all = ["interface", "no_pods", "netns"], requires = "config")]
    buses: bool,
    /// Which of several agents this one is, from 0, and how many there are: each reads some partitions of every topic
    #[cfg(feature = "kafka")]
    #[arg(
        long,
        value_name = "OWN/AGENTS",
        env = "LANDFALL_BUS_SHARE",
        conflicts_with = "bus_agents",
        requires = "buses"
    )]
    bus_share: Option<Share>,
    /// How many agents share the buses; which one this is, the number at the end of --node-name says (NAME-2)
    #[cfg(feature = "kafka")]
    #[arg(long, value_name = "COUNT", env = "LANDFALL_BUS_AGENTS", requires = "buses")]
    bus_agents: Option<u32>,
    /// Topics of which metrics show the categories of personal data found in them: names, or patterns with `*` and `?`
    #[cfg(feature = "kafka")]
    #[arg(
        long = "bus-metric-topic",
        value_name = "PATTERN",
        env = "LANDFALL_BUS_METRIC_TOPICS",
        value_delimiter = ',',
        requires = "buses"
    )]
    bus_metric_topics: Vec<String>,
    /// Zone of this agent, as in broker.rack: messages are fetched from a replica there, where the brokers allow it (KIP-392)
    #[cfg(feature = "kafka")]
    #[arg(long, value_name = "ZONE", env = "LANDFALL_BUS_CLIENT_RACK", requires = "buses")]
    bus_client_rack: Option<String>,
    /// Do not watch the pods of the node: flows are not attributed to them, and no API server is needed
    #[arg(long, env = "LANDFALL_NO_PODS")]
    no_pods: bool,
    /// File of the network namespace to capture in, such as /proc/1/ns/net; needs CAP_SYS_ADMIN
    #[arg(long, value_name = "FILE", env = "LANDFALL_NETNS")]
    netns: Option<PathBuf>,
    /// Memory of the capture ring, for frames that wait to be read
    #[arg(long, value_name = "SIZE", env = "LANDFALL_CAPTURE_MEMORY", default_value = "32Mi")]
    capture_memory: Size,
    /// Memory for open flows, names learnt from DNS and fragments of datagrams
    #[arg(long, value_name = "SIZE", env = "LANDFALL_FLOW_MEMORY", default_value = "64Mi")]
    flow_memory: Size,
    /// Address of the operator's intake
    #[arg(long, value_name = "URL", env = "LANDFALL_OPERATOR_URL")]
    operator_url: OperatorUrl,
    /// Certificate authorities of the operator (PEM); read again when it changes
    #[arg(long, value_name = "FILE", env = "LANDFALL_CA_FILE", default_value = "/etc/landfall/ca/ca.crt")]
    ca_file: PathBuf,
    /// Token that authenticates the agent; read again for each delivery
    #[arg(long, value_name = "FILE", env = "LANDFALL_TOKEN_FILE", default_value = "/var/run/secrets/landfall/token")]
    token_file: PathBuf,
    /// Folder where observations wait to be acknowledged; it must outlive the process
    #[arg(long, value_name = "DIR", env = "LANDFALL_SPOOL", default_value = "/var/lib/landfall/spool")]
    spool: PathBuf,
    /// Size of the spool beyond which observations are held in memory
    #[arg(long, value_name = "SIZE", env = "LANDFALL_SPOOL_CAP", default_value = "1Gi")]
    spool_cap: Size,
    /// Agent configuration that the operator renders (JSON); read again when it changes
    #[arg(long, value_name = "FILE", env = "LANDFALL_CONFIG")]
    config: Option<PathBuf>,
    /// Folder of location datasets: published cloud ranges (*.json), MaxMind databases (*.mmdb)
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
    /// Networks of pods and nodes; without any, every private address counts as local
    #[arg(long, value_name = "CIDR", env = "LANDFALL_LOCAL_NETWORK", value_delimiter = ',')]
    local_network: Vec<IpNet>,
    /// Prefixes of NAT64 translators (RFC 6052) besides 64:ff9b::/96
    #[arg(long, value_name = "PREFIX", env = "LANDFALL_NAT64_PREFIX", value_delimiter = ',')]
    nat64_prefix: Vec<Nat64Prefix>,
    /// Address for /metrics, /healthz and /readyz
    #[arg(long, value_name = "ADDRESS", env = "LANDFALL_LISTEN", default_value = "0.0.0.0:9464")]
    listen: SocketAddr,
    #[command(flatten)]
    log: LogArgs,
    /// Kubeconfig; by default the service account of the pod is used
    #[arg(long, value_name = "FILE", env = "LANDFALL_KUBECONFIG")]
    kubeconfig: Option<PathBuf>,
}

/// A number of bytes: `4096`, `64Ki`, `32Mi`, `1Gi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Size(u64);

/// An invalid number of bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a number of bytes such as 4096, 64Ki, 32Mi or 1Gi")]
struct InvalidSize;

/// The whole command line: without a subcommand, the agent.
pub fn run() -> ExitCode {
    let matches = command().get_matches();
    match matches.subcommand() {
        #[cfg(feature = "kafka")]
        Some((super::buses::INSPECT, _)) => super::buses::inspect(),
        Some((_, matches)) => PrepareSpool::from_arg_matches(matches).unwrap_or_else(|error| error.exit()).run(),
        None => Args::from_arg_matches(&matches).unwrap_or_else(|error| error.exit()).run(),
    }
}

/// Not derived: an optional flattened group in which another is flattened counts as absent always.
fn command() -> clap::Command {
    let command = Args::command().subcommand(PrepareSpool::command());
    #[cfg(feature = "kafka")]
    let command = command.subcommand(clap::Command::new(super::buses::INSPECT).hide(true));
    command.subcommand_negates_reqs(true).args_conflicts_with_subcommands(true).disable_help_subcommand(true)
}

impl Args {
    /// Runs until SIGTERM or SIGINT, which is success. Any other end is a failure, and its causes are logged.
    pub fn run(self) -> ExitCode {
        if let Err(error) = self.log.init() {
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("error: {error}\n"));
            return ExitCode::from(2);
        }
        match self.serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(
                error @ (DaemonError::NoSource
                | DaemonError::NoConfiguration
                | DaemonError::Share(_)
                | DaemonError::NotGranted
                | DaemonError::NotInherited { .. }),
            ) => {
                tracing::error!(%error, "The agent cannot start");
                ExitCode::from(2)
            }
            Err(error) => {
                tracing::error!(error = %error_chain(&error), "The agent ended");
                ExitCode::FAILURE
            }
        }
    }

    fn serve(self) -> Result<(), DaemonError> {
        let daemon = self.start()?;
        tracing::info!(address = %daemon.address(), "The agent is running");
        let (stop, stopped) = oneshot::channel();
        daemon.on_signal(stop)?;
        daemon.run(stopped)
    }

    fn start(self) -> Result<Daemon, DaemonError> {
        let kubeconfig = self.kubeconfig.clone();
        #[cfg(feature = "kafka")]
        if self.buses {
            let share = self.share().map_err(DaemonError::Share)?;
            let (metric_topics, rack) = (self.bus_metric_topics.clone(), self.bus_client_rack.clone());
            let buses = BusSettings { share, metric_topics, rack };
            return Daemon::watch_buses(self.settings(), buses, move || {
                let kubeconfig = kubeconfig.clone();
                async move { Ok(client::of_daemon(kubeconfig.as_deref()).await?) }
            });
        }
        Daemon::start(self.settings(), async || Ok(client::of_daemon(kubeconfig.as_deref()).await?))
    }

    /// Which partitions this agent reads, if there are several.
    #[cfg(feature = "kafka")]
    fn share(&self) -> Result<Option<Share>, InvalidShare> {
        match self.bus_agents {
            None => Ok(self.bus_share),
            Some(agents) => {
                let number = self.node_name.rsplit_once('-').map_or("", |(_, number)| number);
                format!("{number}/{agents}").parse().map(Some)
            }
        }
    }

    fn settings(self) -> Settings {
        let Self { cluster, node_name, interface, no_pods, netns, capture_memory, flow_memory, .. } = self;
        let Self { operator_url, ca_file, token_file, spool, spool_cap, config, locations, local_network, .. } = self;
        let bytes = |Size(bytes)| usize::try_from(bytes).unwrap_or(usize::MAX);
        Settings {
            cluster,
            node: node_name,
            pods: !interface.is_empty() && !no_pods,
            capture: (!interface.is_empty()).then(|| CaptureConfig {
                namespace: netns,
                ring_bytes: bytes(capture_memory),
                ..CaptureConfig::new(interface)
            }),
            limits: Limits { memory_bytes: bytes(flow_memory), ..Limits::default() },
            operator: HttpsConfig { url: operator_url, authorities: ca_file, token: token_file },
            spool,
            spool_cap: spool_cap.0,
            configuration: config,
            locations,
            local_networks: local_network,
            translation: Translation::new(self.nat64_prefix),
            listen: self.listen,
        }
    }
}

/// A name that is valid in the identity of observations.
fn name(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text.len() <= 253 && text.bytes().all(|b| b.is_ascii_graphic());
    if is_name { Ok(text.to_owned()) } else { Err("expected 1 to 253 visible ASCII letters".to_owned()) }
}

impl FromStr for Size {
    type Err = InvalidSize;

    fn from_str(text: &str) -> Result<Self, InvalidSize> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit: u64 = match &text[digits.len()..] {
            "" => 1,
            "Ki" => 1 << 10,
            "Mi" => 1 << 20,
            "Gi" => 1 << 30,
            _ => return Err(InvalidSize),
        };
        let number: u64 = digits.parse().map_err(|_| InvalidSize)?;
        number.checked_mul(unit).filter(|bytes| *bytes > 0).map(Self).ok_or(InvalidSize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preparing_the_spool_needs_none_of_the_agents_options() {
        let matches = |line: &str| command().try_get_matches_from(line.split(' '));
        let prepare = matches("landfall-agent prepare-spool --spool /spool --owner 65532:65532").unwrap();
        assert_eq!(prepare.subcommand_name(), Some("prepare-spool"));
        let mixed = "landfall-agent --cluster=c prepare-spool --spool /spool --owner 65532:65532";
        for refused in [mixed, "landfall-agent prepare-spool --spool /spool", "landfall-agent --cluster=c"] {
            assert!(matches(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn every_option_has_a_variable() {
        let command = Args::command();
        command.clone().debug_assert();
        for argument in
            command.get_arguments().filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
        {
            let expected = format!("LANDFALL_{}", argument.get_id().as_str().to_uppercase());
            assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(expected.as_str()));
        }
    }

    #[test]
    fn sizes_have_units() {
        for (text, expected) in [("4096", 4096), ("64Ki", 65536), ("32Mi", 32 << 20), ("1Gi", 1 << 30)] {
            assert_eq!(text.parse(), Ok(Size(expected)));
        }
        for text in ["", "0", "-1", "1G", "1.5Gi", "Gi", "1 Gi", "99999999999Gi"] {
            assert_eq!(text.parse::<Size>(), Err(InvalidSize), "{text}");
        }
    }

    #[test]
    fn neither_capture_nor_pods_are_needed() {
        let settings = |more: &[&str]| {
            let always =
                ["landfall-agent", "--cluster=c", "--node-name=n", "--operator-url=https://operator.example:8443"];
            Args::try_parse_from(always.iter().chain(more)).unwrap().settings()
        };
        let none = settings(&[]);
        assert!(none.capture.is_none() && !none.pods);
        let bare = settings(&["--interface=eth0", "--no-pods"]);
        assert!(bare.capture.is_some() && !bare.pods);
        let client = async || panic!("no API server is asked");
        assert!(matches!(Daemon::start(none, client), Err(DaemonError::NoSource)));
    }

    #[cfg(feature = "kafka")]
    #[test]
    fn the_share_of_an_agent_is_said_by_its_name_or_outright() {
        let parse = |name: &str, more: &[&str]| {
            let always =
                ["landfall-agent", "--cluster=c", "--operator-url=https://operator.example:8443", "--node-name"];
            Args::try_parse_from(always.iter().chain(&[name]).chain(more))
        };
        let share = |name: &str, more: &[&str]| {
            parse(name, &[&["--buses", "--config=agent.json"], more].concat()).unwrap().share()
        };
        assert_eq!(share("buses-0", &[]), Ok(None));
        assert_eq!(share("landfall-bus-agent-2", &["--bus-agents=3"]), Share::new(2, 3).map(Some));
        assert_eq!(share("landfall-bus-agent-0", &["--bus-agents=1"]), Share::new(0, 1).map(Some));
        assert_eq!(share("buses", &["--bus-share=2/3"]), Share::new(2, 3).map(Some));
        for (name, agents) in [("buses", "3"), ("buses-3", "3"), ("buses-x", "3"), ("buses-0", "0")] {
            assert_eq!(share(name, &["--bus-agents", agents]), Err(InvalidShare), "{name} of {agents}");
        }
        assert!(parse("buses-0", &["--bus-agents=3"]).is_err(), "without --buses");
        assert!(parse("buses-0", &["--buses"]).is_err(), "without --config");
        assert!(parse("buses-0", &["--buses", "--config=agent.json", "--interface=eth0"]).is_err());
    }

    #[cfg(feature = "kafka")]
    #[test]
    fn topics_of_metrics_are_given_each_or_with_commas() {
        let always = ["landfall-agent", "--cluster=c", "--node-name=n", "--operator-url=https://operator.example:8443"];
        let topics = ["--bus-metric-topic=crm.*,orders", "--bus-metric-topic=people"];
        let parse = |more: &[&str]| Args::try_parse_from(always.iter().chain(&topics).chain(more));
        let args = parse(&["--buses", "--config=agent.json"]).unwrap();
        assert_eq!(args.bus_metric_topics, ["crm.*", "orders", "people"]);
        let args = parse(&["--buses", "--config=agent.json", "--bus-client-rack=eu-central-1a"]).unwrap();
        assert_eq!(args.bus_client_rack.as_deref(), Some("eu-central-1a"));
        assert!(parse(&[]).is_err(), "without --buses");
    }

    #[test]
    fn what_is_given_is_taken() {
        let args = Args::try_parse_from([
            "landfall-agent",
            "--cluster=prod",
            "--node-name=node-1",
            "--interface=veth*,cali*",
            "--operator-url=https://operator.example.org:8443",
            "--local-network=10.1.0.0/16,2001:db8::/32",
            "--spool-cap=2Mi",
            "--nat64-prefix=2001:db8:64::/96",
        ]);
        let settings = args.unwrap().settings();
        assert_eq!((settings.cluster.as_str(), settings.node.as_str()), ("prod", "node-1"));
        assert_eq!((settings.capture.unwrap().interfaces.len(), settings.pods), (2, true));
        assert_eq!(settings.local_networks.len(), 2);
        assert_eq!(settings.spool_cap, 2 << 20);
        assert_eq!(settings.translation, Translation::new(vec!["2001:db8:64::/96".parse().unwrap()]));
    }
}
