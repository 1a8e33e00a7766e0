//! Reads a batch, with bounds on everything.

use std::io::Read as _;

use jiff::{SignedDuration, Timestamp};
use landfall_evidence::Source;
use landfall_observation::{Observation, decode_to_keep};

use super::{Refusal, RefusalKind};

/// The most bytes of a body as it is sent.
pub const MAX_COMPRESSED: usize = 4 << 20;
/// The most bytes of its text.
pub const MAX_BYTES: usize = 16 << 20;
/// The most records.
pub const MAX_RECORDS: usize = 10_000;

/// How far the clock of a node may be ahead of ours.
const AHEAD: SignedDuration = SignedDuration::from_mins(5);
/// How far it may be ahead for its observations to be waited for: beyond every time zone that was taken for another.
const FAR_AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// Observations of one run of one agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// From whom.
    pub source: Source,
    /// Each with its number and the line to keep, numbers ascending.
    pub observations: Vec<(u64, String, Observation)>,
}

/// Reads a body.
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
        let (observation, kept) = decode_to_keep(line).map_err(|error| Refusal {
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
    // One byte more than allowed tells a bomb from a full batch.
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX) + 1;
    decoder.take(limit).read_to_end(&mut text).map_err(unreadable)?;
    if text.len() > MAX_BYTES { Err(RefusalKind::TooLarge.into()) } else { Ok(text) }
}

impl Batch {
    /// Whether it is of this cluster and of the agent that delivers it.
    pub(crate) fn is_of(&self, cluster: &str, agent: Option<&str>) -> Result<(), Refusal> {
        let Source { cluster: of_cluster, agent: of_agent, .. } = &self.source;
        if of_cluster != cluster || agent.is_some_and(|agent| agent != of_agent) {
            return Err(RefusalKind::ForeignIdentity.into());
        }
        Ok(())
    }

    /// Cuts off what is of the future and says why. What goes before it is good and need not wait for it.
    pub(crate) fn cut_to_the_past(&mut self, now: Timestamp) -> Result<Option<Refusal>, Refusal> {
        let ahead = |observation: &Observation| observation.window.end.duration_since(now);
        let mut each = self.observations.iter().enumerate();
        let Some((record, (seq, _, observation))) = each.find(|(_, (_, _, observation))| ahead(observation) > AHEAD)
        else {
            return Ok(None);
        };
        let (seq, ahead) = (*seq, ahead(observation));
        let refuse = |kind: RefusalKind| Refusal { record: Some(record), seq: Some(seq), ..kind.into() };
        if ahead > FAR_AHEAD {
            return Err(refuse(RefusalKind::FutureDated));
        }
        let wait = u64::try_from((ahead - AHEAD).as_secs()).unwrap_or_default() + 1;
        let refusal = Refusal { retry_after: Some(wait), ..refuse(RefusalKind::ClockAhead) };
        if record == 0 {
            return Err(refusal);
        }
        self.observations.truncate(record);
        Ok(Some(refusal))
    }
}
