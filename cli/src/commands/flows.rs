use landfall_agent::{flow_line::FlowLine, pipeline::FlowReader};

use crate::{
    args::{Capture, Ending, Format},
    capture::{self, Stop},
    output::{FlowTable, Printer},
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
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { capture, format } = self;
        let stop = Stop::on_signal()?;
        let mut printer = Printer::<FlowTable>::new(format.get());
        let mut reader = FlowReader::new(capture.limits());
        let print = |printer: &mut Printer<FlowTable>, lines: &mut Vec<FlowLine>| {
            lines.drain(..).try_for_each(|line| printer.print(&line))
        };
        let mut lines = Vec::new();
        let damage = capture::read(&capture, &stop, |frame| {
            reader.frame(frame, &mut |record| lines.push(FlowLine::from(&record)));
            print(&mut printer, &mut lines)
        })?;
        let counters = reader.counters();
        reader.finish(&mut |record| lines.push(FlowLine::from(&record)));
        print(&mut printer, &mut lines)?;
        printer.finish()?;
        capture::summarise(counters);
        damage.into_result()?;
        Ok(Ending::Done)
    }
}
