//! The operator: takes observations in, judges them against the register in the cluster, keeps the evidence.
//!
//! ```text
//! agents ─HTTPS─► ingest ─► ledger_writer: append, acknowledge ─► judging ─► ledger, metrics, Events
//! objects ─watch─► register ─► Published (ruleset) ───────────────────┘
//! ```
//!
//! It never sees packets, detectors or address databases; those are the agent's. One replica, the holder of the Lease,
//! does all this; the others serve metrics.

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
mod run;
pub mod serving;
mod transfers;
pub mod views;

pub use args::Args;

/// Whose fields these are, for server-side apply.
const FIELD_MANAGER: &str = "landfall-operator";
