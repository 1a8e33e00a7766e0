//! Stories on a real Kubernetes, for `make e2e`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test a failed expectation is a failed test")]

mod alerts;
mod captured;
mod control_plane;
mod first_agreement;
mod inventory;
mod killed;
mod lacking;
mod message_bus;
mod node_lost;
mod nodes;
mod processes;
mod releases;
mod restricted;
mod runbooks;
mod sums;
mod traces;
mod transfers;
