//! Anchors: heads of a ledger in a place that its own administrators cannot change, such as a bucket with an object lock
//! in another account. A ledger that was cut off or replaced no longer contains them.

use std::path::PathBuf;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use landfall_evidence::{Head, MAX_MANIFEST, NotedHead, PublicKey, SegmentName, SignedManifest};

use crate::{ArchiveError, Location, StoreError, archiver::blocking};

/// The folder of anchors.
const HEADS: &str = "heads";
/// The longest anchor: a head, and a manifest.
const MAX_ANCHOR: u64 = 256 + MAX_MANIFEST as u64;
/// How many anchors are fetched at a time.
const FETCHED: usize = 16;

/// Follows the head of a ledger by the manifests in its folder.
#[derive(Debug)]
pub struct HeadReader {
    folder: PathBuf,
    last: Option<(Head, SignedManifest)>,
}

impl HeadReader {
    /// Of the ledger in `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, last: None }
    }

    /// The head now, and its manifest; `None` if nothing is sealed.
    pub async fn head(&mut self) -> Result<Option<(Head, SignedManifest)>, ArchiveError> {
        let (folder, mut last) = (self.folder.clone(), self.last.take());
        self.last = blocking(move || {
            loop {
                let (number, records) = last.as_ref().map_or((1, 0), |(head, _)| (head.number + 1, head.records));
                let Some(name) = SegmentName::find(&folder, number) else { return Ok(last) };
                let signed = name.manifest(&folder)?;
                let head = Head { number, records: records + signed.manifest.records, hash: signed.hash };
                last = Some((head, signed));
            }
        })
        .await?;
        Ok(self.last.clone())
    }
}

/// Anchors a head: its text in the first line, and its manifest, which proves that the ledger's key signed it. Another head
/// of that number is an error.
pub async fn anchor(location: &Location, head: Head, signed: &SignedManifest) -> Result<bool, StoreError> {
    let bytes = [format!("{head}\n").as_bytes(), &signed.to_bytes()].concat();
    location.add(HEADS, &name(head.number), &bytes).await
}

/// Reads all anchors in a location. Each must be signed with one of `keys`, so that a stranger's are not mistaken for
/// those of the ledger.
pub async fn anchors(location: &Location, keys: &[PublicKey]) -> Result<Vec<NotedHead>, ArchiveError> {
    let names = location.names(HEADS).await?;
    if names.is_empty() {
        return Err(ArchiveError::Empty(format!("{location}/{HEADS}")));
    }
    let mut read: Vec<NotedHead> = stream::iter(names)
        .map(async |name| {
            let bytes = location.get(HEADS, &name, MAX_ANCHOR).await?;
            let wrong = |why| ArchiveError::Anchor { object: location.shown(HEADS, &name), why };
            let (head, signed) = parse(&bytes).ok_or_else(|| wrong("expected a head and its manifest"))?;
            if !keys.iter().any(|key| signed.is_signed_by(key)) {
                return Err(wrong("not signed with a key of this ledger"));
            }
            Ok(NotedHead::from(head))
        })
        .buffer_unordered(FETCHED)
        .try_collect()
        .await?;
    read.sort_by_key(|noted| noted.number);
    Ok(read)
}

fn name(number: u64) -> String {
    format!("{number:08}.head")
}

fn parse(bytes: &[u8]) -> Option<(Head, SignedManifest)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = str::from_utf8(&bytes[..end]).ok()?.parse().ok()?;
    let signed = SignedManifest::parse(&bytes[end + 1..]).ok()?;
    let fits = head.number == signed.manifest.number && head.hash == signed.hash;
    fits.then_some((head, signed))
}
