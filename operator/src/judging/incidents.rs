//! All incidents. They are remembered so that no deadline is lost or moved by a restart or a deleted object.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;
use landfall_api::{IncidentSpec, NamespacedReference};
use landfall_evidence::RecordKind;
use landfall_transfer_law::{Edge, VerdictRecord};

use super::{
    change::{ChangeKind, Remembered, View, json, key},
    clocks,
    incident::{Finding, Incident, IncidentKey},
    records::{DecisionRecord, IncidentEvent, IncidentRecord, Subject},
    terms::AgreedTerms,
};

/// An incident that has changed.
#[derive(Debug)]
pub struct IncidentChange {
    /// The incident after the change.
    pub incident: Arc<Incident>,
    /// What the program did to it and when; `None` if there is nothing to record.
    pub event: Option<(IncidentEvent, Timestamp)>,
    /// What a person decided.
    pub decision: Option<Box<DecisionRecord>>,
}

/// All incidents.
#[derive(Debug, Default)]
pub(super) struct Incidents {
    all: BTreeMap<IncidentKey, Arc<Incident>>,
    /// When the next report of each is due.
    due: BTreeMap<IncidentKey, Timestamp>,
    /// The same, ordered by time.
    deadlines: BTreeSet<(Timestamp, IncidentKey)>,
}

impl Incidents {
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.all.values()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &IncidentKey> {
        self.all.keys()
    }

    pub(super) fn get(&self, key: &IncidentKey) -> Option<&Arc<Incident>> {
        self.all.get(key)
    }

    pub(super) fn restore(&mut self, incident: Arc<Incident>) {
        self.schedule(&incident, &AgreedTerms::default());
        self.all.insert(incident.key.clone(), incident);
    }

    /// Applies the terms of a new ruleset; returns the incidents whose terms changed.
    pub(super) fn update_terms(&mut self, agreed: &AgreedTerms) -> Vec<IncidentChange> {
        let changed = self.all.values_mut().filter_map(|incident| {
            let news = agreed.changed_terms(&incident.agreement()?, incident.terms.as_ref())?;
            Arc::make_mut(incident).terms = Some(news);
            Some(IncidentChange { incident: Arc::clone(incident), event: None, decision: None })
        });
        let changed: Vec<_> = changed.collect();
        for change in &changed {
            self.schedule(&change.incident, agreed);
        }
        changed
    }

    /// Records a verdict that is a breach; `None` if the incident did not change.
    pub(super) fn record_breach(
        &mut self,
        edge: &Edge,
        verdict: &VerdictRecord,
        agreed: &AgreedTerms,
        now: Timestamp,
    ) -> Option<IncidentChange> {
        let key = IncidentKey::Edge { edge: Arc::clone(&edge.id) };
        let before = self.all.get(&key);
        let mut incident = before.map_or_else(|| Incident::new(key), |before| Incident::clone(before));
        // Later changes of the terms reach all incidents through `update_terms`.
        if incident.terms.is_none() {
            incident.update_terms(agreed);
        }
        incident.finding = Some(Finding::from_verdict(verdict));
        incident.worst = incident.worst.max(Some(verdict.outcome()));
        incident.last_seen = incident.last_seen.max(Some(edge.last_seen));
        incident.served.add(edge);
        let event = match (incident.known.last(), incident.closed_at()) {
            (None, _) => Some(IncidentEvent::Opened),
            // Traffic after the closing is a new breach: the measures did not suffice.
            (Some(known), Some(closed)) if closed >= *known && edge.last_seen > closed => Some(IncidentEvent::Returned),
            _ => None,
        };
        if event.is_some() {
            incident.known.push(now);
            incident.is_closed = false;
        }
        if before.is_some_and(|before| **before == incident) {
            return None;
        }
        let incident = self.store(incident);
        if event.is_some() {
            self.schedule(&incident, agreed);
        }
        Some(IncidentChange { incident, event: event.map(|event| (event, now)), decision: None })
    }

