use jiff::Timestamp;
use landfall_evidence::{Report, verify_against};

use super::{Folder, proof::Proof};
use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    tables::{VerificationReport, VerificationRow, unreadable_database},
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
    format: FormatOptions,
}

impl Verify {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { folder: Folder { folder }, proof, at, format } = self;
        let known = proof.read(&folder)?;
        let report = verify_against(&folder, &known.key, at.unwrap_or_else(Timestamp::now), &known.heads)?;
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
        if known.is_inside {
            known.remark("verified");
        }
        if let Some(why) = &database {
            diagnostics::error(unreadable_database(why));
        }
        let is_well = count == 0 && database.is_none();
        Ok(ExitStatus::from_check(is_well))
    }
}
