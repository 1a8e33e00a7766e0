//! `make image`: images of agent and operator with their debug symbols and SBOMs.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::Parser;
use jiff::Timestamp;
use landfall_image::{
    ImageError, Labels,
    recipe::{AGENT, OPERATOR, Recipe},
    sbom::Crates,
};

/// Writes the images of agent and operator: OCI layout, docker-archive, layer with Dockerfile, SBOM, debug symbols
#[derive(Debug, Parser)]
#[command(name = "landfall-image", version)]
struct Args {
    /// Folder of the programs that cargo built
    #[arg(long, value_name = "DIR")]
    programs: PathBuf,
    /// Folder for the images; it gets one folder for each
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Target triple that the programs were built for
    #[arg(long, value_name = "TRIPLE")]
    target: String,
    /// Features that the agent was built with
    #[arg(long, value_name = "FEATURES", value_delimiter = ',')]
    agent_features: Vec<String>,
    /// Static libraries of this machine that the agent was linked with
    #[arg(long, value_name = "FILES", value_delimiter = ',')]
    agent_libraries: Vec<PathBuf>,
    /// Version in labels and tag
    #[arg(long, value_name = "VERSION", default_value = env!("CARGO_PKG_VERSION"))]
    release: String,
    /// What stands before /landfall-agent:VERSION in the names
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    registry: String,
    /// Commit of the source
    #[arg(long, value_name = "COMMIT")]
    revision: Option<String>,
    /// Address of the source
    #[arg(long, value_name = "URL")]
    source: Option<String>,
    /// Time of the commit, so that the same commit makes the same image (RFC 3339)
    #[arg(long, value_name = "TIME")]
    created: Option<Timestamp>,
}

fn main() -> ExitCode {
    match Args::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            let _ = writeln!(io::stderr(), "error: {error}{cause}");
            ExitCode::FAILURE
        }
    }
}

impl Args {
    fn run(self) -> Result<(), ImageError> {
        let Self { programs, output, target, agent_features, agent_libraries, release, registry, .. } = self;
        let Self { revision, source, created, .. } = self;
        let architecture = match target.as_str() {
            "x86_64-unknown-linux-gnu" => "amd64",
            "aarch64-unknown-linux-gnu" => "arm64",
            _ => return Err(ImageError::Target(target)),
        };
        let recipe = Recipe {
            programs,
            stripped: output.join("programs"),
            symbols: output.join("debug"),
            registry,
            // What a version may hold and a tag may not.
            tag: release.replace('+', "_"),
            labels: Labels {
                version: release,
                revision,
                source,
                licenses: env!("CARGO_PKG_LICENSE").to_owned(),
                created: created.map(|time| time.to_string()),
                ..Labels::default()
            },
        };
        let crates = Crates::of_workspace(&target, &[(AGENT, &agent_features), (OPERATOR, &[])])?;
        let images = [
            ("landfall-agent", AGENT, recipe.agent(architecture)?.linked(&agent_libraries)),
            ("landfall-operator", OPERATOR, recipe.operator(architecture)?),
        ];
        for (name, package, image) in images {
            let folder = output.join(name);
            let written = image.write_release(&folder)?;
            let sbom = folder.join("sbom.cdx.json");
            let text = crates.sbom(&image, package)?;
            std::fs::write(&sbom, text).map_err(|source| ImageError::File { action: "write", path: sbom, source })?;
            let megabytes = |bytes: u64| format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
            let (size, pulled) = (megabytes(written.bytes), megabytes(written.compressed));
            let _ = writeln!(io::stdout(), "{} {} {size}, {pulled} to pull", image.name(), written.digest);
            let _ = writeln!(io::stdout(), "  {}", folder.display());
        }
        Ok(())
    }
}
