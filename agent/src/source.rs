//! Sources of frames: capture files here, live interfaces in [`crate::afpacket`].
//!
//! ```text
//! Source ─Item─► run ─► Observer::take ─► Observation
//! ```
//!
//! A source yields one item at a time, as a view into its own buffer. It knows link types and clocks; frames are
//! decoded in [`crate::decode`].

mod buffer;
mod capture_file;
mod compression;
mod error;
mod link_type;
mod pcap;
mod pcapng;
mod run;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

pub(crate) use self::link_type::link_name;
pub use self::{
    capture_file::CaptureFile,
    error::SourceError,
    link_type::{LINK_TYPES_READ, LinkType},
    run::{RunError, run},
};
use crate::{afpacket::CaptureStatistics, links::LinkChange};

/// Yields items in chronological order; [`run`] drives it.
pub trait Source {
    /// Why it failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Whether it is live: it has no end, yields ticks, and drops frames that are not read in time.
    const IS_LIVE: bool;

    /// The next item; `None` at the end and from then on. The item borrows from the source until the next call. A live
    /// source waits at most a tenth of a second and then yields a tick.
    fn next(&mut self) -> Result<Option<Item<'_>>, Self::Error>;
}

/// What a source yields. A new kind of item needs a variant here and an arm in
/// [`Observer::take`](crate::pipeline::Observer::take).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// The time.
    Tick(Tick<'a>),
    /// A network interface appeared or disappeared.
    Link(&'a LinkChange),
}

/// The time: a live source yields it ten times a second, by the clock of its frames if there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick<'a> {
    /// The time.
    pub now: Timestamp,
    /// Frames that were dropped since the last tick because the buffer was full.
    pub dropped: u64,
    /// Statistics since the start.
    pub statistics: &'a CaptureStatistics,
}

/// A frame as captured, including the link header. Its `Debug` shows only the length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When it was captured, clamped to the range of [`Timestamp`].
    pub at: Timestamp,
    /// The header that the frame begins with.
    pub link: LinkType,
    /// Length on the wire; more than `data.len()` if the frame was truncated.
    pub original_len: u32,
    /// The captured bytes.
    pub data: &'a [u8],
}

/// How far a file was read, for a progress bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read from the file, before decompression.
    pub bytes_read: u64,
    /// Size of the file, if it is known (not on a pipe).
    pub bytes_total: Option<u64>,
    /// Frames yielded so far.
    pub frames: u64,
}

impl Frame<'_> {
    /// Whether it is a link-layer broadcast.
    pub fn is_broadcast(&self) -> bool {
        match self.link {
            LinkType::Ethernet => self.data.starts_with(&[0xff; 6]),
            // Cooked captures have a packet type instead of the address: 1 is broadcast.
            LinkType::LinuxSll => self.data.starts_with(&[0, 1]),
            LinkType::LinuxSll2 => self.data.get(10) == Some(&1),
            _ => false,
        }
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, link, original_len, data } = self;
        let data = format_args!("{} bytes", data.len());
        let mut frame = f.debug_struct("Frame");
        frame.field("at", at).field("link", link).field("original_len", original_len).field("data", &data).finish()
    }
}
