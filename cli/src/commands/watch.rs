use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
};

use anyhow::Context as _;
use landfall_agent::{
    attribution::Workloads,
    locate::{Locator, LocatorConfig},
    pipeline::{Observer, Setting},
};
use landfall_observation::{Observation, encode};

use crate::{
    args::{Capture, Ending, Format, Judgment},
    capture::{self, Damage, Stop},
    commands::ledger::LedgerWriter,
    judging::Judging,
    live::{self, Happening},
    output::{Printer, TransferTable},
};

/// Name of the agent in the observations.
const AGENT: &str = "landfall-watch";

/// The main job: observe, locate, judge; shows transfers with verdict and ground.
#[derive(Debug, clap::Args)]
pub struct Watch {
    #[command(flatten)]
    judgment: Judgment,
    #[command(flatten)]
    capture: Capture,
    /// YAML list of workloads: `{cidr, namespace, kind, name, namespaceLabels?, labels?, tenant?}`.
    /// Without it every local address is the workload default/Host/unattributed.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    /// Folder with published cloud ranges (*.json of AWS, GCP, Azure) and ASN or country
    /// databases (*.mmdb).
    #[arg(long, value_name = "DIR", env = "LANDFALL_LOCATIONS")]
    locations: Option<PathBuf>,
    /// Writes the observations to a file, one JSON object a line; `landfall judge` reads it.
    #[arg(long, value_name = "FILE")]
    observations_out: Option<PathBuf>,
    /// Keeps evidence in a folder: the observations as they come, the judgments at the end, sealed
    /// with a key that is made there (signing-key.pem). `landfall ledger` reads it.
    #[arg(long, value_name = "DIR", env = "LANDFALL_LEDGER")]
    ledger: Option<PathBuf>,
    /// Name of the cluster in the observations.
    #[arg(long, default_value = "local", env = "LANDFALL_CLUSTER")]
    cluster: String,
    #[command(flatten)]
    format: Format,
}

impl Watch {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { judgment, capture, workloads, locations, observations_out, ledger, cluster, format } = self;
        let stop = Stop::on_signal()?;
        let mut judging = Judging::load(&judgment)?;
        let workloads = workloads.map(|path| Workloads::from_yaml(&path)).transpose()?;
        let datasets = locations.map(|folder| LocatorConfig::from_dir(&folder)).transpose()?;
        let locator = Locator::open(&datasets.unwrap_or_default())?;
        let ledger = ledger.map(|folder| LedgerWriter::open(&folder, &cluster, AGENT)).transpose()?;
        let mut record = Kept { file: observations_out.map(Recording::create).transpose()?, ledger };
        let mut observer = Observer::new(Setting {
            cluster,
            agent: AGENT.to_owned(),
            epoch: record.ledger.as_ref().map_or(0, LedgerWriter::epoch),
            configuration: judging.agent_configuration().clone(),
            workloads: workloads.unwrap_or_default(),
            locator,
            limits: capture.limits(),
        });
        let mut printer = Printer::<TransferTable>::new(format.get());
        let damage = if capture.live.is_asked() {
            listen(&capture, &stop, &mut observer, &mut judging, &mut record, &mut printer)?;
            Damage(Vec::new())
        } else {
            capture::read(&capture, &stop, |frame| take(observer.frame(frame), &mut judging, &mut record))?
        };
        let counters = observer.counters();
        take(observer.finish(), &mut judging, &mut record)?;
        record.finish(&judging)?;
        let ending = judging.judge(|transfer| printer.print(transfer))?;
        printer.finish()?;
        capture::summarise(counters);
        damage.into_result()?;
        Ok(ending)
    }
}

/// Observes interfaces until the stop. A transfer is printed when its verdict is new or changes,
/// unless the results are a table; that comes at the end.
fn listen(
    capture: &Capture,
    stop: &Stop,
    observer: &mut Observer,
    judging: &mut Judging,
    record: &mut Kept,
    printer: &mut Printer<TransferTable>,
) -> anyhow::Result<()> {
    live::follow(live::open(&capture.live)?, stop, |happening| {
        let observations = match happening {
            Happening::Frame(frame) => observer.frame(frame),
            Happening::Tick { now, dropped } => {
                observer.dropped(now, dropped);
                observer.tick(now)
            }
        };
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
    file: Option<Recording>,
    ledger: Option<LedgerWriter>,
}

impl Kept {
    fn write(&mut self, observation: &Observation) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write(observation))?;
        self.ledger.as_mut().map_or(Ok(()), |ledger| ledger.write(observation))
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.file.as_mut().map_or(Ok(()), Recording::flush)?;
        self.ledger.as_mut().map_or(Ok(()), LedgerWriter::flush)
    }

    fn finish(self, judging: &Judging) -> anyhow::Result<()> {
        self.file.map_or(Ok(()), Recording::finish)?;
        self.ledger.map_or(Ok(()), |ledger| ledger.finish(&judging.records()))
    }
}

/// The file of `--observations-out`.
struct Recording {
    path: PathBuf,
    out: BufWriter<File>,
}

impl Recording {
    fn create(path: PathBuf) -> anyhow::Result<Self> {
        let file = File::create(&path).with_context(|| format!("{}: cannot be created", path.display()))?;
        Ok(Self { path, out: BufWriter::new(file) })
    }

    fn write(&mut self, observation: &Observation) -> anyhow::Result<()> {
        writeln!(self.out, "{}", encode(observation))
            .with_context(|| format!("{}: cannot be written", self.path.display()))
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        self.out.flush().with_context(|| format!("{}: cannot be written", self.path.display()))
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.flush()
    }
}
