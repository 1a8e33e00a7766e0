//! Reads a copy: restores it into a folder, or verifies it without keeping its data.

use std::{fs, path::Path};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use landfall_evidence::{
    Digest, Fault, FileDigest, Finding, LedgerError, MAX_MANIFEST, Manifest, NotedHead, Part, PublicKey, Report,
    Restoration, Restored, SegmentName, keys, segments, verify_manifests,
};

use crate::{ArchiveError, Location, Reason, StoreError, anchors, archiver::blocking, objects::SEGMENTS};

/// How many objects are fetched at a time; a segment's data is a few megabytes.
const FETCHED: usize = 16;
/// The most findings that are listed one by one.
const MAX_FINDINGS: usize = 100;

/// What a copy is compared with.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// A key that signed it.
    pub key: &'a PublicKey,
    /// Heads noted elsewhere.
    pub heads: &'a [NotedHead],
    /// Where further heads are anchored.
    pub anchors: Option<&'a Location>,
    /// The instant that decides which data may be missing.
    pub now: Timestamp,
}

/// Fetches a copy.
struct Fetch<'a> {
    location: &'a Location,
    /// A ledger's folder for the manifests.
    folder: &'a Path,
    /// Whether data and leaves are kept there, too. What is there already and right is not fetched again.
    keep: bool,
}

/// What became of a segment's data.
enum Data {
    Right,
    Expired,
    Wrong(Finding),
}

/// Verifies the copy at `location`: the chain of manifests with their signatures, and that data and leaves are the very
/// bytes that were sealed. `folder` is an empty folder for the manifests.
pub async fn verify(location: &Location, folder: &Path, checked: Checked<'_>) -> Result<Report, ArchiveError> {
    let segments = folder.join(SEGMENTS);
    fs::create_dir_all(&segments).map_err(|source| LedgerError::File { path: segments, source })?;
    Fetch { location, folder, keep: false }.check(checked).await
}

/// Fetches the copy at `location` into a restoration, and verifies it on the way. It is for the caller to finish the
/// restoration if the report is good enough.
pub async fn restore(
    location: &Location,
    restoration: &Restoration,
    checked: Checked<'_>,
) -> Result<(Report, Restored), ArchiveError> {
    let folder = restoration.stage();
    let report = Fetch { location, folder, keep: true }.check(checked).await?;
    let writer_epoch = segments(folder)?.iter().map(|it| it.manifest.writer_epoch).max().unwrap_or(0);
    let head = report.head.map(|head| head.to_string()).unwrap_or_default();
    Ok((report, Restored { from: location.to_string(), at: checked.now, head, writer_epoch }))
}

