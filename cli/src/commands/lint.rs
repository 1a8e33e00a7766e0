use std::path::PathBuf;

use clap::ValueEnum;
use jiff::Timestamp;
use landfall_register::Warning;
use landfall_transfer_law::lint::{ENDPOINT_COLLISION, Finding, Object, REGISTER_NOTE, Severity, lint};

use crate::{
    args::{Ending, Format},
    output::{LintTable, Printer},
    register,
};

/// The rules that find what the loader warns of, too; theirs say what to do.
const SAID_BETTER: [&str; 8] = [
    "ACT-UNKNOWN",
    "BASIS-STRANGER",
    "CHAIN-BROKEN",
    "DEVELOPMENT-NOTHING",
    "ENGAGEMENT-UNKNOWN",
    "TENANT-UNKNOWN",
    "TIA-MISSING",
    "TIA-STRANGER",
];

/// What is wrong with the agreement and its register.
#[derive(Debug, clap::Args)]
pub struct Lint {
    /// Folder with the register's YAML files.
    #[arg(value_name = "DIR", env = "LANDFALL_REGISTER")]
    register: PathBuf,
    /// Look as of this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    /// Exit with status 1 if there is such a finding.
    #[arg(long, value_enum, value_name = "FINDING")]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    format: Format,
}

/// On which findings a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// One of severity Error.
    LintError,
}

impl Lint {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { register, at, fail_on, format } = self;
        let compiled = landfall_register::compile(&register::open(&register)?);
        let mut findings = lint(&compiled.ruleset, at.unwrap_or_else(Timestamp::now));
        let notes: Vec<_> = compiled.warnings.iter().filter_map(|warning| note(warning, &findings)).collect();
        findings.extend(notes);
        findings.sort();
        let mut printer = Printer::<LintTable>::new(format.get());
        for finding in &findings {
            printer.print(finding)?;
        }
        printer.finish()?;
        let failed = match fail_on {
            Some(FailOn::LintError) => findings.iter().any(|finding| finding.severity == Severity::Error),
            None => false,
        };
        Ok(if failed { Ending::FailedOn } else { Ending::Done })
    }
}

/// What the loader warns of, as a finding, unless a rule has found it.
fn note(warning: &Warning, findings: &[Finding]) -> Option<Finding> {
    let Warning { object, message } = warning;
    let (kind, name) = object.split_once(' ').unwrap_or((object, ""));
    // Whose name has a namespace is found by the name alone: the loader's warnings have none.
    let is_it = |found: &Object| found.kind == kind && found.name.rsplit('/').next() == Some(name);
    if findings.iter().any(|finding| is_it(&finding.object) && SAID_BETTER.contains(&finding.id)) {
        return None;
    }
    let collides = message.contains(" stands for ") && message.ends_with(" already");
    let rule = if collides { &ENDPOINT_COLLISION } else { &REGISTER_NOTE };
    let object = Object { kind: kind.to_owned(), name: name.to_owned() };
    Some(rule.noted(object, message.clone()))
}
