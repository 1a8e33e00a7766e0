//! What people, machines and agents reach over HTTP: on every replica health, metrics and TLS with certificates, on the one
//! that leads the ledger, read-only.

pub mod authentication;
pub(crate) mod authorization;
pub mod certificates;
pub mod health;
pub(crate) mod https;
pub(crate) mod ledger;
