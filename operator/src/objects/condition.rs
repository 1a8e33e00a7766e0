//! Conditions in the manner of the Kubernetes API conventions.

use jiff::Timestamp;
use landfall_api::{Condition, ConditionStatus};

use crate::clock;

/// A condition without its transition time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConditionUpdate {
    pub(crate) r#type: &'static str,
    pub(crate) status: ConditionStatus,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
}

impl ConditionUpdate {
    /// The condition. It keeps the transition time of the previous one if the status is the same.
    pub(crate) fn to_condition(&self, before: &[Condition], generation: Option<i64>, now: Timestamp) -> Condition {
        let Self { r#type, status, reason, message } = self;
        let same = before.iter().find(|before| before.r#type == *r#type).filter(|before| before.status == *status);
        Condition {
            r#type: (*r#type).to_owned(),
            status: *status,
            reason: (*reason).to_owned(),
            message: message.clone(),
            last_transition_time: same.map_or_else(|| clock::second(now), |same| same.last_transition_time),
            observed_generation: generation,
        }
    }
}
