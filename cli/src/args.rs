use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::bail;
use clap::{Parser, Subcommand, ValueEnum};
use jiff::Timestamp;
use landfall_agent::{
    afpacket::CaptureConfig,
    flow::Limits,
    links::InterfacePattern,
    translation::{Nat64Prefix, Translation},
};
use landfall_transfer_law::{Language, Outcome};
use tracing_subscriber::filter::LevelFilter;

use crate::commands;

/// Finds where personal data lands and says whether it may.
#[derive(Debug, Parser)]
#[command(name = "landfall", version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Facts only, no register: one line per flow.
    #[command(
        after_help = "Example:\n  landfall flows --pcap capture.pcapng --json | jq -r '[.dst, .host] | @tsv'\n  sudo landfall flows --interface 'veth*'"
    )]
    Flows(commands::flows::Flows),
    /// The main job: observe, locate, judge; shows transfers with verdict and ground.
    #[command(
        after_help = "Example:\n  landfall watch --register examples/crm-processor --locations examples/locations \\\n      --workloads examples/traffic/workloads.yaml --pcap examples/traffic/captures/*\n  sudo landfall watch --register examples/crm-processor --interface eth0 -o json"
    )]
    Watch(commands::watch::Watch),
    /// Verdicts for recorded observations.
    #[command(
        after_help = "Example:\n  landfall judge --register examples/crm-processor --observations observations.ndjson --at 2026-11-23T12:00:00Z\n  landfall judge --register examples/crm-processor --observations observations.ndjson --explain de"
    )]
    Judge(commands::judge::Judge),
    /// What a legal development would do: verdicts before and after, and what is due when.
    #[command(
        after_help = "Example:\n  landfall simulate --register examples/crm-processor --observations observations.ndjson \\\n      --development examples/developments/dpf-annulled.yaml"
    )]
    Simulate(commands::simulate::Simulate),
    /// What is wrong with the agreement and its register: gaps, contradictions, missing and fallen bases.
    #[command(
        after_help = "Example:\n  landfall lint examples/crm-processor --at 2026-11-23T12:00:00Z --fail-on lint-error"
    )]
    Lint(commands::lint::Lint),
    /// Due dates by the BGB and by Regulation 1182/71.
    Clock(commands::clock::Clock),
    /// Evidence of what was seen and judged: verify, show, export.
    Ledger(commands::ledger::Ledger),
    /// The register folder itself: drafts of who was seen and is not in it.
    Register(commands::register::Register),
    /// The custom resource definitions, to be applied to a cluster.
    #[command(after_help = "Example:\n  landfall crds | kubectl apply --server-side -f -")]
    Crds(commands::crds::Crds),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Format {
    /// Format of the results; json is one object a line (NDJSON). A table in a pipe or a file has lines of COLUMNS
    /// characters, or 160, and cuts what does not fit; wide cuts nothing.
    #[arg(short, long, value_enum, default_value = "table", env = "LANDFALL_OUTPUT")]
    output: OutputFormat,
    /// The same as `-o json`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people.
    Table,
    /// A table as wide as it takes.
    Wide,
    /// One JSON object a line.
    Json,
    /// One YAML document a result.
    Yaml,
}

/// Capture files to read, or interfaces to listen to.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Capture {
    /// Capture files, pcap or pcapng, also gz or zst; `-` reads standard input.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) pcap: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) live: Live,
    /// Memory for flows under way, names learnt by DNS and parts of fragmented datagrams, in MiB. Beyond it the flows that
    /// were silent longest are reported early. The program itself takes about 15 MiB beside it.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65536), env = "LANDFALL_FLOW_MEMORY")]
    pub(crate) flow_memory: u32,
    /// Prefix of a NAT64 translator (RFC 6052), beside 64:ff9b::/96: an address behind it is the IPv4 address that it
    /// stands for. May be given several times.
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', env = "LANDFALL_NAT64_PREFIX")]
    pub(crate) nat64_prefix: Vec<Nat64Prefix>,
}

/// Interfaces to listen to, until a signal comes. Needs root or CAP_NET_RAW.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Live {
    /// Interface to listen to, or a glob such as 'veth*'; may be given several times. What fits a glob and is
    /// not there yet is waited for.
    #[arg(long, value_name = "NAME", conflicts_with = "pcap")]
    pub(crate) interface: Vec<InterfacePattern>,
    /// Network namespace of the interfaces: /run/netns/NAME or /proc/PID/ns/net. Needs root.
    #[arg(long, value_name = "FILE", requires = "interface")]
    pub(crate) netns: Option<PathBuf>,
    /// Memory for frames that wait to be read, in MiB. What does not fit is dropped and reported.
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u32).range(2..=4096), env = "LANDFALL_CAPTURE_MEMORY")]
    pub(crate) capture_memory: u32,
}

