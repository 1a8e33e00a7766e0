//! What people, machines and agents reach over HTTP, on every replica: health, metrics, certificates, TLS.

pub mod authentication;
pub mod certificates;
pub mod health;
pub(crate) mod https;
