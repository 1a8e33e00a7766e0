//! Verification: whether the segments are those that were sealed, from the folder and the public key alone.

mod difference;
mod finding;
mod segment;
#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, path::Path};

use jiff::Timestamp;

pub use finding::{Fault, Finding};

use crate::{
    Class, Digest, Head, KeyId, LedgerError, Manifest, NotedHead, PublicKey,
    files::{Folder, Listing, Part, SegmentName},
    key_change::KeyChain,
    store::Store,
    tail,
};

/// The most findings that are listed one by one.
const MAX_FINDINGS: usize = 100;

/// The result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments whose manifests are there.
    pub segments: u64,
    /// Records under their Merkle roots, data expired or not.
    pub records: u64,
    /// Segments whose data has expired and was removed.
    pub expired: u64,
    /// Records that are not sealed yet; `None` without a readable database.
    pub not_yet_sealed: Option<u64>,
    /// Why the database could not be read. Segments are verified without it.
    pub database: Option<String>,
    /// The last valid manifest. Whoever noted an earlier one can check that the ledger continues it
    /// ([`verify_against`]).
    pub head: Option<Head>,
    /// The signing keys in their order: the one given, those that handed over to it, and those to which it did.
    pub keys: Vec<KeyId>,
    /// What is wrong, in the order of the ledger; at most a hundred.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more_findings: u64,
}

/// Verifies a ledger along its chain of manifests.
struct Verifier<'a> {
    folder: &'a Folder,
    /// The key given.
    key: &'a PublicKey,
    /// The keys so far; the last one signs the next segment.
    keys: KeyChain,
    now: Timestamp,
    report: Report,
    /// Hash of the previous manifest, if that was valid.
    previous: Option<Digest>,
    /// Whether `previous` is known.
    linked: bool,
    epoch: u64,
    /// Heads that the ledger must still contain.
    noted: &'a [NotedHead],
    /// Selects the segments whose data is verified; `None`: all.
    selected: Option<&'a dyn Fn(&Manifest) -> bool>,
}

/// Verifies the ledger in `folder`. `now` decides which data may be gone.
pub fn verify(folder: &Path, key: &PublicKey, now: Timestamp) -> Result<Report, LedgerError> {
    verify_against(folder, key, now, &[])
}

/// As [`verify`], and checks that the ledger still contains the heads noted elsewhere: without a noted head, a ledger
/// that was truncated together with its database verifies.
pub fn verify_against(
    folder: &Path,
    key: &PublicKey,
    now: Timestamp,
    noted: &[NotedHead],
) -> Result<Report, LedgerError> {
    let folder = Folder::new(folder);
    // Read before the listing, so that a record that is sealed in the meantime is counted in both rather than in
    // neither.
    let database = Store::open_to_read(&folder.database()).and_then(|store| match store {
        Some(store) => Ok(store.begin_snapshot().map(|()| store)?.into()),
        None => Ok(None),
    });
    let listing = folder.list()?;
    if listing.manifests.is_empty() && listing.data.is_empty() && matches!(database, Ok(None)) {
        return Err(LedgerError::absent(folder.root()));
    }
    let database = match &database {
        Ok(store) => Ok(store.as_ref()),
        Err(error) => Err(error),
    };
    Ok(Verifier::new((&folder, &listing), key, now, noted).run(database, &listing).0)
}

/// Verifies the chain of manifests in `folder` and compares it with noted heads, without data or unsealed records: what a
/// remote copy of a ledger can be checked for before its data is fetched.
pub fn verify_manifests(
    folder: &Path,
    key: &PublicKey,
    now: Timestamp,
    noted: &[NotedHead],
) -> Result<Report, LedgerError> {
    let folder = Folder::new(folder);
    let listing = folder.list()?;
    Ok(verify_selected((&folder, &listing, None), key, now, noted, &|_| false).0)
}

/// Verifies the chain of all manifests and the unsealed records, and only the data of the segments that are `selected`.
pub(crate) fn verify_selected(
    (folder, listing, store): (&Folder, &Listing, Option<&Store>),
    key: &PublicKey,
    now: Timestamp,
    noted: &[NotedHead],
    selected: &dyn Fn(&Manifest) -> bool,
) -> (Report, KeyChain) {
    Verifier { selected: Some(selected), ..Verifier::new((folder, listing), key, now, noted) }.run(Ok(store), listing)
}

/// The missing numbers up to `last`: all of them, unless there are too many to list.
fn missing(there: &BTreeSet<u64>, last: u64) -> Vec<u64> {
    let limit = MAX_FINDINGS + 1;
    let mut missing = Vec::new();
    let mut next = 1;
    for number in there.iter().copied().chain([last.saturating_add(1)]) {
        missing.extend((next..number).take(limit.saturating_sub(missing.len())));
        next = number.saturating_add(1);
    }
    missing
}

