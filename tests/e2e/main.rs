//! Stories on a real Kubernetes, for `make e2e`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a failed expectation is a failed test")]

mod alerts;
mod control_plane;
mod first_agreement;
mod killed;
mod nodes;
mod runbooks;
mod traces;
mod transfers;
