use landfall_agent::{afpacket, flow_line::FlowLine, pipeline::FlowReader};

use crate::{
    args::{Capture, Ending, Format},
    capture::{self, Damage, Stop},
    live::{self, Happening},
    output::{FlowTable, Printer},
    outputs::{Inputs, Outputs},
};

/// Facts only, no register: one line per flow.
#[derive(Debug, clap::Args)]
pub struct Flows {
    #[command(flatten)]
    capture: Capture,
    #[command(flatten)]
    format: Format,
}

impl Flows {
    #[cfg(test)]
    pub(crate) fn limits(&self) -> landfall_agent::flow::Limits {
        self.capture.limits()
    }

    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { capture, format } = self;
        capture.check()?;
        Outputs::beside(&Inputs::default().files("--pcap", &capture.pcap))?;
        let stop = Stop::on_signal()?;
        let mut reader = FlowReader::new(capture.limits()).without_detectors();
        let (mut printer, damage) = if capture.live.is_asked() {
            let listening = live::open(&capture.live)?;
            let mut printer = Printer::live(format.get())?;
            listen(listening, &stop, &mut reader, &mut printer)?;
            (printer, Damage(Vec::new()))
        } else {
            let mut printer = Printer::new(format.get());
            let damage = read(&capture, &stop, &mut reader, &mut printer)?;
            (printer, damage)
        };
        let counters = reader.counters();
        let mut lines = Vec::new();
        reader.finish(&mut |record| lines.push(FlowLine::from(&record)));
        print(&mut printer, &mut lines)?;
        printer.finish()?;
        capture::summarise(counters);
        damage.into_result()?;
        Ok(Ending::Done)
    }
}

/// Prints the flows of capture files as they end.
fn read(
    capture: &Capture,
    stop: &Stop,
    reader: &mut FlowReader,
    printer: &mut Printer<FlowTable>,
) -> anyhow::Result<Damage> {
    let mut lines = Vec::new();
    capture::read(capture, stop, |frame| {
        reader.frame(frame, &mut |record| lines.push(FlowLine::from(&record)));
        print(printer, &mut lines)
    })
}

/// Prints the flows of interfaces as they end, and has them appear at once.
fn listen(
    listening: afpacket::Capture,
    stop: &Stop,
    reader: &mut FlowReader,
    printer: &mut Printer<FlowTable>,
) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    live::follow(listening, stop, |happening| {
        let mut keep = |record: &_| lines.push(FlowLine::from(record));
        match happening {
            Happening::Frame(frame) => {
                reader.frame(frame, &mut |record| keep(&record));
                print(printer, &mut lines)
            }
            Happening::Tick { now, .. } => {
                reader.tick(now, &mut |record| keep(&record));
                print(printer, &mut lines)?;
                printer.flush()
            }
        }
    })
}

fn print(printer: &mut Printer<FlowTable>, lines: &mut Vec<FlowLine>) -> anyhow::Result<()> {
    lines.drain(..).try_for_each(|line| printer.print(&line))
}
