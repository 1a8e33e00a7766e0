//! The database: unsealed records, and the progress of each source, cursor and class. It uses a write-ahead
//! log, and a commit returns when it is on disk.

mod change;
mod read;
mod rows;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub(crate) use rows::microseconds;

use crate::{Class, Digest, LedgerError, Record, RecordKind, Source, class::PerClass, tail::Tail};

/// Identifies the file as a ledger's database, with the version of its tables.
const VERSION: i64 = 3;

const TABLES: &str = "
CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    key_id TEXT NOT NULL,
    writer_epoch INTEGER NOT NULL,
    last_record INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    segment INTEGER NOT NULL,
    head TEXT,
    windows_sealed INTEGER NOT NULL,
    lasting_sealed INTEGER NOT NULL,
    people_sealed INTEGER NOT NULL
) STRICT;
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    cluster TEXT NOT NULL,
    agent TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL,
    missed INTEGER NOT NULL,
    UNIQUE (cluster, agent, epoch)
) STRICT;
CREATE TABLE records (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    class INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source INTEGER,
    seq INTEGER,
    body TEXT NOT NULL,
    fingerprint INTEGER NOT NULL
) STRICT;
CREATE TABLE tail (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    line TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    passed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE memory (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (name, key)
) STRICT, WITHOUT ROWID;
";

/// How long a writer waits for a reader that blocks it.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Fewer free pages than this are not worth giving back; the next records fill them.
const MIN_FREE_PAGES: i64 = 256;

/// The size to which an emptied write-ahead log is truncated.
const LOG_LIMIT: i64 = 64 << 20;

/// After this many pages of the log (32 MiB) a commit copies them into the database before it returns. A change of the
/// law is one commit of about half as much, and people wait for it, so that it rarely has to wait for the copying, too.
const CHECKPOINT: i64 = 8192;

/// Page cache in KiB, negative as SQLite wants it. Pages that do not fit are written to the log twice.
const CACHE: i64 = -(16 << 10);

/// The database of a ledger.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    path: PathBuf,
}

/// The ledger's state; changes in the same transaction as the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// The key that signs.
    pub(crate) key_id: String,
    /// The highest epoch that wrote.
    pub(crate) writer_epoch: u64,
    /// Id of the last record.
    pub(crate) last_record: u64,
    /// The latest instant seen.
    pub(crate) latest: Timestamp,
    /// Number of the last segment.
    pub(crate) segment: u64,
    /// Hash of its manifest.
    pub(crate) head: Option<Digest>,
    /// The last sealed record of each class.
    pub(crate) sealed: PerClass<u64>,
    /// The hash chains over the unsealed records.
    pub(crate) tail: Tail,
}

/// A record in the database: unsealed, or still ahead of a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredRecord {
    pub(crate) record: Record,
    /// Its class, which follows from the kind only if that is known.
    pub(crate) class: Class,
    /// The first bytes of its digest when it was appended; `None` if the stored value is none.
    pub(crate) fingerprint: Option<u32>,
}

/// The progress of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) id: i64,
    pub(crate) acknowledged: u64,
    pub(crate) missed: u64,
}

/// A record to insert.
pub(crate) struct NewRow<'a> {
    pub(crate) id: u64,
    pub(crate) kind: RecordKind,
    pub(crate) at: Timestamp,
    /// Number of the source, the source, and the record's number there.
    pub(crate) origin: Option<(i64, &'a Source, u64)>,
    pub(crate) body: &'a [u8],
}

/// A change of the database; nothing of it counts before it is committed.
pub(crate) struct Change<'a> {
    transaction: Transaction<'a>,
    path: &'a Path,
}

// === impl Store ===

