//! Stories on a real Kubernetes, for `make e2e`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a failed expectation is a failed test")]

mod alerts;
mod control_plane;
mod killed;
mod nodes;
mod traces;
mod transfers;