    /// Applies the specification of its Incident; `None` if it did not change. A person's decisions are recorded.
    pub(super) fn apply_spec(
        &mut self,
        (key, reference): (IncidentKey, &NamespacedReference),
        written: &IncidentSpec,
        agreed: &AgreedTerms,
        now: Timestamp,
    ) -> Option<IncidentChange> {
        let before = self.all.get(&key);
        if before.is_some_and(|before| before.written.as_ref() == Some(written)) {
            return None;
        }
        let mut incident = before.map_or_else(|| Incident::new(key), |before| Incident::clone(before));
        let (subject, edge) = (Subject::incident(reference), incident.key.edge());
        let change = (incident.written.as_ref(), written);
        let decision =
            DecisionRecord::from_change(subject, edge, change, !incident.known.is_empty(), now).map(Box::new);
        incident.written = Some(written.clone());
        incident.update_terms(agreed);
        let is_closed = clocks::is_closed(written, &incident, &incident.terms(agreed), now);
        let event = (is_closed && !incident.is_closed).then_some((IncidentEvent::Closed, now));
        incident.is_closed = is_closed;
        let incident = self.store(incident);
        self.schedule(&incident, agreed);
        Some(IncidentChange { incident, event, decision })
    }

    /// Records the reports that were not sent in time.
    pub(super) fn check_deadlines(&mut self, agreed: &AgreedTerms, now: Timestamp) -> Vec<IncidentChange> {
        let mut changes = Vec::new();
        while self.deadlines.first().is_some_and(|(due, _)| *due <= now) {
            let Some((_, key)) = self.deadlines.pop_first() else { break };
            self.due.remove(&key);
            let Some(incident) = self.all.get(&key) else { continue };
            let overdue = incident.unsent(agreed).filter(|unsent| unsent.due <= now);
            let mut after = Incident::clone(incident);
            for overdue in overdue {
                after.overdue.push(overdue);
                let event = Some((IncidentEvent::Overdue, now));
                changes.push(IncidentChange { incident: Arc::new(after.clone()), event, decision: None });
            }
            let incident = self.store(after);
            self.schedule(&incident, agreed);
        }
        changes
    }

    /// Schedules the check of the next report that is due and not yet recorded as overdue.
    fn schedule(&mut self, incident: &Incident, agreed: &AgreedTerms) {
        let next = incident.unsent(agreed).map(|unsent| unsent.due).min();
        if let Some(before) = self.due.remove(&incident.key) {
            self.deadlines.remove(&(before, incident.key.clone()));
        }
        if let Some(due) = next {
            self.due.insert(incident.key.clone(), due);
            self.deadlines.insert((due, incident.key.clone()));
        }
    }

    fn store(&mut self, incident: Incident) -> Arc<Incident> {
        let incident = Arc::new(incident);
        match self.all.get_mut(&incident.key) {
            Some(kept) => kept.clone_from(&incident),
            None => drop(self.all.insert(incident.key.clone(), Arc::clone(&incident))),
        }
        incident
    }
}

impl ChangeKind for IncidentChange {
    fn records(&self) -> Vec<(RecordKind, Vec<u8>)> {
        let Self { incident, event, decision } = self;
        let decision = decision.iter().map(|decision| (RecordKind::Decision, json(decision)));
        let event =
            event.iter().map(|(event, at)| (RecordKind::Incident, json(&IncidentRecord::new(*event, incident, *at))));
        decision.chain(event).collect()
    }

    fn remembered(&self) -> Option<(String, Option<Remembered>)> {
        Some((key(&("incident", &self.incident.key)), Some(Remembered::Incident(Arc::clone(&self.incident)))))
    }

    fn view(&self) -> Option<View> {
        Some(View::Incident(Arc::clone(&self.incident)))
    }
}

#[cfg(test)]
mod tests;
