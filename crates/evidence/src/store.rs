//! The database: what was appended and not sealed yet, and how far each source, cursor and class is.
//! Write-ahead log, and a commit returns when it is on the disk.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, Transaction, TransactionBehavior, params};

use crate::{
    Class, Digest, LedgerError, Origin, Record, RecordKind, Source,
    tail::{self, SignedTail, Tail},
};

/// Marks the file as ours, and the version of the tables.
const VERSION: i64 = 2;
/// The version before the tail was signed. The writer brings it up to date when it opens it.
const UNSIGNED: i64 = 1;

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
    lasting_sealed INTEGER NOT NULL
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
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source INTEGER,
    seq INTEGER,
    body TEXT NOT NULL,
    fingerprint INTEGER
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

/// From the version before: fingerprints of what was appended since.
const SIGN_TAIL: &str = "
ALTER TABLE records ADD COLUMN fingerprint INTEGER;
CREATE TABLE tail (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    line TEXT NOT NULL,
    signature TEXT NOT NULL
) STRICT;
";

const RECORDS: &str = "
SELECT records.id, kind, at, seq, body, cluster, agent, epoch
FROM records LEFT JOIN sources ON sources.id = records.source
WHERE records.id > ?1";

/// How long a writer waits for a reader that holds it up.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fewer free pages than these are not worth giving back; the next records fill them.
const MANY_PAGES: i64 = 256;

/// The most of a write-ahead log that stays on the disk when it is empty again.
const LOG_LIMIT: i64 = 64 << 20;

/// After so many pages of the log, 32 MiB, a commit copies them into the database before it returns. A change of the law
/// is one commit of half as much, and people wait for it: mostly not for the copying, too.
const CHECKPOINT: i64 = 8192;

/// Memory for pages, in KiB, as SQLite takes it. What a change does not find room for is written to the log twice.
const CACHE: i64 = -(16 << 10);

/// The database of a ledger.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Connection,
    path: PathBuf,
    /// Whether it was written before tails were signed; of one that is open to write, whether it was when it was opened.
    unsigned: bool,
}

/// Where the ledger stands; changes in the transaction that changes the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// The key that signs.
    pub(crate) key_id: String,
    /// The highest epoch that wrote.
    pub(crate) writer_epoch: u64,
    /// Id of the last record.
    pub(crate) last_record: u64,
    /// The latest instant heard of.
    pub(crate) latest: Timestamp,
    /// Number of the last segment.
    pub(crate) segment: u64,
    /// Hash of its manifest.
    pub(crate) head: Option<Digest>,
    /// Through which record each class is sealed.
    pub(crate) windows_sealed: u64,
    pub(crate) lasting_sealed: u64,
    /// The chains over what waits to be sealed.
    pub(crate) tail: Tail,
}

/// How far a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) id: i64,
    pub(crate) acknowledged: u64,
    pub(crate) missed: u64,
}

