use std::path::Path;

use jiff::Timestamp;
use landfall_evidence::{Report, verify_against};

#[cfg(feature = "object-storage")]
use super::remote;
use super::{
    Folder,
    verification::{TrustedKey, VerifyOptions},
};
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
        let now = at.unwrap_or_else(Timestamp::now);
        let (trusted, report) = verify(&folder, &proof, now)?;
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

/// Verifies a folder, or a copy by its URL.
#[cfg(feature = "object-storage")]
fn verify(folder: &Path, proof: &VerifyOptions, now: Timestamp) -> anyhow::Result<(TrustedKey, Report)> {
    let Some(url) = remote::is_url(folder) else {
        let trusted = proof.read(folder)?.with_anchors(folder, proof)?;
        let report = verify_against(folder, &trusted.key, now, &trusted.heads)?;
        return Ok((trusted, report));
    };
    let location = remote::open("DIR", url)?;
    anyhow::ensure!(proof.public_key.is_some(), "expected --public-key to verify {location} with");
    let manifests = tempfile::tempdir()?;
    let trusted = proof.read(manifests.path())?;
    let anchors = proof.anchors()?;
    let report = remote::verify(&location, manifests.path(), &trusted, anchors.as_ref(), now)?;
    Ok((trusted, report))
}

/// Verifies a folder.
#[cfg(not(feature = "object-storage"))]
fn verify(folder: &Path, proof: &VerifyOptions, now: Timestamp) -> anyhow::Result<(TrustedKey, Report)> {
    let trusted = proof.read(folder)?;
    let report = verify_against(folder, &trusted.key, now, &trusted.heads)?;
    Ok((trusted, report))
}
