use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::PodsByCapture;

/// An agent that has been silent for longer does not cover its node.
const SILENT: SignedDuration = SignedDuration::from_mins(5);

/// What each agent, by the name of its node, last reported.
#[derive(Debug, Clone, Default)]
pub struct AgentsSeen(Arc<Mutex<BTreeMap<String, AgentSeen>>>);

/// What an agent last reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSeen {
    /// When it last delivered, or sent a heartbeat.
    at: Timestamp,
    /// The pods of its node, and when it reported them; agents before that report do not.
    pods: Option<(Timestamp, PodsByCapture)>,
}

impl AgentsSeen {
    /// An agent has delivered, or sent a heartbeat.
    pub fn record(&self, agent: &str, now: Timestamp) {
        self.update(agent, now, |_| {});
    }

    /// An agent has reported the pods of its node.
    pub fn report(&self, agent: &str, pods: PodsByCapture, now: Timestamp) {
        self.update(agent, now, |seen| seen.pods = Some((now, pods)));
    }

    /// The last report of each agent.
    pub fn all(&self) -> BTreeMap<String, AgentSeen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn update(&self, agent: &str, now: Timestamp, change: impl FnOnce(&mut AgentSeen)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(agent.to_owned()).or_insert(AgentSeen { at: now, pods: None });
        seen.at = now;
        change(seen);
    }
}

impl AgentSeen {
    /// Whether it covers its node.
    pub fn covers(&self, now: Timestamp) -> bool {
        is_recent(self.at, now)
    }

    /// The pods of its node, unless the report is too old.
    pub fn pods(&self, now: Timestamp) -> Option<&PodsByCapture> {
        self.pods.as_ref().filter(|(at, _)| is_recent(*at, now)).map(|(_, pods)| pods)
    }
}

/// `abs`: a clock that was set back must neither hide nor keep everything.
fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now.duration_since(at).abs() <= SILENT
}

#[cfg(test)]
mod tests {
    use landfall_observation::PodCapture;

    use super::*;

    #[test]
    fn a_report_of_pods_counts_for_five_minutes_even_if_the_agent_goes_on_without() {
        let start: Timestamp = "2026-11-23T08:00:00Z".parse().unwrap();
        let after = |minutes| start + SignedDuration::from_mins(minutes);
        let pods: PodsByCapture = [(PodCapture::Captured, 3)].into_iter().collect();
        let agents = AgentsSeen::default();
        agents.report("node-eu", pods.clone(), start);
        agents.record("node-eu", after(4));
        let seen = agents.all().remove("node-eu").unwrap();
        assert_eq!((seen.covers(after(5)), seen.pods(after(5))), (true, Some(&pods)));
        assert_eq!((seen.covers(after(9)), seen.pods(after(6))), (true, None));
        assert!(!seen.covers(after(10)));
    }
}
