//! Queries of the database.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{OptionalExtension as _, Row, params};

use super::{
    Progress, State, Store, StoredRecord,
    rows::{instant, number, read_cursor, read_progress, read_state, read_tail, read_waiting, stored},
};
use crate::{Class, LedgerError, Source, tail::SignedTail};

impl Store {
    /// The values stored for `name`.
    pub(crate) fn memory(&self, name: &str) -> Result<Vec<(String, String)>, LedgerError> {
        const ASK: &str = "SELECT key, value FROM memory WHERE name = ?1 ORDER BY key";
        let mut ask = self.connection.prepare(ASK).map_err(self.failed())?;
        let rows = ask.query_map([name], |row| Ok((row.get(0)?, row.get(1)?))).map_err(self.failed())?;
        rows.collect::<Result<_, _>>().map_err(self.failed())
    }

    pub(crate) fn state(&self) -> Result<Option<State>, LedgerError> {
        read_state(&self.connection).map_err(self.failed())
    }

    /// The signed tail; `None` if it is missing or unreadable.
    pub(crate) fn tail(&self) -> Result<Option<SignedTail>, LedgerError> {
        read_tail(&self.connection).map_err(self.failed())
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
    pub(crate) fn since(&self, id: u64, limit: usize) -> Result<Vec<StoredRecord>, LedgerError> {
        let mut records = Vec::new();
        self.each(id, None, &mut |record| {
            records.push(record);
            Ok(records.len() < limit)
        })?;
        Ok(records)
    }

    /// Passes records after `id`, optionally of one class, to `take`, until it returns that it has enough.
    pub(crate) fn each(
        &self,
        id: u64,
        class: Option<Class>,
        take: &mut dyn FnMut(StoredRecord) -> Result<bool, LedgerError>,
    ) -> Result<(), LedgerError> {
        const SQL: &str = "
            SELECT records.id, kind, at, seq, body, cluster, agent, epoch, class, fingerprint
            FROM records LEFT JOIN sources ON sources.id = records.source
            WHERE records.id > ?1 AND (?2 IS NULL OR class = ?2) ORDER BY records.id";
        let mut ask = self.connection.prepare(SQL).map_err(self.failed())?;
        let values = params![stored(id, "a record's id")?, class.map(Class::number)];
        let mut rows = ask.query(values).map_err(self.failed())?;
        while let Some(row) = rows.next().map_err(self.failed())? {
            if !take(read_waiting(row).map_err(self.failed())?)? {
                break;
            }
        }
        Ok(())
    }

    /// How many records of a class come after `id`, and their bytes.
    pub(crate) fn count(&self, class: Class, id: u64) -> Result<(u64, u64), LedgerError> {
        const SQL: &str = "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0) FROM records
            WHERE id > ?1 AND class = ?2";
        let mut ask = self.connection.prepare(SQL).map_err(self.failed())?;
        let read = |row: &Row<'_>| Ok((number(row, 0)?, number(row, 1)?));
        ask.query_row([stored(id, "a record's id")?, class.number()], read).map_err(self.failed())
    }

    /// The instant of the first record of a class after `id`.
    pub(crate) fn first(&self, class: Class, id: u64) -> Result<Option<Timestamp>, LedgerError> {
        const SQL: &str = "SELECT at FROM records WHERE id > ?1 AND class = ?2 ORDER BY id LIMIT 1";
        let mut ask = self.connection.prepare(SQL).map_err(self.failed())?;
        let read = |row: &Row<'_>| instant(row.get(0)?, 0);
        ask.query_row([stored(id, "a record's id")?, class.number()], read).optional().map_err(self.failed())
    }
}
