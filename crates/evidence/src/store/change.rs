//! Changes of the database, each a transaction.

use rusqlite::params;

use super::{
    Change, NewRow, Progress, State,
    rows::{microseconds, read_cursor, read_progress, read_state, stored},
};
use crate::{
    LedgerError, Source,
    tail::{self, SignedTail},
};

impl Change<'_> {
    pub(crate) fn state(&self) -> Result<Option<State>, LedgerError> {
        read_state(&self.transaction).map_err(self.failed())
    }

    pub(crate) fn set_state(&self, state: &State) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT OR REPLACE INTO state VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let State { key_id, writer_epoch, last_record, latest, segment, head, sealed, tail: _ } = state;
        let values = params![
            key_id,
            stored(*writer_epoch, "the writer's epoch")?,
            stored(*last_record, "a record's id")?,
            microseconds(*latest),
            stored(*segment, "a segment's number")?,
            head.map(|head| head.to_string()),
            stored(sealed.windows, "a record's id")?,
            stored(sealed.lasting, "a record's id")?,
            stored(sealed.people, "a record's id")?,
        ];
        self.transaction.execute(SQL, values).map(drop).map_err(self.failed())
    }

    /// Signs the unsealed records; part of every change of the state.
    pub(crate) fn set_tail(&self, tail: &SignedTail) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT OR REPLACE INTO tail VALUES (1, ?1, ?2)";
        let SignedTail { tail: _, line, signature } = tail;
        self.transaction.execute(SQL, params![line, signature]).map(drop).map_err(self.failed())
    }

    /// The progress of a source; a new one has nothing acknowledged.
    pub(crate) fn progress(&self, source: &Source) -> Result<Option<Progress>, LedgerError> {
        read_progress(&self.transaction, source).map_err(self.failed())
    }

    /// Stores the progress of a source; returns its number.
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
        records: impl IntoIterator<Item = NewRow<'r>>,
    ) -> Result<(), LedgerError> {
        const SQL: &str = "INSERT INTO records (id, kind, class, at, source, seq, body, fingerprint)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let mut insert = self.transaction.prepare(SQL).map_err(self.failed())?;
        for NewRow { id, kind, at, origin, body } in records {
            let at = microseconds(at);
            let named = origin.map(|(_, source, seq)| (source, seq));
            let digest = tail::Row { id, kind: kind.name(), at, origin: named, body }.digest();
            let chain = state.tail.get_mut(kind.class());
            chain.last = tail::link(chain.last, digest);
            let (source, seq) = match origin {
                Some((source, _, seq)) => (Some(source), Some(stored(seq, "an observation's number")?)),
                None => (None, None),
            };
            let body = str::from_utf8(body).expect("it was checked when it came in");
            let id = stored(id, "a record's id")?;
            let (kind, class) = (kind.name(), kind.class().number());
            let values = params![id, kind, class, at, source, seq, body, tail::fingerprint(digest)];
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

    /// Stores values by key, or removes them.
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
            WHERE ((class = 0 AND id <= ?1) OR (class = 1 AND id <= ?2) OR (class = 2 AND id <= ?3))
            AND id <= max(?1, ?2, ?3) AND id <= coalesce((SELECT min(passed) FROM cursors), ?4)";
        let State { sealed, .. } = state;
        let values = params![
            stored(sealed.windows, "a record's id")?,
            stored(sealed.lasting, "a record's id")?,
            stored(sealed.people, "a record's id")?,
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
