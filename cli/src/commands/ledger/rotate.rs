//! Another key for a ledger.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use landfall_evidence::{KeyChangeReason, Ledger, Owner, Settings, Signer};

use super::signing::{self, Signing};
use crate::{diagnostics, exit_status::ExitStatus};

/// Lets another key sign from now on.
#[derive(Debug, clap::Args)]
pub(super) struct RotateKey {
    #[command(flatten)]
    signing: Signing,
    /// File of the new key (PKCS#8 PEM); made if there is none.
    #[arg(long, value_name = "FILE")]
    new_key: PathBuf,
    /// Why.
    #[arg(long, value_enum, default_value_t = Reason::Superseded)]
    reason: Reason,
    /// How long observations that wait to be sealed are kept, as the operator has it (--keep-windows).
    #[arg(long, value_name = "TIME", env = "LANDFALL_KEEP_WINDOWS")]
    keep_windows: Option<SignedDuration>,
    /// How long what names people and waits to be sealed is kept, as the operator has it (--keep-people).
    #[arg(long, value_name = "TIME", env = "LANDFALL_KEEP_PEOPLE")]
    keep_people: Option<SignedDuration>,
}

/// Why a key is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reason {
    /// In the course of things.
    Superseded,
    /// Somebody else may know it.
    KeyCompromise,
}

impl RotateKey {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { signing, new_key, reason, keep_windows, keep_people } = self;
        let Owner { key_id: held, writer_epoch, .. } = signing.owner()?;
        let own = signing.own_key();
        let is_own = own.exists();
        // Before the key is made: what cannot be rotated leaves no key behind.
        let previous = signing.signer();
        let new = if new_key.exists() {
            signing::read(&new_key)?
        } else {
            let previous = previous.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?.public().id().to_string();
            anyhow::ensure!(held == previous, "the ledger is signed with the key {held}, expected {previous} (--key)");
            Signer::open_or_create(&new_key)?
        };
        let id = new.public().id();
        let pem = new.to_pem().to_owned();
        if held == id.to_string() {
            // A run before was ended in between, or after.
            diagnostics::status(format_args!("the ledger is signed with the key {id} already"));
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
                "{}: the new key stands there now, for `landfall watch --ledger`",
                own.display()
            ));
        }
        Ok(ExitStatus::Success)
    }
}

/// Puts a key in the place of another, for its owner alone.
fn replace(path: &Path, pem: &[u8]) -> std::io::Result<()> {
    if fs::read(path).is_ok_and(|held| held == pem) {
        return Ok(());
    }
    let beside = path.with_extension("pem.new");
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(pem).and_then(|()| file.sync_all())?;
    fs::rename(&beside, path)
}

impl From<Reason> for KeyChangeReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Superseded => Self::Superseded,
            Reason::KeyCompromise => Self::KeyCompromise,
        }
    }
}
