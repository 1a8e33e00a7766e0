//! Copies sealed segments, in the order of their numbers: data and leaves first, the manifest last. So a segment with a
//! manifest is complete, and the segments with manifests have no gaps.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use landfall_evidence::{
    Class, Digest, FileDigest, Holds, LedgerError, MAX_MANIFEST, Manifest, Part, SegmentName, SignedManifest, expired,
};
use tokio::task::spawn_blocking;

use crate::{ArchiveError, Location, Reason, StoreError, objects::SEGMENTS};

/// Copies the segments of one ledger to one location.
#[derive(Debug)]
pub struct Archiver {
    folder: PathBuf,
    location: Location,
    /// The last segment that the location has; unknown until the store was asked.
    archived: Option<u64>,
}

/// What a run of [`Archiver::expire`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expiry {
    /// Objects that were deleted.
    pub deleted: u64,
    /// Objects that the store keeps, for example under an object lock.
    pub refused: u64,
    /// The first refusal.
    pub refusal: Option<StoreError>,
}

/// A sealed segment, read from the ledger.
struct Segment {
    name: SegmentName,
    signed: SignedManifest,
    /// `None` if it has expired.
    data: Option<Vec<u8>>,
    leaves: Option<Vec<u8>>,
}

impl Archiver {
    /// Of the ledger in `folder`.
    pub fn new(folder: PathBuf, location: Location) -> Self {
        Self { folder, location, archived: None }
    }

    /// Where it copies to.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Number of the last segment that the location has; `None` as long as the store was not asked.
    pub fn archived(&self) -> Option<u64> {
        self.archived
    }

    /// Copies the next segment; `None` if the location has all that are sealed. May be repeated after any error: objects
    /// that are there already are compared and left alone.
    pub async fn archive_next(&mut self, now: Timestamp) -> Result<Option<Manifest>, ArchiveError> {
        let archived = match self.archived {
            Some(archived) => archived,
            None => self.last_archived().await?,
        };
        self.archived = Some(archived);
        let (folder, number) = (self.folder.clone(), archived + 1);
        let Some(segment) = blocking(move || read(&folder, number, now)).await? else { return Ok(None) };
        self.copy(&segment).await.map_err(|source| ArchiveError::Segment { number, source })?;
        self.archived = Some(number);
        Ok(Some(segment.signed.manifest))
    }

    async fn copy(&self, Segment { name, signed, data, leaves }: &Segment) -> Result<(), StoreError> {
        // Another history may have sealed another class under this number.
        for class in Class::ALL.into_iter().filter(|class| *class != name.class) {
            let other = SegmentName { class, ..*name }.file(Part::Manifest);
            if self.location.has(SEGMENTS, &other).await? {
                return Err(StoreError::new(self.location.shown(SEGMENTS, &other), Reason::Differs));
            }
        }
        for (part, bytes) in [(Part::Data, data), (Part::Leaves, leaves)] {
            if let Some(bytes) = bytes {
                self.location.add(SEGMENTS, &name.file(part), bytes).await?;
            }
        }
        self.location.add(SEGMENTS, &name.file(Part::Manifest), &signed.to_bytes()).await?;
        Ok(())
    }

    /// Finds the last segment that the location has. Since manifests are added in order, a binary search suffices, and
    /// since each contains the hash of the one before, the last one that is there proves that all before it are the same.
    async fn last_archived(&self) -> Result<u64, ArchiveError> {
        let folder = self.folder.clone();
        let sealed = blocking(move || Ok(last_sealed(&folder, 0))).await?;
        let (mut there, mut missing) = (0, sealed + 1);
        while there + 1 < missing {
            let number = there + (missing - there) / 2;
            if self.has(number).await? {
                there = number;
            } else {
                missing = number;
            }
        }
        Ok(there)
    }

