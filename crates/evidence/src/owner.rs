//! The owner of a ledger, determined without writing: a writer checks it before it appends.

use std::{collections::BTreeSet, fs::File, path::Path};

use crate::{
    Class, LedgerError, Manifest, Records,
    files::{Folder, Listing, Part},
    store::{State, Store},
};

/// The owner of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Id of the key that signs it, as [`crate::KeyId`] writes it.
    pub key_id: String,
    /// The highest epoch that wrote; a sole writer may reuse it.
    pub writer_epoch: u64,
    /// Clusters whose agents sent observations, as far as database and segments show.
    pub clusters: BTreeSet<String>,
}

/// The owner of the ledger in `folder`; `None` if there is no ledger.
pub fn owner(folder: &Path) -> Result<Option<Owner>, LedgerError> {
    let folder = Folder::new(folder);
    if let Some(store) = Store::open_to_read(&folder.database())?
        && let Some(state) = store.state()?
    {
        let State { key_id, writer_epoch, .. } = state;
        return Ok(Some(Owner { key_id, writer_epoch, clusters: store.clusters()? }));
    }
    owner_from_segments(&folder, &folder.list()?)
}

/// The owner according to the manifests, starting with the last one, in case the database is lost.
pub(crate) fn owner_from_segments(folder: &Folder, listing: &Listing) -> Result<Option<Owner>, LedgerError> {
    let Some(last) = listing.manifests.values().next_back().and_then(|names| names.first()) else { return Ok(None) };
    let Manifest { key_id, key_change, writer_epoch, .. } = folder.read_manifest(*last)?.manifest;
    let key_id = key_change.map_or(key_id, |change| change.to.id()).to_string();
    let windows = listing.data.values().rev().flatten().find(|name| name.class == Class::Windows);
    let first = windows.and_then(|name| {
        let file = File::open(folder.segment(*name, Part::Data)).ok()?;
        Records::new(file).ok()?.next()?.ok()
    });
    let clusters = first.and_then(|record| record.origin).map(|origin| origin.source.cluster);
    Ok(Some(Owner { key_id, writer_epoch, clusters: clusters.into_iter().collect() }))
}
