use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use landfall_transfer_law::Outcome;

/// What to judge by, and when the run fails.
#[derive(Debug, Clone, Args)]
pub(crate) struct JudgmentOptions {
    /// Folder with the YAML files of the register.
    #[arg(long, value_name = "DIR", env = "LANDFALL_REGISTER")]
    pub(crate) register: PathBuf,
    /// Judge as of this instant (RFC 3339) instead of the time of each transfer.
    #[arg(long, value_name = "INSTANT")]
    pub(crate) at: Option<Timestamp>,
    /// Exit with status 1 if any verdict is this bad or worse.
    #[arg(long, value_enum, value_name = "OUTCOME")]
    pub(crate) fail_on: Option<FailOn>,
}

/// The mildest outcome that makes a run fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Unknown or Unlawful.
    Unknown,
    /// Unlawful.
    Unlawful,
}

impl FailOn {
    /// This outcome and worse ones fail.
    pub(crate) fn threshold(self) -> Outcome {
        match self {
            Self::Unknown => Outcome::Unknown,
            Self::Unlawful => Outcome::Unlawful,
        }
    }
}