impl Fetch<'_> {
    async fn check(&self, checked: Checked<'_>) -> Result<Report, ArchiveError> {
        let Checked { key, heads, anchors: anchored, now } = checked;
        let names = self.manifests().await?;
        let mut heads = heads.to_vec();
        if let Some(location) = anchored {
            heads.extend(anchors(location, &keys(self.folder, key)?).await?);
        }
        let (folder, key) = (self.folder.to_owned(), key.clone());
        let mut report = blocking(move || Ok(verify_manifests(&folder, &key, now, &heads)?)).await?;
        let mut data = stream::iter(names).map(|name| self.data(name, now)).buffered(FETCHED);
        while let Some(data) = data.try_next().await? {
            match data {
                Data::Right => {}
                Data::Expired => report.expired += 1,
                Data::Wrong(finding) if report.findings.len() < MAX_FINDINGS => report.findings.push(finding),
                Data::Wrong(_) => report.more_findings += 1,
            }
        }
        for finding in &mut report.findings {
            finding.file = format!("{}/{}", self.location, finding.file);
        }
        Ok(report)
    }

    /// Fetches all manifests; gives the names of their segments in order.
    async fn manifests(&self) -> Result<Vec<SegmentName>, ArchiveError> {
        let files = self.location.names(SEGMENTS).await?;
        let names = files.iter().filter_map(|file| match SegmentName::parse(file)? {
            (name, Part::Manifest) => Some(name),
            _ => None,
        });
        let mut names: Vec<_> = names.collect();
        names.sort();
        if names.is_empty() {
            return Err(ArchiveError::Empty(self.location.to_string()));
        }
        if self.keep {
            self.forget_manifests()?;
        }
        let mut fetched = stream::iter(names.clone())
            .map(async |name| (name, self.get(name, Part::Manifest, MAX_MANIFEST as u64).await))
            .buffered(FETCHED);
        while let Some((name, bytes)) = fetched.next().await {
            // One that was deleted since it was listed is missing in the chain.
            if let Some(bytes) = bytes? {
                self.write(name, Part::Manifest, &bytes)?;
            }
        }
        drop(fetched);
        Ok(names)
    }

    /// Removes the manifests of an earlier attempt: what the copy has now decides.
    fn forget_manifests(&self) -> Result<(), ArchiveError> {
        let segments = self.folder.join(SEGMENTS);
        let failed = |source| LedgerError::File { path: segments.clone(), source };
        for entry in fs::read_dir(&segments).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| SegmentName::parse(name.to_str()?));
            if name.is_some_and(|(_, part)| part == Part::Manifest) {
                fs::remove_file(&path).map_err(|source| LedgerError::File { path, source })?;
            }
        }
        Ok(())
    }

    /// Compares data and leaves with the manifest; unreadable manifests have been reported.
    async fn data(&self, name: SegmentName, now: Timestamp) -> Result<Data, ArchiveError> {
        let Ok(signed) = name.manifest(self.folder) else { return Ok(Data::Right) };
        let Manifest { data, leaves, keep_until, .. } = signed.manifest;
        let wrong = |part, fault| {
            let file = format!("{SEGMENTS}/{}", name.file(part));
            Ok(Data::Wrong(Finding { segment: name.number, file, record: None, fault }))
        };
        match (self.part(name, Part::Data, data).await?, keep_until) {
            (Some(true), _) => {}
            (Some(false), _) => return wrong(Part::Data, Fault::RecordsDiffer),
            (None, None) => return wrong(Part::Data, Fault::DataMissing),
            (None, Some(keep_until)) if now < keep_until => {
                return wrong(Part::Data, Fault::DataAbsentEarly { keep_until });
            }
            (None, Some(_)) => return Ok(Data::Expired),
        }
        match self.part(name, Part::Leaves, leaves).await? {
            Some(true) => Ok(Data::Right),
            _ => wrong(Part::Leaves, Fault::LeavesChanged),
        }
    }

    /// Whether a part is the one that was sealed; `None` if it is missing.
    async fn part(&self, name: SegmentName, part: Part, sealed: FileDigest) -> Result<Option<bool>, ArchiveError> {
        let is_sealed = |bytes: &[u8]| bytes.len() as u64 == sealed.bytes && Digest::hash(bytes) == sealed.sha256;
        // An earlier attempt may have fetched it.
        if self.keep && fs::read(name.path(self.folder, part)).is_ok_and(|bytes| is_sealed(&bytes)) {
            return Ok(Some(true));
        }
        match self.get(name, part, sealed.bytes).await {
            Ok(None) => Ok(None),
            Ok(Some(bytes)) => {
                if self.keep {
                    self.write(name, part, &bytes)?;
                }
                Ok(Some(is_sealed(&bytes)))
            }
            // Longer than what was sealed.
            Err(ArchiveError::Segment { source: StoreError { reason: Reason::Differs, .. }, .. }) => Ok(Some(false)),
            Err(error) => Err(error),
        }
    }

    async fn get(&self, name: SegmentName, part: Part, limit: u64) -> Result<Option<Vec<u8>>, ArchiveError> {
        let found = self.location.find(SEGMENTS, &name.file(part), limit).await;
        found.map_err(|source| ArchiveError::Segment { number: name.number, source })
    }

    fn write(&self, name: SegmentName, part: Part, bytes: &[u8]) -> Result<(), ArchiveError> {
        let path = name.path(self.folder, part);
        Ok(fs::write(&path, bytes).map_err(|source| LedgerError::File { path, source })?)
    }
}
