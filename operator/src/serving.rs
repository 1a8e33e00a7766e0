//! HTTPS and its certificates, on every replica; who may ask; and, on the leader, the ledger read-only.

pub mod authentication;
pub(crate) mod authorization;
pub mod certificates;
pub(crate) mod https;
pub(crate) mod ledger;
mod tls_listener;
