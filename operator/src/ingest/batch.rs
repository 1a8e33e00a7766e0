//! Parses a batch, with limits on everything.

use std::io::Read as _;

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::Source;
use landfall_observation::{Observation, decode_for_storage};

use super::{Refusal, RefusalKind};

/// Maximum size of a body as sent, in bytes.
pub const MAX_COMPRESSED: usize = 4 << 20;
/// Maximum size of a decompressed body, in bytes.
pub const MAX_BYTES: usize = 16 << 20;
/// Maximum number of records.
pub const MAX_RECORDS: usize = 10_000;

/// How far a node's clock may be ahead of the operator's.
const MAX_CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Up to this skew the agent keeps its observations and retries. It covers any mistaken time zone.
const MAX_RETRYABLE_SKEW: SignedDuration = SignedDuration::from_hours(24);

/// Observations of one run of one agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// The run of the agent.
    pub source: Source,
    /// Sequence number, line to store, and observation, in ascending order.
    pub observations: Vec<(u64, String, Observation)>,
}

/// Parses a body.
pub fn read(body: &[u8], compressed: bool) -> Result<Batch, Refusal> {
    let text = if compressed { decompress(body)? } else { body.to_vec() };
    let text = String::from_utf8(text).map_err(|_| Refusal::from(RefusalKind::Unreadable))?;
    let mut lines = text.lines().filter(|line| !line.is_empty()).enumerate();
    let mut observations: Vec<(u64, String, Observation)> = Vec::new();
    let mut source: Option<Source> = None;
    for (record, line) in &mut lines {
        if record >= MAX_RECORDS {
            return Err(RefusalKind::TooLarge.into());
        }
        let (observation, kept) = decode_for_storage(line).map_err(|error| Refusal {
            message: error.to_string(),
            record: Some(record),
            ..RefusalKind::InvalidObservation.into()
        })?;
        let identity = &observation.identity;
        let seq = identity.seq;
        let refuse = |kind: RefusalKind| Refusal { record: Some(record), seq: Some(seq), ..kind.into() };
        let of = Source { cluster: identity.cluster.clone(), agent: identity.agent.clone(), epoch: identity.epoch };
        if *source.get_or_insert_with(|| of.clone()) != of {
            return Err(refuse(RefusalKind::MixedIdentity));
        }
        if observations.last().is_some_and(|(last, _, _)| seq <= *last) {
            return Err(refuse(RefusalKind::NotAscending));
        }
        observations.push((seq, kept.into_owned(), observation));
    }
    let source = source.ok_or(RefusalKind::Unreadable)?;
    Ok(Batch { source, observations })
}

fn decompress(body: &[u8]) -> Result<Vec<u8>, Refusal> {
    let unreadable = |_| Refusal::from(RefusalKind::Unreadable);
    let decoder = zstd::Decoder::new(body).map_err(unreadable)?;
    let mut text = Vec::new();
    // One byte beyond the limit tells a decompression bomb from a full batch.
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    decoder.take(limit).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() > MAX_BYTES { Err(RefusalKind::TooLarge.into()) } else { Ok(text) }
}

impl Batch {
    /// Checks that it comes from this cluster and from the authenticated agent.
    pub(crate) fn check_source(&self, cluster: &str, agent: Option<&str>) -> Result<(), Refusal> {
        let Source { cluster: of_cluster, agent: of_agent, .. } = &self.source;
        if of_cluster != cluster || agent.is_some_and(|agent| agent != of_agent) {
            return Err(RefusalKind::ForeignIdentity.into());
        }
        Ok(())
    }

    /// Removes the first observation from the future and all after it; returns why. The observations before it need not
    /// wait. An error if none is left, or if it is too far ahead.
    pub(crate) fn truncate_future(&mut self, now: Timestamp) -> Result<Option<Refusal>, Refusal> {
        let ahead = |observation: &Observation| observation.window.end.duration_since(now);
        let mut each = self.observations.iter().enumerate();
        let Some((record, (seq, _, observation))) =
            each.find(|(_, (_, _, observation))| ahead(observation) > MAX_CLOCK_SKEW)
        else {
            return Ok(None);
        };
        let (seq, ahead) = (*seq, ahead(observation));
        let refuse = |kind: RefusalKind| Refusal { record: Some(record), seq: Some(seq), ..kind.into() };
        if ahead > MAX_RETRYABLE_SKEW {
            return Err(refuse(RefusalKind::FutureDated));
        }
        let wait = u64::try_from((ahead - MAX_CLOCK_SKEW).as_secs()).unwrap_or_default() + 1;
        let refusal = Refusal { retry_after: Some(wait), ..refuse(RefusalKind::ClockAhead) };
        if record == 0 {
            return Err(refusal);
        }
        self.observations.truncate(record);
        Ok(Some(refusal))
    }
}
