use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_evidence::{Finding, Head, NotedHead, PublicKey, Report, verify_against};
use serde::Serialize;

use super::Folder;
use crate::{
    args::{Ending, Format},
    output::{LedgerReport, Printer},
    remark::remark,
};

/// Whether everything sealed is as it was sealed.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    folder: Folder,
    /// The public key, from a place that who can change the folder cannot change. Without it the key
    /// that lies in the folder is used.
    #[arg(long, value_name = "FILE", env = "LANDFALL_PUBLIC_KEY")]
    public_key: Option<PathBuf>,
    /// A head that was noted before, as this command prints it (NUMBER:RECORDS:HASH), or a file with such
    /// heads, one a line, or with a copy of a manifest; may be given several times. Without one, an end of
    /// the ledger that was cut off with its database is not seen.
    #[arg(long, value_name = "HEAD|FILE")]
    head: Vec<PathBuf>,
    /// Which raw windows may be gone is decided for this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(flatten)]
    format: Format,
}

/// One line of what a verification came to.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(crate) enum Verified<'a> {
    /// Something that is not right.
    Finding(&'a Finding),
    /// What was looked at; the last line.
    #[serde(rename_all = "camelCase")]
    Summary {
        segments: u64,
        records: u64,
        expired_segments: u64,
        not_yet_sealed: Option<u64>,
        /// The last manifest in order.
        head: Option<Head>,
        findings: u64,
    },
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { folder: Folder { folder }, public_key, head: heads, at, format } = self;
        let inside = public_key.is_none();
        let path = public_key.unwrap_or_else(|| folder.join("public-key.pem"));
        let pem = fs::read_to_string(&path).with_context(|| format!("{}: cannot be read", path.display()))?;
        let key = PublicKey::from_pem(&pem).with_context(|| path.display().to_string())?;
        let mut noted = Vec::new();
        for head in heads {
            noted.extend(read_heads(&head, &key)?);
        }
        let report = verify_against(&folder, &key, at.unwrap_or_else(Timestamp::now), &noted)?;
        let Report { segments, records, expired, not_yet_sealed, database, head, findings, more_findings } = report;
        let mut printer = Printer::<LedgerReport>::new(format.get());
        for finding in &findings {
            printer.print(&Verified::Finding(finding))?;
        }
        let count = findings.len() as u64 + more_findings;
        printer.print(&Verified::Summary {
            segments,
            records,
            expired_segments: expired,
            not_yet_sealed,
            head,
            findings: count,
        })?;
        printer.finish()?;
        if inside {
            remark(format_args!(
                "note: verified with the key {} that lies in the folder; it proves nothing against whoever can change the folder (--public-key)",
                key.id()
            ));
        }
        if let Some(why) = &database {
            remark(format_args!("error: what is not yet sealed cannot be read: {why}"));
        }
        let is_well = count == 0 && database.is_none();
        Ok(if is_well { Ending::Done } else { Ending::FailedOn })
    }
}

/// A head, or the heads in a file.
fn read_heads(given: &Path, key: &PublicKey) -> anyhow::Result<Vec<NotedHead>> {
    if let Some(head) = given.to_str().and_then(|text| text.parse::<Head>().ok()) {
        return Ok(vec![head.into()]);
    }
    let neither = || format!("--head {}: expected a head, NUMBER:RECORDS:HASH, or a file with heads", given.display());
    let file = File::open(given).with_context(neither)?;
    let mut notes = Vec::new();
    file.take(NotedHead::MAX_FILE + 1).read_to_end(&mut notes).with_context(neither)?;
    NotedHead::read(&notes, key).with_context(|| given.display().to_string())
}
