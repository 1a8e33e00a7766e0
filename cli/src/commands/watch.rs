#[cfg(feature = "kafka")]
mod topics;

use std::{
    fs,
    path::{Path, PathBuf},
};

use landfall_agent::{
    attribution::Workloads,
    locate::{Locator, LocatorConfig},
    pipeline::{Observer, ObserverConfig},
};
use landfall_observation::{Observation, encode};

use crate::{
    capture::{self, ReadErrors},
    commands::ledger::LedgerWriter,
    diagnostics,
    exit_status::ExitStatus,
    judging::Judging,
    live,
    options::{CaptureOptions, FormatOptions, JudgmentOptions},
    output::Printer,
    outputs::{Inputs, Manner, OutputFile, Outputs, PlannedFile},
    stop::StopSignal,
    tables::TransferTable,
};

/// Name of the agent in the observations.
const AGENT: &str = "landfall-watch";

/// Observes traffic and judges the transfers.
#[derive(Debug, clap::Args)]
pub struct Watch {
    #[command(flatten)]
    judgment: JudgmentOptions,
    #[command(flatten)]
    capture: CaptureOptions,
    #[cfg(feature = "kafka")]
    #[command(flatten)]
    bus: crate::options::BusOptions,
    /// YAML list of workloads: `{cidr, namespace, kind, name, pod?, namespaceLabels?, labels?, tenant?}`.
    /// Without it every local address belongs to the workload default/Host/unattributed. The addresses of one pod, or of a
    /// workload with at most one IPv4 address, are one client: names looked up from one of them apply to all.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    /// Folder with published cloud ranges (*.json of AWS, GCP, Azure) and ASN or country
    /// databases (*.mmdb).
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
    /// Write the observations to a file, one JSON object per line, for `landfall judge`.
    #[arg(long, value_name = "FILE")]
    observations_out: Option<PathBuf>,
    /// Replace the file of --observations-out if it has content.
    #[arg(long, requires = "observations_out")]
    force: bool,
    /// Keep evidence in a ledger in this folder, for `landfall ledger`: the observations as they arrive and the judgments at
    /// the end, signed with a key that is created there (signing-key.pem). An existing ledger of the same key and cluster is
    /// continued.
    #[arg(long, value_name = "DIR", env = "LANDFALL_LEDGER")]
    ledger: Option<PathBuf>,
    /// Name of the cluster in the observations.
    #[arg(long, default_value = "local", env = "LANDFALL_CLUSTER")]
    cluster: String,
    #[command(flatten)]
    format: FormatOptions,
}

impl Watch {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        #[cfg(feature = "kafka")]
        if let Some(bootstrap) = self.bus.kafka.clone() {
            return self.topics(&bootstrap);
        }
        self.capture.require_source()?;
        let (file, ledger) = self.outputs()?;
        let Self { judgment, capture, workloads, locations, cluster, format, .. } = self;
        let stop = StopSignal::listen()?;
        let mut judging = Judging::load(&judgment)?;
        let workloads = workloads.map(|path| Workloads::from_yaml(&path)).transpose()?;
        let locator = locator(locations.as_deref(), &capture)?;
        let mut recorder = Recorder::open(file, ledger.as_deref(), &cluster)?;
        let mut observer = Observer::new(ObserverConfig {
            cluster,
            agent: AGENT.to_owned(),
            epoch: recorder.epoch(),
            configuration: judging.agent_configuration().clone(),
            workloads: workloads.unwrap_or_default(),
            locator,
            limits: capture.limits(),
        });
        let mut printer = Printer::<TransferTable>::new(format.format());
        let damage = if capture.live.is_requested() {
            listen(&capture, &stop, &mut observer, &mut judging, &mut recorder, &mut printer)?;
            ReadErrors(Vec::new())
        } else {
            capture::read(&capture, &stop, |item| take(observer.take(item), &mut judging, &mut recorder))?
        };
        let (counters, left_out) = (observer.counters(), observer.names_left_out());
        take(observer.finish(), &mut judging, &mut recorder)?;
        // Every byte is in one observation, unless it is addressed to the local link only.
        let on_link = counters.decoded.ip_bytes.saturating_sub(recorder.bytes);
        recorder.finish(&judging, damage.is_none() && (capture.live.is_requested() || !stop.is_requested()))?;
        let summary = judging.judge(|transfer| printer.print(transfer))?;
        printer.finish_with_note(summary.coverage.uncovered_note())?;
        capture::print_summary(counters);
        capture::print_notes(&[(left_out, "times a name was left out because its observation already had too many")]);
        if on_link > 0 {
            diagnostics::note(format_args!(
                "{on_link} bytes were addressed to the local link only and are no transfer; `landfall flows` shows them"
            ));
        }
        let status = summary.exit_status(&judgment.register, &nothing_seen(&capture));
        damage.into_result()?;
        status
    }

    /// The file of observations and the folder of the ledger, checked before anything is read.
    fn outputs(&self) -> anyhow::Result<(Option<PlannedFile>, Option<PathBuf>)> {
        let Self { judgment, capture, workloads, locations, observations_out, force, ledger, cluster, .. } = self;
        let inputs = Inputs::default()
            .files("--pcap", &capture.pcap)
            .register(Some(&judgment.register))
            .file("--workloads", workloads.as_deref())
            .locations(locations.as_deref());
        let mut outputs = Outputs::checked_against(&inputs)?;
        // Of live input people want to see the observations so far.
        let is_pipe = |path: &PathBuf| {
            path.as_os_str() == "-"
                || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
        };
        // Without files the input is live: interfaces or a bus.
        let is_live = capture.pcap.is_empty() || capture.pcap.iter().any(is_pipe);
        let manner = if is_live { Manner::Streamed } else { Manner::Atomic };
        let file = observations_out.as_deref();
        let file = file.map(|path| outputs.file("--observations-out", path, *force, manner)).transpose()?;
        if let Some(folder) = ledger {
            outputs.ledger("--ledger", folder, cluster)?;
        }
        Ok((file, ledger.clone()))
    }
}

