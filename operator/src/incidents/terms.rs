use jiff::{Timestamp, tz::TimeZone};
use landfall_transfer_law::{
    Agreement, AgreementId, BreachAwareness, Ruleset,
    clock::{self, Start},
};

/// The first status message.
pub(crate) const FIRST: &str = "BR-4H";
/// The full report.
pub(crate) const FULL: &str = "BR-12H";

/// What the agreement says of breaches. Without the agreement, its usual terms: a clock must not stop because an object
/// was deleted.
#[derive(Debug, Clone)]
pub(super) struct Terms<'a> {
    agreement: Option<&'a Agreement>,
    pub(super) zone: TimeZone,
}

impl<'a> Terms<'a> {
    pub(super) fn of(ruleset: &'a Ruleset, id: &AgreementId) -> Self {
        let agreement = ruleset.agreements.get(id);
        let zone = agreement.map_or(clock::CONTRACT_ZONE, |agreement| &agreement.zone);
        Self { agreement, zone: clock::zone(zone).unwrap_or(TimeZone::UTC) }
    }

    /// When a report is due that runs from `start`.
    pub(super) fn due(&self, obligation: &str, start: Timestamp) -> Option<Timestamp> {
        let usual = clock::duty(obligation).map(|duty| duty.rule);
        let rule = self.agreement.and_then(|agreement| agreement.periods.get(obligation).copied()).or(usual)?;
        let due = clock::compute(rule, Start::Event(start), &self.zone, None).ok()?;
        Some(due.conservative.exclusive)
    }

    /// Whether a person's look starts the clocks, and not the monitor's.
    pub(super) fn starts_at_triage(&self) -> bool {
        self.agreement.is_some_and(|agreement| agreement.interpretation.breach_awareness == BreachAwareness::Triage)
    }

    /// Where the agreement lays an obligation down.
    pub(super) fn clause(&self, obligation: &str) -> Option<&'a str> {
        self.agreement?.clause(obligation)
    }

    /// The processor, by its legal name.
    pub(super) fn processor(&self) -> Option<&'a str> {
        Some(&self.agreement?.processor.name)
    }

    /// The controllers, by their names.
    pub(super) fn controllers(&self) -> Vec<&'a str> {
        let controllers = self.agreement.map(|agreement| agreement.controllers.as_slice()).unwrap_or_default();
        controllers.iter().map(|controller| controller.entity.name.as_str()).collect()
    }
}
