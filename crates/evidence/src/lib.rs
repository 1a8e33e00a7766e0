//! The evidence ledger: what it takes to show later that a record stood there and was not changed.
//!
//! So far the Merkle tree by which a batch of records is sealed: one hash stands for all of them,
//! and a record can be shown to be among them without showing the others. The store, signatures
//! and retention join here.
//!
//! This crate knows records as bytes: no Kubernetes, no law.

mod merkle;

pub use merkle::{Hash, Proof, prove, root, verify};
