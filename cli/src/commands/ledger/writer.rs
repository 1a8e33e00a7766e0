//! Writes the ledger of `landfall watch`.

use std::{mem, path::Path};

use jiff::Timestamp;
use landfall_evidence::{Ledger, NewRecord, RecordKind, Settings, Signer, Source};
use landfall_observation::{Observation, encode};
use landfall_transfer_law::JudgmentRecord;

use crate::{diagnostics, outputs::SIGNING_KEY};

/// The number of observations that are synced together.
const BATCH: usize = 1000;

/// Appends observations as they arrive, and judgments at the end of the run.
pub(crate) struct LedgerWriter {
    ledger: Ledger,
    source: Source,
    pending: Vec<(u64, Vec<u8>)>,
}

impl LedgerWriter {
    /// Opens or creates the ledger in `folder` for one run of `agent`.
    pub(crate) fn open(folder: &Path, cluster: &str, agent: &str) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let signer = Signer::open_or_create(&folder.join(SIGNING_KEY))?;
        let ledger = Ledger::open(folder, signer, 0)?;
        let epoch = ledger.next_epoch(cluster, agent)?;
        let source = Source { cluster: cluster.to_owned(), agent: agent.to_owned(), epoch };
        Ok(Self { ledger, source, pending: Vec::new() })
    }

    /// The epoch of this run, in which observations are numbered from 0.
    pub(crate) fn epoch(&self) -> u64 {
        self.source.epoch
    }

    /// Adds an observation, which is on disk after the next [`Self::flush`].
    pub(crate) fn write(&mut self, observation: &Observation) -> anyhow::Result<()> {
        self.pending.push((observation.identity.seq, encode(observation).into_bytes()));
        if self.pending.len() < BATCH { Ok(()) } else { self.flush() }
    }

    /// Appends and syncs the pending observations.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let batch = mem::take(&mut self.pending);
        let observations: Vec<(u64, &[u8])> = batch.iter().map(|(seq, body)| (*seq, body.as_slice())).collect();
        let now = Timestamp::now();
        self.ledger.take(&self.source, &observations, now)?;
        let Settings { segment_records, segment_bytes, .. } = Settings::default();
        let pending = self.ledger.pending();
        let hour = jiff::SignedDuration::from_hours(1);
        if pending.records >= segment_records
            || pending.bytes >= segment_bytes
            || pending.oldest.is_some_and(|oldest| now.duration_since(oldest) >= hour)
        {
            self.seal(now)?;
        }
        Ok(())
    }

    /// Appends the judgments and seals everything.
    pub(crate) fn finish(mut self, judgments: &[JudgmentRecord]) -> anyhow::Result<()> {
        self.flush()?;
        let now = Timestamp::now();
        for judgments in judgments.chunks(BATCH) {
            let bodies = judgments.iter().map(serde_json::to_vec).collect::<Result<Vec<_>, _>>()?;
            let records: Vec<_> =
                bodies.iter().map(|body| NewRecord { kind: RecordKind::Judgment, at: now, body }).collect();
            self.ledger.append(&records)?;
        }
        self.seal(now)?;
        diagnostics::status(format_args!("ledger: {} records, the last one sealed", self.ledger.last_record()));
        Ok(())
    }

    fn seal(&mut self, now: Timestamp) -> anyhow::Result<()> {
        while self.ledger.seal(now)?.is_some() {}
        self.ledger.expire(now)?;
        Ok(())
    }
}
