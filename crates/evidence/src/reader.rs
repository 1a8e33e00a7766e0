//! Reads a ledger's records, sealed and unsealed, in the order of their ids, even while a writer is running. It
//! verifies what it returns on request ([`Reader::verify`]).

mod counts;

use std::{
    collections::{BTreeSet, VecDeque},
    fs::File,
    io::{self, Cursor, Read},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

pub use counts::{RecordCounts, count_records};

use crate::{
    Class, Digest, Fault, Finding, LedgerError, Manifest, NotedHead, PublicKey, Record, RecordKind, Recorded, Records,
    Report, SealedSegment,
    class::PerClass,
    files::{self, Folder, Listing, Part, SegmentName},
    key_change::KeyChain,
    segments::list_segments,
    store::{Store, StoredRecord},
    verify::{sealed_through, verify_selected},
};

/// How many unsealed records are in memory at a time.
const PAGE: usize = 64;

/// All unexpired records of a ledger, in order. Memory is bounded by the longest records; with verification, by the
/// compressed data of one segment of each class.
#[derive(Debug)]
pub struct Reader {
    folder: Folder,
    listing: Listing,
    /// One for each class.
    streams: [Stream; Class::ALL.len()],
    unsealed: Option<Unsealed>,
    filter: Filter,
    failed: bool,
    /// The segment of the record returned last.
    segment: Option<u64>,
    /// What every returned record is checked against.
    verification: Option<Verification>,
}

#[derive(Debug, Clone)]
struct Verification {
    keys: KeyChain,
    /// The instant that decides which data may have expired.
    now: Timestamp,
}

#[derive(Debug, Clone)]
struct Filter {
    /// `None`: all kinds, those of later versions included.
    kinds: Option<BTreeSet<RecordKind>>,
    classes: BTreeSet<Class>,
    /// `None`: all segments.
    segments: Option<BTreeSet<u64>>,
    from: Timestamp,
    until: Timestamp,
    after: u64,
}

/// The segments of one class.
#[derive(Debug)]
struct Stream {
    folder: Folder,
    class: Class,
    segments: VecDeque<SegmentName>,
    /// The number of the segment that is open, or was last.
    number: u64,
    open: Option<(Records<'static, Box<dyn Read + Send>>, PathBuf)>,
    next: Option<Record>,
}

/// The unsealed records, which are in no segment.
#[derive(Debug)]
struct Unsealed {
    store: Store,
    /// The last sealed record of each class.
    sealed: PerClass<u64>,
    page: VecDeque<Record>,
    last: u64,
}

impl Reader {
    /// Opens the ledger in `folder`.
    pub fn open(folder: &Path) -> Result<Self, LedgerError> {
        let folder = Folder::new(folder);
        // Read before the listing, so that a record that is sealed in the meantime is found twice rather than never.
        let store = Store::open_to_read(&folder.database())?;
        let state = match &store {
            Some(store) => {
                store.begin_snapshot()?;
                store.state()?
            }
            None => None,
        };
        let listing = folder.list()?;
        if store.is_none() && listing.manifests.is_empty() {
            return Err(LedgerError::absent(folder.root()));
        }
        let streams = Class::ALL.map(|class| {
            let names = listing.manifests.values().flatten().filter(|name| name.class == class);
            Stream {
                folder: folder.clone(),
                class,
                segments: names.copied().collect(),
                number: 0,
                open: None,
                next: None,
            }
        });
        let mut sealed = PerClass::default();
        for class in Class::ALL {
            let marked = state.as_ref().map_or(0, |state| *state.sealed.get(class));
            *sealed.get_mut(class) = marked.max(sealed_through(&folder, &listing, class));
        }
        let unsealed = store.map(|store| {
            let last = sealed.windows.min(sealed.lasting).min(sealed.people);
            Unsealed { store, sealed, page: VecDeque::new(), last }
        });
        let (from, until) = (Timestamp::MIN, Timestamp::MAX);
        let filter = Filter { kinds: None, classes: Class::ALL.into(), segments: None, from, until, after: 0 };
        Ok(Self { folder, listing, streams, unsealed, filter, failed: false, segment: None, verification: None })
    }

    /// Verifies what will be returned: the chain of all manifests with their signatures, the data of the segments that
    /// can contain a match, and the unsealed records. Call it last, after [`Self::kinds`] and the other filters. From then on
    /// every record is checked as it is returned: one changed meanwhile is an error.
    ///
    /// `now` decides which data may be gone; `noted` are heads that the ledger must still hold.
    pub fn verify(&mut self, key: &PublicKey, now: Timestamp, noted: &[NotedHead]) -> Report {
        let Self { folder, listing, unsealed, filter, .. } = &*self;
        let store = unsealed.as_ref().map(|unsealed| &unsealed.store);
        let (report, keys) =
            verify_selected((folder, listing, store), key, now, noted, &|manifest| filter.can_be_in(manifest));
        self.verification = Some(Verification { keys, now });
        report
    }

    /// Records of these kinds only.
    pub fn kinds(mut self, kinds: &[RecordKind]) -> Self {
        self.filter.kinds = Some(kinds.iter().copied().collect());
        self
    }

    /// Records of these classes only.
    pub fn classes(mut self, classes: &[Class]) -> Self {
        self.filter.classes = classes.iter().copied().collect();
        self
    }

    /// Records of these segments only, and unsealed ones.
    pub fn segments(mut self, numbers: BTreeSet<u64>) -> Self {
        self.filter.segments = Some(numbers);
        self
    }

    /// Records appended at this instant or later.
    pub fn from(mut self, from: Timestamp) -> Self {
        self.filter.from = from;
        self
    }

    /// Records appended before this instant.
    pub fn until(mut self, until: Timestamp) -> Self {
        self.filter.until = until;
        self
    }

    /// Records with a greater id.
    pub fn after(mut self, id: u64) -> Self {
        self.filter.after = id;
        self
    }

    /// The sealed segments among which it reads.
    pub fn sealed(&self) -> Result<Vec<SealedSegment>, LedgerError> {
        list_segments(&self.folder, &self.listing)
    }

    /// The number of the segment that holds the record returned last; `None` if it is not sealed yet.
    pub fn segment(&self) -> Option<u64> {
        self.segment
    }

    fn step(&mut self) -> Result<Option<Record>, LedgerError> {
        let Self { streams, unsealed, filter, verification, segment, .. } = self;
        for stream in streams.iter_mut() {
            stream.fill(filter, verification.as_ref())?;
        }
        if let Some(unsealed) = unsealed {
            unsealed.fill(filter)?;
        }
        let first = streams.iter_mut().filter(|stream| stream.next.is_some()).min_by_key(|stream| stream.id());
        let sealed = first.as_ref().map_or(u64::MAX, |stream| stream.id());
        match unsealed {
            Some(unsealed) if unsealed.page.front().is_some_and(|front| front.id < sealed) => {
                *segment = None;
                Ok(unsealed.page.pop_front())
            }
            _ => Ok(first.and_then(|stream| {
                *segment = Some(stream.number);
                stream.next.take()
            })),
        }
    }
}

impl Iterator for Reader {
    type Item = Result<Record, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.step();
        self.failed = next.is_err();
        next.transpose()
    }
}

impl Filter {
    /// Whether a record of a class matches the filters.
    fn record(&self, record: &Record) -> bool {
        let Self { kinds, classes: _, segments: _, from, until, after } = self;
        let is_asked = match (kinds, &record.kind) {
            (None, _) => true,
            (Some(kinds), Recorded::Known(kind)) => kinds.contains(kind),
            (Some(_), Recorded::Unknown(_)) => false,
        };
        is_asked && record.at >= *from && record.at < *until && record.id > *after
    }

    /// Whether a class can contain a record that matches the filters.
    fn class(&self, class: Class) -> bool {
        self.classes.contains(&class)
            && self.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| kind.class() == class))
    }

    /// Whether a segment can contain a record that matches the filters.
    fn can_be_in(&self, manifest: &Manifest) -> bool {
        let Self { segments, from, until, after, .. } = self;
        let is_asked = segments.as_ref().is_none_or(|segments| segments.contains(&manifest.number));
        is_asked
            && self.class(manifest.class)
            && manifest.last_record > *after
            && manifest.to >= *from
            && manifest.from < *until
    }
}

