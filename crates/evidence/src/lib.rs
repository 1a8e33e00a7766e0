//! The evidence ledger: append, seal, sign, verify, retain.
//!
//! ```text
//! batch ─► take ─► SQLite (WAL, synced) ─► acknowledge
//!                    │ seal
//!                    ▼
//!          segments/: NDJSON (zstd) + leaves + manifest (Merkle root, chained, signed) ─► verify
//! ```
//!
//! It proves later that a record was there and has not been changed. An append is synced to disk when the
//! call returns, so the caller may acknowledge and act on it. Sealed segments are plain files: [`verify`]
//! needs nothing but the folder and the public key (docs/ledger.md describes the format).
//!
//! Three classes of retention ([`Class`]): *raw windows* (observations) expire after some days, *lasting* records
//! (judgments, roll-ups, incidents) are kept, and records that name *people* (decisions, drafts, notices) have a
//! period of their own; manifests of all classes are kept. Records are ordered by id. The crate has no clock:
//! instants are arguments, and nothing is ordered by them.
//!
//! To this crate a record is an opaque JSON object: it knows neither Kubernetes nor the law.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod class;
mod digest;
mod error;
mod files;
mod gap;
mod head;
mod hold;
mod key;
mod key_change;
mod kill_point;
mod kind;
mod ledger;
mod manifest;
mod merkle;
mod owner;
mod reader;
mod record;
mod restoration;
mod segment;
mod segments;
mod store;
mod tail;
mod verify;

pub use class::{Class, ParseClassError};
pub use digest::Digest;
pub use error::{LedgerError, Refusal, RefusalReason};
pub use files::{Part, SegmentName};
pub use gap::{Gap, GapCause};
pub use head::{Head, NotedHead, NotesError, ParseHeadError};
pub use hold::{Hold, HoldEvent, HoldRecord, Holds};
pub use key::{KeyError, KeyId, PublicKey, Signer};
pub use key_change::{Handover, KeyChange, KeyChangeReason, keys};
pub use kind::{ParseRecordKindError, RecordKind};
pub use landfall_observation::Recorded;
pub use ledger::{Batch, BatchOutcome, Expired, Ledger, Pending, Recovery, Settings};
pub use manifest::{FORMAT, FileDigest, MAX_MANIFEST, Manifest, ManifestError, SignedManifest};
pub use merkle::{Accumulator, Hash, Proof, prove, root, verify as verify_proof};
pub use owner::{Owner, owner};
pub use reader::{Reader, RecordCounts, count_records};
pub use record::{MAX_BATCH_BYTES, MAX_BATCH_RECORDS, MAX_RECORD, NewRecord, Origin, Record, Source};
pub use restoration::{Restoration, Restored, restored};
pub use segment::Records;
pub use segments::{SealedSegment, expired, segments};
pub use verify::{Fault, Finding, Report, verify, verify_against, verify_manifests};
