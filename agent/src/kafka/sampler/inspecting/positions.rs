//! Where partitions are read on: after what was there is gone, in a new period, and not at all.

use std::{collections::BTreeMap, io::Write, slice};

use super::{
    super::{budget::Allowance, partition::Passed, plan::Until},
    Inspecting, InspectingError,
    consumer::{Bounds, PartitionKey},
};

impl<W: Write> Inspecting<'_, W> {
    /// The position is gone: retention deleted what stood there, or the topic was made anew.
    pub(super) fn reposition(&mut self, key: &PartitionKey) -> Result<(), InspectingError> {
        let mut bounds = self.consumer.bounds(slice::from_ref(key));
        let Some(Bounds { low, high }) = bounds.remove(key) else {
            // It is started again when the topics are looked up.
            return self.leave(key);
        };
        let Some(partition) = self.partitions.get_mut(key) else { return Ok(()) };
        if partition.next() > high {
            self.output
                .problem(Some(&key.0), "a partition begins anew: the topic was deleted and made again".to_owned())?;
            self.leave(key)?;
            return self.start(BTreeMap::from([(key.clone(), Bounds { low, high })]));
        }
        partition.pass(low, Passed::Deleted);
        let next = partition.next();
        self.consumer.unassign(key);
        self.assign(key, next)
    }

    /// A partition that cannot be read. It is looked up again when it is read until it is told to stop.
    pub(super) fn give_up(&mut self, key: &PartitionKey) -> Result<(), InspectingError> {
        if self.plan.until != Until::PresentEnd {
            return self.leave(key);
        }
        self.report(key)?;
        self.consumer.unassign(key);
        if let Some(partition) = self.partitions.get_mut(key) {
            partition.finish();
        }
        Ok(())
    }

    /// Gives each partition its budget again.
    pub(super) fn begin_period(&mut self) -> Result<(), InspectingError> {
        let keys: Vec<_> = self.partitions.keys().cloned().collect();
        let bounds = self.consumer.bounds(&keys);
        let newest = i64::try_from(self.plan.budget.messages).unwrap_or(i64::MAX);
        for (key, Bounds { high, .. }) in bounds {
            let Some(partition) = self.partitions.get_mut(&key) else { continue };
            if let Some(next) = partition.begin_period(Allowance::new(self.plan.budget), newest, high) {
                self.consumer.unassign(&key);
                self.assign(&key, next)?;
            }
        }
        Ok(())
    }

    pub(super) fn assign(&mut self, key: &PartitionKey, next: i64) -> Result<(), InspectingError> {
        if let Err(error) = self.consumer.assign(key, next) {
            let text = self.consumer.context().explain(&error);
            self.output.problem(Some(&key.0), format!("failed to assign a partition: {text}"))?;
        }
        Ok(())
    }
}
