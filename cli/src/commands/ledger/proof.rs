//! What a ledger is held against before anything of it is shown.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_evidence::{Head, NotedHead, NotesError, PublicKey, Reader, Report};

use crate::{diagnostics, tables::unreadable_database};

/// The key, and what else is known from elsewhere.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Proof {
    /// The public key, from a place that who can change the folder cannot change: the one that signed first, or one that
    /// it handed over to. Without it the key that lies in the folder is used.
    #[arg(long, value_name = "FILE", env = "LANDFALL_PUBLIC_KEY")]
    pub(crate) public_key: Option<PathBuf>,
    /// A head that was noted before, as `landfall ledger verify` prints it (NUMBER:RECORDS:HASH), or a file with such
    /// heads, one a line, or with a copy of a manifest; may be given several times. Without one, an end of
    /// the ledger that was cut off with its database is not seen.
    #[arg(long, value_name = "HEAD|FILE")]
    pub(crate) head: Vec<PathBuf>,
}

/// Whether what is shown is proven.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Shown {
    #[command(flatten)]
    pub(crate) proof: Proof,
    /// Shows what is there without verifying it; each row says so.
    #[arg(long)]
    pub(crate) unverified: bool,
}

/// What a ledger is held against.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) key: PublicKey,
    /// Whether the key lay in the folder.
    pub(super) is_inside: bool,
    pub(super) heads: Vec<NotedHead>,
}

impl Proof {
    pub(super) fn read(&self, folder: &Path) -> anyhow::Result<Known> {
        let Self { public_key, head } = self;
        let path = public_key.clone().unwrap_or_else(|| folder.join("public-key.pem"));
        let pem = fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let key = PublicKey::from_pem(&pem).with_context(|| path.display().to_string())?;
        let mut heads = Vec::new();
        for head in head {
            heads.extend(read_heads(head, folder, &key)?);
        }
        Ok(Known { key, is_inside: public_key.is_none(), heads })
    }
}

impl Shown {
    /// Verifies what `reader` will hand out, and says on stderr what came of it: whether it may be shown.
    pub(crate) fn admit(&self, reader: &mut Reader, folder: &Path) -> anyhow::Result<bool> {
        let Self { proof, unverified } = self;
        if *unverified {
            diagnostics::note(format_args!("nothing was verified (--unverified); what is shown may have been changed"));
            return Ok(true);
        }
        let known = proof.read(folder).context("what the ledger is verified with (--unverified shows it without)")?;
        let Report { segments, database, findings, more_findings, .. } =
            reader.verify(&known.key, Timestamp::now(), &known.heads);
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
            known.remark(&format!("verified, {segments} segments in their chain,"));
            return Ok(true);
        }
        let folder = folder.display();
        diagnostics::error(format_args!(
            "the ledger is not as it was written, nothing of it is shown; keep a copy of the folder, \
             `landfall ledger verify {folder}` looks at everything, and --unverified shows what is there all the same, marked"
        ));
        known.remark("looked at");
        Ok(false)
    }
}

impl Known {
    /// Says with which key.
    pub(super) fn remark(&self, what: &str) {
        let id = self.key.id();
        if self.is_inside {
            diagnostics::note(format_args!(
                "{what} with the key {id} that lies in the folder; it proves nothing against whoever can change the folder (--public-key)"
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
