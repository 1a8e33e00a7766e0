use std::path::PathBuf;

use anyhow::bail;
use clap::ValueEnum;
use jiff::Timestamp;
use landfall_transfer_law::lint::Severity;

use crate::{
    diagnostics,
    exit_status::ExitStatus,
    options::FormatOptions,
    output::Printer,
    outputs::{Inputs, Outputs},
    register,
    tables::FindingTable,
};

/// Checks agreement and register.
#[derive(Debug, clap::Args)]
pub struct Lint {
    /// Folder with the YAML files of the register.
    #[arg(value_name = "DIR", env = "LANDFALL_REGISTER")]
    register: PathBuf,
    /// Check as of this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// Exit with status 1 if there is such a finding.
    #[arg(long, value_enum, value_name = "FINDING")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: FormatOptions,
}

/// The findings that make a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// A finding of severity Error.
    LintError,
}

impl Lint {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { register, at, fail_on, format } = self;
        Outputs::checked_against(&Inputs::default().register(Some(&register)))?;
        let objects = register::open(&register)?;
        let compiled = landfall_register::compile(&objects);
        let findings = compiled.findings(at.unwrap_or_else(Timestamp::now));
        let mut printer = Printer::<FindingTable>::new(format.format());
        for finding in &findings {
            printer.print(finding)?;
        }
        printer.finish()?;
        if objects.agreements.is_empty() {
            let reason = format!(
                "the register {} holds no ProcessingAgreement, which most rules are about; write one \
                 (docs/objects.md, examples/crm-processor/agreement.yaml)",
                register.display()
            );
            if fail_on.is_some() {
                bail!("--fail-on: no agreement was checked: {reason}");
            }
            diagnostics::warning(format_args!("no agreement was checked: {reason}"));
        }
        let failed = match fail_on {
            Some(FailOn::LintError) => findings.iter().any(|finding| finding.severity == Severity::Error),
            None => false,
        };
        Ok(ExitStatus::from_check(!failed))
    }
}
