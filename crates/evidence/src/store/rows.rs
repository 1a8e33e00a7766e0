//! How values are stored in rows of the database.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{Progress, State, StoredRecord};
use crate::{
    Class, LedgerError, Origin, Record, Recorded, Source,
    class::PerClass,
    tail::{SignedTail, Tail},
};

/// A number as SQLite stores it.
pub(crate) fn stored(number: u64, what: &'static str) -> Result<i64, LedgerError> {
    i64::try_from(number).map_err(|_| LedgerError::OutOfRange { what, limit: i64::MAX })
}

pub(super) fn read_state(connection: &Connection) -> rusqlite::Result<Option<State>> {
    const SQL: &str = "SELECT key_id, writer_epoch, last_record, latest, segment, head,
        windows_sealed, lasting_sealed, people_sealed FROM state";
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
            sealed: PerClass { windows: number(row, 6)?, lasting: number(row, 7)?, people: number(row, 8)? },
            tail: Tail::default(),
        })
    };
    connection.prepare(SQL)?.query_row([], read).optional()
}

pub(super) fn read_tail(connection: &Connection) -> rusqlite::Result<Option<SignedTail>> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let found = connection.prepare("SELECT line, signature FROM tail")?.query_row([], read).optional()?;
    Ok(found.and_then(|(line, signature)| SignedTail::read(line, signature)))
}

pub(super) fn read_progress(connection: &Connection, source: &Source) -> rusqlite::Result<Option<Progress>> {
    const SQL: &str = "SELECT id, acknowledged, missed FROM sources WHERE cluster = ?1 AND agent = ?2 AND epoch = ?3";
    let Source { cluster, agent, epoch } = source;
    // An epoch that cannot be stored was never stored.
    let Ok(epoch) = i64::try_from(*epoch) else { return Ok(None) };
    let read = |row: &Row<'_>| Ok(Progress { id: row.get(0)?, acknowledged: number(row, 1)?, missed: number(row, 2)? });
    connection.prepare(SQL)?.query_row(params![cluster, agent, epoch], read).optional()
}

pub(super) fn read_cursor(connection: &Connection, name: &str) -> rusqlite::Result<Option<u64>> {
    let mut ask = connection.prepare("SELECT passed FROM cursors WHERE name = ?1")?;
    ask.query_row([name], |row| number(row, 0)).optional()
}

pub(super) fn read_waiting(row: &Row<'_>) -> rusqlite::Result<StoredRecord> {
    let kind: String = row.get(1)?;
    let kind = kind.parse().map_or(Recorded::Unknown(kind), Recorded::Known);
    let origin = match row.get::<_, Option<String>>(5)? {
        None => None,
        Some(cluster) => {
            let source = Source { cluster, agent: row.get(6)?, epoch: number(row, 7)? };
            Some(Origin { source, seq: number(row, 3)? })
        }
    };
    let record = Record { id: number(row, 0)?, at: instant(row.get(2)?, 2)?, kind, origin, body: row.get(4)? };
    let class = Class::from_number(row.get(8)?).ok_or_else(|| unexpected(8))?;
    let fingerprint: Option<i64> = row.get(9)?;
    Ok(StoredRecord { record, class, fingerprint: fingerprint.and_then(|known| u32::try_from(known).ok()) })
}

pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// The last microsecond that jiff can read back is a little before its last instant.
pub(crate) fn microseconds(instant: Timestamp) -> i64 {
    instant.as_microsecond().min(Timestamp::MAX.as_second() * 1_000_000)
}

pub(super) fn instant(microseconds: i64, column: usize) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(microseconds)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, microseconds))
}

fn unexpected(column: usize) -> rusqlite::Error {
    rusqlite::Error::InvalidColumnType(column, "unexpected".to_owned(), rusqlite::types::Type::Text)
}
