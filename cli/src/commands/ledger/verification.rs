//! Verifies a ledger before anything of it is shown.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_evidence::{Head, NotedHead, NotesError, PublicKey, Reader, Report};

use crate::{diagnostics, tables::unreadable_database};

/// What a ledger is verified with.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct VerifyOptions {
    /// The public key that signed first, or one of its successors, from a place that nobody who can change the folder can
    /// change. Without it the key in the folder is used.
    #[arg(long, value_name = "FILE", env = "LANDFALL_PUBLIC_KEY")]
    pub(crate) public_key: Option<PathBuf>,
    /// A head noted earlier, as `landfall ledger verify` prints it (NUMBER:RECORDS:HASH), or a file with such heads, one per
    /// line, or with a copy of a manifest; may be repeated. Without one, it cannot be detected that the end of the ledger
    /// was cut off together with its database.
    #[arg(long, value_name = "HEAD|FILE")]
    pub(crate) head: Vec<PathBuf>,
    /// URL of the place where heads are anchored (`--ledger-anchor` of the operator): the ledger must contain all of them.
    #[cfg(feature = "object-storage")]
    #[arg(long, value_name = "URL", env = "LANDFALL_LEDGER_ANCHOR", hide_env_values = true)]
    pub(crate) anchor: Option<String>,
}

/// Whether and how a ledger is verified before it is shown.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct ReadOptions {
    #[command(flatten)]
    pub(crate) proof: VerifyOptions,
    /// Show the ledger without verifying it; each row is marked.
    #[arg(long)]
    pub(crate) unverified: bool,
}

/// The key and the heads that a ledger must match.
#[derive(Debug)]
pub(super) struct TrustedKey {
    pub(super) key: PublicKey,
    /// Whether the key comes from the folder of the ledger.
    pub(super) is_inside: bool,
    pub(super) heads: Vec<NotedHead>,
}

impl VerifyOptions {
    pub(super) fn read(&self, folder: &Path) -> anyhow::Result<TrustedKey> {
        let Self { public_key, head, .. } = self;
        let path = public_key.clone().unwrap_or_else(|| folder.join("public-key.pem"));
        let pem = fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let key = PublicKey::from_pem(&pem).with_context(|| path.display().to_string())?;
        let mut heads = Vec::new();
        for head in head {
            heads.extend(read_heads(head, folder, &key)?);
        }
        Ok(TrustedKey { key, is_inside: public_key.is_none(), heads })
    }

    /// Where heads are anchored.
    #[cfg(feature = "object-storage")]
    pub(super) fn anchors(&self) -> anyhow::Result<Option<landfall_archive::Location>> {
        self.anchor.as_deref().map(|url| super::remote::open("--anchor", url)).transpose()
    }
}

impl ReadOptions {
    /// Verifies what `reader` will return and prints the result on stderr; true if it may be shown.
    pub(crate) fn verify(&self, reader: &mut Reader, folder: &Path) -> anyhow::Result<bool> {
        let Self { proof, unverified } = self;
        if *unverified {
            diagnostics::note(format_args!("nothing was verified (--unverified); the records may have been changed"));
            return Ok(true);
        }
        let trusted = proof
            .read(folder)
            .context("failed to read the key or head to verify with (--unverified shows the ledger without)")?;
        #[cfg(feature = "object-storage")]
        let trusted = trusted.with_anchors(folder, proof)?;
        let Report { segments, database, findings, more_findings, .. } =
            reader.verify(&trusted.key, Timestamp::now(), &trusted.heads);
        for finding in &findings {
            diagnostics::error(format_args!("{finding}"));
        }
        if more_findings > 0 {
            diagnostics::error(format_args!("{more_findings} more findings"));
        }
        if let Some(why) = &database {
            diagnostics::error(unreadable_database(why));
        }
        if findings.is_empty() && database.is_none() {
            trusted.print(&format!("verified, {segments} segments in their chain,"));
            return Ok(true);
        }
        let folder = folder.display();
        diagnostics::error(format_args!(
            "the ledger is not as it was written, nothing of it is shown; keep a copy of the folder, \
             check everything with `landfall ledger verify {folder}`, or show it anyway, marked, with --unverified"
        ));
        trusted.print("checked");
        Ok(false)
    }
}

impl TrustedKey {
    /// Adds the heads that are anchored.
    #[cfg(feature = "object-storage")]
    pub(super) fn with_anchors(mut self, folder: &Path, proof: &VerifyOptions) -> anyhow::Result<Self> {
        if let Some(location) = proof.anchors()? {
            let keys = landfall_evidence::keys(folder, &self.key)?;
            self.heads.extend(super::remote::block_on(landfall_archive::anchors(&location, &keys))?);
        }
        Ok(self)
    }

    /// Prints with which key the ledger was verified.
    pub(super) fn print(&self, what: &str) {
        let id = self.key.id();
        if self.is_inside {
            diagnostics::note(format_args!(
                "{what} with the key {id} that lies in the folder; this proves nothing against whoever can change the folder (--public-key)"
            ));
        } else {
            diagnostics::status(format_args!("{what} with the key {id} (--public-key)"));
        }
    }
}

/// A head, or the heads in a file.
fn read_heads(given: &Path, folder: &Path, key: &PublicKey) -> anyhow::Result<Vec<NotedHead>> {
    if let Some(head) = given.to_str().and_then(|text| text.parse::<Head>().ok()) {
        return Ok(vec![head.into()]);
    }
    let neither = || format!("--head {}: expected a head, NUMBER:RECORDS:HASH, or a file with heads", given.display());
    let file = File::open(given).with_context(neither)?;
    let mut notes = Vec::new();
    file.take(NotedHead::MAX_FILE + 1).read_to_end(&mut notes).with_context(neither)?;
    let read = match NotedHead::read(&notes, key) {
        // The manifest may be one that another of the ledger's keys has signed.
        Err(NotesError::Foreign(_)) => {
            let others = landfall_evidence::keys(folder, key)?;
            others.iter().find_map(|other| NotedHead::read(&notes, other).ok()).ok_or(NotesError::Foreign(key.id()))
        }
        read => read,
    };
    read.with_context(|| given.display().to_string())
}
