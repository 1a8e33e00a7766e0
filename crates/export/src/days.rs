//! Which segments are exported, and into which files: a file is of one day on which segments were sealed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use landfall_evidence::{Class, SealedSegment};

/// A day (UTC) on which segments of a class were sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Day {
    pub(crate) class: Class,
    pub(crate) date: Date,
}

/// The days to export with their segments.
#[derive(Debug, Default)]
pub(crate) struct Days {
    /// The segments that still have their data.
    segments: BTreeMap<Day, BTreeSet<u64>>,
    days: BTreeMap<u64, Day>,
}

// === impl Days ===

impl Days {
    /// The days with a segment that has a record of that period.
    pub(crate) fn new(sealed: &[SealedSegment], period: &Range<Timestamp>) -> Self {
        let is_asked = |segment: &&SealedSegment| {
            let manifest = &segment.manifest;
            manifest.to >= period.start && manifest.from < period.end
        };
        let asked: BTreeSet<Day> = sealed.iter().filter(is_asked).map(Day::of).collect();
        let mut days = Self::default();
        for segment in sealed.iter().filter(|segment| segment.has_data) {
            let day = Day::of(segment);
            if asked.contains(&day) {
                days.segments.entry(day).or_default().insert(segment.manifest.number);
                days.days.insert(segment.manifest.number, day);
            }
        }
        days
    }

    /// The numbers of all segments to export.
    pub(crate) fn numbers(&self) -> BTreeSet<u64> {
        self.days.keys().copied().collect()
    }

    /// The day of a segment.
    pub(crate) fn day(&self, number: u64) -> Option<Day> {
        self.days.get(&number).copied()
    }

    /// The segments of a day.
    pub(crate) fn segments(&self, day: Day) -> &BTreeSet<u64> {
        const NONE: &BTreeSet<u64> = &BTreeSet::new();
        self.segments.get(&day).unwrap_or(NONE)
    }
}

// === impl Day ===

impl Day {
    fn of(segment: &SealedSegment) -> Self {
        let manifest = &segment.manifest;
        Self { class: manifest.class, date: manifest.sealed_at.to_zoned(TimeZone::UTC).date() }
    }
}
