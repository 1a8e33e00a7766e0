//! The operator: accepts observations, judges them against the register in the cluster, and keeps the evidence.
//!
//! ```text
//! agents ─HTTPS─► ingest ─► ledger_writer ─► judging ─► views ─► transfers, incidents, alerting ─► objects, metrics
//! objects ─watch─► register ─────┘ ruleset, Incidents as people wrote them
//! ```
//!
//! Data flows one way; only what people write in the cluster comes back, through the watches. docs/architecture.md
//! describes the modules, and the test in `rooms` checks which may use which. Packets, detectors and address databases are
//! the agent's. One replica, the holder of the Lease, does all this; the others serve health, metrics and TLS.

mod alerting;
pub mod args;
mod check;
mod clock;
#[cfg(test)]
mod fixture;
mod incidents;
pub mod ingest;
pub mod judging;
pub mod lease;
pub mod ledger_writer;
pub mod metrics;
pub mod objects;
pub mod register;
#[cfg(test)]
mod rooms;
mod run;
pub mod serving;
mod transfers;
pub mod views;

pub use args::Args;
pub use check::{CheckArgs, check};
pub use run::run;

/// Field manager for server-side apply.
const FIELD_MANAGER: &str = "landfall-operator";
