//! `landfall simulate`: the effects of a legal development.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use landfall_register::Register;
use landfall_transfer_law::{Development, Scenario};

use crate::{
    exit_status::ExitStatus,
    judging::Judging,
    observations,
    options::FormatOptions,
    output::Printer,
    outputs::{Inputs, Outputs},
    register,
    tables::{SimulationReport, SimulationRow},
};

/// Simulates a legal development.
#[derive(Debug, clap::Args)]
pub struct Simulate {
    /// Folder with the YAML files of the register.
    #[arg(long, value_name = "DIR", env = "LANDFALL_REGISTER")]
    register: PathBuf,
    /// Observations, one JSON object per line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: PathBuf,
    /// File with one LegalDevelopment, in the format of the register.
    #[arg(long, value_name = "FILE")]
    development: PathBuf,
    /// Compute the dates of the plan as of this instant (RFC 3339) instead of now.
    #[arg(long, value_name = "INSTANT")]
    at: Option<Timestamp>,
    #[command(flatten)]
    format: FormatOptions,
}

impl Simulate {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { register, observations, development, at, format } = self;
        let inputs = Inputs::default().register(Some(&register)).file("--observations", Some(&observations));
        Outputs::checked_against(&inputs.file("--development", Some(&development)))?;
        let objects = register::open(&register)?;
        let development = read(&objects, &register, &development)?;
        let mut judging = Judging::for_register(&objects);
        let problems = observations::read(&observations, &mut judging)?;
        let (ruleset, edges, summary) = judging.into_edges();
        let scenario = Scenario::new(ruleset, development.clone());
        let effects = scenario.effects(&edges);
        let duties = scenario.duties(&effects, at.unwrap_or_else(Timestamp::now));

        let mut printer = Printer::<SimulationReport>::new(format.format());
        printer.print(&SimulationRow::development(&development, scenario.hits()))?;
        for effect in &effects {
            printer.print(&SimulationRow::edge(effect))?;
        }
        for due in duties {
            printer.print(&SimulationRow::Duties(due))?;
        }
        printer.finish_with_note(summary.coverage.uncovered_note())?;
        let nothing_seen = format!("{} holds no observations", observations.display());
        let status = summary.exit_status(&register, &nothing_seen);
        problems.into_result()?;
        status
    }
}

/// The development in `file`, validated together with the register in `folder`.
fn read(without: &Register, folder: &Path, file: &Path) -> anyhow::Result<Development> {
    let with = register::open_with(folder, file)?;
    let known = |name: &str| without.developments.iter().any(|object| object.metadata.name == name);
    let mut new = with.developments.iter().filter(|object| !known(&object.metadata.name));
    match (new.next(), count(&with) - count(without)) {
        (Some(object), 1) => Ok(landfall_register::compile_development(object)),
        (_, more) => anyhow::bail!("{}: expected one LegalDevelopment, found {more} objects", file.display()),
    }
}

fn count(register: &Register) -> usize {
    let Register { agreements, recipients, bases, assessments, developments, policies, buses } = register;
    let of_people = agreements.len() + recipients.len() + bases.len() + assessments.len();
    of_people + developments.len() + policies.len() + buses.len()
}
