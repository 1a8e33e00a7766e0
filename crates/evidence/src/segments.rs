//! The sealed segments, by their manifests.

use std::path::Path;

use crate::{
    LedgerError, Manifest,
    files::{Folder, Part},
};

/// A sealed segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SealedSegment {
    /// Its manifest, not verified.
    pub manifest: Manifest,
    /// Whether its data exists; expired data does not.
    pub has_data: bool,
}

/// The segments of the ledger in `folder`, in their order.
pub fn segments(folder: &Path) -> Result<Vec<SealedSegment>, LedgerError> {
    let folder = Folder::new(folder);
    let listing = folder.list()?;
    let names = listing.manifests.values().flatten();
    let read = names.map(|name| {
        let manifest = folder.read_manifest(*name)?.manifest;
        Ok(SealedSegment { manifest, has_data: folder.segment(*name, Part::Data).exists() })
    });
    read.collect()
}
