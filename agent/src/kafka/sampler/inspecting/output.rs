//! Lines to the parent.

use std::{
    collections::BTreeMap,
    io::Write,
    time::{Duration, Instant},
};

use super::{InspectingError, Problem, Report};

/// How long the same problem is not told again.
const SILENCE: Duration = Duration::from_secs(30);
/// Maximum number of problems that are remembered.
const MAX_PROBLEMS: usize = 256;

/// Writes reports.
pub(super) struct Output<W> {
    writer: W,
    told: BTreeMap<Problem, Instant>,
}

impl<W: Write> Output<W> {
    pub(super) fn new(writer: W) -> Self {
        Self { writer, told: BTreeMap::new() }
    }

    pub(super) fn write(&mut self, report: &Report) -> Result<(), InspectingError> {
        let failed = |source| InspectingError::Output { source };
        serde_json::to_writer(&mut self.writer, report).map_err(|error| failed(error.into()))?;
        self.writer.write_all(b"\n").and_then(|()| self.writer.flush()).map_err(failed)
    }

    /// Tells what fails, unless that was told a moment ago.
    pub(super) fn problem(&mut self, topic: Option<&str>, text: String) -> Result<(), InspectingError> {
        let problem = Problem { topic: topic.map(ToOwned::to_owned), text };
        let now = Instant::now();
        if self.told.get(&problem).is_some_and(|told| now.duration_since(*told) < SILENCE) {
            return Ok(());
        }
        self.told.retain(|_, told| now.duration_since(*told) < SILENCE);
        if self.told.len() < MAX_PROBLEMS {
            self.told.insert(problem.clone(), now);
        }
        self.write(&Report::Problem(problem))
    }
}
