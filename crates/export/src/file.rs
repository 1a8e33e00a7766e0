//! One Parquet file: the records of one kind that were sealed on one day.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use landfall_process::file::AtomicFile;
use parquet::{
    basic::{Compression, ZstdLevel},
    file::{
        metadata::KeyValue, properties::WriterProperties, reader::FileReader as _,
        serialized_reader::SerializedFileReader, writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnPath},
};

use crate::{ExportError, Table, cells::Row, row_group::RowGroup};

/// Before the umask of the process: the folder decides who may read, as with the ledger.
const MODE: u32 = 0o666;

const SCHEMA: &str = "landfall.schema";
const LEDGER: &str = "landfall.ledger";
const CLUSTER: &str = "landfall.cluster";
const SEGMENTS: &str = "landfall.segments";

/// What a file says about itself, besides its columns.
#[derive(Debug, Clone)]
pub(crate) struct Provenance<'a> {
    /// Identifies the ledger: the Merkle root of its first segment.
    pub(crate) ledger: &'a str,
    pub(crate) cluster: &'a str,
    /// The segments whose records of the kind it holds.
    pub(crate) segments: &'a BTreeSet<u64>,
}

/// A file that is being written; dropped before its end, it leaves nothing.
#[derive(Debug)]
pub(crate) struct TableFile {
    path: PathBuf,
    /// The writer has another handle of it.
    file: AtomicFile,
    writer: SerializedFileWriter<File>,
    rows: RowGroup,
}

// === impl TableFile ===

impl TableFile {
    /// Begins the file; `None` if the one in its place has segments that the ledger no longer has.
    pub(crate) fn create(table: &Table, path: &Path, provenance: &Provenance<'_>) -> Result<Option<Self>, ExportError> {
        if provenance.holds_more(path)? {
            return Ok(None);
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ExportError::file(folder))?;
        }
        let schema = parse_message_type(&table.message_type()).map_err(ExportError::parquet(path))?;
        let body = ColumnPath::from("body");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("landfall ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_column_dictionary_enabled(body, false)
            .set_key_value_metadata(Some(provenance.metadata(table)))
            .build();
        let file = AtomicFile::create_unique(path, MODE).map_err(ExportError::file(path))?;
        let handle = file.file().try_clone().map_err(ExportError::file(path))?;
        let writer = SerializedFileWriter::new(handle, Arc::new(schema), Arc::new(properties))
            .map_err(ExportError::parquet(path))?;
        Ok(Some(Self { path: path.to_owned(), file, writer, rows: RowGroup::new(table) }))
    }

    pub(crate) fn push(&mut self, row: &Row<'_>) -> Result<(), ExportError> {
        self.rows.push(row);
        if !self.rows.is_full() {
            return Ok(());
        }
        self.rows.write(&mut self.writer).map_err(ExportError::parquet(&self.path))
    }

    /// Puts the file in place.
    pub(crate) fn finish(self) -> Result<(), ExportError> {
        let Self { path, file, mut writer, mut rows } = self;
        rows.write(&mut writer).and_then(|()| writer.finish()).map_err(ExportError::parquet(&path))?;
        file.persist().map_err(ExportError::file(&path))
    }
}

// === impl Provenance ===

impl Provenance<'_> {
    fn metadata(&self, table: &Table) -> Vec<KeyValue> {
        let Self { ledger, cluster, segments } = self;
        let segments: Vec<_> = segments.iter().map(u64::to_string).collect();
        [
            (SCHEMA, table.schema()),
            (LEDGER, (*ledger).to_owned()),
            (CLUSTER, (*cluster).to_owned()),
            (SEGMENTS, segments.join(",")),
        ]
        .map(|(key, value)| KeyValue::new(key.to_owned(), value))
        .into()
    }

    /// Whether the file at `path` has segments that this export has not, since their data has expired. An error if it is not
    /// of this ledger.
    fn holds_more(&self, path: &Path) -> Result<bool, ExportError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(ExportError::file(path)(error)),
        };
        let foreign = || ExportError::Foreign { path: path.to_owned() };
        let reader = SerializedFileReader::new(file).map_err(|_| foreign())?;
        let metadata = reader.metadata().file_metadata().key_value_metadata();
        let value = |key: &str| {
            let pair = metadata.into_iter().flatten().find(|pair| pair.key == key);
            pair.and_then(|pair| pair.value.as_deref()).ok_or_else(foreign)
        };
        if value(LEDGER)? != self.ledger {
            return Err(ExportError::OtherLedger { path: path.to_owned(), cluster: self.cluster.to_owned() });
        }
        let mut held = value(SEGMENTS)?.split(',').filter_map(|number| number.parse::<u64>().ok());
        Ok(held.any(|number| !self.segments.contains(&number)))
    }
}