impl Store {
    /// Opens the database, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, LedgerError> {
        let failed = LedgerError::database(path);
        let connection = Connection::open(path).map_err(&failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(&failed)?;
        // Before the first table: pages of sealed records go back to the file system.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(&failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(&failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(&failed)?;
        connection.pragma_update(None, "journal_size_limit", LOG_LIMIT).map_err(&failed)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).map_err(&failed)?;
        connection.pragma_update(None, "cache_size", CACHE).map_err(&failed)?;
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(&failed)?;
        let store = Self { connection, path: path.to_owned() };
        match store.version()? {
            0 => {
                let change = store.begin()?;
                change.transaction.execute_batch(TABLES).map_err(&failed)?;
                change.transaction.pragma_update(None, "user_version", VERSION).map_err(&failed)?;
                change.commit()?;
            }
            VERSION => {}
            found => return Err(another(path, found)),
        }
        Ok(store)
    }

    /// Opens a database to read only; `None` if there is none, or nothing in it yet.
    pub(crate) fn open_to_read(path: &Path) -> Result<Option<Self>, LedgerError> {
        let failed = LedgerError::database(path);
        if !path.try_exists().map_err(LedgerError::file(path))? {
            return Ok(None);
        }
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        // Without a log nobody writes, and nothing must be written to read, not even locks: the folder
        // may be a copy on a medium that cannot be written to.
        let quiet = !Path::new(&log).exists();
        let connection = if quiet {
            Connection::open_with_flags(immutable(path), flags)
        } else {
            Connection::open_with_flags(path, flags)
        };
        let connection = connection.map_err(&failed)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(&failed)?;
        let store = Self { connection, path: path.to_owned() };
        match store.version()? {
            0 => Ok(None),
            VERSION => Ok(Some(store)),
            found => Err(another(path, found)),
        }
    }

    /// Begins a read transaction: from here on this connection sees the database as it is now.
    pub(crate) fn begin_snapshot(&self) -> Result<(), LedgerError> {
        self.connection.execute_batch("BEGIN").map_err(self.failed())?;
        self.state().map(drop)
    }

    pub(crate) fn begin(&self) -> Result<Change<'_>, LedgerError> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        Ok(Change { transaction: transaction.map_err(self.failed())?, path: &self.path })
    }

    /// Gives pages of removed records back to the file system if most are free; in a busy database that would only
    /// move pages about. A failure costs nothing but space.
    pub(crate) fn shrink(&self) {
        if let Err(error) = self.try_shrink() {
            tracing::debug!(%error, "Failed to shrink the ledger's database");
        }
    }

    fn try_shrink(&self) -> rusqlite::Result<()> {
        let count = |what| self.connection.pragma_query_value(None, what, |row| row.get::<_, i64>(0));
        let (free, all) = (count("freelist_count")?, count("page_count")?);
        if free < MIN_FREE_PAGES || free < all / 4 * 3 {
            return Ok(());
        }
        // Moves pages in use, which blocks other connections for that time.
        let pages = if free > all / 64 * 63 { 32 * MIN_FREE_PAGES } else { MIN_FREE_PAGES };
        let mut shrink = self.connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
        let mut rows = shrink.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }

    fn version(&self) -> Result<i64, LedgerError> {
        self.connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(self.failed())
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> LedgerError {
        LedgerError::database(&self.path)
    }
}

/// The tables are of another version.
fn another(path: &Path, found: i64) -> LedgerError {
    let path = path.to_owned();
    match (u64::try_from(found), VERSION.unsigned_abs()) {
        (Ok(found), known) if found > known => LedgerError::Later { path, what: "tables", found, known },
        _ => LedgerError::Foreign { path, found, expected: VERSION },
    }
}

/// The file name as a URI for a database that nobody writes to.
fn immutable(path: &Path) -> String {
    let mut uri = "file:".to_owned();
    for byte in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            _ => {
                uri.push('%');
                let written = crate::digest::write_hexadecimal(&[*byte], &mut uri);
                debug_assert!(written.is_ok(), "a String takes every text");
            }
        }
    }
    uri.push_str("?immutable=1");
    uri
}
