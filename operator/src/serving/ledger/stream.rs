//! Streams lines that a blocking thread produces, which waits for the disk and for the reader.

use std::{io, path::Path, time::Duration};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use jiff::Timestamp;
use landfall_evidence::{LedgerError, PublicKey, Reader, Report, segments, verify};
use serde::Serialize;
use serde_json::json;
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, mpsc},
    task::spawn_blocking,
    time::timeout,
};

use super::{ReadError, query::Query};

/// Size of a chunk in bytes.
const CHUNK: usize = 64 << 10;
/// Maximum number of chunks that wait for the reader.
const MAX_WAITING_CHUNKS: usize = 8;
/// A reader that reads nothing for this long is disconnected: an open read transaction keeps SQLite from truncating its
/// write-ahead log.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// Collects lines into chunks.
pub(super) struct Lines {
    chunks: mpsc::Sender<Result<Bytes, ReadError>>,
    buffer: std::cell::RefCell<Vec<u8>>,
}

/// Streams the lines that `make` produces in a thread. An error before the first chunk is returned; a later one
/// truncates the response.
pub(super) async fn start(
    permit: OwnedSemaphorePermit,
    make: impl FnOnce(&Lines) -> Result<(), ReadError> + Send + 'static,
) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static, ReadError> {
    let (chunks, mut ready) = mpsc::channel(MAX_WAITING_CHUNKS);
    spawn_blocking(move || {
        let lines = Lines { chunks, buffer: std::cell::RefCell::default() };
        let ended = make(&lines).and_then(|()| lines.flush());
        if let Err(error) = ended {
            // The reader may have disconnected.
            let _ = lines.chunks.blocking_send(Err(error));
        }
        drop(permit);
    });
    let first = ready.recv().await.transpose()?;
    Ok(stream::unfold((first, ready), async |(first, mut ready)| {
        let next = match first {
            Some(first) => Ok(first),
            None => ready.recv().await?.map_err(|error| {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "Aborted a response from the ledger");
                io::Error::other("the ledger could not be read completely")
            }),
        };
        Some((next, (None, ready)))
    }))
}

impl Lines {
    /// Adds a line.
    pub(super) fn push(&self, line: &[u8]) -> Result<(), ReadError> {
        let is_full = {
            let mut buffer = self.buffer.borrow_mut();
            buffer.extend_from_slice(line);
            buffer.push(b'\n');
            buffer.len() >= CHUNK
        };
        if is_full { self.flush() } else { Ok(()) }
    }

    fn json(&self, value: &impl Serialize) -> Result<(), ReadError> {
        self.push(&serde_json::to_vec(value).map_err(|_| ReadError::Panicked)?)
    }

    fn flush(&self) -> Result<(), ReadError> {
        let chunk = std::mem::take(&mut *self.buffer.borrow_mut());
        if chunk.is_empty() {
            return Ok(());
        }
        let sent = Handle::current().block_on(timeout(STALL_TIMEOUT, self.chunks.send(Ok(chunk.into()))));
        // An error means that the reader has disconnected or stalled.
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(ReadError::Busy) }
    }
}

/// The key, and the manifest of each segment.
pub(super) fn list(folder: &Path, key: &PublicKey, lines: &Lines) -> Result<(), ReadError> {
    lines.json(&json!({ "type": "key", "publicKey": key.to_pem(), "id": key.id().to_string() }))?;
    for segment in segments(folder)? {
        lines.json(&json!({ "type": "segment", "manifest": segment.manifest, "hasData": segment.has_data }))?;
    }
    Ok(())
}

/// The records that match a query. They are verified first.
pub(super) fn records(folder: &Path, key: &PublicKey, query: &Query, lines: &Lines) -> Result<(), ReadError> {
    let Query { kinds, from, until, after } = query;
    let mut reader = Reader::open(folder)?.from(*from).until(*until).after(*after);
    if !kinds.is_empty() {
        reader = reader.kinds(kinds);
    }
    let Report { findings, more_findings, database, .. } = reader.verify(key, Timestamp::now(), &[]);
    let count = findings.len() as u64 + more_findings + u64::from(database.is_some());
    if count > 0 {
        let first = findings.first().map(ToString::to_string).or(database);
        return Err(ReadError::Damaged(count, first.unwrap_or_default()));
    }
    for record in reader {
        let line = record?.to_line().map_err(|_| ReadError::Panicked)?;
        lines.push(&line)?;
    }
    Ok(())
}

/// The findings of a verification of all sealed segments, and a summary.
pub(super) fn verification(folder: &Path, key: &PublicKey, lines: &Lines) -> Result<(), ReadError> {
    let report = match verify(folder, key, Timestamp::now()) {
        Ok(report) => report,
        // Nothing has been sealed yet.
        Err(LedgerError::Absent(_) | LedgerError::NoFolder(_)) => Report::default(),
        Err(error) => return Err(error.into()),
    };
    for finding in &report.findings {
        lines.json(&json!({ "type": "finding", "finding": finding, "text": finding.to_string() }))?;
    }
    let Report { segments, records, expired, not_yet_sealed, database, head, findings, more_findings, .. } = report;
    lines.json(&json!({
        "type": "summary",
        "segments": segments,
        "records": records,
        "expiredSegments": expired,
        "notYetSealed": not_yet_sealed,
        "head": head.map(|head| head.to_string()),
        "findings": findings.len() as u64 + more_findings,
        "database": database,
    }))
}
