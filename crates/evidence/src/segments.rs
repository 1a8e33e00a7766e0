//! The sealed segments, by their manifests and files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Class, Holds, LedgerError, Manifest, SignedManifest,
    files::{Folder, Listing, Part, SegmentName},
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
    list_segments(&folder, &folder.list()?)
}

/// The segments of a listing.
pub(crate) fn list_segments(folder: &Folder, listing: &Listing) -> Result<Vec<SealedSegment>, LedgerError> {
    let names = listing.manifests.values().flatten();
    let read = names.map(|name| {
        let manifest = folder.read_manifest(*name)?.manifest;
        Ok(SealedSegment { manifest, has_data: folder.segment(*name, Part::Data).exists() })
    });
    read.collect()
}

// === impl SegmentName ===

impl SegmentName {
    /// The name of segment `number` of the ledger in `folder`, if it is sealed there.
    pub fn find(folder: &Path, number: u64) -> Option<Self> {
        let names = Class::ALL.map(|class| Self { number, class });
        names.into_iter().find(|name| name.path(folder, Part::Manifest).exists())
    }

    /// The file of a part of this segment, in the folder of a ledger.
    pub fn path(self, folder: &Path, part: Part) -> PathBuf {
        Folder::new(folder).segment(self, part)
    }

    /// Reads its manifest. The signature is not checked.
    pub fn manifest(self, folder: &Path) -> Result<SignedManifest, LedgerError> {
        Folder::new(folder).read_manifest(self)
    }
}

/// Names of segments in `folder` whose data may be missing at `now`, because its retention period is over and no hold
/// keeps it.
pub fn expired(folder: &Path, holds: &Holds, now: jiff::Timestamp) -> Result<Vec<SegmentName>, LedgerError> {
    let folder = Folder::new(folder);
    let names = folder.list()?.manifests.into_values().flatten();
    let mut expired = Vec::new();
    for name in names.filter(|name| name.class != Class::Lasting && !holds.is_held(name.class, now)) {
        if folder.read_manifest(name)?.manifest.keep_until.is_some_and(|until| until <= now) {
            expired.push(name);
        }
    }
    Ok(expired)
}

/// Whether a file is there; a folder that cannot be read is an error.
pub(crate) fn exists(path: &Path) -> Result<bool, LedgerError> {
    fs::exists(path).map_err(LedgerError::file(path))
}
