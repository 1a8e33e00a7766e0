use std::io::{self, BufReader};

use landfall_agent::kafka::sampler;

use crate::exit_status::ExitStatus;

/// The inspecting process of `sample`: takes a plan on its standard input and reports on its standard output.
#[derive(Debug, clap::Args)]
pub(super) struct Inspect {}

impl Inspect {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        sampler::inspect(BufReader::new(io::stdin()), io::stdout().lock())?;
        Ok(ExitStatus::Success)
    }
}
