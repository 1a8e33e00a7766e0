//! `landfall-operator check`: whether an installation can work, for `helm test` and for people.
//!
//! ```text
//! definitions of the kinds ─► missing? older than this program? ──┐
//! StatefulSets, DaemonSet ──► pods that are refused, or not ready ─┴─► a line each, exit status
//! ```
//!
//! It only reads. What the operator itself waits for is in its `/readyz`.

mod definitions;
mod workloads;

use std::{
    fmt,
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Parser;
use kube::Client;
use landfall_process::{client, error_chain::error_chain};
use rustls::crypto::ring;
use tokio::runtime;

/// Says whether an installation can work: the definitions of the kinds, and the pods of operator and agents.
///
/// Exit status: 0 yes; 1 no, with a line for each reason; 2 it cannot be looked at.
#[derive(Debug, Clone, Parser)]
#[command(name = "check", after_help = "Example:\n  landfall-operator check --namespace landfall-system")]
pub(crate) struct CheckArgs {
    /// Namespace of the operator.
    #[arg(long, env = "POD_NAMESPACE", default_value = "landfall-system")]
    namespace: String,
    /// Namespace of the agents [default: that of the operator].
    #[arg(long, value_name = "NAMESPACE")]
    agent_namespace: Option<String>,
    /// Expect no agents on the nodes.
    #[arg(long)]
    no_agents: bool,
    /// Kubeconfig; by default the service account of the pod is used.
    #[arg(long, env = "KUBECONFIG")]
    kubeconfig: Option<PathBuf>,
}

/// Why an installation cannot work, and the command to type next.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    what: String,
    next: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, next } = self;
        write!(f, "fault: {what}\n  next: {next}")
    }
}

/// Looks once and prints what is wrong.
pub(crate) fn check(args: &CheckArgs) -> ExitCode {
    match look(args) {
        Ok(faults) => {
            let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
            let text = if lines.is_empty() { "the installation can work".to_owned() } else { lines.join("\n") };
            // Whoever closed the output has the exit status.
            let _ = writeln!(io::stdout(), "{text}");
            if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {}", error_chain(&*error));
            ExitCode::from(2)
        }
    }
}

fn look(args: &CheckArgs) -> anyhow::Result<Vec<Fault>> {
    // It may be installed already, as in tests.
    let _ = ring::default_provider().install_default();
    let runtime = runtime::Builder::new_current_thread().enable_all().build().context("failed to start")?;
    runtime.block_on(async {
        let client = client::of_daemon(args.kubeconfig.as_deref()).await?;
        faults(client, args).await
    })
}

async fn faults(client: Client, args: &CheckArgs) -> anyhow::Result<Vec<Fault>> {
    let mut faults = definitions::faults(client.clone(), &args.namespace).await?;
    faults.extend(workloads::operator(client.clone(), &args.namespace).await?);
    let namespace = args.agent_namespace.as_ref().unwrap_or(&args.namespace);
    if !args.no_agents {
        faults.extend(workloads::agents(client.clone(), namespace, &args.namespace).await?);
    }
    faults.extend(workloads::bus_agents(client, namespace).await?);
    Ok(faults)
}
