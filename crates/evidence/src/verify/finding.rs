use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::Digest;

/// A deviation from what was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Number of the segment; 0 for unsealed records.
    pub segment: u64,
    /// The file, below the ledger's folder.
    pub file: String,
    /// The first wrong record: its index in the segment, from 0; for unsealed records the id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// What is wrong.
    #[serde(flatten)]
    pub fault: Fault,
}

/// What can be wrong with a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all_fields = "camelCase")]
pub enum Fault {
    /// A record is not the one that was sealed.
    RecordChanged,
    /// A record is gone.
    RecordDropped,
    /// The records are in a different order.
    RecordReordered,
    /// A record was inserted after the segment was sealed.
    RecordInserted,
    /// The records are not those that were sealed; which one differs is not known.
    RecordsDiffer,
    /// The data cannot be read from that record on.
    DataUnreadable {
        /// Why.
        why: String,
    },
    /// The records are right, but the file is not the one that was written.
    DataRewritten,
    /// Data that is kept indefinitely is gone.
    DataMissing,
    /// Data was removed before its retention period was over.
    DataAbsentEarly {
        /// Until when it must be kept.
        keep_until: Timestamp,
    },
    /// The leaves are gone or changed. The root proves the records without them.
    LeavesChanged,
    /// Manifest and data are gone.
    SegmentMissing,
    /// The manifest is gone, the data is there.
    ManifestMissing,
    /// The manifest is not the one that was signed.
    ManifestChanged {
        /// What does not fit.
        why: String,
    },
    /// A second manifest of that number.
    ManifestTwice,
    /// A later version of the program wrote it; it cannot be verified.
    Later {
        /// The format of the ledger that it names.
        format: u64,
        /// The last one known here.
        known: u64,
    },
    /// Signed with another key.
    SignatureForeign {
        /// The key that it names.
        key_id: String,
        /// The key given.
        expected: String,
    },
    /// It hands over to a key that did not sign the handover, or that the previous key did not admit.
    KeyChangeUnproven,
    /// Correctly signed, but it does not follow the previous manifest.
    ChainBroken,
    /// Its writer's epoch is below that of a segment before.
    EpochBackwards {
        /// Its epoch.
        epoch: u64,
        /// The highest before.
        highest: u64,
    },
    /// The unsealed records are not those that were appended.
    TailChanged,
    /// The signature over the unsealed records does not fit.
    TailSignature,
    /// The unsealed records have no signature: it was removed.
    TailUnsigned,
    /// Not the manifest whose hash was noted.
    HeadDiffers {
        /// The hash that was noted.
        noted: Digest,
        /// That of the manifest.
        found: Digest,
    },
    /// The manifest whose hash was noted, with another count of records.
    HeadCountDiffers {
        /// How many were noted, through this segment.
        noted: u64,
        /// How many there are.
        found: u64,
    },
    /// The ledger ends before the noted head.
    EndMissing {
        /// Number of the last segment that is there; 0 if there is none.
        last: u64,
        /// How many segments are missing through the noted head.
        segments: u64,
        /// How many records they held, if that was noted.
        records: Option<u64>,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, file, record, fault } = self;
        f.write_str(file)?;
        match segment {
            0 => f.write_str(": not yet sealed")?,
            segment => write!(f, ": segment {segment}")?,
        }
        if let Some(record) = record {
            write!(f, ", record {record}")?;
        }
        write!(f, ": {fault}")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordChanged => f.write_str("the record was changed"),
            Self::RecordDropped => f.write_str("a record was dropped here"),
            Self::RecordReordered => f.write_str("the records are in a different order from here on"),
            Self::RecordInserted => f.write_str("the record was inserted after the segment was sealed"),
            Self::RecordsDiffer => {
                f.write_str("the records are not those that were sealed; which one differs is not known")
            }
            Self::DataUnreadable { why } => write!(f, "the data cannot be read from here on ({why})"),
            Self::DataRewritten => f.write_str("the records are unchanged, but the file was rewritten"),
            Self::DataMissing => f.write_str("the data is missing, but must be kept indefinitely"),
            Self::DataAbsentEarly { keep_until } => {
                write!(f, "the data is missing, but must be kept until {keep_until}")
            }
            Self::LeavesChanged => f.write_str("the leaves are missing or changed"),
            Self::SegmentMissing => f.write_str("the segment is missing"),
            Self::ManifestMissing => f.write_str("the manifest is missing, but its data exists"),
            Self::ManifestChanged { why } => write!(f, "the manifest was changed ({why})"),
            Self::Later { format, known } => {
                write!(f, "written by a later version of landfall: format {format}, this one reads up to {known}")
            }
            Self::ManifestTwice => f.write_str("a second manifest of this number"),
            Self::SignatureForeign { key_id, expected } => write!(f, "signed with key {key_id}, expected {expected}"),
            Self::KeyChangeUnproven => f.write_str("hands over to another key without valid proof"),
            Self::ChainBroken => f.write_str("does not follow the previous manifest"),
            Self::EpochBackwards { epoch, highest } => {
                write!(f, "written by epoch {epoch} after epoch {highest}")
            }
            Self::TailChanged => f.write_str("the unsealed records are not those that were appended"),
            Self::TailSignature => f.write_str("the signature does not match the unsealed records"),
            Self::TailUnsigned => f.write_str("the unsealed records have no signature"),
            Self::HeadDiffers { noted, found } => {
                write!(f, "not the manifest that was noted (hash {found}, expected {noted}): another history")
            }
            Self::HeadCountDiffers { noted, found } => {
                write!(f, "the noted manifest, but with {found} records up to here, expected {noted}")
            }
            Self::EndMissing { last, segments, records } => {
                write!(f, "the noted head is missing: the ledger ends with segment {last}, {segments} more")?;
                if let Some(records) = records {
                    write!(f, " with {records} records")?;
                }
                f.write_str(" are missing")
            }
        }
    }
}
