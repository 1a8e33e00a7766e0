//! The operator: takes observations in, judges them against the register in the cluster, keeps the evidence.
//!
//! ```text
//! agents ─HTTPS─► ingest ─► clerk: append, acknowledge ─► desk: judge ─► ledger, metrics, Events
//! objects ─watch─► index ─► Published (ruleset) ─────────────┘
//! ```
//!
//! It never sees packets, detectors or address databases; those are the agent's. One replica, the holder of the Lease,
//! does all this; the others serve metrics.

pub mod agent_configuration;
mod alerting;
pub mod args;
pub mod authentication;
pub mod board;
pub mod calls;
pub mod certificates;
pub mod clerk;
mod clock;
mod conditions;
pub mod desk;
pub mod endpoints;
pub mod events;
#[cfg(test)]
mod fixture;
mod incidents;
pub mod index;
pub mod ingest;
pub mod lease;
pub mod metrics;
mod run;
mod stop;
mod transfers;
mod upkeep;
pub mod watching;

pub use args::Args;

/// Whose fields these are, for server-side apply.
const FIELD_MANAGER: &str = "landfall-operator";
