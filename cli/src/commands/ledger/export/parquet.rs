use std::path::Path;

use anyhow::{Context as _, ensure};
use jiff::Timestamp;
use landfall_evidence::owner;
use landfall_export::{Export as Tables, Summary};

use super::Export;
use crate::{
    commands::ledger::Folder,
    diagnostics,
    exit_status::ExitStatus,
    outputs::{Inputs, Outputs},
};

impl Export {
    /// Whole days only: what is exported again later replaces the same files.
    pub(super) fn write_tables(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, shown, kind, from, until, body, to, cluster, format: _ } = self;
        ensure!(!body, "--body does not go with --format parquet: each table has the body as a column");
        let to = to.unwrap_or_default();
        Outputs::checked_against(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let cluster = cluster.map_or_else(|| cluster_of(&folder), Ok)?;
        let period = from.unwrap_or(Timestamp::MIN)..until.unwrap_or(Timestamp::MAX);
        let mut tables = Tables::new(&folder, &to, &cluster, &kind, &period)?;
        if !shown.verify(tables.reader(), &folder)? {
            return Ok(ExitStatus::CheckFailed);
        }
        let Summary { records, files, kept, unsealed } = tables.write(!shown.unverified)?;
        diagnostics::status(format_args!("{records} records in {files} files in {}", to.display()));
        if !kept.is_empty() {
            let names: Vec<_> = kept.iter().map(|path| path.display().to_string()).collect();
            diagnostics::note(format_args!(
                "left as they were, since they hold data that has expired in the ledger: {}",
                names.join(", ")
            ));
        }
        if unsealed > 0 {
            diagnostics::note(format_args!("{unsealed} records are not sealed yet; a later export has them"));
        }
        Ok(ExitStatus::Success)
    }
}

/// The cluster whose agents wrote into the ledger.
fn cluster_of(folder: &Path) -> anyhow::Result<String> {
    let owner = owner(folder)?.with_context(|| format!("{}: no ledger found", folder.display()))?;
    let mut clusters = owner.clusters.into_iter();
    match (clusters.next(), clusters.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => anyhow::bail!("the ledger does not show of which cluster it is: name it with --cluster NAME"),
        (Some(_), Some(_)) => anyhow::bail!(
            "the ledger holds observations of several clusters: name it with --cluster NAME, for the names of its files"
        ),
    }
}
