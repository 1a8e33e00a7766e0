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
        /// End of the bytes that could be read.
        offset: u64,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The file does not begin like a capture.
    #[error("failed to read {file} at byte 0: expected a pcap or pcapng header (plain, gzip or zstd), found {found}")]
    NotACapture {
        /// Path, or `standard input`.
        file: String,
        /// The first bytes in hexadecimal, or `an empty file`.
        found: String,
    },
    /// The file ends in the middle of a part.
    #[error("{file} is truncated: expected {expected} at byte {offset} ({needed} bytes), found {available} bytes")]
    Truncated {
        /// Path, or `standard input`.
        file: String,
        /// Where the truncated part begins.
        offset: u64,
        /// What the truncated part is.
        expected: &'static str,
        /// Its length.
        needed: u64,
        /// How many bytes of it exist.
        available: u64,
    },
    /// The file has impossible content.
    #[error("{file} is damaged at byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// Path, or `standard input`.
        file: String,
        /// Where the damaged record or block begins.
        offset: u64,
        /// What was expected.
        expected: &'static str,
        /// What was found.
        found: String,
    },
    /// No frame has a supported link type.
    #[error(
        "failed to read {file} at byte {offset}: the link type {number} ({name}) is not read; expected {LINK_TYPES_READ}"
    )]
    LinkType {
        /// Path, or `standard input`.
        file: String,
        /// Offset of the link type, or of the end of its first frame.
        offset: u64,
        /// The number in the registry of link types.
        number: u32,
        /// Its name there, if it is a common one.
        name: &'static str,
    },
}
