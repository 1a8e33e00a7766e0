//! What an agreement says about breaches, in a form that is remembered with an incident.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use landfall_transfer_law::{
    Agreement, AgreementId, BreachAwareness, Citation, Controller, Edge, Obligation, Ruleset,
    clock::{self, Rule, Start},
};
use serde::{Deserialize, Serialize};

/// The first status report.
pub(crate) const FIRST: Obligation = Obligation::BrFirst;
/// The full report.
pub(crate) const FULL: Obligation = Obligation::BrFull;
/// Who notifies the supervisory authority.
pub(crate) const AUTHORITY: Obligation = Obligation::BrAuth;

/// The terms of all agreements in force, computed once per ruleset.
#[derive(Debug, Default)]
pub(crate) struct AgreedTerms(BTreeMap<AgreementId, Arc<BreachTerms>>);

/// What an agreement says about breaches, and its parties.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreachTerms {
    /// Periods that differ from the defaults, by obligation.
    #[serde(rename = "periods")]
    periods: BTreeMap<Obligation, Rule>,
    /// Time zone (IANA); `None` for the default.
    #[serde(rename = "zone")]
    zone: Option<String>,
    /// Whether periods start at a person's triage instead of at the program's verdict.
    #[serde(rename = "startsAtTriage")]
    starts_at_triage: bool,
    /// The clause of each obligation.
    #[serde(rename = "clauses")]
    clauses: BTreeMap<Obligation, Citation>,
    #[serde(rename = "processor")]
    processor: Option<String>,
    #[serde(rename = "controllers")]
    controllers: Vec<ControllerTenants>,
}

/// A controller and its tenants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct ControllerTenants {
    #[serde(rename = "name")]
    name: String,
    #[serde(rename = "tenants")]
    tenants: BTreeSet<String>,
}

/// The tenants whose traffic was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServedTenants {
    #[serde(rename = "tenants")]
    tenants: BTreeSet<String>,
    /// Whether some traffic had no tenant.
    #[serde(rename = "untenanted")]
    untenanted: bool,
}

impl AgreedTerms {
    pub(crate) fn from_ruleset(ruleset: &Ruleset) -> Self {
        let terms = |(id, agreement): (&AgreementId, _)| (id.clone(), Arc::new(BreachTerms::from(agreement)));
        Self(ruleset.agreements.iter().map(terms).collect())
    }

    /// The terms in force; if the agreement is gone, the remembered ones, else the defaults. A deadline must neither stop
    /// nor move because an object was deleted.
    pub(crate) fn terms(&self, id: &AgreementId, kept: Option<&Arc<BreachTerms>>) -> Arc<BreachTerms> {
        self.0.get(id).or(kept).cloned().unwrap_or_default()
    }

    /// The terms in force, if they differ from the remembered ones. `None` too if the agreement is gone.
    pub(super) fn changed_terms(&self, id: &AgreementId, kept: Option<&Arc<BreachTerms>>) -> Option<Arc<BreachTerms>> {
        self.0.get(id).filter(|terms| kept != Some(*terms)).cloned()
    }
}

impl BreachTerms {
    /// When the report is due whose period starts at `start`.
    pub(crate) fn due(&self, obligation: Obligation, start: Timestamp) -> Option<Timestamp> {
        let usual = clock::duty(obligation).map(|duty| duty.rule);
        let rule = self.periods.get(&obligation).copied().or(usual)?;
        let due = clock::compute(rule, Start::Event(start), &self.zone(), None).ok()?;
        Some(due.conservative.exclusive)
    }

    /// The agreement's time zone.
    pub(crate) fn zone(&self) -> TimeZone {
        clock::zone(self.zone.as_deref().unwrap_or(clock::CONTRACT_ZONE)).unwrap_or(TimeZone::UTC)
    }

    /// Whether periods start at a person's triage instead of at the program's verdict.
    pub(crate) fn starts_at_triage(&self) -> bool {
        self.starts_at_triage
    }

    /// The clause that lays down an obligation.
    pub(crate) fn clause(&self, obligation: Obligation) -> Option<&Citation> {
        self.clauses.get(&obligation)
    }

    /// Legal name of the processor.
    pub(crate) fn processor(&self) -> Option<&str> {
        self.processor.as_deref()
    }

    /// Names of the controllers concerned: those of the tenants, or all if a tenant is missing or unknown.
    pub(crate) fn controllers(&self, served: &ServedTenants) -> Vec<&str> {
        let ServedTenants { tenants, untenanted } = served;
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
            starts_at_triage: agreement.interpretation.breach_awareness == BreachAwareness::Triage,
            clauses: about.into_iter().filter_map(clause).collect(),
            processor: Some(agreement.processor.name.clone()),
            controllers: agreement.controllers.iter().map(ControllerTenants::from).collect(),
        }
    }
}

impl From<&Controller> for ControllerTenants {
    fn from(controller: &Controller) -> Self {
        Self { name: controller.entity.name.clone(), tenants: controller.tenants.clone() }
    }
}

impl ServedTenants {
    /// Adds the tenants of an edge. None is ever removed, even if its label is.
    pub(super) fn add(&mut self, edge: &Edge) {
        self.tenants.extend(edge.tenants.iter().cloned());
        self.untenanted |= edge.untenanted;
    }
}

#[cfg(test)]
impl ServedTenants {
    /// These tenants, and no traffic without one.
    pub(crate) fn from_names(tenants: &[&str]) -> Self {
        Self { tenants: tenants.iter().map(|tenant| (*tenant).to_owned()).collect(), untenanted: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::published;

    #[test]
    fn the_controllers_concerned_are_named_or_all_if_a_tenant_is_unknown() {
        let published = published();
        let id = AgreementId { namespace: "privacy".to_owned(), name: "crm-processor".to_owned() };
        let terms = AgreedTerms::from_ruleset(&published.ruleset).terms(&id, None);
        let (first, second) = ("Musterhandel GmbH", "Probewerk AG");
        assert_eq!(terms.controllers(&ServedTenants::from_names(&["tenant-a"])), [first]);
        assert_eq!(terms.controllers(&ServedTenants::from_names(&["tenant-b"])), [second]);
        assert_eq!(terms.controllers(&ServedTenants::from_names(&["tenant-a", "tenant-b"])), [first, second]);
        let unknown = [
            ServedTenants::default(),
            ServedTenants::from_names(&["tenant-a", "nobody's"]),
            ServedTenants { untenanted: true, ..ServedTenants::from_names(&["tenant-a"]) },
        ];
        for served in unknown {
            assert_eq!(terms.controllers(&served), [first, second], "{served:?}");
        }
    }
}
