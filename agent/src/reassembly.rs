//! Reassembles one direction of a TCP connection.
//!
//! Data in order goes straight to the consumer; only early data is buffered, within a limit. Where segments overlap,
//! the first copy wins. A gap that is not closed before the limit is reached is skipped and counted, so that reading
//! continues after lost packets.

mod buffer;
mod early;

pub use buffer::Buffer;

use early::Early;

/// Segments further ahead than the largest window (RFC 7323, section 2.3) do not belong to the connection.
const MAX_AHEAD: i64 = 1 << 30;

/// Limits of an [`Assembler`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Offset in the stream up to which bytes are delivered.
    pub stream: u64,
    /// Maximum number of bytes to buffer, including the overhead of each segment.
    pub early: usize,
}

/// A TCP segment of one direction.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Sequence number of the first byte, or of the SYN.
    pub seq: u32,
    /// SYN flag.
    pub syn: bool,
    /// FIN flag.
    pub fin: bool,
    /// The payload as far as it was captured.
    pub payload: &'a [u8],
    /// Bytes at the end of the payload that were not captured.
    pub missing: u32,
}

/// A part of the stream, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Bytes.
    Data(&'a [u8]),
    /// This number of bytes was lost.
    Gap(u64),
    /// The sender closed its direction.
    End,
}

/// Reassembles the segments of one direction.
#[derive(Debug)]
pub struct Assembler {
    limits: Limits,
    /// Sequence number at `next`, once a segment was seen.
    next_seq: Option<u32>,
    /// Offset of the next piece to deliver.
    next: u64,
    /// Offset at which the stream ends, once a FIN was seen.
    end: Option<u64>,
    ended: bool,
    early: Early,
    gaps: u64,
    gap_bytes: u64,
}

