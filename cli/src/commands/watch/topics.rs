//! `watch --kafka`: the topics of a cluster.

use jiff::Timestamp;
use landfall_agent::kafka::changes::Change;
use landfall_observation::Identity;
use serde::Serialize;

use super::{AGENT, Recorder, Watch, locator, take_live};
use crate::{
    bus::{Bus, Seen},
    diagnostics,
    exit_status::ExitStatus,
    judging::Judging,
    output::Printer,
    stop::StopSignal,
    tables::TransferTable,
};

/// A change of the cluster, as a line between the transfers.
#[derive(Serialize)]
struct ToldChange {
    at: Timestamp,
    #[serde(flatten)]
    change: Change,
}

impl Watch {
    /// Observes the topics of a cluster until a stop is requested, and judges their transfers.
    pub(super) fn topics(self, bootstrap: &str) -> anyhow::Result<ExitStatus> {
        let (file, ledger) = self.outputs()?;
        let Self { judgment, capture, bus: options, locations, cluster, format, .. } = self;
        let access = options.access(bootstrap)?;
        let stop = StopSignal::listen()?;
        let mut judging = Judging::load(&judgment)?;
        let locator = locator(locations.as_deref(), &capture)?;
        let mut recorder = Recorder::open(file, ledger.as_deref(), &cluster)?;
        let bus = Bus::at(bootstrap, judging.agent_configuration());
        if !bus.is_described {
            judging = judging.assuming_consent_of(bus.name().clone());
        }
        let first = Identity { cluster, agent: AGENT.to_owned(), epoch: recorder.epoch(), seq: 0 };
        let mut printer = Printer::<TransferTable>::new(format.format());
        bus.follow(&access, locator, first, &stop, |seen| match seen {
            Seen::Observations(observations) => take_live(observations, &mut judging, &mut recorder, &mut printer),
            Seen::Change(_, change) if printer.is_table() => {
                diagnostics::note(change);
                Ok(())
            }
            Seen::Change(at, change) => {
                printer.print_beside(&ToldChange { at, change })?;
                printer.flush()
            }
        })?;
        recorder.finish(&judging, true)?;
        let summary = judging.judge(|transfer| printer.print(transfer))?;
        printer.finish_with_note(summary.coverage.uncovered_note())?;
        let nothing = format!(
            "no topic led to an observation; `landfall kafka inventory --bootstrap {bootstrap}` shows what may be seen"
        );
        summary.exit_status(&judgment.register, &nothing)
    }
}
