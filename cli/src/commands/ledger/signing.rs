//! Opens a ledger for writing, which no other process may do at the same time.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use landfall_evidence::{Ledger, Owner, Settings, Signer, owner};

use super::Folder;
use crate::outputs::SIGNING_KEY;

/// The ledger, and the key that signs it. No other process may write to it at the same time.
#[derive(Debug, clap::Args)]
pub(super) struct Signing {
    #[command(flatten)]
    folder: Folder,
    /// File of the key that signs the ledger (PKCS#8 PEM) [default: signing-key.pem in its folder, as `landfall watch
    /// --ledger` creates it].
    #[arg(long, value_name = "FILE", env = "LANDFALL_SIGNING_KEY")]
    key: Option<PathBuf>,
}

impl Signing {
    pub(super) fn folder(&self) -> &Path {
        &self.folder.folder
    }

    /// Where `landfall watch --ledger` keeps the key.
    pub(super) fn own_key(&self) -> PathBuf {
        self.folder().join(SIGNING_KEY)
    }

    pub(super) fn signer(&self) -> anyhow::Result<Signer> {
        read(&self.key.clone().unwrap_or_else(|| self.own_key()))
    }

    /// The owner of the ledger, which must exist.
    pub(super) fn owner(&self) -> anyhow::Result<Owner> {
        match owner(self.folder())? {
            Some(owner) => Ok(owner),
            None => bail!("{}: no ledger found", self.folder().display()),
        }
    }

    /// Opens the ledger with the epoch of its last writer, so that the operator can continue after it.
    pub(super) fn open(&self) -> anyhow::Result<Ledger> {
        let Owner { writer_epoch, .. } = self.owner()?;
        Ok(Ledger::open_with(self.folder(), self.signer()?, writer_epoch, Settings::default())?)
    }
}

/// Reads an existing key.
pub(super) fn read(path: &Path) -> anyhow::Result<Signer> {
    let pem = fs::read_to_string(path).with_context(|| format!("{}: cannot be read", path.display()))?;
    Signer::from_pem(&pem).with_context(|| path.display().to_string())
}
