//! Records that cannot be delivered: `quarantine.ndjson`.
//!
//! One line per record: `{at, reason, message, epoch?, seq?, observation?|text?}`. The file is only appended to, up to
//! a cap; further records are counted and dropped. A person may remove or empty the file at any time to make room.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

pub(super) const NAME: &str = "quarantine.ndjson";
/// Tens of thousands of records, enough to find out what is wrong with them.
const MAX_BYTES: u64 = 16 * 1024 * 1024;
/// Maximum number of bytes that are kept of a damaged record.
const MAX_TEXT: usize = 16 * 1024;
const MAX_MESSAGE: usize = 1024;

/// Why a record is in the quarantine; the names are values of a metric label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The operator refused it.
    Refused,
    /// It was damaged on disk.
    Damaged,
    /// It is too long for a record.
    TooLong,
}

/// A record for the quarantine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedRecord<'a> {
    /// Why.
    pub reason: Reason,
    /// The message of the operator or of the agent.
    pub message: &'a str,
    /// Epoch and sequence number, if they are readable.
    pub identity: Option<(u64, u64)>,
    /// Its bytes.
    pub bytes: &'a [u8],
}

#[derive(Debug)]
pub(super) struct Quarantine {
    path: PathBuf,
    file: File,
    bytes: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    at: Timestamp,
    reason: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    epoch: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observation: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::Refused, Self::Damaged, Self::TooLong];

    /// The name in files and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Damaged => "damaged",
            Self::TooLong => "too-long",
        }
    }
}

impl Quarantine {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let path = folder.join(NAME);
        let (file, bytes) = open(&path)?;
        Ok(Self { path, file, bytes })
    }

    /// Appends a record; false if there is no room for it.
    pub(super) fn put(&mut self, record: &QuarantinedRecord<'_>) -> io::Result<bool> {
        let QuarantinedRecord { reason, message, identity, bytes } = record;
        let observation = serde_json::from_slice(bytes).ok();
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MAX_TEXT)]);
        let line = Line {
            at: Timestamp::now(),
            reason: reason.as_str(),
            message: message.chars().filter(|letter| !letter.is_control()).take(MAX_MESSAGE).collect(),
            epoch: identity.map(|(epoch, _)| epoch),
            seq: identity.map(|(_, seq)| seq),
            text: observation.is_none().then_some(&*text),
            observation,
        };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        if self.bytes + line.len() as u64 > MAX_BYTES {
            (self.file, self.bytes) = open(&self.path)?;
            if self.bytes + line.len() as u64 > MAX_BYTES {
                return Ok(false);
            }
        }
        self.file.write_all(&line).inspect_err(|_| {
            // An incomplete line would corrupt the next one.
            let _ = self.file.set_len(self.bytes);
        })?;
        self.bytes += line.len() as u64;
        Ok(true)
    }
}

/// The file at the path, created if necessary, and its length.
fn open(path: &Path) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
    let bytes = file.metadata()?.len();
    Ok((file, bytes))
}
