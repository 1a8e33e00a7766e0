//! Copies sealed segments to object storage, and anchors heads elsewhere (docs/backup.md). It only reads the ledger's
//! folder: a store that refuses or is slow keeps neither appending nor judging waiting, but the copies behind.

use std::{future::pending, path::PathBuf, time::Duration};

use jiff::SignedDuration;
use landfall_archive::{ArchiveError, Archiver, HeadReader, Location, LocationError, Reason, anchor};
use landfall_evidence::Holds;
use landfall_process::{backoff::Backoff, error_chain::error_chain};
use tokio::time::{Instant, sleep};

use crate::{
    clock,
    metrics::{ArchiveMetrics, Store},
};

/// How often to look for a sealed segment when all are copied.
const POLL: Duration = Duration::from_secs(2);
/// How often to delete data past its retention period from the copy; the store lists all its objects for it.
const EXPIRE: Duration = Duration::from_hours(24);
/// Delay of the first deletion after a start.
const FIRST_EXPIRE: Duration = Duration::from_mins(10);
/// Waits between attempts while a store fails.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(2), Duration::from_mins(5)).with_jitter();

/// Where copies and anchors go, if anywhere.
#[derive(Debug, Clone, Default)]
pub(crate) struct Destinations {
    archive: Option<Location>,
    anchor: Option<Location>,
    anchor_interval: SignedDuration,
}

/// What is copied.
#[derive(Debug)]
pub(crate) struct Source {
    /// The ledger.
    pub(crate) folder: PathBuf,
    /// Its holds, which are set only while no operator runs.
    pub(crate) holds: Holds,
    pub(crate) metrics: ArchiveMetrics,
}

/// A setting is not a place.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DestinationError {
    #[error("{flag}")]
    Location { flag: &'static str, source: LocationError },
    #[error("--ledger-anchor: expected another place than --ledger-archive, in another bucket")]
    Same,
}

/// Counts failures, and logs the first of each kind in a row.
struct Failures<'a> {
    store: Store,
    metrics: &'a ArchiveMetrics,
    backoff: Backoff,
    last: Option<Reason>,
}

impl Destinations {
    /// Opens the places that were configured, before anything else is begun.
    pub(crate) fn open(
        archive: Option<&str>,
        anchor: Option<&str>,
        anchor_interval: SignedDuration,
    ) -> Result<Self, DestinationError> {
        let open = |flag, text: Option<&str>| {
            // The chart passes an empty text where nothing is configured.
            let text = text.filter(|text| !text.is_empty());
            text.map(|text| Location::open(text).map_err(|source| DestinationError::Location { flag, source }))
                .transpose()
        };
        let (archive, anchor) = (open("--ledger-archive", archive)?, open("--ledger-anchor", anchor)?);
        match (&archive, &anchor) {
            (Some(archive), Some(anchor)) if archive.to_string() == anchor.to_string() => Err(DestinationError::Same),
            _ => Ok(Self { archive, anchor, anchor_interval }),
        }
    }
}

/// Copies and anchors. Does not return.
pub(crate) async fn keep(source: Source, places: Destinations) {
    let Source { folder, holds, metrics } = source;
    let Destinations { archive, anchor, anchor_interval } = places;
    tokio::join!(
        async {
            match archive {
                Some(location) => keep_copy(Archiver::new(folder.clone(), location), holds, &metrics).await,
                None => pending().await,
            }
        },
        async {
            match anchor {
                Some(location) => keep_anchors(folder.clone(), &location, anchor_interval, &metrics).await,
                None => pending().await,
            }
        },
    );
}

async fn keep_copy(mut archiver: Archiver, holds: Holds, metrics: &ArchiveMetrics) {
    let mut failures = Failures::new(Store::Archive, metrics);
    let mut expire_at = Instant::now() + FIRST_EXPIRE;
    tracing::info!(location = %archiver.location(), "Copying sealed segments");
    loop {
        let copied = archiver.archive_next(clock::now()).await;
        show_waiting(&archiver, metrics).await;
        match copied {
            Ok(Some(manifest)) => {
                failures.ended();
                tracing::debug!(segment = manifest.number, "Copied a segment");
                continue;
            }
            Ok(None) => failures.ended(),
            Err(error) => {
                sleep(failures.next_wait(&error)).await;
                continue;
            }
        }
        if Instant::now() >= expire_at {
            match archiver.expire(holds.clone(), clock::now()).await {
                Ok(expiry) => {
                    metrics.kept(expiry.refused);
                    if let Some(refusal) = expiry.refusal {
                        let refused = expiry.refused;
                        tracing::warn!(%refusal, refused, "The store keeps data past its retention period");
                    }
                    if expiry.deleted > 0 {
                        tracing::info!(objects = expiry.deleted, "Data expired in the copy");
                    }
                }
                Err(error) => {
                    failures.next_wait(&error);
                }
            }
            expire_at = Instant::now() + EXPIRE;
        }
        sleep(POLL).await;
    }
}

/// Shows how far the copy is behind.
async fn show_waiting(archiver: &Archiver, metrics: &ArchiveMetrics) {
    match archiver.waiting().await {
        Ok((sealed, since)) => {
            metrics.waiting(Store::Archive, sealed.saturating_sub(archiver.archived().unwrap_or(0)), since);
        }
        Err(error) => tracing::warn!(error = error_chain(&error), "Failed to read what waits to be copied"),
    }
}

async fn keep_anchors(folder: PathBuf, location: &Location, interval: SignedDuration, metrics: &ArchiveMetrics) {
    let mut failures = Failures::new(Store::Anchor, metrics);
    let mut heads = HeadReader::new(folder);
    let (mut anchored, mut due_since, mut last) = (0, None, None::<Instant>);
    let interval = Duration::try_from(interval).unwrap_or_default();
    tracing::info!(%location, "Anchoring heads");
    loop {
        let head = match heads.head().await {
            Ok(head) => head.filter(|(head, _)| head.number > anchored),
            Err(error) => {
                sleep(failures.next_wait(&error)).await;
                continue;
            }
        };
        let waiting = head.as_ref().map_or(0, |(head, _)| head.number - anchored);
        let is_due = waiting > 0 && last.is_none_or(|last| last.elapsed() >= interval);
        if is_due {
            due_since.get_or_insert_with(clock::now);
        }
        metrics.waiting(Store::Anchor, waiting, due_since);
        if let Some((head, signed)) = head.filter(|_| is_due) {
            if let Err(error) = anchor(location, head, &signed).await {
                sleep(failures.next_wait(&error.into())).await;
                continue;
            }
            failures.ended();
            (anchored, due_since, last) = (head.number, None, Some(Instant::now()));
            metrics.waiting(Store::Anchor, 0, None);
            tracing::info!(%head, "Anchored the head");
        }
        sleep(POLL).await;
    }
}

impl<'a> Failures<'a> {
    fn new(store: Store, metrics: &'a ArchiveMetrics) -> Self {
        Self { store, metrics, backoff: BACKOFF, last: None }
    }

    fn ended(&mut self) {
        if self.last.take().is_some() {
            tracing::info!(store = self.store.name(), "The store works again");
        }
        self.backoff.reset();
        self.metrics.succeeded(self.store, clock::now());
    }

    fn next_wait(&mut self, error: &ArchiveError) -> Duration {
        let reason = error.reason();
        self.metrics.failed(self.store, reason);
        if self.last.replace(reason) != Some(reason) {
            tracing::error!(
                error = error_chain(error),
                store = self.store.name(),
                "The copy of the ledger falls behind"
            );
        }
        self.backoff.next_wait()
    }
}
