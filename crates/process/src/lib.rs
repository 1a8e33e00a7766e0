//! Code that agent, operator and command line share because each is a process.
//!
//! ```text
//! always    file (atomic replacement, locks), backoff, readiness, error_chain
//! log       warnings on standard error          daemon   flags of a log, signals, supervised tasks
//! metrics   families and their registration     server   /healthz, /readyz, /metrics
//! client    kubeconfig or service account       watch    back-off of watches
//! ```
//!
//! All but the first line are features, so that `landfall` without a cluster builds neither an HTTP server nor a
//! Kubernetes client. This crate knows nothing about data, law or the objects of a cluster.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod backoff;
#[cfg(feature = "client")]
pub mod client;
pub mod error_chain;
pub mod file;
#[cfg(feature = "log")]
pub mod log;
#[cfg(feature = "metrics")]
pub mod metrics;
pub mod readiness;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "daemon")]
pub mod stop;
#[cfg(feature = "daemon")]
pub mod tasks;
