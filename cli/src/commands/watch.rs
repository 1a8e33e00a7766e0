use std::{fs, path::PathBuf};

use landfall_agent::{
    attribution::Workloads,
    locate::{Locator, LocatorConfig},
    pipeline::{Observer, Setting},
};
use landfall_observation::{Observation, encode};

use crate::{
    capture::{self, Damage},
    commands::ledger::LedgerWriter,
    diagnostics,
    exit_status::ExitStatus,
    judging::Judging,
    live,
    options::{CaptureOptions, FormatOptions, JudgmentOptions},
    output::Printer,
    outputs::{Inputs, Manner, OutputFile, Outputs, PlannedFile},
    stop::Stop,
    tables::TransferTable,
};

/// Name of the agent in the observations.
const AGENT: &str = "landfall-watch";

/// The main job: observe, locate, judge; shows transfers with verdict and ground.
#[derive(Debug, clap::Args)]
pub struct Watch {
    #[command(flatten)]
    judgment: JudgmentOptions,
    #[command(flatten)]
    capture: CaptureOptions,
    /// YAML list of workloads: `{cidr, namespace, kind, name, pod?, namespaceLabels?, labels?, tenant?}`.
    /// Without it every local address is the workload default/Host/unattributed. Addresses of one pod, or of one
    /// workload that has no more than one of IPv4, are one client: names looked up by one count for all.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    /// Folder with published cloud ranges (*.json of AWS, GCP, Azure) and ASN or country
    /// databases (*.mmdb).
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
    /// Writes the observations to a file, one JSON object a line; `landfall judge` reads it.
    #[arg(long, value_name = "FILE")]
    observations_out: Option<PathBuf>,
    /// Replaces the file of --observations-out if there is something in it.
    #[arg(long, requires = "observations_out")]
    force: bool,
    /// Keeps evidence in a folder: the observations as they come, the judgments at the end, sealed
    /// with a key that is made there (signing-key.pem). `landfall ledger` reads it. A ledger of the same
    /// key and cluster is appended to.
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
        self.capture.require_source()?;
        let (file, ledger) = self.outputs()?;
        let Self { judgment, capture, workloads, locations, cluster, format, .. } = self;
        let stop = Stop::on_signal()?;
        let mut judging = Judging::load(&judgment)?;
        let workloads = workloads.map(|path| Workloads::from_yaml(&path)).transpose()?;
        let datasets = locations.map(|folder| LocatorConfig::from_dir(&folder)).transpose()?;
        let datasets = LocatorConfig { translation: capture.translation(), ..datasets.unwrap_or_default() };
        let locator = Locator::open(&datasets)?;
        let ledger = ledger.map(|folder| LedgerWriter::open(&folder, &cluster, AGENT)).transpose()?;
        let mut record = Kept { file: file.map(PlannedFile::open).transpose()?, ledger, bytes: 0 };
        let mut observer = Observer::new(Setting {
            cluster,
            agent: AGENT.to_owned(),
            epoch: record.ledger.as_ref().map_or(0, LedgerWriter::epoch),
            configuration: judging.agent_configuration().clone(),
            workloads: workloads.unwrap_or_default(),
            locator,
            limits: capture.limits(),
        });
        let mut printer = Printer::<TransferTable>::new(format.format());
        let damage = if capture.live.is_requested() {
            listen(&capture, &stop, &mut observer, &mut judging, &mut record, &mut printer)?;
            Damage(Vec::new())
        } else {
            capture::read(&capture, &stop, |item| take(observer.take(item), &mut judging, &mut record))?
        };
        let (counters, left_out) = (observer.counters(), observer.names_left_out());
        take(observer.finish(), &mut judging, &mut record)?;
        // Each byte stands in one observation, but for those that nobody beyond their link receives.
        let on_link = counters.decoded.ip_bytes.saturating_sub(record.bytes);
        record.finish(&judging, damage.is_none() && (capture.live.is_requested() || !stop.asked()))?;
        let conclusion = judging.judge(|transfer| printer.print(transfer))?;
        printer.finish_with_note(conclusion.coverage.gap())?;
        capture::summarise(counters);
        capture::say_odd(&[(left_out, "times an observation had no room for a further name")]);
        if on_link > 0 {
            diagnostics::note(format_args!(
                "{on_link} bytes stay on their link and are no transfer; `landfall flows` shows them"
            ));
        }
        let ending = conclusion.ending(&judgment.register, &unseen(&capture));
        damage.into_result()?;
        ending
    }

    /// Where the run writes, checked before it reads anything: the file of observations and the folder of the ledger.
    fn outputs(&self) -> anyhow::Result<(Option<PlannedFile>, Option<PathBuf>)> {
        let Self { judgment, capture, workloads, locations, observations_out, force, ledger, cluster, format: _ } =
            self;
        let inputs = Inputs::default()
            .files("--pcap", &capture.pcap)
            .register(Some(&judgment.register))
            .file("--workloads", workloads.as_deref())
            .locations(locations.as_deref());
        let mut outputs = Outputs::beside(&inputs)?;
        // Of what comes as it happens, people want to see what there is so far.
        let is_pipe = |path: &PathBuf| {
            path.as_os_str() == "-"
                || fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
        };
        let goes_on = capture.live.is_requested() || capture.pcap.iter().any(is_pipe);
        let manner = if goes_on { Manner::Streamed } else { Manner::Whole };
        let file = observations_out.as_deref();
        let file = file.map(|path| outputs.file("--observations-out", path, *force, manner)).transpose()?;
        if let Some(folder) = ledger {
            outputs.ledger("--ledger", folder, cluster)?;
        }
        Ok((file, ledger.clone()))
    }
}

