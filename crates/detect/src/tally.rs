use landfall_observation::{Finding, FindingCertainty, Place};

use crate::detectors::{self, DetectorId};

/// Most places kept for a finding.
const MAX_PLACES: usize = 16;

/// Where a match is, as offsets in the bytes of its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u64,
    /// Offset after its last byte.
    pub end: u64,
    /// The detector's name, as in [`Finding::detector`].
    pub detector: &'static str,
    /// What the match rests on.
    pub certainty: FindingCertainty,
}

/// Counts the matches of a record.
#[derive(Default)]
pub(crate) struct Tally {
    counts: [[Count; FindingCertainty::ALL.len()]; detectors::COUNT],
    spans: Option<Vec<Span>>,
}

#[derive(Default)]
struct Count {
    matches: u64,
    /// The first places in the order of the stream.
    places: Vec<Place>,
}

impl Tally {
    /// Keeps offsets from here on.
    pub(crate) fn want_spans(&mut self) {
        self.spans.get_or_insert_default();
    }

    /// Whether offsets are wanted.
    pub(crate) fn wants_spans(&self) -> bool {
        self.spans.is_some()
    }

    /// Counts one match; `span` is (0, 0) where offsets are not wanted.
    pub(crate) fn count(
        &mut self,
        detector: DetectorId,
        certainty: FindingCertainty,
        place: Place,
        (start, end): (u64, u64),
    ) {
        let count = &mut self.counts[detector.index()][certainty as usize];
        count.matches += 1;
        if count.places.len() < MAX_PLACES && !count.places.contains(&place) {
            count.places.push(place);
        }
        if let Some(spans) = &mut self.spans {
            spans.push(Span { start, end, detector: detector.name(), certainty });
        }
    }

    /// What was counted; the tally is empty from here on.
    pub(crate) fn take(&mut self) -> (Vec<Finding>, Vec<Span>) {
        let counts = std::mem::take(&mut self.counts);
        let by_detector = DetectorId::all().zip(counts);
        let by_certainty = by_detector.flat_map(|(detector, counts)| {
            FindingCertainty::ALL.into_iter().zip(counts).rev().map(move |count| (detector, count))
        });
        let found = by_certainty.filter(|(_, (_, count))| count.matches > 0);
        let findings = found.map(|(detector, (certainty, Count { matches, mut places }))| {
            places.sort();
            Finding {
                category: detector.category(),
                detector: detector.name().to_owned(),
                certainty,
                matches,
                records: 1,
                places,
            }
        });
        let mut spans = self.spans.as_mut().map(std::mem::take).unwrap_or_default();
        spans.sort();
        (findings.collect(), spans)
    }
}
