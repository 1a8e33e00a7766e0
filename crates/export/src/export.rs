//! From records to files.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use landfall_evidence::{Reader, RecordKind};

use crate::{
    ExportError, TABLES, Table,
    cells::Row,
    days::{Day, Days},
    file::{Provenance, TableFile},
};

/// The longest name of a cluster in a file name, which may have 255 bytes.
const MAX_NAME: usize = 200;

/// An export of the sealed records of one ledger into a folder of tables.
#[derive(Debug)]
pub struct Export {
    reader: Reader,
    days: Days,
    tables: Vec<&'static Table>,
    target: Target,
}

/// Where the files are, and of which ledger.
#[derive(Debug)]
struct Target {
    folder: PathBuf,
    cluster: String,
    /// The cluster's name as part of a file name.
    prefix: String,
    ledger: String,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records written.
    pub records: u64,
    /// Files with records that were written or replaced.
    pub files: u64,
    /// Files that were kept as they were: they hold data that has expired in the ledger.
    pub kept: BTreeSet<PathBuf>,
    /// Records that are not sealed yet and in no file.
    pub unsealed: u64,
}

/// The files that are open, `None` for those that are kept.
type Open = BTreeMap<(Day, &'static str), Option<TableFile>>;

// === impl Export ===

impl Export {
    /// Of the ledger in `ledger` into `folder`, which is created if necessary. `cluster` is the name of the ledger in the names of
    /// files, and the cluster of records that name none. Without `kinds`, all; of a period, whole days with a record of it.
    pub fn new(
        ledger: &Path,
        folder: &Path,
        cluster: &str,
        kinds: &[RecordKind],
        period: &Range<Timestamp>,
    ) -> Result<Self, ExportError> {
        require_outside(folder, ledger)?;
        let prefix = file_name(cluster);
        if prefix.len() > MAX_NAME {
            return Err(ExportError::LongName);
        }
        let mut reader = Reader::open(ledger)?;
        if !kinds.is_empty() {
            reader = reader.kinds(kinds);
        }
        let sealed = reader.sealed()?;
        let first = sealed.first().map(|segment| segment.manifest.root.to_string());
        let days = Days::new(&sealed, period);
        let is_asked = |table: &&Table| kinds.is_empty() || table.kind.is_some_and(|kind| kinds.contains(&kind));
        let (folder, cluster) = (folder.to_owned(), cluster.to_owned());
        Ok(Self {
            reader: reader.segments(days.numbers()),
            days,
            tables: TABLES.iter().filter(is_asked).collect(),
            target: Target { folder, cluster, prefix, ledger: first.unwrap_or_default() },
        })
    }

    /// The records, to verify them.
    pub fn reader(&mut self) -> &mut Reader {
        &mut self.reader
    }

    /// Writes the files. `verified` is what their column of this name says.
    pub fn write(self, verified: bool) -> Result<Summary, ExportError> {
        let Self { mut reader, days, tables, target } = self;
        let mut summary = Summary::default();
        for table in tables {
            target.write_columns(table)?;
        }
        let mut open = Open::new();
        while let Some(record) = reader.next() {
            let record = record?;
            let Some((segment, day)) = reader.segment().and_then(|number| Some((number, days.day(number)?))) else {
                summary.unsealed += 1;
                continue;
            };
            // The segments of a class come in order.
            let is_over = |other: &Day| other.class == day.class && days.segments(*other).last() < Some(&segment);
            let mut over = open.extract_if(.., |(other, _), _| is_over(other)).filter_map(|(_, file)| file);
            over.try_for_each(TableFile::finish)?;

            let table = Table::of(&record.kind);
            let file = if let Some(file) = open.get_mut(&(day, table.name)) {
                file
            } else {
                let path = target.path(table, day);
                let file = TableFile::create(table, &path, &target.provenance(days.segments(day)))?;
                summary.files += u64::from(file.is_some());
                if file.is_none() {
                    summary.kept.insert(path);
                }
                open.entry((day, table.name)).or_insert(file)
            };
            if let Some(file) = file {
                file.push(&Row::new(&record, segment, &target.cluster, verified))?;
                summary.records += 1;
            }
        }
        open.into_values().flatten().try_for_each(TableFile::finish)?;
        Ok(summary)
    }
}

// === impl Target ===

impl Target {
    /// `FOLDER/KIND/CLUSTER-DAY.parquet`, with the class where the kind does not imply it.
    fn path(&self, table: &Table, Day { class, date }: Day) -> PathBuf {
        let prefix = &self.prefix;
        let class = if table.kind.map(RecordKind::class) == Some(class) { String::new() } else { format!("-{class}") };
        self.folder.join(table.name).join(format!("{prefix}-{date}{class}.parquet"))
    }

    fn provenance<'a>(&'a self, segments: &'a BTreeSet<u64>) -> Provenance<'a> {
        Provenance { ledger: &self.ledger, cluster: &self.cluster, segments }
    }

    /// A file without rows, so that each table exists with all its columns.
    fn write_columns(&self, table: &Table) -> Result<(), ExportError> {
        let path = self.folder.join(table.name).join(format!("{}-columns.parquet", self.prefix));
        match TableFile::create(table, &path, &self.provenance(&BTreeSet::new()))? {
            Some(file) => file.finish(),
            None => Ok(()),
        }
    }
}

/// Fails if the folder of the export lies in that of the ledger, under whatever name.
fn require_outside(folder: &Path, ledger: &Path) -> Result<(), ExportError> {
    let Ok(inner) = ledger.canonicalize() else { return Ok(()) };
    let existing = folder.ancestors().find_map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        folder.canonicalize().ok()
    });
    if existing.is_some_and(|existing| existing.starts_with(&inner)) {
        return Err(ExportError::InLedger { folder: folder.to_owned(), ledger: ledger.to_owned() });
    }
    Ok(())
}

/// The name of a cluster as part of a file name: other characters than letters, digits, `.`, `_` and `-` as `%XX`, also at its
/// beginning, where `.` and `_` would hide the file from Spark and Trino.
fn file_name(cluster: &str) -> String {
    let safe = |index: usize, byte: u8| byte.is_ascii_alphanumeric() || (index > 0 && b"._-".contains(&byte));
    let parts = cluster
        .bytes()
        .enumerate()
        .map(|(index, byte)| if safe(index, byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") });
    parts.collect()
}

#[cfg(test)]
mod tests;
