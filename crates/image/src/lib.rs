//! Container images made without a container engine: one layer, the same bytes for the same files.
//!
//! ```text
//! programs ─strip─► recipe ─► Image ─► layer ─► OCI layout, docker-archive, Dockerfile
//!                                └─► SBOM (CycloneDX)
//! ```
//!
//! `make image` and the tests in a cluster use the same recipes ([`recipe`]), so that what is tested is what is
//! installed. Knows files and programs of the machine that builds, and nothing of data, law or Kubernetes.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod archive;
mod error;
mod image;
mod layer;
mod oci;
mod program;
pub mod recipe;
pub mod sbom;

pub use self::{
    error::ImageError,
    image::{FileCapability, HOST, Image, Labels},
    oci::Written,
    program::{Stripped, strip},
};
