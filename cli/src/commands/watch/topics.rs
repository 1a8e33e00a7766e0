//! `watch --kafka`: the topics of a cluster.

use landfall_agent::locate::{Locator, LocatorConfig};
use landfall_observation::Identity;

use super::{AGENT, Recorder, Watch, show_changes, take};
use crate::{
    bus::Bus, commands::ledger::LedgerWriter, exit_status::ExitStatus, judging::Judging, output::Printer,
    outputs::PlannedFile, stop::StopSignal, tables::TransferTable,
};

impl Watch {
    /// Observes the topics of a cluster until a stop is requested, and judges their transfers.
    pub(super) fn topics(self, bootstrap: &str) -> anyhow::Result<ExitStatus> {
        let (file, ledger) = self.outputs()?;
        let Self { judgment, capture, bus: options, locations, cluster, format, .. } = self;
        let connection = options.connection(bootstrap)?;
        let stop = StopSignal::listen()?;
        let mut judging = Judging::load(&judgment)?;
        let datasets = locations.map(|folder| LocatorConfig::from_dir(&folder)).transpose()?;
        let datasets = LocatorConfig { translation: capture.translation(), ..datasets.unwrap_or_default() };
        let locator = Locator::open(&datasets)?;
        let ledger = ledger.map(|folder| LedgerWriter::open(&folder, &cluster, AGENT)).transpose()?;
        let mut recorder = Recorder { file: file.map(PlannedFile::open).transpose()?, ledger, bytes: 0 };
        let bus = Bus::at(bootstrap, judging.agent_configuration());
        if !bus.is_described {
            judging = judging.assuming_consent_of(bus.name().clone());
        }
        let epoch = recorder.ledger.as_ref().map_or(0, LedgerWriter::epoch);
        let first = Identity { cluster, agent: AGENT.to_owned(), epoch, seq: 0 };
        let mut printer = Printer::<TransferTable>::new(format.format());
        bus.follow(connection, locator, first, &stop, |observations| {
            if observations.is_empty() {
                return Ok(());
            }
            take(observations, &mut judging, &mut recorder)?;
            show_changes(&mut judging, &mut recorder, &mut printer)
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
