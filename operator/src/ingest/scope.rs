//! What a caller may observe.

use landfall_observation::{Local, Observation};

use super::{Batch, Refusal, RefusalKind};
use crate::serving::authentication::Scope;

impl Batch {
    /// Checks that it holds only what the caller may observe.
    pub(crate) fn check_scope(&self, scope: Scope) -> Result<(), Refusal> {
        let is_beyond = |observation: &Observation| match scope {
            Scope::All => false,
            Scope::Topics => !matches!(observation.local, Local::Topic(_)),
        };
        let found = self.observations.iter().position(|(_, _, observation)| is_beyond(observation));
        let Some(record) = found else { return Ok(()) };
        let seq = self.observations.get(record).map(|(seq, _, _)| *seq);
        Err(Refusal { record: Some(record), seq, ..RefusalKind::NotATopic.into() })
    }
}