impl Assembler {
    /// A stream whose SYN was not seen.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            next_seq: None,
            next: 0,
            end: None,
            ended: false,
            early: Early::default(),
            gaps: 0,
            gap_bytes: 0,
        }
    }

    /// A stream whose SYN had the sequence number `seq`.
    pub fn starting_at(limits: Limits, seq: u32) -> Self {
        Self { next_seq: Some(seq.wrapping_add(1)), ..Self::new(limits) }
    }

    /// Changes the limits from now on. Bytes that were discarded under the old limits are not delivered.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
    }

    /// Whether nothing more will be delivered.
    pub fn is_over(&self) -> bool {
        self.ended || self.next >= self.limits.stream
    }

    /// Number and total length of skipped gaps.
    pub fn gaps(&self) -> (u64, u64) {
        (self.gaps, self.gap_bytes)
    }

    /// Heap memory in bytes.
    pub fn heap_bytes(&self) -> usize {
        self.early.cost()
    }

    /// Adds a segment, and delivers the data that is in order now.
    pub fn segment(&mut self, segment: Segment<'_>, mut deliver: impl FnMut(Piece<'_>)) {
        if self.is_over() {
            return;
        }
        // A SYN takes the sequence number before the first byte.
        let seq = if segment.syn { segment.seq.wrapping_add(1) } else { segment.seq };
        let next_seq = *self.next_seq.get_or_insert(seq);
        let ahead = i64::from(seq.wrapping_sub(next_seq).cast_signed());
        if ahead > MAX_AHEAD {
            return;
        }
        let data = segment.payload.len() as u64;
        let len = data + u64::from(segment.missing);
        let Some(end) = self.next.checked_add_signed(ahead).map(|start| start + len) else {
            return self.before_start(&segment, ahead, len, deliver);
        };
        let start = end - len;
        if segment.fin && self.end.is_none_or(|known| end < known) {
            self.end = Some(end);
        }
        self.place(start, Piece::Data(segment.payload), &mut deliver);
        self.place(start + data, Piece::Gap(u64::from(segment.missing)), &mut deliver);
        while self.early.cost() > self.limits.early {
            self.skip_gap(&mut deliver);
        }
        self.close(&mut deliver);
    }

    /// Delivers the buffered data and the gaps before it at the end of the stream.
    pub fn finish(&mut self, mut deliver: impl FnMut(Piece<'_>)) {
        while !self.is_over() && !self.early.is_empty() {
            self.skip_gap(&mut deliver);
        }
        if !self.ended {
            self.ended = true;
            deliver(Piece::End);
        }
        self.early = Early::default();
    }

    /// Adds a segment that begins before the first known byte, as happens when a capture begins in mid-stream with
    /// segments out of order. Only its part after that byte is used.
    fn before_start(&mut self, segment: &Segment<'_>, ahead: i64, len: u64, deliver: impl FnMut(Piece<'_>)) {
        let before = ahead.unsigned_abs();
        if before >= len + u64::from(segment.fin) {
            return;
        }
        let old = u32::try_from(before).unwrap_or(u32::MAX);
        let data = usize::try_from(before).unwrap_or(usize::MAX).min(segment.payload.len());
        let lost = before - data as u64;
        let rest = Segment {
            seq: segment.seq.wrapping_add(old).wrapping_add(u32::from(segment.syn)),
            syn: false,
            payload: &segment.payload[data..],
            missing: segment.missing - u32::try_from(lost).unwrap_or(segment.missing),
            ..*segment
        };
        self.segment(rest, deliver);
    }

    /// Delivers or buffers the new bytes of a piece that begins at `start`.
    fn place(&mut self, start: u64, piece: Piece<'_>, deliver: &mut impl FnMut(Piece<'_>)) {
        let end = start + piece_len(&piece);
        let mut at = start.max(self.next);
        if at > self.next {
            // Bytes beyond the limit are not buffered either.
            let end = end.min(self.limits.stream);
            return self.early.hold(at, cut(&piece, at - start, end.saturating_sub(start)));
        }
        while at < end {
            // Of overlapping bytes, the buffered ones came first.
            let until = self.early.first().map_or(end, |first| first.min(end));
            self.deliver(cut(&piece, at - start, until - start), deliver);
            self.drain(deliver);
            at = self.next;
        }
    }

    /// Delivers buffered pieces that are in order now.
    fn drain(&mut self, deliver: &mut impl FnMut(Piece<'_>)) {
        while let Some(held) = self.early.take(self.next) {
            self.deliver(held.piece(), deliver);
        }
    }

    /// Delivers a piece that begins at `next`.
    fn deliver(&mut self, piece: Piece<'_>, deliver: &mut impl FnMut(Piece<'_>)) {
        let len = piece_len(&piece);
        if len == 0 {
            return;
        }
        let room = self.limits.stream.saturating_sub(self.next);
        self.next += len;
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let advanced = self.next_seq.unwrap_or_default().wrapping_add(len as u32);
        self.next_seq = Some(advanced);
        if let Piece::Gap(len) = piece {
            self.gaps += 1;
            self.gap_bytes += len;
        }
        match cut(&piece, 0, room.min(len)) {
            Piece::Data([]) | Piece::Gap(0) => {}
            within => deliver(within),
        }
    }

    /// Skips the gap before the first buffered piece.
    fn skip_gap(&mut self, deliver: &mut impl FnMut(Piece<'_>)) {
        let Some(first) = self.early.first() else { return };
        self.deliver(Piece::Gap(first.saturating_sub(self.next)), deliver);
        self.drain(deliver);
    }

    fn close(&mut self, deliver: &mut impl FnMut(Piece<'_>)) {
        if self.is_over() {
            self.early = Early::default();
        }
        if !self.ended && self.end.is_some_and(|end| self.next >= end) {
            self.ended = true;
            self.early = Early::default();
            deliver(Piece::End);
        }
    }
}

fn piece_len(piece: &Piece<'_>) -> u64 {
    match piece {
        Piece::Data(bytes) => bytes.len() as u64,
        Piece::Gap(len) => *len,
        Piece::End => 0,
    }
}

/// The part of a piece between two offsets in it.
fn cut<'a>(piece: &Piece<'a>, from: u64, to: u64) -> Piece<'a> {
    match piece {
        Piece::Data(bytes) => {
            let index = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
            Piece::Data(bytes.get(index(from)..index(to)).unwrap_or_default())
        }
        Piece::Gap(_) => Piece::Gap(to.saturating_sub(from)),
        Piece::End => Piece::End,
    }
}

#[cfg(test)]
mod tests;
