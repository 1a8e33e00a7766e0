//! What the process reports beside what it has read.

use std::{io::Write, time::Instant};

use super::{
    super::{
        plan::Until,
        report::{Lag, Report},
    },
    DISCOVERY_INTERVAL, Inspecting, InspectingError,
    inventories::{Inventories, Taken},
};

impl<W: Write> Inspecting<'_, W> {
    pub(super) fn report_inventory(&mut self) -> Result<(), InspectingError> {
        match self.inventories.as_ref().and_then(Inventories::taken) {
            None => Ok(()),
            Some(Ok(Taken { graph, declared, cluster })) => {
                self.output.write(&Report::Landings { graph, declared, cluster })
            }
            Some(Err(error)) => self.output.problem(None, format!("failed to take an inventory: {error}")),
        }
    }

    pub(super) fn report_registry(&mut self) -> Result<(), InspectingError> {
        match self.registry.as_ref().and_then(|registry| registry.take_problem()) {
            Some(problem) => self.output.problem(None, problem),
            None => Ok(()),
        }
    }

    /// Tells how far the reading of these many partitions is behind. Those that are only about to be started are not read
    /// yet: the broker may refuse them.
    pub(super) fn report_lag(&mut self, partitions: usize) -> Result<(), InspectingError> {
        if self.plan.until == Until::PresentEnd || Instant::now() < self.lag_due {
            return Ok(());
        }
        self.lag_due = Instant::now() + DISCOVERY_INTERVAL;
        let keys: Vec<_> = self.partitions.keys().cloned().collect();
        let mut lag = Lag { partitions: partitions as u64, ..Lag::default() };
        for (key, end) in self.consumer.ends(&keys) {
            let Some(partition) = self.partitions.get(&key) else { continue };
            lag.read += 1;
            lag.offsets += u64::try_from(end - partition.next()).unwrap_or_default();
        }
        self.output.write(&Report::Lag(lag))
    }
}
