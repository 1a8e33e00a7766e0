//! What an agreement says of breaches, so that it can be remembered with an incident.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use landfall_transfer_law::{
    Agreement, AgreementId, BreachAwareness, Controller, Edge, Obligation, Ruleset,
    clock::{self, Rule, Start},
};
use serde::{Deserialize, Serialize};

/// The first status message.
pub(crate) const FIRST: Obligation = Obligation::BrFirst;
/// The full report.
pub(crate) const FULL: Obligation = Obligation::BrFull;
/// Who tells authorities.
pub(crate) const AUTHORITY: Obligation = Obligation::BrAuth;

/// What all agreements in force say of breaches, worked out once for all incidents.
#[derive(Debug, Default)]
pub(crate) struct AgreedTerms(BTreeMap<AgreementId, Arc<BreachTerms>>);

/// What an agreement says of breaches, and between whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BreachTerms {
    /// Periods other than the usual ones, by obligation.
    periods: BTreeMap<Obligation, Rule>,
    /// Time zone (IANA); `None`: the usual one.
    zone: Option<String>,
    /// Whether a person's look starts the clocks, and not the monitor's.
    from_triage: bool,
    /// Where the agreement lays an obligation down.
    clauses: BTreeMap<Obligation, String>,
    processor: Option<String>,
    controllers: Vec<Principal>,
}

/// A controller, and the tenants whose data is its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Principal {
    name: String,
    tenants: BTreeSet<String>,
}

/// For whom traffic was: the tenants that the workload served.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    tenants: BTreeSet<String>,
    /// Whether some of it named no tenant.
    untenanted: bool,
}

impl AgreedTerms {
    pub(crate) fn from_ruleset(ruleset: &Ruleset) -> Self {
        let terms = |(id, agreement): (&AgreementId, _)| (id.clone(), Arc::new(BreachTerms::from(agreement)));
        Self(ruleset.agreements.iter().map(terms).collect())
    }

    /// Those in force. Without the agreement, those that were kept of it, else the usual ones: a clock must neither stop
    /// nor move because an object was deleted.
    pub(crate) fn terms(&self, id: &AgreementId, kept: Option<&Arc<BreachTerms>>) -> Arc<BreachTerms> {
        self.0.get(id).or(kept).cloned().unwrap_or_default()
    }

    /// Those in force, if that is news. Of an agreement that is gone, what it said stays.
    pub(super) fn news(&self, id: &AgreementId, kept: Option<&Arc<BreachTerms>>) -> Option<Arc<BreachTerms>> {
        self.0.get(id).filter(|terms| kept != Some(*terms)).cloned()
    }
}

impl BreachTerms {
    /// When a report is due that runs from `start`.
    pub(crate) fn due(&self, obligation: Obligation, start: Timestamp) -> Option<Timestamp> {
        let usual = clock::duty(obligation).map(|duty| duty.rule);
        let rule = self.periods.get(&obligation).copied().or(usual)?;
        let due = clock::compute(rule, Start::Event(start), &self.zone(), None).ok()?;
        Some(due.conservative.exclusive)
    }

    /// The zone in which its people live.
    pub(crate) fn zone(&self) -> TimeZone {
        clock::zone(self.zone.as_deref().unwrap_or(clock::CONTRACT_ZONE)).unwrap_or(TimeZone::UTC)
    }

    /// Whether a person's look starts the clocks, and not the monitor's.
    pub(crate) fn starts_at_triage(&self) -> bool {
        self.from_triage
    }

    /// Where the agreement lays an obligation down.
    pub(crate) fn clause(&self, obligation: Obligation) -> Option<&str> {
        self.clauses.get(&obligation).map(String::as_str)
    }

    /// The processor, by its legal name.
    pub(crate) fn processor(&self) -> Option<&str> {
        self.processor.as_deref()
    }

    /// The controllers whose data it was, by their names: all of them, unless every tenant is known to be of somebody.
    pub(crate) fn controllers(&self, served: &Served) -> Vec<&str> {
        let Served { tenants, untenanted } = served;
        let is_somebodys = |tenant: &String| self.controllers.iter().any(|one| one.tenants.contains(tenant));
        let is_known = !untenanted && !tenants.is_empty() && tenants.iter().all(is_somebodys);
        let concerned = self.controllers.iter().filter(|one| !is_known || !one.tenants.is_disjoint(tenants));
        concerned.map(|one| one.name.as_str()).collect()
    }
}

impl From<&Agreement> for BreachTerms {
    fn from(agreement: &Agreement) -> Self {
        let about = [FIRST, FULL, AUTHORITY];
        let period = |id: Obligation| Some((id, *agreement.periods.get(&id)?));
        let clause = |id: Obligation| Some((id, agreement.clause(id)?.to_owned()));
        Self {
            periods: about.into_iter().filter_map(period).collect(),
            zone: Some(agreement.zone.clone()),
            from_triage: agreement.interpretation.breach_awareness == BreachAwareness::Triage,
            clauses: about.into_iter().filter_map(clause).collect(),
            processor: Some(agreement.processor.name.clone()),
            controllers: agreement.controllers.iter().map(Principal::from).collect(),
        }
    }
}

impl From<&Controller> for Principal {
    fn from(controller: &Controller) -> Self {
        Self { name: controller.entity.name.clone(), tenants: controller.tenants.clone() }
    }
}

impl Served {
    /// What was gathered about an edge, and what was known before: a label that is taken off changes nothing.
    pub(super) fn learn(&mut self, edge: &Edge) {
        self.tenants.extend(edge.tenants.iter().cloned());
        self.untenanted |= edge.untenanted;
    }
}

#[cfg(test)]
impl Served {
    /// The tenants, and no traffic without.
    pub(crate) fn by(tenants: &[&str]) -> Self {
        Self { tenants: tenants.iter().map(|tenant| (*tenant).to_owned()).collect(), untenanted: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::published;

    #[test]
    fn the_controllers_concerned_are_named_and_where_that_is_not_known_all_are() {
        let published = published();
        let id = AgreementId { namespace: "privacy".to_owned(), name: "crm-processor".to_owned() };
        let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&id, None);
        let (first, second) = ("Musterhandel GmbH", "Probewerk AG");
        assert_eq!(terms.controllers(&Served::by(&["tenant-a"])), [first]);
        assert_eq!(terms.controllers(&Served::by(&["tenant-b"])), [second]);
        assert_eq!(terms.controllers(&Served::by(&["tenant-a", "tenant-b"])), [first, second]);
        let unknown = [
            Served::default(),
            Served::by(&["tenant-a", "nobody's"]),
            Served { untenanted: true, ..Served::by(&["tenant-a"]) },
        ];
        for served in unknown {
            assert_eq!(terms.controllers(&served), [first, second], "{served:?}");
        }
    }
}
