use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use jiff::Timestamp;
use landfall_evidence::{Census, Reader, RecordKind, Recorded, census};
use landfall_transfer_law::{EdgeId, Interval, JudgmentRecord, Outcome, RollupRecord, Traffic, VerdictRecord};
use serde::Serialize;

use super::{Folder, proof::Shown};
use crate::{
    args::{Ending, Format},
    output::{LedgerTable, Printer},
    outputs::{Inputs, Outputs},
    remark::remark,
};

/// The judged edges and how many records there are.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    folder: Folder,
    #[command(flatten)]
    shown: Shown,
    #[command(flatten)]
    format: Format,
}

/// What the judgments of an edge come to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EdgeSummary {
    #[serde(flatten)]
    pub(crate) edge: Arc<EdgeId>,
    /// The verdict of the latest traffic, as it was judged last.
    pub(crate) verdict: Arc<VerdictRecord>,
    /// The worst outcome that it ever had.
    pub(crate) worst: Outcome,
    #[serde(flatten)]
    pub(crate) traffic: Traffic,
    pub(crate) first_seen: Timestamp,
    pub(crate) last_seen: Timestamp,
    pub(crate) judgments: u64,
    /// Nothing was verified.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) unverified: bool,
}

/// What the judgments of all edges come to.
#[derive(Debug, Default)]
pub(crate) struct EdgeSummaries(BTreeMap<Arc<EdgeId>, EdgeSummary>);

impl Show {
    pub(crate) fn run(self) -> anyhow::Result<Ending> {
        let Self { folder: Folder { folder }, shown, format } = self;
        Outputs::beside(&Inputs::default().folder("DIR", Some(&folder), &[]))?;
        let mut reader = Reader::open(&folder)?.kinds(&[RecordKind::Judgment, RecordKind::Rollup]);
        if !shown.admit(&mut reader, &folder)? {
            return Ok(Ending::FailedOn);
        }
        let census = census(&folder)?;
        let mut edges = EdgeSummaries::default();
        for record in reader {
            let record = record?;
            edges.add(record.id, record.kind == RecordKind::Rollup, &record.body)?;
        }
        let mut printer = Printer::<LedgerTable>::new(format.get());
        for edge in edges.into_all() {
            printer.print(&EdgeSummary { unverified: shown.unverified, ..edge })?;
        }
        printer.finish()?;
        let Census { observations, mut kinds, not_yet_sealed, segments, expired } = census;
        let judgments = kinds.remove(&RecordKind::Judgment.into()).unwrap_or(0);
        let others: u64 = kinds.values().sum();
        let kinds = named(&kinds);
        remark(format_args!(
            "{observations} observations, {judgments} judgments, {others} other records{kinds}; {segments} segments, \
             {expired} of them with expired data; not yet sealed: {not_yet_sealed}"
        ));
        Ok(Ending::Done)
    }
}

impl EdgeSummaries {
    /// Takes the body of a judgment or a roll-up, in the order of the ledger.
    pub(crate) fn add(&mut self, record: u64, is_rollup: bool, body: &str) -> anyhow::Result<()> {
        let expected = |what| format!("record {record}: expected a {what}");
        if is_rollup {
            let rollup: RollupRecord = serde_json::from_str(body).with_context(|| expected("roll-up"))?;
            let judged = self.0.get_mut(&rollup.edge).with_context(|| expected("judgment before the roll-up"))?;
            judged.pass(rollup.interval, rollup.traffic);
            return Ok(());
        }
        let judgment: JudgmentRecord = serde_json::from_str(body).with_context(|| expected("judgment"))?;
        match self.0.get_mut(&judgment.edge) {
            Some(edge) => edge.absorb(judgment),
            None => drop(self.0.insert(judgment.edge.clone(), EdgeSummary::of(judgment))),
        }
        Ok(())
    }

    /// All edges.
    pub(crate) fn into_all(self) -> impl Iterator<Item = EdgeSummary> {
        self.0.into_values()
    }
}

/// How many there are of each kind, also of kinds that a later version of the program wrote.
fn named(kinds: &BTreeMap<Recorded<RecordKind>, u64>) -> String {
    let each = kinds.iter().map(|(kind, count)| match kind {
        Recorded::Known(kind) => format!("{kind} {count}"),
        Recorded::Unknown(name) => format!("{}, which a later version wrote, {count}", name.escape_debug()),
    });
    match each.collect::<Vec<_>>().join("; ") {
        none if none.is_empty() => none,
        some => format!(" ({some})"),
    }
}

impl EdgeSummary {
    fn of(judgment: JudgmentRecord) -> Self {
        let JudgmentRecord { schema: _, edge, interval, rejudged, traffic, verdict } = judgment;
        Self {
            edge,
            worst: verdict.outcome,
            verdict,
            traffic: if rejudged { Traffic::default() } else { traffic },
            first_seen: interval.from,
            last_seen: interval.until,
            judgments: 1,
            unverified: false,
        }
    }

    fn absorb(&mut self, judgment: JudgmentRecord) {
        let JudgmentRecord { schema: _, edge: _, interval, rejudged, traffic, verdict } = judgment;
        self.worst = self.worst.max(verdict.outcome);
        self.judgments += 1;
        if interval.until >= self.last_seen {
            self.verdict = verdict;
        }
        self.pass(interval, if rejudged { Traffic::default() } else { traffic });
    }

    /// Takes traffic in.
    fn pass(&mut self, interval: Interval, traffic: Traffic) {
        self.first_seen = self.first_seen.min(interval.from);
        self.last_seen = self.last_seen.max(interval.until);
        self.traffic = self.traffic.plus(traffic);
    }
}
