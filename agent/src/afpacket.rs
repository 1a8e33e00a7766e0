//! Live capture of the frames of interfaces, with a packet socket and a ring buffer (`AF_PACKET`, TPACKET_V3).
//!
//! ```text
//! kernel ─filter─► ring ─► block ─► frame ─► selected interface? ─► counted elsewhere? ─► Item::Frame
//!                             rtnetlink ─► which interfaces are selected ─► filter
//! ```
//!
//! One socket and one ring serve all interfaces of a network namespace: memory does not grow with the pods of a node,
//! frames arrive in the order in which the kernel saw them, and the first frames of a new interface are not lost. Needs
//! CAP_NET_RAW, at least as a permitted capability, and CAP_SYS_ADMIN for another network namespace.

mod block;
mod capability;
mod deduplication;
mod filter;
mod link_layer;
pub(crate) mod namespace;
mod ring;
mod sightings;
mod statistics;

use std::{
    collections::VecDeque,
    io, mem,
    os::fd::AsFd as _,
    path::PathBuf,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};

pub use self::{
    block::{DamagedBlock, RawFrame, Walk},
    capability::Lack,
    sightings::Sightings,
    statistics::CaptureStatistics,
};
use self::{
    deduplication::Deduplicator,
    link_layer::{Bytes, LinkFrame},
    ring::{BLOCK_BYTES, Ring},
};
use crate::{
    links::{InterfacePattern, LinkChange, Links},
    source::{Frame, Item, Source, Tick},
};

/// How often a tick is yielded.
const TICK: Duration = Duration::from_millis(100);
/// How long frames of a removed interface may still be in the ring.
const LINGER: Duration = Duration::from_mins(1);

/// What to capture.
#[derive(Debug, Clone)]
pub struct CaptureConfig {
    /// Interfaces, by name or glob.
    pub interfaces: Vec<InterfacePattern>,
    /// File of a network namespace, such as `/proc/PID/ns/net`; by default that of the process.
    pub namespace: Option<PathBuf>,
    /// Size of the ring in bytes; frames of a longer burst are dropped. At least two blocks of 1 MiB.
    pub ring_bytes: usize,
    /// Bytes of a frame that are captured.
    pub snap_len: u32,
}

/// A live capture.
#[derive(Debug)]
pub struct Capture {
    ring: Ring,
    links: Links,
    snap_len: u32,
    /// The iteration over the current block.
    walk: Option<Walk>,
    /// Time stamp of the newest frame, and when the last tick was yielded.
    newest: Timestamp,
    last_tick: Instant,
    /// Whether the kernel dropped frames before a frame of the block.
    losing: bool,
    /// `None` where at most one interface can be captured: no packet is seen twice.
    deduplicator: Option<Deduplicator>,
    sightings: Sightings,
    /// Removed interfaces, and when they were removed.
    gone: VecDeque<(u32, Instant)>,
    changes: VecDeque<LinkChange>,
    scratch: Vec<u8>,
    /// The change that was yielded last.
    change: Option<LinkChange>,
    statistics: CaptureStatistics,
    /// Dropped frames as of the last tick.
    reported_dropped: u64,
}

