use jiff::Timestamp;
use landfall_evidence::{Report, verify_against};

use super::{Folder, verification::VerifyOptions};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    tables::{VerificationReport, VerificationRow, unreadable_database},
};

/// Verifies the sealed segments of a ledger.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    proof: VerifyOptions,
    /// Decide as of this instant (RFC 3339) instead of now which observations may have expired.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, proof, at, format } = self;
        let trusted = proof.read(&folder)?;
        let report = verify_against(&folder, &trusted.key, at.unwrap_or_else(Timestamp::now), &trusted.heads)?;
        let Report { segments, records, expired, not_yet_sealed, database, head, keys, findings, more_findings } =
            report;
        let mut printer = Printer::<VerificationReport>::new(format.format());
        for finding in &findings {
            printer.print(&VerificationRow::Finding(finding))?;
        }
        let count = findings.len() as u64 + more_findings;
        printer.print(&VerificationRow::Summary {
            segments,
            records,
            expired_segments: expired,
            not_yet_sealed,
            head,
            keys: &keys,
            findings: count,
        })?;
        printer.finish()?;
        if trusted.is_inside {
            trusted.print("verified");
        }
        if let Some(why) = &database {
            diagnostics::error(unreadable_database(why));
        }
        let is_sound = count == 0 && database.is_none();
        Ok(ExitStatus::from_check(is_sound))
    }
}
