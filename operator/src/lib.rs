//! The operator: takes observations in, judges them against the register in the cluster, keeps the evidence.
//!
//! ```text
//! agents ─HTTPS─► ingest ─► ledger_writer ─► judging ─► views ─► transfers, incidents, alerting ─► objects, metrics
//! objects ─watch─► register ─────┘ law, and what people wrote
//! ```
//!
//! Data goes down and nothing comes back but what people write; docs/architecture.md has the rooms, and `rooms` holds
//! them to it. Nobody here sees packets, detectors or address databases; those are the agent's. One replica, the holder
//! of the Lease, does all this; the others serve health, metrics and TLS.

mod alerting;
pub mod args;
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
pub use run::run;

/// Whose fields these are, for server-side apply.
const FIELD_MANAGER: &str = "landfall-operator";
