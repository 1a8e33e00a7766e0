use jiff::Timestamp;
use landfall_evidence::{Finding, Head, KeyId, Report, verify_against};
use serde::Serialize;

use super::{Folder, proof::Proof};
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
    #[command(flatten)]
    proof: Proof,
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
        /// The keys that sign it, one after the other.
        keys: &'a [KeyId],
        findings: u64,
    },
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { folder: Folder { folder }, proof, at, format } = self;
        let known = proof.read(&folder)?;
        let report = verify_against(&folder, &known.key, at.unwrap_or_else(Timestamp::now), &known.heads)?;
        let Report { segments, records, expired, not_yet_sealed, database, head, keys, findings, more_findings } =
            report;
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
            keys: &keys,
            findings: count,
        })?;
        printer.finish()?;
        if known.is_inside {
            known.remark("verified");
        }
        if let Some(why) = &database {
            remark(format_args!("error: what is not yet sealed cannot be read: {why}"));
        }
        let is_well = count == 0 && database.is_none();
        Ok(if is_well { Ending::Done } else { Ending::FailedOn })
    }
}