/// Why the capture cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The process lacks the privilege.
    #[error(
        "capturing needs the capability CAP_NET_RAW: run as root, or once \
         `sudo setcap cap_net_raw+ep \"$(command -v landfall)\"`"
    )]
    NotPermitted(Lack),
    /// The capability is permitted, and the kernel does not make it effective.
    #[error("failed to raise the capability CAP_NET_RAW (a seccomp profile may forbid capset)")]
    Capability {
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The network namespace cannot be entered.
    #[error("failed to enter the network namespace {} (it needs root, or CAP_SYS_ADMIN)", path.display())]
    Namespace {
        /// Its file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The socket or its ring fails.
    #[error("failed to {action} the packet ring")]
    Ring {
        /// What was tried.
        action: &'static str,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The kernel does not list its interfaces.
    #[error("failed to follow the network interfaces")]
    Links {
        /// The cause.
        #[source]
        source: io::Error,
    },
}

/// What comes next in the block, without its bytes.
enum Found {
    Frame { at: Timestamp, dressed: LinkFrame },
    Tick(Timestamp),
    Link(LinkChange),
}

// === impl CaptureConfig ===

impl CaptureConfig {
    /// Whole frames of these interfaces in the namespace of the process, with a ring of 32 MiB.
    pub fn new(interfaces: Vec<InterfacePattern>) -> Self {
        Self { interfaces, namespace: None, ring_bytes: 32 * 1024 * 1024, snap_len: 0x0004_0000 }
    }
}

// === impl Capture ===

impl Capture {
    /// Starts the capture.
    pub fn open(config: CaptureConfig) -> Result<Self, CaptureError> {
        let CaptureConfig { interfaces, namespace, ring_bytes, snap_len } = config;
        let blocks = (ring_bytes / BLOCK_BYTES).max(2);
        let several = interfaces.len() > 1 || interfaces.iter().any(InterfacePattern::is_glob);
        let (ring, links) = namespace::within(namespace.as_deref(), || {
            capability::raise().map_err(|source| CaptureError::Capability { source })?;
            let ring = Ring::new(blocks).map_err(|source| match source.raw_os_error() {
                Some(libc::EPERM) => CaptureError::NotPermitted(capability::lack()),
                _ => CaptureError::Ring { action: "make", source },
            })?;
            let links = Links::open(interfaces).map_err(|source| CaptureError::Links { source })?;
            Ok((ring, links))
        })?;
        let mut capture = Self {
            ring,
            links,
            snap_len,
            walk: None,
            newest: Timestamp::now(),
            last_tick: Instant::now(),
            losing: false,
            deduplicator: several.then(Deduplicator::default),
            sightings: Sightings::default(),
            gone: VecDeque::new(),
            changes: VecDeque::new(),
            scratch: Vec::new(),
            change: None,
            statistics: CaptureStatistics::default(),
            reported_dropped: 0,
        };
        // The filter is in force before the first frame.
        capture.update_links()?;
        capture.filter()?;
        capture.ring.open().map_err(|source| CaptureError::Ring { action: "open", source })?;
        Ok(capture)
    }

    /// The statistics so far, those of the kernel included.
    pub fn statistics(&mut self) -> CaptureStatistics {
        self.count();
        self.statistics
    }

    /// Answers these questions, too.
    pub fn with_sightings(self, sightings: Sightings) -> Self {
        Self { sightings, ..self }
    }

    /// Patterns that match no interface yet; interfaces that appear later are captured.
    pub fn awaited(&self) -> Vec<&str> {
        self.links.awaited()
    }

    /// Names of all interfaces of the network namespace.
    pub fn interfaces(&self) -> Vec<&str> {
        self.links.names()
    }

    /// Whether every interface that was asked for by its name is there.
    pub fn is_complete(&self) -> bool {
        self.links.absent() == 0
    }

    fn find(&mut self) -> Result<Found, CaptureError> {
        loop {
            if let Some(change) = self.changes.pop_front() {
                return Ok(Found::Link(change));
            }
            if let Some(found) = self.walk_on() {
                return Ok(found);
            }
            // Only between two blocks: the clock must not run ahead of frames that are not read yet.
            if self.last_tick.elapsed() >= TICK {
                let waiting = self.ring.block().is_some();
                self.last_tick = Instant::now();
                return Ok(Found::Tick(if waiting { self.newest } else { Timestamp::now() }));
            }
            let begun = self.ring.block().map(Walk::begin);
            // The kernel announces a link before its first frame, so changes are read before the block.
            self.update_links()?;
            match begun {
                Some(Ok(walk)) => self.walk = Some(walk),
                Some(Err(damage)) => self.skip_block(damage),
                None if self.changes.is_empty() => self.wait()?,
                None => {}
            }
        }
    }

    /// The next frame of the block that counts here. After the last one the block is released to the kernel.
    fn walk_on(&mut self) -> Option<Found> {
        loop {
            let block = self.ring.block()?;
            match self.walk.as_mut()?.next(block) {
                Ok(Some(frame)) => {
                    self.losing |= frame.losing;
                    self.newest = instant(&frame);
                    if let Some(found) = self.admit(&frame) {
                        return Some(found);
                    }
                }
                Ok(None) => self.end_walk(),
                Err(damage) => self.skip_block(damage),
            }
        }
    }

    /// A frame, if its interface is captured and it counts here.
    fn admit(&mut self, frame: &RawFrame) -> Option<Found> {
        let is_wanted =
            self.links.is_captured(frame.interface) || self.gone.iter().any(|(index, _)| *index == frame.interface);
        if !is_wanted {
            self.statistics.unwanted += 1;
            return None;
        }
        let direction = link_layer::direction(frame)?;
        let block = self.ring.block()?;
        let dressed = link_layer::with_link_header(frame, block, &mut self.scratch);
        let at = instant(frame);
        if let Some(deduplicator) = &mut self.deduplicator {
            let data = match &dressed.bytes {
                Bytes::Block(range) => block.get(range.clone()).unwrap_or_default(),
                Bytes::Scratch => self.scratch.as_slice(),
            };
            let shown = Frame { at, link: dressed.link, original_len: dressed.original_len, data };
            if !deduplicator.counts(&shown, frame.interface, direction) {
                self.statistics.copies += 1;
                return None;
            }
        }
        self.statistics.yielded += 1;
        Some(Found::Frame { at, dressed })
    }

    fn skip_block(&mut self, damage: DamagedBlock) {
        tracing::warn!(%damage, "A block of the packet ring is skipped");
        self.statistics.damaged += u64::from(damage.left);
        self.end_walk();
    }

    fn end_walk(&mut self) {
        self.walk = None;
        self.ring.release();
        if mem::take(&mut self.losing) {
            self.read_kernel_statistics();
        }
    }

    /// Follows interfaces that appeared or disappeared.
    fn update_links(&mut self) -> Result<(), CaptureError> {
        let now = Instant::now();
        while let Some((index, _)) = self.gone.pop_front_if(|(_, at)| now.duration_since(*at) >= LINGER) {
            self.deduplicator.iter_mut().for_each(|deduplicator| deduplicator.forget(index));
        }
        let changes = self.links.changes().map_err(|source| CaptureError::Links { source })?;
        if changes.is_empty() {
            return Ok(());
        }
        for change in &changes {
            match change {
                LinkChange::Gone { index, .. } => self.gone.push_back((*index, now)),
                LinkChange::Captured { index, .. } => self.gone.retain(|(gone, _)| gone != index),
                LinkChange::Covered { .. } => {}
            }
        }
        self.changes.extend(changes);
        self.filter()
    }

    fn filter(&self) -> Result<(), CaptureError> {
        let mut refused = self.links.refused();
        // Frames of removed links that are still in the ring pass; those of covered links do not.
        refused.retain(|index| !self.gone.iter().any(|(gone, _)| gone == index));
        let program = filter::refusing(&refused, self.snap_len);
        self.ring.filter(&program).map_err(|source| CaptureError::Ring { action: "filter", source })
    }

    /// Waits for frames or changed interfaces until the next tick is due.
    fn wait(&self) -> Result<(), CaptureError> {
        let mut waiting =
            [PollFd::new(self.ring.as_fd(), PollFlags::POLLIN), PollFd::new(self.links.as_fd(), PollFlags::POLLIN)];
        // Rounded up, otherwise the last millisecond would be spent polling.
        let left = TICK.saturating_sub(self.last_tick.elapsed()) + Duration::from_millis(1);
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        match poll(&mut waiting, timeout) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(error) => Err(CaptureError::Ring { action: "wait for", source: error.into() }),
        }
    }

    /// Updates the statistics.
    fn count(&mut self) {
        self.read_kernel_statistics();
        self.statistics.interfaces = self.links.captured() as u64;
        self.statistics.absent = self.links.absent() as u64;
    }

    fn read_kernel_statistics(&mut self) {
        match self.ring.counts() {
            Ok(counts) => self.statistics.add(counts),
            Err(error) => tracing::warn!(%error, "Failed to read how many frames the kernel dropped"),
        }
    }
}

impl Source for Capture {
    type Error = CaptureError;

    const IS_LIVE: bool = true;

    fn next(&mut self) -> Result<Option<Item<'_>>, CaptureError> {
        Ok(Some(match self.find()? {
            Found::Frame { at, dressed: LinkFrame { link, original_len, bytes } } => {
                let data = match bytes {
                    Bytes::Block(range) => self.ring.block().and_then(|block| block.get(range)).unwrap_or_default(),
                    Bytes::Scratch => self.scratch.as_slice(),
                };
                Item::Frame(Frame { at, link, original_len, data })
            }
            Found::Tick(now) => {
                self.count();
                if let Some(deduplicator) = &self.deduplicator {
                    self.sightings.answer(|address| deduplicator.seen_at(address));
                }
                let before = mem::replace(&mut self.reported_dropped, self.statistics.dropped);
                let dropped = self.statistics.dropped.saturating_sub(before);
                Item::Tick(Tick { now, dropped, statistics: &self.statistics })
            }
            Found::Link(change) => Item::Link(self.change.insert(change)),
        }))
    }
}

fn instant(frame: &RawFrame) -> Timestamp {
    let nanoseconds = i32::try_from(frame.nanoseconds).unwrap_or_default();
    Timestamp::new(i64::from(frame.seconds), nanoseconds).unwrap_or(Timestamp::UNIX_EPOCH)
}