/// A record to insert.
pub(crate) struct Appended<'a> {
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
        connection.busy_timeout(PATIENCE).map_err(&failed)?;
        // Before the first table: pages of sealed records go back to the file system.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(&failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(&failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(&failed)?;
        connection.pragma_update(None, "journal_size_limit", LOG_LIMIT).map_err(&failed)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).map_err(&failed)?;
        connection.pragma_update(None, "cache_size", CACHE).map_err(&failed)?;
        connection.pragma_update(None, "temp_store", "MEMORY").map_err(&failed)?;
        let mut store = Self { connection, path: path.to_owned(), unsigned: false };
        match store.version()? {
            found @ (0 | UNSIGNED) => {
                let change = store.begin()?;
                let tables = if found == 0 { TABLES } else { SIGN_TAIL };
                change.transaction.execute_batch(tables).map_err(&failed)?;
                change.transaction.pragma_update(None, "user_version", VERSION).map_err(&failed)?;
                change.commit()?;
                store.unsigned = found == UNSIGNED;
            }
            VERSION => {}
            found => return Err(LedgerError::Foreign { path: path.to_owned(), found, expected: VERSION }),
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
        connection.busy_timeout(PATIENCE).map_err(&failed)?;
        let store = Self { connection, path: path.to_owned(), unsigned: false };
        match store.version()? {
            0 => Ok(None),
            VERSION => Ok(Some(store)),
            UNSIGNED => Ok(Some(Self { unsigned: true, ..store })),
            found => Err(LedgerError::Foreign { path: path.to_owned(), found, expected: VERSION }),
        }
    }

    /// What whoever goes by `name` remembers.
    pub(crate) fn memory(&self, name: &str) -> Result<Vec<(String, String)>, LedgerError> {
        const ASK: &str = "SELECT key, value FROM memory WHERE name = ?1 ORDER BY key";
        let mut ask = self.connection.prepare(ASK).map_err(self.failed())?;
        let rows = ask.query_map([name], |row| Ok((row.get(0)?, row.get(1)?))).map_err(self.failed())?;
        rows.collect::<Result<_, _>>().map_err(self.failed())
    }

    /// From here on the database looks to this connection as it is now.
    pub(crate) fn hold(&self) -> Result<(), LedgerError> {
        self.connection.execute_batch("BEGIN").map_err(self.failed())?;
        self.state().map(drop)
    }

    pub(crate) fn begin(&self) -> Result<Change<'_>, LedgerError> {
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        Ok(Change { transaction: transaction.map_err(self.failed())?, path: &self.path })
    }

    pub(crate) fn state(&self) -> Result<Option<State>, LedgerError> {
        read_state(&self.connection).map_err(self.failed())
    }

    /// The signed tail; `None` if there is none, or none that can be read.
    pub(crate) fn tail(&self) -> Result<Option<SignedTail>, LedgerError> {
        if self.unsigned { Ok(None) } else { read_tail(&self.connection).map_err(self.failed()) }
    }

    /// Whether its tail was not signed when it was opened, being of the version before.
    pub(crate) fn was_unsigned(&self) -> bool {
        self.unsigned
    }

    pub(crate) fn progress(&self, source: &Source) -> Result<Option<Progress>, LedgerError> {
        read_progress(&self.connection, source).map_err(self.failed())
    }

    /// The highest epoch in which an agent sent anything.
    pub(crate) fn last_epoch(&self, cluster: &str, agent: &str) -> Result<Option<u64>, LedgerError> {
        const ASK: &str = "SELECT epoch FROM sources WHERE cluster = ?1 AND agent = ?2 ORDER BY epoch DESC LIMIT 1";
        let mut ask = self.connection.prepare(ASK).map_err(self.failed())?;
        ask.query_row([cluster, agent], |row| number(row, 0)).optional().map_err(self.failed())
    }

    /// The clusters of all sources.
    pub(crate) fn clusters(&self) -> Result<BTreeSet<String>, LedgerError> {
        let mut ask = self.connection.prepare("SELECT DISTINCT cluster FROM sources").map_err(self.failed())?;
        let rows = ask.query_map([], |row| row.get(0)).map_err(self.failed())?;
        rows.collect::<Result<_, _>>().map_err(self.failed())
    }

    pub(crate) fn cursor(&self, name: &str) -> Result<Option<u64>, LedgerError> {
        read_cursor(&self.connection, name).map_err(self.failed())
    }

    /// Records after `id`, at most `limit`.
    pub(crate) fn since(&self, id: u64, limit: usize) -> Result<Vec<Record>, LedgerError> {
        let mut records = Vec::new();
        self.each(id, None, &mut |record| {
            records.push(record);
            Ok(records.len() < limit)
        })?;
        Ok(records)
    }

    /// Hands records after `id`, of one class if asked, to `take`, until it says that it is enough.
    pub(crate) fn each(
        &self,
        id: u64,
        class: Option<Class>,
        take: &mut dyn FnMut(Record) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let sql = format!("{RECORDS}{} ORDER BY records.id", of_class(class));
        let mut ask = self.connection.prepare(&sql).map_err(self.failed())?;
        let mut rows = ask.query([stored(id, "a record's id")?]).map_err(self.failed())?;
        while let Some(row) = rows.next().map_err(self.failed())? {
            if !take(read_record(row).map_err(self.failed())?)? {
                break;
            }
        }
        Ok(())
    }

    /// As [`Self::each`], each with the fingerprint that was kept beside it.
    pub(crate) fn each_with_fingerprint(
        &self,
        id: u64,
        class: Class,
        take: &mut dyn FnMut(Record, Option<u32>) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        let records = RECORDS.replacen("epoch", "epoch, fingerprint", 1);
        let sql = format!("{records}{} ORDER BY records.id", of_class(Some(class)));
        let mut ask = self.connection.prepare(&sql).map_err(self.failed())?;
        let mut rows = ask.query([stored(id, "a record's id")?]).map_err(self.failed())?;
        while let Some(row) = rows.next().map_err(self.failed())? {
            let fingerprint: Option<i64> = row.get(8).map_err(self.failed())?;
            let known = fingerprint.and_then(|known| u32::try_from(known).ok());
            if !take(read_record(row).map_err(self.failed())?, known)? {
                break;
            }
        }
        Ok(())
    }

    /// How many records of a class come after `id`, and their bytes.
    pub(crate) fn count(&self, class: Class, id: u64) -> Result<(u64, u64), LedgerError> {
        let sql = format!(
            "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0) FROM records WHERE id > ?1{}",
            of_class(Some(class))
        );
        let mut ask = self.connection.prepare(&sql).map_err(self.failed())?;
        let read = |row: &Row<'_>| Ok((number(row, 0)?, number(row, 1)?));
        ask.query_row([stored(id, "a record's id")?], read).map_err(self.failed())
    }

    /// The instant of the first record of a class after `id`.
    pub(crate) fn first(&self, class: Class, id: u64) -> Result<Option<Timestamp>, LedgerError> {
        let sql = format!("SELECT at FROM records WHERE id > ?1{} ORDER BY id LIMIT 1", of_class(Some(class)));
        let mut ask = self.connection.prepare(&sql).map_err(self.failed())?;
        let read = |row: &Row<'_>| instant(row.get(0)?, 0);
        ask.query_row([stored(id, "a record's id")?], read).optional().map_err(self.failed())
    }

    /// Gives pages of removed records back to the file system, if most are free: to give back the few
    /// of a busy database, all that wait would be moved about. That it fails costs room, nothing else.
    pub(crate) fn shrink(&self) {
        if let Err(error) = self.try_shrink() {
            tracing::debug!(%error, "Failed to shrink the ledger's database");
        }
    }

    fn try_shrink(&self) -> rusqlite::Result<()> {
        let count = |what| self.connection.pragma_query_value(None, what, |row| row.get::<_, i64>(0));
        let (free, all) = (count("freelist_count")?, count("page_count")?);
        if free < MANY_PAGES || free < all / 4 * 3 {
            return Ok(());
        }
        // A page that is still in use is moved, and held up is whoever waits.
        let pages = if free > all / 64 * 63 { 32 * MANY_PAGES } else { MANY_PAGES };
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

// === impl Change ===

impl Change<'_> {
    pub(crate) fn state(&self) -> Result<Option<State>, LedgerError> {
        read_state(&self.transaction).map_err(self.failed())
    }

    pub(crate) fn set_state(&self, state: &State) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let State { key_id, writer_epoch, last_record, latest, segment, head, windows_sealed, lasting_sealed, tail: _ } =
            state;
        let values = params![
            key_id,
            stored(*writer_epoch, "the writer's epoch")?,
            stored(*last_record, "a record's id")?,
            microseconds(*latest),
            stored(*segment, "a segment's number")?,
            head.map(|head| head.to_string()),
            stored(*windows_sealed, "a record's id")?,
            stored(*lasting_sealed, "a record's id")?,
        ];
        self.transaction.execute(SQL, values).map(drop).map_err(self.failed())
    }

    /// Signs what waits to be sealed; part of every change of the state.
    pub(crate) fn set_tail(&self, tail: &SignedTail) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT OR REPLACE INTO tail VALUES (1, ?1, ?2)";
        let SignedTail { tail: _, line, signature } = tail;
        self.transaction.execute(SQL, params![line, signature]).map(drop).map_err(self.failed())
    }

    /// How far a source is; a new one has nothing acknowledged.
    pub(crate) fn progress(&self, source: &Source) -> Result<Option<Progress>, LedgerError> {
        read_progress(&self.transaction, source).map_err(self.failed())
    }

    /// Notes how far a source is; gives its number.
    pub(crate) fn set_progress(&self, source: &Source, acknowledged: u64, missed: u64) -> Result<i64, LedgerError> {
        const SQL: &str = "INSERT INTO sources (cluster, agent, epoch, acknowledged, missed) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (cluster, agent, epoch) DO UPDATE SET acknowledged = excluded.acknowledged, missed = excluded.missed
            RETURNING id";
        let Source { cluster, agent, epoch } = source;
        let values = params![
            cluster,
            agent,
            stored(*epoch, "an agent's epoch")?,
            stored(acknowledged, "an observation's number")?,
            stored(missed, "an observation's number")?,
        ];
        self.transaction.query_row(SQL, values, |row| row.get(0)).map_err(self.failed())
    }

    /// Appends records, and chains them to what was appended before.
    pub(crate) fn insert<'r>(
        &self,
        state: &mut State,
        records: impl IntoIterator<Item = Appended<'r>>,
    ) -> Result<(), LedgerError> {
        const SQL: &str =
            "INSERT INTO records (id, kind, at, source, seq, body, fingerprint) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut insert = self.transaction.prepare(SQL).map_err(self.failed())?;
        for Appended { id, kind, at, origin, body } in records {
            let at = microseconds(at);
            let named = origin.map(|(_, source, seq)| (source, seq));
            let digest = tail::Row { id, kind: kind.number(), at, origin: named, body }.digest();
            let strand = state.tail.strand_mut(kind.class());
            strand.last = tail::link(strand.last, digest);
            let (source, seq) = match origin {
                Some((source, _, seq)) => (Some(source), Some(stored(seq, "an observation's number")?)),
                None => (None, None),
            };
            let body = str::from_utf8(body).expect("it was checked when it came in");
            let id = stored(id, "a record's id")?;
            let values = params![id, kind.number(), at, source, seq, body, tail::fingerprint(digest)];
            insert.execute(values).map_err(self.failed())?;
        }
        Ok(())
    }

    pub(crate) fn cursor(&self, name: &str) -> Result<Option<u64>, LedgerError> {
        read_cursor(&self.transaction, name).map_err(self.failed())
    }

    pub(crate) fn set_cursor(&self, name: &str, passed: u64) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT OR REPLACE INTO cursors (name, passed) VALUES (?1, ?2)";
        let values = params![name, stored(passed, "a record's id")?];
        self.transaction.execute(SQL, values).map(drop).map_err(self.failed())
    }

    /// Remembers values by key, or forgets them.
    pub(crate) fn remember(&self, name: &str, memory: &[(&str, Option<&str>)]) -> Result<(), LedgerError> {
        const SET: &str = "INSERT OR REPLACE INTO memory (name, key, value) VALUES (?1, ?2, ?3)";
        const FORGET: &str = "DELETE FROM memory WHERE name = ?1 AND key = ?2";
        let mut set = self.transaction.prepare(SET).map_err(self.failed())?;
        let mut forget = self.transaction.prepare(FORGET).map_err(self.failed())?;
        for (key, value) in memory {
            match value {
                Some(value) => set.execute([name, key, value]),
                None => forget.execute([name, key]),
            }
            .map_err(self.failed())?;
        }
        Ok(())
    }

    /// Removes records that are sealed and that every cursor has passed.
    pub(crate) fn remove_sealed(&self, state: &State) -> Result<(), LedgerError> {
        const SQL: &str = "DELETE FROM records
            WHERE ((kind = 0 AND id <= ?1) OR (kind <> 0 AND id <= ?2))
            AND id <= max(?1, ?2) AND id <= coalesce((SELECT min(passed) FROM cursors), ?3)";
        let values = params![
            stored(state.windows_sealed, "a record's id")?,
            stored(state.lasting_sealed, "a record's id")?,
            i64::MAX
        ];
        self.transaction.execute(SQL, values).map(drop).map_err(self.failed())
    }

    pub(crate) fn commit(self) -> Result<(), LedgerError> {
        let Self { transaction, path } = self;
        transaction.commit().map_err(LedgerError::database(path))
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> LedgerError {
        LedgerError::database(self.path)
    }
}

