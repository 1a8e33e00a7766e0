use std::{path::PathBuf, time::Duration};

use anyhow::bail;
use clap::Args;
use landfall_agent::{
    afpacket::CaptureConfig,
    flow::Limits,
    links::InterfacePattern,
    translation::{Nat64Prefix, Translation},
};

/// Capture files to read, or interfaces to listen on.
#[derive(Debug, Clone, Args)]
pub(crate) struct CaptureOptions {
    /// Capture files, pcap or pcapng, optionally compressed (gz, zst); `-` reads standard input.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) pcap: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) live: LiveOptions,
    /// Memory in MiB for open flows, names learnt from DNS and incomplete fragmented datagrams. When it is full, the flows
    /// that have been silent longest are reported early. The program needs about 15 MiB on top of it.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(1..=65536), env = "LANDFALL_FLOW_MEMORY")]
    pub(crate) flow_memory: u32,
    /// Prefix of a NAT64 translator (RFC 6052), in addition to 64:ff9b::/96; an address in it is read as the IPv4 address
    /// embedded in it. May be repeated.
    #[arg(long, value_name = "PREFIX", value_delimiter = ',', env = "LANDFALL_NAT64_PREFIX")]
    pub(crate) nat64_prefix: Vec<Nat64Prefix>,
}

/// Interfaces to listen on until a signal arrives.
#[derive(Debug, Clone, Args)]
pub(crate) struct LiveOptions {
    /// Interface to listen on, or a glob such as 'veth*'; may be repeated. Interfaces that match a glob are picked up as
    /// they appear. Needs root or CAP_NET_RAW.
    #[arg(long, value_name = "NAME", conflicts_with = "pcap")]
    pub(crate) interface: Vec<InterfacePattern>,
    /// Network namespace of the interfaces, /run/netns/NAME or /proc/PID/ns/net. Needs root.
    #[arg(long, value_name = "FILE", requires = "interface")]
    pub(crate) netns: Option<PathBuf>,
    /// Memory in MiB for captured frames that are not processed yet. Frames that do not fit are dropped and counted.
    #[arg(long, value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u32).range(2..=4096), env = "LANDFALL_CAPTURE_MEMORY")]
    pub(crate) capture_memory: u32,
}

impl CaptureOptions {
    /// The options for reading `files`, everything else as by default.
    pub(crate) fn from_files(files: Vec<PathBuf>) -> Self {
        let live = LiveOptions { interface: Vec::new(), netns: None, capture_memory: 0 };
        Self { pcap: files, live, flow_memory: 256, nat64_prefix: Vec::new() }
    }

    /// Fails if neither a file nor an interface is given.
    pub(crate) fn require_source(&self) -> anyhow::Result<()> {
        if !self.pcap.is_empty() || self.live.is_requested() {
            return Ok(());
        }
        bail!(
            "nothing to read; expected one of\n  --pcap FILE...      capture files (pcap, pcapng, optionally gz or zst)\n  \
             --pcap -            a capture on standard input, such as from `tcpdump -w -`\n  \
             --interface NAME    a live interface, or a glob such as 'veth*' (root or CAP_NET_RAW)"
        )
    }

    /// The limits of the flow table.
    pub(crate) fn limits(&self) -> Limits {
        let memory_bytes = self.flow_memory as usize * 1024 * 1024;
        if self.live.is_requested() {
            // Leaves room for the delay in the packet ring: a flow is reported within 5 s of its last packet.
            return Limits { memory_bytes, closed: Duration::from_millis(4500), ..Limits::default() };
        }
        Limits { memory_bytes, ..Limits::default() }
    }

    /// The translators whose addresses stand for IPv4 addresses.
    pub(crate) fn translation(&self) -> Translation {
        Translation::new(self.nat64_prefix.clone())
    }
}

impl LiveOptions {
    /// Whether the run listens on interfaces.
    pub(crate) fn is_requested(&self) -> bool {
        !self.interface.is_empty()
    }

    /// The configuration of the capture.
    pub(crate) fn config(&self) -> CaptureConfig {
        let Self { interface, netns, capture_memory } = self;
        CaptureConfig {
            namespace: netns.clone(),
            ring_bytes: *capture_memory as usize * 1024 * 1024,
            ..CaptureConfig::new(interface.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Probe {
        #[command(flatten)]
        capture: CaptureOptions,
    }

    #[test]
    fn a_closed_connection_leaves_within_five_seconds_live() {
        let Probe { capture } = Probe::try_parse_from(["landfall", "--interface", "x"]).unwrap();
        // The packet ring delays a packet by up to 20 ms, and time advances in ticks of 100 ms.
        assert!(capture.limits().closed + Duration::from_millis(120) < Duration::from_secs(5));
    }
}
