//! To which agreements a local party consents: a workload through its namespace, a topic through its bus.

use std::collections::BTreeMap;

use landfall_observation::{BusName, Local, Topic, Workload};
use landfall_transfer_law::AgreementId;

/// The agreement to which each bus consents for its topics, as its MessageBus states.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buses(BTreeMap<BusName, AgreementId>);

impl Buses {
    /// The agreement that applies to a topic; `None` if its bus is not known.
    pub fn agreement_of(&self, topic: &Topic) -> Option<&AgreementId> {
        topic.bus.as_ref().and_then(|bus| self.0.get(bus))
    }

    /// Whether a local party consents to an agreement; `of_workload` decides for workloads.
    pub(super) fn consents(
        &self,
        local: &Local,
        agreement: &AgreementId,
        of_workload: impl FnOnce(&Workload, &AgreementId) -> bool,
    ) -> bool {
        match local {
            Local::Workload(workload) => of_workload(workload, agreement),
            Local::Topic(topic) => self.agreement_of(topic) == Some(agreement),
        }
    }
}

impl FromIterator<(BusName, AgreementId)> for Buses {
    fn from_iter<T: IntoIterator<Item = (BusName, AgreementId)>>(buses: T) -> Self {
        Self(buses.into_iter().collect())
    }
}
