//! Where frames come from: capture files here, live interfaces beside them.
//!
//! A source hands out one frame at a time as a view into its own buffer. It knows link types and
//! clocks; what is inside a frame is [`crate::decode`]'s business.

mod buffer;
mod capture_file;
mod compression;
mod error;
mod link_type;
mod pcap;
mod pcapng;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Timestamp;

pub(crate) use self::link_type::link_name;
pub use self::{
    capture_file::CaptureFile,
    error::SourceError,
    link_type::{LINK_TYPES_READ, LinkType},
};

/// Yields frames in the order in which they were captured.
pub trait Source {
    /// The next frame, or `None` at the end. The frame lives until the next call.
    ///
    /// Whatever can be read before damage is yielded first; after an error the source is at its end.
    /// Frames of a link type that is not read are yielded as [`LinkType::Unread`], so that they are counted.
    fn next_frame(&mut self) -> Result<Option<Frame<'_>>, SourceError>;

    /// How far the source is.
    fn progress(&self) -> Progress;
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

/// How far a source is, for a progress bar.
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