/// The condition that a record is of a class.
fn of_class(class: Option<Class>) -> &'static str {
    match class {
        None => "",
        Some(Class::Windows) => " AND kind = 0",
        Some(Class::Lasting) => " AND kind <> 0",
    }
}

/// A number as SQLite holds it.
pub(crate) fn stored(number: u64, what: &'static str) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|_| LedgerError::OutOfRange { what, limit: i64::MAX })
}

/// A file name as a URI that says that nobody writes to it.
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

fn read_state(connection: &Connection) -> rusqlite::Result<Option<State>> {
    const SQL: &str =
        "SELECT key_id, writer_epoch, last_record, latest, segment, head, windows_sealed, lasting_sealed FROM state";
    let read = |row: &Row<'_>| {
        let head: Option<String> = row.get(5)?;
        let head = head.map(|head| head.parse().map_err(|_| unexpected(5))).transpose()?;
        Ok(State {
            key_id: row.get(0)?,
            writer_epoch: number(row, 1)?,
            last_record: number(row, 2)?,
            latest: instant(row.get(3)?, 3)?,
            segment: number(row, 4)?,
            head,
            windows_sealed: number(row, 6)?,
            lasting_sealed: number(row, 7)?,
            tail: Tail::default(),
        })
    };
    connection.prepare(SQL)?.query_row([], read).optional()
}

