//! Counts the records of a ledger.

use std::{collections::BTreeMap, path::Path};

use super::Reader;
use crate::{Class, LedgerError, RecordKind, Recorded, files::Part};

/// The number of records in a ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordCounts {
    /// Observations, expired or not.
    pub observations: u64,
    /// Judgments, roll-ups and whatever else is not expired, by kind: those of later versions by their names.
    pub kinds: BTreeMap<Recorded<RecordKind>, u64>,
    /// How many of them are unsealed.
    pub not_yet_sealed: u64,
    /// Segments.
    pub segments: u64,
    /// Segments whose data has been removed.
    pub expired: u64,
}

/// Counts the records of the ledger in `folder`: observations by what the manifests say.
pub fn count_records(folder: &Path) -> Result<RecordCounts, LedgerError> {
    let reader = Reader::open(folder)?.classes(&[Class::Lasting, Class::People]);
    let mut counts = reader.count_segments()?;
    for record in reader {
        *counts.kinds.entry(record?.kind).or_default() += 1;
    }
    Ok(counts)
}

impl Reader {
    /// Counts from manifests and database, without reading records.
    fn count_segments(&self) -> Result<RecordCounts, LedgerError> {
        let mut counts = RecordCounts::default();
        for stream in &self.streams {
            for name in &stream.segments {
                let manifest = stream.folder.read_manifest(*name)?.manifest;
                counts.segments += 1;
                counts.expired += u64::from(!stream.folder.segment(*name, Part::Data).exists());
                counts.observations += if name.class == Class::Windows { manifest.records } else { 0 };
            }
        }
        if let Some(unsealed) = &self.unsealed {
            for class in Class::ALL {
                let (records, _) = unsealed.store.count(class, *unsealed.sealed.get(class))?;
                counts.not_yet_sealed += records;
                counts.observations += if class == Class::Windows { records } else { 0 };
            }
        }
        Ok(counts)
    }
}