impl Stream {
    /// The id of the next record.
    fn id(&self) -> u64 {
        self.next.as_ref().map_or(u64::MAX, |record| record.id)
    }

    /// Finds the next record that matches the filters.
    fn fill(&mut self, filter: &Filter, verification: Option<&Verification>) -> Result<(), LedgerError> {
        if !filter.class(self.class) {
            return Ok(());
        }
        while self.next.is_none() {
            let Some((records, path)) = &mut self.open else {
                if !self.open_next(filter, verification)? {
                    return Ok(());
                }
                continue;
            };
            match records.next() {
                None => self.open = None,
                Some(Ok(record)) => self.next = Some(record).filter(|record| filter.record(record)),
                Some(Err(source)) => {
                    return Err(LedgerError::Record { path: path.clone(), line: records.number(), source });
                }
            }
        }
        Ok(())
    }

    /// Opens the next segment that can contain a match and whose data exists; false at the end.
    fn open_next(&mut self, filter: &Filter, verification: Option<&Verification>) -> Result<bool, LedgerError> {
        while let Some(name) = self.segments.pop_front() {
            let signed = self.folder.read_manifest(name)?;
            let manifest = &signed.manifest;
            if let Some(Verification { keys, .. }) = verification
                && (!signed.is_signed_by(keys.at(name.number))
                    || (manifest.number, manifest.class) != (name.number, name.class))
            {
                return Err(unproven(name, Part::Manifest, Fault::ManifestChanged { why: "meanwhile".to_owned() }));
            }
            if !filter.can_be_in(manifest) {
                continue;
            }
            let path = self.folder.segment(name, Part::Data);
            let opened = match verification {
                None => File::open(&path).map(|file| Box::new(file) as Box<dyn Read + Send>),
                Some(_) => {
                    read_verified(&path, manifest).map(|bytes| Box::new(Cursor::new(bytes)) as Box<dyn Read + Send>)
                }
            };
            match opened {
                Ok(file) => {
                    let records = Records::new(file).map_err(LedgerError::file(&path))?;
                    self.number = name.number;
                    self.open = Some((records, path));
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    let is_kept = |now: Timestamp| manifest.keep_until.is_none_or(|until| now < until);
                    // Without verification, missing data is skipped; `verify` tells whether it may be missing.
                    if verification.is_some_and(|verification| is_kept(verification.now)) {
                        return Err(unproven(name, Part::Data, Fault::DataMissing));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                    return Err(unproven(name, Part::Data, Fault::RecordsDiffer));
                }
                Err(error) => return Err(LedgerError::file(&path)(error)),
            }
        }
        Ok(false)
    }
}

/// The compressed data of a segment, the very bytes that were sealed.
fn read_verified(path: &Path, manifest: &Manifest) -> io::Result<Vec<u8>> {
    let length = usize::try_from(manifest.data.bytes).map_err(io::Error::other)?;
    let bytes = files::read_bounded(path, length.saturating_add(1))?;
    if bytes.len() == length && Digest::hash(&bytes) == manifest.data.sha256 {
        return Ok(bytes);
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn unproven(name: SegmentName, part: Part, fault: Fault) -> LedgerError {
    let file = format!("segments/{}", name.file(part));
    LedgerError::Unproven(Box::new(Finding { segment: name.number, file, record: None, fault }))
}

impl Unsealed {
    fn fill(&mut self, filter: &Filter) -> Result<(), LedgerError> {
        let Self { store, sealed, page, last } = self;
        while page.is_empty() {
            let records = store.since(*last, PAGE)?;
            let Some(newest) = records.last() else { return Ok(()) };
            *last = newest.record.id;
            let waits = |waiting: &StoredRecord| {
                filter.class(waiting.class)
                    && waiting.record.id > *sealed.get(waiting.class)
                    && filter.record(&waiting.record)
            };
            page.extend(records.into_iter().filter(waits).map(|waiting| waiting.record));
        }
        Ok(())
    }
}