fn read_tail(connection: &Connection) -> rusqlite::Result<Option<SignedTail>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = connection.prepare("SELECT line, signature FROM tail")?.query_row([], read).optional()?;
    Ok(found.and_then(|(line, signature)| SignedTail::read(line, signature)))
}

fn read_progress(connection: &Connection, source: &Source) -> rusqlite::Result<Option<Progress>> {
    const SQL: &str = "SELECT id, acknowledged, missed FROM sources WHERE cluster = ?1 AND agent = ?2 AND epoch = ?3";
    let Source { cluster, agent, epoch } = source;
    // An epoch that cannot be stored was never stored.
    let Ok(epoch) = i64::try_from(*epoch) else { return Ok(None) };
    let read = |row: &Row<'_>| Ok(Progress { id: row.get(0)?, acknowledged: number(row, 1)?, missed: number(row, 2)? });
    connection.prepare(SQL)?.query_row(params![cluster, agent, epoch], read).optional()
}

fn read_cursor(connection: &Connection, name: &str) -> rusqlite::Result<Option<u64>> {
    let mut ask = connection.prepare("SELECT passed FROM cursors WHERE name = ?1")?;
    ask.query_row([name], |row| number(row, 0)).optional()
}

fn read_record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let kind = RecordKind::from_number(row.get(1)?).ok_or_else(|| unexpected(1))?;
    let origin = match row.get::<_, Option<String>>(5)? {
        None => None,
        Some(cluster) => {
            let source = Source { cluster, agent: row.get(6)?, epoch: number(row, 7)? };
            Some(Origin { source, seq: number(row, 3)? })
        }
    };
    Ok(Record { id: number(row, 0)?, at: instant(row.get(2)?, 2)?, kind, origin, body: row.get(4)? })
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The last microsecond that jiff reads back stands a little before its last instant.
pub(crate) fn microseconds(instant: Timestamp) -> i64 {
    instant.as_microsecond().min(Timestamp::MAX.as_second() * 1_000_000)
}

fn instant(microseconds: i64, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, microseconds))
}

fn unexpected(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "unexpected".to_owned(), rusqlite::types::Type::Text)
}
