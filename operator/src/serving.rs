//! What people, machines and agents reach over HTTP: health, metrics, certificates.

pub mod authentication;
pub mod certificates;
pub mod health;