/// Where nothing was seen that could be judged: what to look at.
fn unseen(capture: &CaptureOptions) -> String {
    let names = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(" ");
    if capture.live.is_requested() {
        let interfaces = names(&mut capture.live.interface.iter().map(|it| format!("--interface '{}'", it.as_str())));
        return format!("no packet came that an observation tells of; `landfall flows {interfaces}` shows what passes");
    }
    let files = names(&mut capture.pcap.iter().take(3).map(|file| file.display().to_string()));
    format!("no packet was read that an observation tells of; `landfall flows --pcap {files}` shows what was read")
}

/// Observes interfaces until the stop. A transfer is printed when its verdict is new or changes,
/// unless the results are a table; that comes at the end.
fn listen(
    capture: &CaptureOptions,
    stop: &Stop,
    observer: &mut Observer,
    judging: &mut Judging,
    record: &mut Kept,
    printer: &mut Printer<TransferTable>,
) -> anyhow::Result<()> {
    live::follow(live::open(&capture.live)?, stop, |item| {
        let observations = observer.take(item);
        if observations.is_empty() {
            return Ok(());
        }
        take(observations, judging, record)?;
        record.flush()?;
        if printer.is_table() {
            return Ok(());
        }
        judging.changed(|transfer| printer.print(transfer))?;
        printer.flush()
    })
}

/// Judges and records observations.
fn take(observations: Vec<Observation>, judging: &mut Judging, record: &mut Kept) -> anyhow::Result<()> {
    for observation in observations {
        record.write(&observation)?;
        judging.observe(&observation);
    }
    Ok(())
}

/// Where observations are kept.
struct Kept {
    file: Option<OutputFile>,
    ledger: Option<LedgerWriter>,
    /// IP bytes of all observations.
    bytes: u64,
}

impl Kept {
    fn write(&mut self, observation: &Observation) -> anyhow::Result<()> {
        self.bytes += observation.sent.bytes + observation.received.bytes;
        self.file.as_mut().map_or(Ok(()), |file| file.line(&encode(observation)))?;
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.write(observation))
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), OutputFile::flush)?;
        self.ledger.as_mut().map_or(Ok(()), LedgerWriter::flush)
    }

    /// `is_whole`: whether everything was read that was to be read.
    fn finish(self, judging: &Judging, is_whole: bool) -> anyhow::Result<()> {
        let finish = if is_whole { OutputFile::finish } else { OutputFile::finish_cut };
        self.file.map_or(Ok(()), finish)?;
        self.ledger.map_or(Ok(()), |ledger| ledger.finish(&judging.records()))
    }
}
