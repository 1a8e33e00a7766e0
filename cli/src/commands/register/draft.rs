use std::{
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use jiff::{Timestamp, tz::TimeZone};
use landfall_agent::{
    attribution::Workloads,
    locate::{Locator, LocatorConfig},
    pipeline::{Observer, ObserverConfig},
};
use landfall_evidence::{Reader, RecordKind};
use landfall_observation::AgentConfiguration;
use landfall_register::Register;

use super::{unregistered::UnregisteredRecipients, yaml};
use crate::{
    capture,
    commands::ledger::{ReadOptions, VerifyOptions},
    diagnostics,
    exit_status::ExitStatus,
    observations,
    options::CaptureOptions,
    outputs::{Inputs, Outputs},
    register,
    stop::StopSignal,
};

/// Drafts a Recipient for each recipient of data that is not registered.
#[derive(Debug, clap::Args)]
pub(super) struct Draft {
    /// Capture files, pcap or pcapng, optionally compressed (gz, zst); `-` reads standard input.
    #[arg(
        long,
        value_name = "FILE",
        num_args = 1..,
        conflicts_with_all = ["ledger", "observations"]
    )]
    pcap: Vec<PathBuf>,
    /// Folder of a ledger whose observations are read.
    #[arg(long, value_name = "DIR", conflicts_with = "observations")]
    ledger: Option<PathBuf>,
    /// The public key of the ledger; without it the key in its folder is used.
    #[arg(long, value_name = "FILE", env = "LANDFALL_PUBLIC_KEY")]
    public_key: Option<PathBuf>,
    /// Read the ledger without verifying it; the drafts are marked.
    #[arg(long, requires = "ledger")]
    unverified: bool,
    /// Observations, one JSON object per line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    observations: Option<PathBuf>,
    /// Folder with the YAML files of the register; recipients in it are left out.
    #[arg(long, value_name = "DIR", env = "LANDFALL_REGISTER")]
    register: Option<PathBuf>,
    /// YAML list of workloads for captures, as for `landfall watch`.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    /// Folder with published cloud ranges and databases for captures.
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
}

impl Draft {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { pcap, ledger, public_key, unverified, observations, register, workloads, locations } = self;
        if pcap.is_empty() && ledger.is_none() && observations.is_none() {
            bail!(
                "nothing to read; expected one of\n  --pcap FILE...         capture files; `-` is standard input\n  \
                 --observations FILE    observations that `landfall watch --observations-out` wrote; `-` is standard input\n  \
                 --ledger DIR           the observations of a ledger"
            );
        }
        let inputs = Inputs::default()
            .files("--pcap", &pcap)
            .folder("--ledger", ledger.as_deref(), &[])
            .file("--observations", observations.as_deref())
            .register(register.as_deref())
            .file("--workloads", workloads.as_deref())
            .locations(locations.as_deref());
        Outputs::checked_against(&inputs)?;
        let register = register.as_deref().map(register::open).transpose()?.unwrap_or_default();
        let mut recipients = UnregisteredRecipients::new(&register);
        let problems = if let Some(folder) = &ledger {
            let proof = VerifyOptions { public_key, ..VerifyOptions::default() };
            if !read_ledger(folder, &ReadOptions { proof, unverified }, &mut recipients)? {
                return Ok(ExitStatus::CheckFailed);
            }
            Ok(())
        } else if let Some(file) = &observations {
            observations::for_each(file, |observation| recipients.observe(observation))?.into_result()
        } else {
            read_captures(pcap, workloads.as_deref(), locations.as_deref(), &register, &mut recipients)?.into_result()
        };
        let skipped = recipients.skipped();
        let day = Timestamp::now().to_zoned(TimeZone::UTC).date();
        let drafts: Vec<_> = recipients.into_drafts().collect();
        let mut out = io::stdout().lock();
        if unverified {
            writeln!(out, "# UNVERIFIED: from a ledger that was not verified")
                .context("failed to write the results")?;
        }
        for draft in &drafts {
            out.write_all(yaml::write(draft, day).as_bytes()).context("failed to write the results")?;
        }
        out.flush().context("failed to write the results")?;
        diagnostics::status(format_args!(
            "{} drafts; each needs a legal entity before the register accepts it, and an agreement that lists it",
            drafts.len()
        ));
        if skipped > 0 {
            diagnostics::note(format_args!(
                "{skipped} observations to private, local or ambiguous destinations left out"
            ));
        }
        problems?;
        Ok(ExitStatus::Success)
    }
}

/// Reads the observations of a ledger; false, without reading any, if the ledger was changed.
fn read_ledger(folder: &Path, shown: &ReadOptions, recipients: &mut UnregisteredRecipients) -> anyhow::Result<bool> {
    let mut reader = Reader::open(folder)?.kinds(&[RecordKind::Observation]);
    if !shown.verify(&mut reader, folder)? {
        return Ok(false);
    }
    for record in reader {
        let record = record?;
        let observation = landfall_observation::decode(&record.body)
            .with_context(|| format!("record {}: expected an observation", record.id))?;
        recipients.observe(&observation);
    }
    Ok(true)
}

fn read_captures(
    files: Vec<PathBuf>,
    workloads: Option<&Path>,
    locations: Option<&Path>,
    register: &Register,
    recipients: &mut UnregisteredRecipients,
) -> anyhow::Result<capture::ReadErrors> {
    let stop = StopSignal::listen()?;
    let datasets = locations.map(LocatorConfig::from_dir).transpose()?;
    let configuration = if register.recipients.is_empty() {
        AgentConfiguration::default()
    } else {
        landfall_register::compile(register).agent
    };
    let files = CaptureOptions::from_files(files);
    let mut observer = Observer::new(ObserverConfig {
        cluster: "local".to_owned(),
        agent: "landfall-draft".to_owned(),
        epoch: 0,
        configuration,
        workloads: workloads.map(Workloads::from_yaml).transpose()?.unwrap_or_default(),
        locator: Locator::open(&datasets.unwrap_or_default())?,
        limits: files.limits(),
    });
    let damage = capture::read(&files, &stop, |item| {
        observer.take(item).iter().for_each(|observation| recipients.observe(observation));
        Ok(())
    })?;
    observer.finish().iter().for_each(|observation| recipients.observe(observation));
    Ok(damage)
}
