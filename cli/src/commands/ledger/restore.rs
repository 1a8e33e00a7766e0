//! Restores a ledger from its copy.

use std::path::PathBuf;

use jiff::Timestamp;
use landfall_archive::{Checked, restore};
use landfall_evidence::{Report, Restoration};

use super::{remote, verification::VerifyOptions};
use crate::{diagnostics, exit_status::ExitStatus};

/// Restores a ledger.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// URL of the copy.
    url: String,
    /// Folder of the ledger, empty or missing.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    proof: VerifyOptions,
    /// Put the ledger in place although faults were found, such as a noted head that was not copied. They stay in it, and
    /// every later verification shows them.
    #[arg(long)]
    incomplete: bool,
}

impl Restore {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { url, folder, proof, incomplete } = self;
        anyhow::ensure!(
            proof.public_key.is_some(),
            "expected --public-key: a key from the copy itself proves nothing about the copy"
        );
        let location = remote::open("URL", &url)?;
        let anchors = proof.anchors()?;
        let trusted = proof.read(&folder)?;
        let restoration = Restoration::begin(&folder)?;
        let checked =
            Checked { key: &trusted.key, heads: &trusted.heads, anchors: anchors.as_ref(), now: Timestamp::now() };
        let (report, restored) = remote::block_on(restore(&location, &restoration, checked))?;
        let Report { segments, records, expired, findings, more_findings, .. } = report;
        for finding in &findings {
            diagnostics::error(format_args!("{finding}"));
        }
        if more_findings > 0 {
            diagnostics::error(format_args!("{more_findings} more findings"));
        }
        trusted.print("checked");
        let shown = folder.display();
        if !findings.is_empty() && !incomplete {
            diagnostics::error(format_args!(
                "the copy is not complete or not as it was written; nothing was put into {shown}. Look for a better copy, \
                 or accept the loss with --incomplete"
            ));
            return Ok(ExitStatus::from_check(false));
        }
        let head = restored.head.clone();
        restoration.finish(&restored)?;
        diagnostics::status(format_args!(
            "{shown}: restored {segments} segments with {records} records, the data of {expired} had expired; head {head}"
        ));
        diagnostics::note(format_args!(
            "what was written after this head is not in the copy; compare it with the heads that were noted (docs/backup.md)"
        ));
        Ok(ExitStatus::from_check(findings.is_empty()))
    }
}
