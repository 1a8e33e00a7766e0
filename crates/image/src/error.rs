//! Why an image is not made.

use std::{io, path::PathBuf};

/// Why an image is not made.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// A file cannot be found, read or written.
    #[error("failed to {action} {}", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A program of the machine is missing.
    #[error("failed to start {program}")]
    Start {
        /// The program.
        program: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A program of the machine failed.
    #[error("{command} failed: {output}")]
    Command {
        /// What was run.
        command: String,
        /// What it said.
        output: String,
    },
    /// Images are made for two architectures.
    #[error("unknown target {0}: expected x86_64-unknown-linux-gnu or aarch64-unknown-linux-gnu")]
    Target(String),
    /// A program is for another architecture than the image, or its libraries are not those of this machine.
    #[error("{} is not a program for {wanted} on this machine; build the image on a machine of that architecture", path.display())]
    Architecture {
        /// The program.
        path: PathBuf,
        /// The architecture of the image, as OCI names it.
        wanted: &'static str,
    },
    /// What cargo says of the packages cannot be read.
    #[error("failed to read what cargo metadata says")]
    Metadata(#[from] serde_json::Error),
    /// The workspace has no such package.
    #[error("cargo metadata names no package {0}")]
    Package(String),
}

impl ImageError {
    pub(crate) fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}
