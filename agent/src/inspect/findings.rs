use std::mem;

use landfall_observation::{Finding, Name, Place};

use super::learned::Learned;
use crate::packet::Way;

/// Maximum number of places in a finding.
const MAX_PLACES: usize = 32;

/// The findings in one direction of a flow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectionFindings {
    /// Kinds of personal data, each category, detector and certainty once.
    pub findings: Vec<Finding>,
    /// Bytes that went through the detectors, after decompression.
    pub payload_bytes_seen: u64,
}

/// The findings in the messages for one host, by way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostFindings {
    /// The host, if the requests name one.
    pub host: Option<Name>,
    /// First the initiator's direction, then the responder's.
    pub findings: [DirectionFindings; 2],
}

/// The findings in a flow since the last report, by the index of the host among the stated names.
#[derive(Debug, Default)]
pub(super) struct Found {
    hosts: Vec<(usize, [DirectionFindings; 2])>,
}

// === impl DirectionFindings ===

impl DirectionFindings {
    pub(super) fn add(&mut self, other: Self) {
        self.payload_bytes_seen += other.payload_bytes_seen;
        for finding in other.findings {
            add_finding(&mut self.findings, finding);
        }
    }

    fn heap_bytes(&self) -> usize {
        let places: usize = self.findings.iter().map(|f| f.places.capacity() * mem::size_of::<Place>()).sum();
        places + self.findings.capacity() * mem::size_of::<Finding>()
    }
}

/// Merges a finding into others, which have one entry per category, detector and certainty.
pub(crate) fn add_finding(findings: &mut Vec<Finding>, finding: Finding) {
    let same = |known: &&mut Finding| {
        known.certainty == finding.certainty && known.category == finding.category && known.detector == finding.detector
    };
    let Some(known) = findings.iter_mut().find(same) else {
        findings.push(finding);
        return;
    };
    let Finding { category: _, detector: _, certainty: _, matches, records, places } = finding;
    known.matches += matches;
    known.records += records;
    let listed = known.places.len();
    for place in places {
        if !known.places[..listed].contains(&place) {
            known.places.push(place);
        }
    }
    if known.places.len() > listed {
        known.places.sort();
        known.places.dedup();
        known.places.truncate(MAX_PLACES);
    }
}

// === impl Found ===

impl Found {
    /// Adds the findings of a message.
    pub(super) fn add(&mut self, host: usize, way: Way, found: DirectionFindings) {
        let known = self.hosts.iter().position(|(index, _)| *index == host);
        let index = known.unwrap_or_else(|| {
            self.hosts.push((host, Default::default()));
            self.hosts.len() - 1
        });
        self.hosts[index].1[way as usize].add(found);
    }

    pub(super) fn into_hosts(mut self, learned: &Learned) -> Vec<HostFindings> {
        self.hosts.sort_by_key(|(index, _)| *index);
        let name = |index: usize| learned.stated().get(index).cloned();
        self.hosts.into_iter().map(|(index, findings)| HostFindings { host: name(index), findings }).collect()
    }

    pub(super) fn heap_bytes(&self) -> usize {
        let findings: usize = self.hosts.iter().flat_map(|(_, ways)| ways).map(DirectionFindings::heap_bytes).sum();
        findings + self.hosts.capacity() * mem::size_of::<(usize, [DirectionFindings; 2])>()
    }
}

#[cfg(test)]
mod tests {
    use landfall_observation::{DataCategory, FindingCertainty};

    use super::*;

    /// More words for keys than a finding lists.
    const WORDS: &str = "url uri text note body memo data info item user value title topic token to from cc bcc file \
                         host name email phone city street tel mail fax iban plz id uid ref order time size";

    fn found(category: DataCategory, matches: u64, place: &str) -> DirectionFindings {
        let finding = Finding {
            category,
            detector: "test".to_owned(),
            certainty: FindingCertainty::Validated,
            matches,
            records: 1,
            places: vec![place.parse().unwrap()],
        };
        DirectionFindings { findings: vec![finding], payload_bytes_seen: 10 }
    }

    #[test]
    fn findings_of_a_kind_are_added_up_and_places_are_listed_once() {
        let mut all = Found::default();
        all.add(0, Way::Out, found(DataCategory::EMAIL_ADDRESS, 2, "body"));
        all.add(0, Way::Out, found(DataCategory::EMAIL_ADDRESS, 1, "body"));
        all.add(0, Way::Out, found(DataCategory::NAME, 1, "key:name"));
        all.add(0, Way::Back, found(DataCategory::EMAIL_ADDRESS, 1, "key:mail"));
        let (_, [out, back]) = all.hosts.remove(0);
        let kinds: Vec<_> =
            out.findings.iter().map(|f| (f.category.clone(), f.matches, f.records, f.places.len())).collect();
        assert_eq!(kinds, [(DataCategory::EMAIL_ADDRESS, 3, 2, 1), (DataCategory::NAME, 1, 1, 1)]);
        assert_eq!((out.payload_bytes_seen, back), (30, found(DataCategory::EMAIL_ADDRESS, 1, "key:mail")));
    }

    #[test]
    fn matches_of_different_certainty_are_not_added_up() {
        let mut all = Found::default();
        for certainty in FindingCertainty::ALL.into_iter().chain([FindingCertainty::Contextual]) {
            let mut one = found(DataCategory::TELEPHONE_NUMBER, 1, "body");
            one.findings[0].certainty = certainty;
            all.add(0, Way::Out, one);
        }
        let (_, [out, _]) = all.hosts.remove(0);
        let kinds: Vec<_> = out.findings.iter().map(|f| (f.certainty, f.records)).collect();
        let expected =
            [(FindingCertainty::Heuristic, 1), (FindingCertainty::Contextual, 2), (FindingCertainty::Validated, 1)];
        assert_eq!(kinds, expected);
    }

    #[test]
    fn the_places_of_a_finding_are_bounded() {
        let mut all = Found::default();
        let words: Vec<_> = WORDS.split(' ').collect();
        for n in 0..1000 {
            let word = words[n % words.len()];
            all.add(0, Way::Out, found(DataCategory::EMAIL_ADDRESS, 1, &format!("key:{word}")));
        }
        let (_, [out, _]) = all.hosts.remove(0);
        assert_eq!((out.findings[0].places.len(), out.findings[0].matches), (MAX_PLACES, 1000));
    }
}
