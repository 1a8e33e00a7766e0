//! How the process runs. Anything about data or law is an object of the cluster.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, ValueEnum};
use jiff::SignedDuration;
use landfall_process::log::LogArgs;

/// Receives observations, judges them by the register in the cluster, and keeps the evidence.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "landfall-operator",
    version,
    after_help = "Examples:\n  landfall-operator --cluster production --ledger /var/lib/landfall/ledger\n  landfall-operator check   # whether an installation can work"
)]
pub struct Args {
    /// Name of the cluster, the same as the agents are configured with.
    #[arg(long, env = "LANDFALL_CLUSTER")]
    pub cluster: String,
    /// Folder of the ledger; it must outlive the pod.
    #[arg(long, env = "LANDFALL_LEDGER")]
    pub ledger: PathBuf,
    /// File of the key that signs the ledger (PKCS#8 PEM); created if it is missing.
    #[arg(long, env = "LANDFALL_SIGNING_KEY")]
    pub signing_key: PathBuf,
    /// File of the key that signed the ledger so far (PKCS#8 PEM): if it did, it signs the change to --signing-key at the
    /// start. It is needed only once.
    #[arg(long, env = "LANDFALL_PREVIOUS_SIGNING_KEY")]
    pub previous_signing_key: Option<PathBuf>,
    /// Namespace of the operator.
    #[arg(long, env = "POD_NAMESPACE", default_value = "landfall-system")]
    pub namespace: String,
    /// Name of the pod: only that of ordinal 0 campaigns for the Lease.
    #[arg(long, env = "POD_NAME", default_value = "landfall-operator-0")]
    pub pod_name: String,
    /// Address of /healthz, /readyz and /metrics.
    #[arg(long, env = "LANDFALL_LISTEN", default_value = "0.0.0.0:8080")]
    pub listen: SocketAddr,
    /// Address of the intake of observations (HTTPS).
    #[arg(long, env = "LANDFALL_INGEST", default_value = "0.0.0.0:8443")]
    pub ingest: SocketAddr,
    /// Further names or addresses in the server certificate.
    #[arg(long, env = "LANDFALL_SERVER_NAMES", value_delimiter = ',')]
    pub server_names: Vec<String>,
    /// Folder with a certificate that somebody else issues and renews, such as cert-manager: tls.crt, tls.key and ca.crt
    /// (PEM). Without it, the operator issues its own.
    #[arg(long, env = "LANDFALL_CERTIFICATES")]
    pub certificates: Option<PathBuf>,
    /// Service account of the agents, NAMESPACE/NAME. What agents mount is written to that namespace.
    #[arg(long, env = "LANDFALL_AGENT_ACCOUNT", default_value = "landfall-system/landfall-agent")]
    pub agent_account: String,
    /// Service account of the agents that watch message buses, NAMESPACE/NAME; they may deliver observations of topics alone.
    #[arg(long, env = "LANDFALL_BUS_AGENT_ACCOUNT")]
    pub bus_agent_account: Option<String>,
    /// Audience of the agents' tokens.
    #[arg(long, env = "LANDFALL_AUDIENCE", default_value = "landfall-operator")]
    pub audience: String,
    /// Whether the name of an agent must be that of the node that its token is bound to; of one that watches buses, of the pod.
    #[arg(long, env = "LANDFALL_AGENT_IDENTITY", value_enum, default_value_t = AgentIdentity::Node)]
    pub agent_identity: AgentIdentity,
    /// How often to write a roll-up of traffic with an unchanged verdict to the ledger, such as 24h.
    #[arg(long, env = "LANDFALL_ROLL_UP", default_value = "24h")]
    pub roll_up: SignedDuration,
    /// How often to update the figures of a Transfer, such as 5m.
    #[arg(long, env = "LANDFALL_REFRESH", default_value = "5m")]
    pub refresh: SignedDuration,
    /// For how long to keep a Transfer without traffic; its history stays in the ledger.
    #[arg(long, env = "LANDFALL_KEEP", default_value = "720h")]
    pub keep: SignedDuration,
    /// For how long after its last packet a transfer counts as ongoing, for alerts, such as 10m.
    #[arg(long, env = "LANDFALL_ACTIVE", default_value = "10m")]
    pub active: SignedDuration,
    /// After how long to seal records even if there are few, such as 5m.
    #[arg(long, env = "LANDFALL_SEAL", default_value = "5m")]
    pub seal: SignedDuration,
    /// For how long the ledger keeps observations after sealing, such as 168h.
    #[arg(long, env = "LANDFALL_KEEP_WINDOWS", default_value = "168h", value_parser = period)]
    pub keep_windows: SignedDuration,
    /// For how long the ledger keeps records that name people (decisions, drafts, notices) after sealing. The default,
    /// 35064h, is four years, after which claims and fines have lapsed. A hold (`landfall ledger hold`) delays the expiry.
    #[arg(long, env = "LANDFALL_KEEP_PEOPLE", default_value = "35064h", value_parser = period)]
    pub keep_people: SignedDuration,
    /// Where sealed segments of the ledger are copied: s3://BUCKET/FOLDER, gs://BUCKET/FOLDER, az://CONTAINER/FOLDER or
    /// file:///FOLDER. Credentials come from the environment (AWS_*, GOOGLE_*, AZURE_*) or from the identity of the
    /// workload.
    #[arg(long, env = "LANDFALL_LEDGER_ARCHIVE", value_name = "URL", hide_env_values = true)]
    pub ledger_archive: Option<String>,
    /// Where the ledger's head is anchored: a place that nobody who can change the ledger or its copy can change, such as a
    /// bucket of another account with an object lock.
    #[arg(long, env = "LANDFALL_LEDGER_ANCHOR", value_name = "URL", hide_env_values = true)]
    pub ledger_anchor: Option<String>,
    /// How often to anchor the head at most, such as 1h.
    #[arg(long, env = "LANDFALL_LEDGER_ANCHOR_INTERVAL", default_value = "1h", value_parser = period)]
    pub ledger_anchor_interval: SignedDuration,
    /// Kubeconfig; by default the service account of the pod is used.
    #[arg(long, env = "KUBECONFIG")]
    pub kubeconfig: Option<PathBuf>,
    /// File with seconds that the clock is moved by, for tests; a release build has no such flag.
    #[cfg(debug_assertions)]
    #[arg(long, hide = true)]
    pub test_clock: Option<PathBuf>,
    #[command(flatten)]
    pub log: LogArgs,
}

impl Args {
    /// The namespace of the agents; that of the operator if their account names none.
    pub fn agent_namespace(&self) -> &str {
        self.agent_account.split_once('/').map_or(&self.namespace, |(namespace, _)| namespace)
    }
}

/// How the name of an agent is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AgentIdentity {
    /// It must be the node that the token is bound to.
    Node,
    /// Any name is accepted.
    Any,
}

/// A duration that is not negative.
fn period(text: &str) -> Result<SignedDuration, String> {
    match text.parse::<SignedDuration>() {
        Ok(period) if !period.is_negative() => Ok(period),
        Ok(_) => Err("expected a duration that is not negative".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
