//! Sources of what is observed: capture files here, live interfaces in [`crate::afpacket`].
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

/// Yields items in the order in which they happened. [`run`] drives it.
pub trait Source {
    /// Why it cannot go on.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Whether it is live: it has no end, yields ticks, and loses what is not read in time.
    const IS_LIVE: bool;

    /// What comes next; `None` at the end, and ever after. The item lives until the next call. A live source waits for it
    /// a tenth of a second at most, and yields a tick then.
    fn next(&mut self) -> Result<Option<Item<'_>>, Self::Error>;
}

/// What a source yields. A source of another kind has a variant here, and an arm in
/// [`Observer::take`](crate::pipeline::Observer::take).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// The time.
    Tick(Tick<'a>),
    /// A network interface came or went.
    Link(&'a LinkChange),
}

/// The time: a live source yields it ten times a second, by the clock of its frames while there are any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick<'a> {
    /// The time.
    pub now: Timestamp,
    /// Frames that were dropped since the last tick, for lack of room.
    pub dropped: u64,
    /// Statistics since the start.
    pub statistics: &'a CaptureStatistics,
}

/// A frame as it was captured, link header included. Its `Debug` tells its length only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// When it was captured. Clocks beyond what [`Timestamp`] holds are taken as its last instant.
    pub at: Timestamp,
    /// What the frame begins with.
    pub link: LinkType,
    /// Length on the wire; more than `data.len()` if the capture cut the frame off.
    pub original_len: u32,
    /// What was captured.
    pub data: &'a [u8],
}

/// How far a file was read, for a progress bar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes read from the file, still compressed if it is.
    pub bytes_read: u64,
    /// Size of the file, if it is known (not on a pipe).
    pub bytes_total: Option<u64>,
    /// Frames yielded so far.
    pub frames: u64,
}

impl Frame<'_> {
    /// Whether it went to everybody on its link.
    pub fn is_broadcast(&self) -> bool {
        match self.link {
            LinkType::Ethernet => self.data.starts_with(&[0xff; 6]),
            // Cooked captures keep the kind of packet instead of the address: 1 is broadcast.
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
