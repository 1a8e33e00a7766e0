//! Verifies one segment: its manifest against the chain, then its data against the manifest.

use std::{fs::File, io};

use super::{Fault, Verifier, difference};
use crate::{
    Accumulator, Digest, Head, LedgerError, Manifest, Records, SignedManifest,
    files::{self, Part, SegmentName},
    manifest::FileDigest,
    segment::{Hashing, LEAF_PART, LeafPart, leaf_part},
};

/// What was computed from the data of a segment.
struct Found {
    root: Digest,
    leaves: Vec<LeafPart>,
    records: u64,
    file: Result<FileDigest, String>,
}

impl Verifier<'_> {
    /// Verifies a segment whose manifest is there.
    pub(super) fn segment(&mut self, name: SegmentName) {
        let Some(signed) = self.manifest(name) else {
            // The next manifest cannot be linked to an invalid one.
            self.linked = false;
            return;
        };
        let SignedManifest { ref manifest, hash, .. } = signed;
        if self.linked && manifest.previous != self.previous {
            self.find(name, Part::Manifest, None, Fault::ChainBroken);
        }
        (self.previous, self.linked) = (Some(hash), true);
        if manifest.writer_epoch < self.epoch {
            let (epoch, highest) = (manifest.writer_epoch, self.epoch);
            self.find(name, Part::Manifest, None, Fault::EpochBackwards { epoch, highest });
        }
        self.epoch = self.epoch.max(manifest.writer_epoch);
        if manifest.key_change.is_some() && !self.keys.follow(&signed) {
            self.find(name, Part::Manifest, None, Fault::KeyChangeUnproven);
        }
        self.report.records += manifest.records;
        let head = Head { number: name.number, records: self.report.records, hash };
        self.report.head = Some(head);
        self.held_against_notes(name, head);
        if self.selected.is_none_or(|selected| selected(manifest)) {
            self.data(name, manifest);
        }
    }

    /// The manifest, if it is the one that was signed for this place.
    fn manifest(&mut self, name: SegmentName) -> Option<SignedManifest> {
        let fault = match self.folder.read_manifest(name) {
            Ok(signed) => {
                let manifest = &signed.manifest;
                let key = self.keys.last();
                if signed.is_signed_by(key) {
                    if (manifest.number, manifest.class) == (name.number, name.class) {
                        return Some(signed);
                    }
                    Fault::ManifestChanged { why: format!("it is that of segment {}", manifest.number) }
                } else if manifest.key_id == key.id() {
                    Fault::ManifestChanged { why: "the signature does not fit".to_owned() }
                } else {
                    let (key_id, expected) = (manifest.key_id.to_string(), key.id().to_string());
                    Fault::SignatureForeign { key_id: key_id.chars().take(64).collect(), expected }
                }
            }
            Err(LedgerError::Later { found: format, known, .. }) => Fault::Later { format, known },
            Err(LedgerError::Manifest { source, .. }) => Fault::ManifestChanged { why: source.to_string() },
            Err(error) => Fault::ManifestChanged { why: cause(&error) },
        };
        self.find(name, Part::Manifest, None, fault);
        None
    }

    fn data(&mut self, name: SegmentName, manifest: &Manifest) {
        let path = self.folder.segment(name, Part::Data);
        // If the bytes are those that were written, the records need not be read.
        if self.selected.is_some() && Hashing::digest_file(&path).is_ok_and(|found| found == manifest.data) {
            return;
        }
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                match manifest.keep_until {
                    None => self.find(name, Part::Data, None, Fault::DataMissing),
                    Some(until) if self.now < until => {
                        self.find(name, Part::Data, None, Fault::DataAbsentEarly { keep_until: until });
                    }
                    Some(_) => self.report.expired += 1,
                }
                return;
            }
            Err(error) => {
                self.find(name, Part::Data, None, Fault::DataUnreadable { why: error.to_string() });
                return;
            }
        };
        let found = read(file, manifest.records);
        let leaves = self.leaves(name, manifest);
        let is_right = found.root == manifest.root && found.records == manifest.records;
        if !is_right {
            let first = leaves.as_deref().and_then(|sealed| difference::first(sealed, &found.leaves));
            match (first, &found.file) {
                // Where reading stopped, everything after it looks dropped.
                (Some((record, Fault::RecordDropped)), Err(why)) if record == found.leaves.len() as u64 => {
                    self.find(name, Part::Data, Some(record), Fault::DataUnreadable { why: why.clone() });
                }
                (Some((record, fault)), _) => self.find(name, Part::Data, Some(record), fault),
                (None, Err(why)) => {
                    let record = Some(found.leaves.len() as u64);
                    self.find(name, Part::Data, record, Fault::DataUnreadable { why: why.clone() });
                }
                (None, Ok(_)) => self.find(name, Part::Data, None, Fault::RecordsDiffer),
            }
        } else if found.file.as_ref() != Ok(&manifest.data) {
            self.find(name, Part::Data, None, Fault::DataRewritten);
        }
        if leaves.is_none() {
            self.find(name, Part::Leaves, None, Fault::LeavesChanged);
        }
    }

    /// The leaves as they were sealed; `None` if they are missing or changed.
    fn leaves(&self, name: SegmentName, manifest: &Manifest) -> Option<Vec<LeafPart>> {
        let limit = usize::try_from(manifest.leaves.bytes).ok()?.checked_add(1)?;
        let bytes = files::read_bounded(&self.folder.segment(name, Part::Leaves), limit).ok()?;
        let is_right = bytes.len() as u64 == manifest.leaves.bytes && Digest::hash(&bytes) == manifest.leaves.sha256;
        let (parts, rest) = bytes.as_chunks::<LEAF_PART>();
        (is_right && rest.is_empty()).then(|| parts.to_vec())
    }
}

/// Reads all records, but not many more than were sealed.
fn read(file: File, sealed: u64) -> Found {
    let mut tree = Accumulator::default();
    let mut leaves = Vec::new();
    let mut count = 0_u64;
    let lines = || -> io::Result<FileDigest> {
        let mut records = Records::new(Hashing::new(file))?;
        while let Some(line) = records.next_line()? {
            count += 1;
            leaves.push(leaf_part(tree.push(line)));
            if count > sealed.saturating_mul(2).saturating_add(1000) {
                break;
            }
        }
        Ok(records.into_inner().digest())
    };
    let file = lines().map_err(|error| error.to_string());
    Found { root: Digest(tree.root()), leaves, records: count, file }
}

fn cause(error: &LedgerError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}
