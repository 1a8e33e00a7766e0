//! HTTPS with its certificates, on every replica; authentication and authorization; on the leader, the read-only
//! ledger.

pub mod authentication;
pub(crate) mod authorization;
pub mod certificates;
pub(crate) mod https;
pub(crate) mod ledger;
mod tls_listener;
