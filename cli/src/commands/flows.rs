use std::{path::PathBuf, sync::Arc};

use landfall_agent::{
    afpacket,
    attribution::Workloads,
    flow::FlowRecord,
    flow_line::FlowLine,
    inspect::Inspection,
    pipeline::{FlowReader, ReadCounters},
    source::Item,
};

use crate::{
    capture::{self, Damage},
    exit_status::ExitStatus,
    live,
    options::{CaptureOptions, FormatOptions},
    output::Printer,
    outputs::{Inputs, Outputs},
    stop::Stop,
    tables::FlowTable,
};

/// Facts only, no register: one line per flow.
#[derive(Debug, clap::Args)]
pub struct Flows {
    #[command(flatten)]
    capture: CaptureOptions,
    /// YAML list of workloads, as for `watch`: which addresses are one client's, so that names it looked up by one stand
    /// with flows of the others.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
}

/// Flows as they end, printed at once: however many end together, none is kept.
struct Lines {
    reader: FlowReader,
    printer: Printer<FlowTable>,
    /// Whether all could be printed so far.
    printed: anyhow::Result<()>,
}

impl Flows {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { capture, workloads, format } = self;
        capture.require_source()?;
        Outputs::beside(&Inputs::default().files("--pcap", &capture.pcap).file("--workloads", workloads.as_deref()))?;
        let stop = Stop::on_signal()?;
        let workloads = workloads.map(|path| Workloads::from_yaml(&path)).transpose()?.unwrap_or_default();
        let reader =
            FlowReader::knowing(capture.limits(), Arc::new(workloads), capture.translation()).without_detectors();
        let is_live = capture.live.is_requested();
        let listening = is_live.then(|| live::open(&capture.live)).transpose()?;
        let printer = if is_live { Printer::live(format.format())? } else { Printer::unbounded(format.format()) };
        let mut lines = Lines { reader, printer, printed: Ok(()) };
        let damage = match listening {
            Some(listening) => {
                listen(listening, &stop, &mut lines)?;
                Damage(Vec::new())
            }
            None => capture::read(&capture, &stop, |item| lines.take(|reader, mut out| reader.take(item, &mut out)))?,
        };
        let counters = lines.finish()?;
        capture::summarise(counters);
        damage.into_result()?;
        Ok(ExitStatus::Success)
    }
}

/// Prints the flows of interfaces as they end, and has them appear at once.
fn listen(listening: afpacket::Capture, stop: &Stop, lines: &mut Lines) -> anyhow::Result<()> {
    live::follow(listening, stop, |item| {
        lines.take(|reader, mut out| reader.take(item, &mut out))?;
        if matches!(item, Item::Tick(_)) { lines.printer.flush() } else { Ok(()) }
    })
}

impl Lines {
    /// Prints the flows that end by what `step` does.
    fn take(
        &mut self,
        step: impl FnOnce(&mut FlowReader, &mut dyn FnMut(FlowRecord<Inspection>)),
    ) -> anyhow::Result<()> {
        let Self { reader, printer, printed } = self;
        step(reader, &mut |record| print(printer, printed, &record));
        std::mem::replace(printed, Ok(()))
    }

    /// Prints all flows under way, and says what was read.
    fn finish(self) -> anyhow::Result<ReadCounters> {
        let Self { reader, mut printer, mut printed } = self;
        let counters = reader.counters();
        reader.finish(&mut |record| print(&mut printer, &mut printed, &record));
        printed?;
        printer.finish()?;
        Ok(counters)
    }
}

/// Prints a flow, unless printing has failed before.
fn print(printer: &mut Printer<FlowTable>, outcome: &mut anyhow::Result<()>, record: &FlowRecord<Inspection>) {
    if outcome.is_ok() {
        *outcome = printer.print(&FlowLine::from(record));
    }
}
