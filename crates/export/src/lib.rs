//! The ledger's records as Parquet tables, for questions that span years and clusters.
//!
//! ```text
//! Reader (verified) ─► a table per kind of record ─► OUT/KIND/CLUSTER-DAY.parquet
//! ```
//!
//! A table has the columns of [`TABLES`], which are read from the bodies of records by path, and the whole body as JSON. Columns
//! are added and never renamed, moved or removed. docs/export.md explains the tables and has queries.
//!
//! A file holds the records of one kind that were sealed on one day (UTC) in one ledger. Its name follows from these three, so
//! exporting again replaces it, and the files of several ledgers lie next to one another. The crate knows neither law nor
//! Kubernetes: a body is JSON.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod cells;
mod column;
mod days;
mod error;
mod export;
mod file;
mod row_group;
mod tables;

pub use column::{Column, ColumnType, Origin};
pub use error::ExportError;
pub use export::{Export, Summary};
pub use tables::{TABLES, Table};