    /// Whether the location has the manifest of that number, which must be the same.
    async fn has(&self, number: u64) -> Result<bool, ArchiveError> {
        let folder = self.folder.clone();
        let (name, signed) = blocking(move || manifest(&folder, number)).await?;
        let file = name.file(Part::Manifest);
        let segment = |source| ArchiveError::Segment { number, source };
        let held = self.location.find(SEGMENTS, &file, MAX_MANIFEST as u64).await.map_err(segment)?;
        match held {
            None => Ok(false),
            Some(held) if held == signed.to_bytes() => Ok(true),
            Some(_) => Err(segment(StoreError::new(self.location.shown(SEGMENTS, &file), Reason::Differs))),
        }
    }

    /// Number of the last sealed segment, and when the first one was sealed that the location lacks. Files of the ledger
    /// are read, but the store is not asked.
    pub async fn waiting(&self) -> Result<(u64, Option<Timestamp>), ArchiveError> {
        let (folder, archived) = (self.folder.clone(), self.archived.unwrap_or(0));
        blocking(move || {
            let sealed = last_sealed(&folder, archived);
            let since =
                if sealed > archived { Some(manifest(&folder, archived + 1)?.1.manifest.sealed_at) } else { None };
            Ok((sealed, since))
        })
        .await
    }

    /// Deletes the data whose retention period is over and that no hold keeps; manifests stay. What the store refuses to
    /// delete is counted; it will be tried again.
    pub async fn expire(&self, holds: Holds, now: Timestamp) -> Result<Expiry, ArchiveError> {
        let folder = self.folder.clone();
        let due = blocking(move || Ok(expired(&folder, &holds, now)?)).await?;
        let due: BTreeSet<_> = due.into_iter().filter(|name| Some(name.number) <= self.archived).collect();
        let mut expiry = Expiry::default();
        if due.is_empty() {
            return Ok(expiry);
        }
        for file in self.location.names(SEGMENTS).await? {
            let is_due =
                SegmentName::parse(&file).is_some_and(|(name, part)| part != Part::Manifest && due.contains(&name));
            if !is_due {
                continue;
            }
            match self.location.delete(SEGMENTS, &file).await {
                Ok(()) => expiry.deleted += 1,
                Err(error @ StoreError { reason: Reason::Unavailable, .. }) => return Err(error.into()),
                Err(error) => {
                    expiry.refused += 1;
                    expiry.refusal.get_or_insert(error);
                }
            }
        }
        Ok(expiry)
    }
}

/// Number of the last sealed segment, of which `from` and all before are known.
fn last_sealed(folder: &Path, from: u64) -> u64 {
    let mut last = from;
    while SegmentName::find(folder, last + 1).is_some() {
        last += 1;
    }
    last
}

fn manifest(folder: &Path, number: u64) -> Result<(SegmentName, SignedManifest), ArchiveError> {
    let missing = ArchiveError::File { number, file: "manifest.json".to_owned(), why: "is missing" };
    let name = SegmentName::find(folder, number).ok_or(missing)?;
    Ok((name, name.manifest(folder)?))
}

/// Reads a segment, which must be the one that was sealed: what somebody changed is not copied.
fn read(folder: &Path, number: u64, now: Timestamp) -> Result<Option<Segment>, ArchiveError> {
    let Some(name) = SegmentName::find(folder, number) else { return Ok(None) };
    let signed = name.manifest(folder)?;
    let Manifest { data, leaves, keep_until, .. } = signed.manifest;
    let read = |part, digest: FileDigest| {
        let path = name.path(folder, part);
        let wrong = |why| ArchiveError::File { number, file: name.file(part), why };
        match std::fs::read(&path) {
            Ok(bytes) if Digest::hash(&bytes) == digest.sha256 => Ok(Some(bytes)),
            Ok(_) => Err(wrong("is not the file that was sealed")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let has_expired = keep_until.is_some_and(|until| until <= now);
                if has_expired { Ok(None) } else { Err(wrong("is missing before its time")) }
            }
            Err(source) => Err(LedgerError::File { path, source }.into()),
        }
    };
    let (data, leaves) = (read(Part::Data, data)?, read(Part::Leaves, leaves)?);
    Ok(Some(Segment { name, signed, data, leaves }))
}

/// Reads files without keeping others waiting.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
    }
}
