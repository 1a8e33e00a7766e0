use std::io::{self, Write as _};

use anyhow::Context as _;
use clap::ValueEnum;
use landfall_api::MANIFESTS;

use crate::exit_status::ExitStatus;

/// Prints the custom resource definitions.
#[derive(Debug, clap::Args)]
pub struct Crds {
    /// Output format; json prints one object per line (NDJSON).
    #[arg(short, long, value_enum, default_value = "yaml")]
    output: Format,
    /// Same as `-o json`.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// The formats that `kubectl apply` accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One document per kind.
    Yaml,
    /// One object per line.
    Json,
}

impl Crds {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { output, json } = self;
        let texts: Vec<String> = if json || output == Format::Json {
            landfall_api::manifests().iter().map(|manifest| format!("{manifest}\n")).collect()
        } else {
            MANIFESTS.iter().map(|(_, text)| format!("---\n{text}")).collect()
        };
        let mut out = io::stdout().lock();
        for text in texts {
            out.write_all(text.as_bytes()).context("failed to write the manifests")?;
        }
        out.flush().context("failed to write the manifests")?;
        Ok(ExitStatus::Success)
    }
}
