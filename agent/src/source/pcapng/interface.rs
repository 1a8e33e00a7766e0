//! An interface as described in a section: its link type and its clock.

use jiff::Timestamp;
use pcap_parser::pcapng::{InterfaceDescriptionBlock, OptionCode};

use crate::source::{LinkType, capture_file::instant};

/// Nanoseconds of a second.
const BILLION: u64 = 1_000_000_000;

/// An interface of a section.
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// Maximum captured length; 0 for no limit.
    snap_length: u32,
    ticks_per_second: u64,
    offset_seconds: i64,
}

impl Interface {
    /// `None` if the clock's resolution does not fit 64 bits.
    pub(super) fn describe(block: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Option<Self> {
        // The library always reads the offset as little-endian.
        let offset = block.options.iter().rfind(|option| option.code == OptionCode::IfTsoffset);
        let offset = offset.and_then(|option| option.value.first_chunk::<8>().copied());
        let offset_seconds =
            offset.map_or(0, |bytes| if big_endian { i64::from_be_bytes(bytes) } else { i64::from_le_bytes(bytes) });
        Some(Self {
            link: LinkType::from_number(block.linktype.0.cast_unsigned()),
            snap_length: block.snaplen,
            ticks_per_second: resolution(block.if_tsresol)?,
            offset_seconds,
        })
    }

    /// A length, limited to the snap length.
    pub(super) fn cut(&self, length: u32) -> u32 {
        if self.snap_length == 0 { length } else { length.min(self.snap_length) }
    }

    /// The instant of a packet's ticks.
    pub(super) fn instant(&self, ticks: u64) -> Timestamp {
        let seconds = i64::try_from(ticks / self.ticks_per_second).unwrap_or(i64::MAX);
        let rest = ticks % self.ticks_per_second;
        let nanoseconds = if self.ticks_per_second <= BILLION {
            rest * BILLION / self.ticks_per_second
        } else {
            let scaled = u128::from(rest) * u128::from(BILLION) / u128::from(self.ticks_per_second);
            u64::try_from(scaled).unwrap_or_default()
        };
        instant(seconds.saturating_add(self.offset_seconds), i32::try_from(nanoseconds).unwrap_or_default())
    }
}

/// Ticks in a second: a negative power of ten, or of two if the highest bit is set.
fn resolution(option: u8) -> Option<u64> {
    let power = u32::from(option & 0x7f);
    if option & 0x80 == 0 { 10_u64.checked_pow(power) } else { 1_u64.checked_shl(power) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolutions_beyond_64_bits_are_refused() {
        assert_eq!(resolution(6), Some(1_000_000));
        assert_eq!(resolution(19), Some(10_000_000_000_000_000_000));
        assert_eq!(resolution(20), None);
        assert_eq!(resolution(0x8a), Some(1024));
        assert_eq!(resolution(0xbf), Some(1 << 63));
        assert_eq!(resolution(0xc0), None);
        assert_eq!(resolution(0xff), None);
    }

    #[test]
    fn clocks_finer_than_nanoseconds_are_rounded_down() {
        let link = LinkType::Ethernet;
        let interface = Interface { link, snap_length: 0, ticks_per_second: 10_u64.pow(12), offset_seconds: -1 };
        assert_eq!(interface.instant(2_000_000_001_999), Timestamp::new(1, 1).unwrap());
    }

    #[test]
    fn impossible_times_are_clamped() {
        let link = LinkType::Ethernet;
        let interface = Interface { link, snap_length: 0, ticks_per_second: 1, offset_seconds: i64::MAX };
        assert_eq!(interface.instant(u64::MAX), Timestamp::MAX);
    }
}
