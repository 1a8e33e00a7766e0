//! Why frames cannot be read.

use std::io;

use super::LINK_TYPES_READ;

/// A failure of a source; names the file, the byte offset (after decompression) and what was expected.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file cannot be opened.
    #[error("failed to open {file}")]
    Open {
        /// Path, or `standard input`.
        file: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// Reading or decompressing fails.
    #[error("failed to read {file} at byte {offset}")]
    Read {
        /// Path, or `standard input`.
        file: String,
        /// Where the bytes end that could be read.
        offset: u64,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file begins like no capture.
    #[error("failed to read {file} at byte 0: expected a pcap or pcapng header (plain, gzip or zstd), found {found}")]
    NotACapture {
        /// Path, or `standard input`.
        file: String,
        /// The first bytes, in hexadecimal, or a word for none.
        found: String,
    },
    /// The file ends within something.
    #[error("{file} is truncated: expected {expected} at byte {offset} ({needed} bytes), found {available} bytes")]
    Truncated {
        /// Path, or `standard input`.
        file: String,
        /// Where the cut part begins.
        offset: u64,
        /// What the cut part is.
        expected: &'static str,
        /// Its length.
        needed: u64,
        /// What is there of it.
        available: u64,
    },
    /// The file says something that cannot be.
    #[error("{file} is damaged at byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// Path, or `standard input`.
        file: String,
        /// Where the damaged record or block begins.
        offset: u64,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// No frame has a link type that is read.
    #[error(
        "failed to read {file} at byte {offset}: the link type {number} ({name}) is not read; expected {LINK_TYPES_READ}"
    )]
    LinkType {
        /// Path, or `standard input`.
        file: String,
        /// Where the link type stands, or the first frame of it ends.
        offset: u64,
        /// The number in the registry of link types.
        number: u32,
        /// Its name there, where it is one that is met in practice.
        name: &'static str,
    },
}