/// Where the register is and when it fails.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Judgment {
    /// Folder with the register's YAML files.
    #[arg(long, value_name = "DIR", env = "LANDFALL_REGISTER")]
    pub(crate) register: PathBuf,
    /// Judge as of this instant (RFC 3339) instead of each transfer's own time.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Timestamp>,
    /// Exit with status 1 if a verdict is this bad or worse.
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOn>,
}

/// From which outcome on a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Unknown or Unlawful.
    Unknown,
    /// Unlawful.
    Unlawful,
}

/// The languages of explanations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tongue {
    /// English.
    En,
    /// German.
    De,
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Exit status 0.
    Done,
    /// Exit status 1: what was asked to fail on is there.
    FailedOn,
}

impl Args {
    /// Runs the command; errors go to stderr.
    pub fn run(self) -> ExitCode {
        log_to_stderr();
        let result = match self.command {
            Command::Flows(flows) => flows.run(),
            Command::Watch(watch) => watch.run(),
            Command::Judge(judge) => judge.run(),
            Command::Simulate(simulate) => simulate.run(),
            Command::Lint(lint) => lint.run(),
            Command::Clock(clock) => clock.run(),
            Command::Ledger(ledger) => ledger.run(),
            Command::Register(register) => register.run(),
            Command::Crds(crds) => crds.run(),
        };
        conclude(result)
    }
}

/// What the libraries have to warn of.
fn log_to_stderr() {
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(LevelFilter::WARN)
        .with_target(false)
        // It would panic where stderr cannot be written to.
        .log_internal_errors(false)
        .init();
}

/// The exit status; errors go to stderr.
pub(crate) fn conclude(result: anyhow::Result<Ending>) -> ExitCode {
    match result {
        Ok(Ending::Done) => ExitCode::SUCCESS,
        Ok(Ending::FailedOn) => ExitCode::from(1),
        // `landfall flows … | head` is no error.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

impl Capture {
    /// Whether it is said what to read.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        if !self.pcap.is_empty() || self.live.is_asked() {
            return Ok(());
        }
        bail!(
            "expected what to read, one of\n  --pcap FILE...      capture files (pcap, pcapng, also gz or zst)\n  \
             --pcap -            a capture on standard input, as of `tcpdump -w -`\n  \
             --interface NAME    an interface, live, or a glob such as 'veth*' (root or CAP_NET_RAW)"
        )
    }

    /// Bounds of the flow table.
    pub(crate) fn limits(&self) -> Limits {
        let memory_bytes = self.flow_memory as usize * 1024 * 1024;
        if self.live.is_asked() {
            // Beside the way through the ring, so that it leaves within 5 s of its last packet.
            return Limits { memory_bytes, closed: Duration::from_millis(4500), ..Limits::default() };
        }
        Limits { memory_bytes, ..Limits::default() }
    }

    /// Which addresses stand for others.
    pub(crate) fn translation(&self) -> Translation {
        Translation::new(self.nat64_prefix.clone())
    }
}

impl Live {
    /// Whether interfaces are asked for.
    pub(crate) fn is_asked(&self) -> bool {
        !self.interface.is_empty()
    }

    /// What to capture.
    pub(crate) fn config(&self) -> CaptureConfig {
        let Self { interface, netns, capture_memory } = self;
        CaptureConfig {
            namespace: netns.clone(),
            ring_bytes: *capture_memory as usize * 1024 * 1024,
            ..CaptureConfig::new(interface.clone())
        }
    }
}

impl Format {
    /// The format asked for.
    pub(crate) fn get(self) -> OutputFormat {
        if self.json { OutputFormat::Json } else { self.output }
    }
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::En => Self::English,
            Tongue::De => Self::German,
        }
    }
}

impl FailOn {
    /// The best outcome that fails.
    pub(crate) fn threshold(self) -> Outcome {
        match self {
            Self::Unknown => Outcome::Unknown,
            Self::Unlawful => Outcome::Unlawful,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_closed_connection_leaves_within_five_seconds_live() {
        let Ok(Args { command: Command::Flows(flows) }) =
            Args::try_parse_from(["landfall", "flows", "--interface", "x"])
        else {
            panic!("these are arguments of flows")
        };
        // By then the packet has come through the ring (20 ms), and the time has been told (100 ms).
        assert!(flows.limits().closed + Duration::from_millis(120) < Duration::from_secs(5));
    }
}
