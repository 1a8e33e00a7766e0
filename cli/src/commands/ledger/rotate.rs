//! Rotates the key of a ledger.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{KeyChangeReason, Ledger, Owner, Settings, Signer};
use landfall_process::file;

use super::signing::{self, Signing};
use crate::{diagnostics, exit_status::ExitStatus};

/// Signs the next segments with another key.
#[derive(Debug, clap::Args)]
pub(super) struct RotateKey {
    #[command(flatten)]
    signing: Signing,
    /// File of the new key (PKCS#8 PEM), created if missing.
    #[arg(long, value_name = "FILE")]
    new_key: PathBuf,
    /// Reason of the change.
    #[arg(long, value_enum, default_value_t = Reason::Superseded)]
    reason: Reason,
    /// Retention period of observations that are not sealed yet, as set for the operator (--keep-windows).
    #[arg(long, value_name = "TIME", env = "LANDFALL_KEEP_WINDOWS")]
    keep_windows: Option<SignedDuration>,
    /// Retention period of records that name people and are not sealed yet, as set for the operator (--keep-people).
    #[arg(long, value_name = "TIME", env = "LANDFALL_KEEP_PEOPLE")]
    keep_people: Option<SignedDuration>,
}

/// The reason of a change of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// Routine rotation.
    Superseded,
    /// Somebody else may know the old key.
    KeyCompromise,
}

impl RotateKey {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { signing, new_key, reason, keep_windows, keep_people } = self;
        let Owner { key_id: current, writer_epoch, .. } = signing.owner()?;
        let own = signing.own_key();
        let is_own = own.exists();
        // Checked before the new key is created, so that a failure leaves no key behind.
        let previous = signing.signer();
        let new = if new_key.exists() {
            signing::read(&new_key)?
        } else {
            let previous = previous.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?.public().id().to_string();
            anyhow::ensure!(
                current == previous,
                "the ledger is signed with the key {current}, expected {previous} (--key)"
            );
            Signer::open_or_create(&new_key)?
        };
        let id = new.public().id();
        let pem = new.to_pem().to_owned();
        if current == id.to_string() {
            // An earlier run was interrupted after this point.
            diagnostics::status(format_args!("the ledger is already signed with the key {id}"));
        } else {
            let settings = Settings::default();
            let settings = Settings {
                keep_windows: keep_windows.unwrap_or(settings.keep_windows),
                keep_people: keep_people.unwrap_or(settings.keep_people),
                ..settings
            };
            let mut ledger = Ledger::open_with(signing.folder(), previous?, writer_epoch, settings)?;
            ledger.rotate_key(new, reason.into(), Timestamp::now())?;
            diagnostics::status(format_args!("from segment {} on, the key {id} signs", ledger.next_segment()));
        }
        if is_own {
            replace(&own, pem.as_bytes()).with_context(|| own.display().to_string())?;
            diagnostics::status(format_args!(
                "{}: replaced by the new key, for `landfall watch --ledger`",
                own.display()
            ));
        }
        Ok(ExitStatus::Success)
    }
}

/// Replaces a key file, readable by its owner only.
fn replace(path: &Path, pem: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|held| held == pem) {
        return Ok(());
    }
    file::replace(path, 0o600, pem)
}

impl From<Reason> for KeyChangeReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Superseded => Self::Superseded,
            Reason::KeyCompromise => Self::KeyCompromise,
        }
    }
}