/// The location datasets of a folder.
fn locator(folder: Option<&Path>, capture: &CaptureOptions) -> anyhow::Result<Locator> {
    let datasets = folder.map(LocatorConfig::from_dir).transpose()?.unwrap_or_default();
    Ok(Locator::open(&LocatorConfig { translation: capture.translation(), ..datasets })?)
}

/// Why there may be no observation, and how to see the traffic.
fn nothing_seen(capture: &CaptureOptions) -> String {
    let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(" ");
    if capture.live.is_requested() {
        let interfaces = names(&mut capture.live.interface.iter().map(|it| format!("--interface '{}'", it.as_str())));
        return format!("no packet led to an observation; `landfall flows {interfaces}` shows the traffic");
    }
    let files = names(&mut capture.pcap.iter().take(3).map(|file| file.display().to_string()));
    format!("no packet led to an observation; `landfall flows --pcap {files}` shows the traffic")
}

/// Observes interfaces until a stop is requested. A transfer is printed when its verdict is new or changes; a table is
/// printed at the end.
fn listen(
    capture: &CaptureOptions,
    stop: &StopSignal,
    observer: &mut Observer,
    judging: &mut Judging,
    recorder: &mut Recorder,
    printer: &mut Printer<TransferTable>,
) -> anyhow::Result<()> {
    live::follow(live::open(&capture.live)?, stop, |item| take_live(observer.take(item), judging, recorder, printer))
}

/// Judges and records observations of live input, writes them out, and prints the transfers whose verdict is new or changed; a
/// table comes at the end.
fn take_live(
    observations: Vec<Observation>,
    judging: &mut Judging,
    recorder: &mut Recorder,
    printer: &mut Printer<TransferTable>,
) -> anyhow::Result<()> {
    if observations.is_empty() {
        return Ok(());
    }
    take(observations, judging, recorder)?;
    recorder.flush()?;
    if printer.is_table() {
        return Ok(());
    }
    judging.print_changes(|transfer| printer.print(transfer))?;
    printer.flush()
}

/// Judges and records observations.
fn take(observations: Vec<Observation>, judging: &mut Judging, recorder: &mut Recorder) -> anyhow::Result<()> {
    for observation in observations {
        recorder.write(&observation)?;
        judging.observe(&observation);
    }
    Ok(())
}

/// Writes observations to the file and to the ledger.
struct Recorder {
    file: Option<OutputFile>,
    ledger: Option<LedgerWriter>,
    /// The IP bytes of all observations.
    bytes: u64,
}

impl Recorder {
    fn open(file: Option<PlannedFile>, ledger: Option<&Path>, cluster: &str) -> anyhow::Result<Self> {
        let ledger = ledger.map(|folder| LedgerWriter::open(folder, cluster, AGENT)).transpose()?;
        Ok(Self { file: file.map(PlannedFile::open).transpose()?, ledger, bytes: 0 })
    }

    /// The epoch of its observations: that of the ledger, if there is one.
    fn epoch(&self) -> u64 {
        self.ledger.as_ref().map_or(0, LedgerWriter::epoch)
    }

    fn write(&mut self, observation: &Observation) -> anyhow::Result<()> {
        self.bytes += observation.sent.bytes + observation.received.bytes;
        self.file.as_mut().map_or(Ok(()), |file| file.line(&encode(observation)))?;
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.write(observation))
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), OutputFile::flush)?;
        self.ledger.as_mut().map_or(Ok(()), LedgerWriter::flush)
    }

    /// Writes the judgments; `is_complete` tells whether all input was read.
    fn finish(self, judging: &Judging, is_complete: bool) -> anyhow::Result<()> {
        let finish = if is_complete { OutputFile::finish } else { OutputFile::finish_cut };
        self.file.map_or(Ok(()), finish)?;
        self.ledger.map_or(Ok(()), |ledger| ledger.finish(&judging.judgment_records()))
    }
}