impl<'a> Verifier<'a> {
    fn new(
        (folder, listing): (&'a Folder, &Listing),
        key: &'a PublicKey,
        now: Timestamp,
        noted: &'a [NotedHead],
    ) -> Self {
        let (report, keys) = (Report::default(), KeyChain::beginning(folder, listing, key));
        Self { folder, key, keys, now, report, previous: None, linked: true, epoch: 0, noted, selected: None }
    }

    fn run(mut self, database: Result<Option<&Store>, &LedgerError>, listing: &Listing) -> (Report, KeyChain) {
        let marked = self.database(database, listing);
        let end = listing.manifests.keys().next_back().copied().unwrap_or(0);
        let mut numbers: BTreeSet<u64> = listing.manifests.keys().copied().collect();
        numbers.extend(missing(&numbers, end.max(marked)));
        for number in numbers {
            self.step(number, listing);
        }
        if let Ok(Some(store)) = database
            && self.report.database.is_none()
        {
            self.tail(store);
        }
        if self.report.findings.is_empty() && self.keys.all().all(|key| key != self.key) {
            let (key_id, expected) = (self.keys.last().id().to_string(), self.key.id().to_string());
            let fault = Fault::SignatureForeign { key_id, expected };
            self.push(Finding { segment: end, file: "segments".to_owned(), record: None, fault });
        }
        self.end(end);
        self.report.keys = self.keys.all().map(PublicKey::id).collect();
        (self.report, self.keys)
    }

    /// Verifies the unsealed records; their findings come last, as they do.
    fn tail(&mut self, store: &Store) {
        match tail::fault(store, &self.keys) {
            Ok(Some((fault, key))) => self.push(fault.into_finding(&key)),
            Ok(None) => {}
            Err(error) => self.report.database = Some(with_cause(&error)),
        }
    }

    /// Counts the unsealed records; returns the number of the last segment that the database knows.
    fn database(&mut self, database: Result<Option<&Store>, &LedgerError>, listing: &Listing) -> u64 {
        let store = match database {
            Ok(Some(store)) => store,
            Ok(None) => return 0,
            Err(error) => {
                self.report.database = Some(with_cause(error));
                return 0;
            }
        };
        let read = || -> Result<_, LedgerError> {
            let Some(state) = store.state()? else { return Ok(None) };
            let mut waiting = 0;
            for class in Class::ALL {
                let sealed = sealed_through(self.folder, listing, class);
                waiting += store.count(class, (*state.sealed.get(class)).max(sealed))?.0;
            }
            Ok(Some((waiting, state.segment)))
        };
        match read() {
            Ok(Some((waiting, segment))) => {
                self.report.not_yet_sealed = Some(waiting);
                segment
            }
            Ok(None) => 0,
            Err(error) => {
                self.report.database = Some(with_cause(&error));
                0
            }
        }
    }

    fn step(&mut self, number: u64, listing: &Listing) {
        let Some(names) = listing.manifests.get(&number) else {
            let (class, fault) = match listing.data.get(&number) {
                Some(names) => (names[0].class, Fault::ManifestMissing),
                None => (Class::Windows, Fault::SegmentMissing),
            };
            self.find(SegmentName { number, class }, Part::Manifest, None, fault);
            self.linked = false;
            return;
        };
        self.report.segments += 1;
        let in_order = |name: &&SegmentName| {
            let Ok(signed) = self.folder.read_manifest(**name) else { return false };
            (signed.manifest.number, signed.manifest.class) == (name.number, name.class)
                && signed.is_signed_by(self.keys.last())
        };
        let chosen = if names.len() == 1 { names[0] } else { *names.iter().find(in_order).unwrap_or(&names[0]) };
        for name in names.iter().filter(|name| **name != chosen) {
            self.find(*name, Part::Manifest, None, Fault::ManifestTwice);
        }
        self.segment(chosen);
    }

    /// Compares a valid manifest with the heads noted for its number.
    fn held_against_notes(&mut self, name: SegmentName, head: Head) {
        for noted in self.noted.iter().filter(|noted| noted.number == head.number) {
            if noted.hash != head.hash {
                let (noted, found) = (noted.hash, head.hash);
                self.find(name, Part::Manifest, None, Fault::HeadDiffers { noted, found });
            } else if let Some(noted) = noted.records.filter(|noted| *noted != head.records)
                // The records of a missing manifest cannot be counted.
                && self.report.findings.is_empty()
            {
                self.find(name, Part::Manifest, None, Fault::HeadCountDiffers { noted, found: head.records });
            }
        }
    }

    /// Whether the ledger ends before a noted head; the farthest one suffices.
    fn end(&mut self, last: u64) {
        let Some(noted) = self.noted.iter().max_by_key(|noted| noted.number).filter(|noted| noted.number > last) else {
            return;
        };
        let records = noted.records.and_then(|records| records.checked_sub(self.report.records));
        let fault = Fault::EndMissing { last, segments: noted.number - last, records };
        self.push(Finding { segment: noted.number, file: "segments".to_owned(), record: None, fault });
    }

    fn find(&mut self, name: SegmentName, part: Part, record: Option<u64>, fault: Fault) {
        let file = format!("segments/{}", name.file(part));
        self.push(Finding { segment: name.number, file, record, fault });
    }

    fn push(&mut self, finding: Finding) {
        if self.report.findings.len() < MAX_FINDINGS {
            self.report.findings.push(finding);
        } else {
            self.report.more_findings += 1;
        }
    }
}

/// An error with its cause.
fn with_cause(error: &LedgerError) -> String {
    let source = std::error::Error::source(error).map_or(String::new(), |cause| format!(": {cause}"));
    format!("{error}{source}")
}

/// The last sealed record of a class, by the manifests.
pub(crate) fn sealed_through(folder: &Folder, listing: &Listing, class: Class) -> u64 {
    let names = listing.manifests.values().rev().flatten().filter(|name| name.class == class);
    names
        .filter_map(|name| folder.read_manifest(*name).ok())
        .map(|signed| signed.manifest.last_record)
        .next()
        .unwrap_or(0)
}
