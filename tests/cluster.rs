//! A real Kubernetes on loopback: etcd and the API server alone ([`ControlPlane`]), or machines
//! with pods beside them ([`Cluster`]).
//!
//! ```text
//! test ──client──► 127.0.0.1:port ──► API server ──► etcd        one folder, own processes
//! ```
//!
//! The programs come from `make testenv`. Everything of one cluster lives in one folder, and every process of it carries that folder's
//! name in its environment; a guardian process ends them and removes the folder when the test is through,
//! however it ended. Tests use one cluster per run ([`shared`]) and a namespace each ([`with_namespace`]).

mod audit;
pub(crate) mod control_plane;
pub(crate) mod guardian;
mod image;
mod kubectl;
mod machine;
mod network;
mod nodes;
pub(crate) mod pki;
pub(crate) mod process;
mod programs;
mod shared;

use std::{io, path::PathBuf, time::Duration};

pub use landfall_image::Image;

pub use self::{
    audit::AuditEntry,
    control_plane::{ControlPlane, Options, free_address},
    image::clients,
    machine::Machine,
    nodes::{Cluster, Node},
    process::Daemon,
    programs::Programs,
    shared::{or_skip, shared, with_namespace},
};

/// Why a test cluster is not there.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The programs were not built, or may not be run here; tests skip on this alone.
    #[error("no test cluster here: {0}")]
    NotSetUp(String),
    #[error("failed to {action} {}", path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("failed to start {program}")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("{command} failed: {output}")]
    Command { command: String, output: String },
    #[error("{program} ended early; the end of its log:\n{log}")]
    Ended { program: String, log: String },
    #[error("{what} did not come within {limit:?}; the end of the log:\n{log}")]
    Timeout { what: String, limit: Duration, log: String },
    #[error("no free port on loopback")]
    NoPort,
    #[error("failed to make the certificate of {name}")]
    Certificate {
        name: String,
        #[source]
        source: rcgen::Error,
    },
    #[error("a certificate names at most two groups, {0} were asked for")]
    Groups(usize),
    #[error(transparent)]
    Image(#[from] landfall_image::ImageError),
    #[error("failed to reach the API server")]
    Api(#[from] kube::Error),
    #[error("unusable kubeconfig")]
    Kubeconfig(#[from] kube::config::KubeconfigError),
}

impl ClusterError {
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
