//! Copies of ledgers in object storage.

use std::path::Path;

use jiff::Timestamp;
use landfall_archive::{ArchiveError, Checked, Location};
use landfall_evidence::Report;
use tokio::runtime;

use super::verification::TrustedKey;

/// Opens the location that an argument names, without repeating a text that is none: it may contain a password.
pub(super) fn open(argument: &str, text: &str) -> anyhow::Result<Location> {
    Location::open(text).map_err(|error| anyhow::anyhow!("{argument}: {error}"))
}

/// Runs requests to their end.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, ArchiveError>>) -> anyhow::Result<T> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    Ok(runtime.block_on(work)?)
}

/// Whether an argument is a URL rather than a folder.
pub(super) fn is_url(folder: &Path) -> Option<&str> {
    folder.to_str().filter(|text| text.contains("://"))
}

/// Verifies the copy at `location`; `folder` is an empty one for its manifests.
pub(super) fn verify(
    location: &Location,
    folder: &Path,
    trusted: &TrustedKey,
    anchors: Option<&Location>,
    now: Timestamp,
) -> anyhow::Result<Report> {
    let checked = Checked { key: &trusted.key, heads: &trusted.heads, anchors, now };
    block_on(landfall_archive::verify(location, folder, checked))
}
