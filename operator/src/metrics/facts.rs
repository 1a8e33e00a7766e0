//! Facts about transfers that carry no amount: where they go, what is in them, since when they are known. Dashboards join
//! them with the amounts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use landfall_observation::PayloadState;
use landfall_process::metrics::{Families, SnapshotGauge};
use landfall_transfer_law::{AgreementId, Outcome, Rung};

use super::{LocatedTransfer, outcome_label};

/// The place of a transfer of which neither register nor evidence names one.
pub(crate) const PLACE_UNKNOWN: &str = "unknown";
/// The place of a transfer whose recipient reserves the right to process anywhere.
pub(crate) const ANYWHERE: &str = "anywhere";

/// Families of facts about transfers.
#[derive(Debug, Clone)]
pub(crate) struct TransferFactMetrics {
    places: SnapshotGauge,
    categories: SnapshotGauge,
    first_seen: SnapshotGauge,
    payload: SnapshotGauge,
}

/// Which importer of the chain has the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hop {
    /// The recipient itself.
    First,
    /// Someone to whom it passes data on, or who has access there.
    Onward,
}

/// A place of a transfer, and the verdict there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransferPlace {
    pub(crate) transfer: LocatedTransfer,
    /// What the verdict would be if the transfer reached this place alone.
    pub(crate) outcome: Outcome,
    /// Code of ISO 3166-1, [`PLACE_UNKNOWN`] or [`ANYWHERE`].
    pub(crate) jurisdiction: String,
    pub(crate) hop: Hop,
}

/// A category of personal data of a transfer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransferCategory {
    pub(crate) transfer: LocatedTransfer,
    pub(crate) category: String,
    pub(crate) rung: Rung,
}

/// What there is to say about all known transfers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TransferFacts {
    pub(crate) places: BTreeSet<TransferPlace>,
    pub(crate) categories: BTreeSet<TransferCategory>,
    /// First packet of the newest transfer with these labels.
    pub(crate) first_seen: BTreeMap<(LocatedTransfer, Outcome), Timestamp>,
    /// Bytes sent.
    pub(crate) payload: BTreeMap<(AgreementId, PayloadState), u64>,
}

impl TransferFactMetrics {
    pub(super) fn register(families: Families<'_>) -> Result<Self, prometheus::Error> {
        let transfer = LocatedTransfer::LABELS;
        Ok(Self {
            places: families.snapshot_gauge(
                "landfall_transfer_place_info",
                "1 for each place of a transfer and of its onward transfers (hop), with the verdict there: a country, unknown, or anywhere",
                &[&transfer[..], &["verdict", "jurisdiction", "hop"]].concat(),
            )?,
            categories: families.snapshot_gauge(
                "landfall_transfer_category_info",
                "1 for each category of personal data of a transfer, with the rung by which it is known",
                &[&transfer[..], &["category", "rung"]].concat(),
            )?,
            first_seen: families.snapshot_gauge(
                "landfall_transfer_first_seen_timestamp_seconds",
                "When the newest transfer with these labels was first seen",
                &[&transfer[..], &["verdict"]].concat(),
            )?,
            payload: families.snapshot_gauge(
                "landfall_transfer_payload_bytes",
                "Bytes sent in the known transfers, by whether the payload was inspected for personal data",
                &["agreement_namespace", "agreement", "state"],
            )?,
        })
    }

    /// Exposes exactly these facts.
    pub(crate) fn show(&self, facts: &TransferFacts) {
        let TransferFacts { places, categories, first_seen, payload } = facts;
        self.places.show(places.iter().map(|place| (place.labels(), 1)));
        self.categories.show(categories.iter().map(|category| (category.labels(), 1)));
        self.first_seen.show(first_seen.iter().map(|((transfer, outcome), at)| {
            ([transfer.labels(), vec![outcome_label(*outcome).to_owned()]].concat(), at.as_second())
        }));
        self.payload.show(payload.iter().map(|((agreement, state), bytes)| {
            let labels = [&agreement.namespace, &agreement.name, payload_label(*state)];
            (labels.map(str::to_owned).to_vec(), i64::try_from(*bytes).unwrap_or(i64::MAX))
        }));
    }

    #[cfg(test)]
    pub(super) fn show_all(&self) {
        for (family, labels) in [(&self.places, 8), (&self.categories, 7), (&self.first_seen, 6), (&self.payload, 3)] {
            family.show([(vec!["shown".to_owned(); labels], 1)]);
        }
    }
}

impl TransferPlace {
    fn labels(&self) -> Vec<String> {
        let Self { transfer, outcome, jurisdiction, hop } = self;
        let hop = match hop {
            Hop::First => "first",
            Hop::Onward => "onward",
        };
        [transfer.labels(), [outcome_label(*outcome), jurisdiction, hop].map(str::to_owned).to_vec()].concat()
    }
}

impl TransferCategory {
    fn labels(&self) -> Vec<String> {
        let Self { transfer, category, rung } = self;
        let rung = match rung {
            Rung::Seen => "seen",
            Rung::Held => "held",
            Rung::Declared => "declared",
            Rung::Assumed => "assumed",
            Rung::None => "none",
        };
        [transfer.labels(), [category, rung].map(str::to_owned).to_vec()].concat()
    }
}

fn payload_label(state: PayloadState) -> &'static str {
    match state {
        PayloadState::Inspected => "inspected",
        PayloadState::PlaintextNotRead => "plaintext-not-read",
        PayloadState::Encrypted => "encrypted",
        PayloadState::NotRecognised => "not-recognised",
    }
}
