//! The command `landfall`: facts, verdicts and what to do about them, without a cluster.
//!
//! ```text
//! capture ─► landfall-agent ─► Observation ─► landfall-register (resolve) ─► landfall-transfer-law (judge) ─► table
//! ```
//!
//! This crate sees both halves and adds nothing to either: it reads arguments, wires the parts
//! and prints. Results go to stdout, everything else to stderr; the exit status is 0 when done, 1
//! when what was asked to fail on is there, 2 for bad usage or input.

mod args;
mod capture;
mod commands;
mod judging;
mod live;
mod observations;
mod output;
mod pipe;
mod progress;
mod register;
mod remark;

pub use args::{Args, Command};
