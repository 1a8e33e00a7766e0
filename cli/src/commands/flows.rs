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
    capture::{self, ReadErrors},
    exit_status::ExitStatus,
    live,
    options::{CaptureOptions, FormatOptions},
    output::Printer,
    outputs::{Inputs, Outputs},
    stop::StopSignal,
    tables::FlowTable,
};

/// Lists network flows, one per line; needs no register.
#[derive(Debug, clap::Args)]
pub struct Flows {
    #[command(flatten)]
    capture: CaptureOptions,
    /// YAML list of workloads, as for `watch`. It tells which addresses belong to one client, so that names which the client
    /// looked up from one address also apply to flows of the others.
    #[arg(long, value_name = "FILE", env = "LANDFALL_WORKLOADS")]
    workloads: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOptions,
}

/// Prints flows as they end, without keeping them.
struct FlowLines {
    reader: FlowReader,
    printer: Printer<FlowTable>,
    /// The first error of printing, if any.
    printed: anyhow::Result<()>,
}

impl Flows {
    pub(crate) fn run(self) -> anyhow::Result<ExitStatus> {
        let Self { capture, workloads, format } = self;
        capture.require_source()?;
        Outputs::checked_against(
            &Inputs::default().files("--pcap", &capture.pcap).file("--workloads", workloads.as_deref()),
        )?;
        let stop = StopSignal::listen()?;
        let workloads = workloads.map(|path| Workloads::from_yaml(&path)).transpose()?.unwrap_or_default();
        let reader =
            FlowReader::knowing(capture.limits(), Arc::new(workloads), capture.translation()).without_detectors();
        let is_live = capture.live.is_requested();
        let listening = is_live.then(|| live::open(&capture.live)).transpose()?;
        let printer = if is_live { Printer::live(format.format())? } else { Printer::unbounded(format.format()) };
        let mut lines = FlowLines { reader, printer, printed: Ok(()) };
        let damage = match listening {
            Some(listening) => {
                listen(listening, &stop, &mut lines)?;
                ReadErrors(Vec::new())
            }
            None => capture::read(&capture, &stop, |item| lines.take(|reader, mut out| reader.take(item, &mut out)))?,
        };
        let counters = lines.finish()?;
        capture::print_summary(counters);
        damage.into_result()?;
        Ok(ExitStatus::Success)
    }
}

/// Prints the flows of interfaces as they end, flushed with every tick.
fn listen(listening: afpacket::Capture, stop: &StopSignal, lines: &mut FlowLines) -> anyhow::Result<()> {
    live::follow(listening, stop, |item| {
        lines.take(|reader, mut out| reader.take(item, &mut out))?;
        if matches!(item, Item::Tick(_)) { lines.printer.flush() } else { Ok(()) }
    })
}

impl FlowLines {
    /// Prints the flows that end in `step`.
    fn take(
        &mut self,
        step: impl FnOnce(&mut FlowReader, &mut dyn FnMut(FlowRecord<Inspection>)),
    ) -> anyhow::Result<()> {
        let Self { reader, printer, printed } = self;
        step(reader, &mut |record| print(printer, printed, &record));
        std::mem::replace(printed, Ok(()))
    }

    /// Prints the flows that are still open, and returns the counters.
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
