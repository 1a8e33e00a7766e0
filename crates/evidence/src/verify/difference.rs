//! Finds the first record that differs, by the first bytes of leaf hashes.

use std::collections::HashSet;

use super::Fault;
use crate::segment::LeafPart;

/// The first position at which `found` differs from `sealed`, and what happened there.
pub(super) fn first(sealed: &[LeafPart], found: &[LeafPart]) -> Option<(u64, Fault)> {
    let same = sealed.iter().zip(found).take_while(|(sealed, found)| sealed == found).count();
    let (sealed, found) = (&sealed[same..], &found[same..]);
    let fault = match (sealed, found) {
        ([], []) => return None,
        ([], _) => Fault::RecordInserted,
        (_, []) => Fault::RecordDropped,
        ([was, later @ ..], [is, after @ ..]) => {
            let (still, known) = (after.contains(was), later.contains(is));
            if sealed.len() == found.len() && is_permutation(sealed, found) {
                Fault::RecordReordered
            } else if known && !still {
                Fault::RecordDropped
            } else if still && !known {
                Fault::RecordInserted
            } else if still && known {
                // Both moved: the lengths tell whether one was taken away or added.
                match sealed.len().cmp(&found.len()) {
                    std::cmp::Ordering::Greater => Fault::RecordDropped,
                    std::cmp::Ordering::Less => Fault::RecordInserted,
                    std::cmp::Ordering::Equal => Fault::RecordReordered,
                }
            } else {
                Fault::RecordChanged
            }
        }
    };
    Some((same as u64, fault))
}

fn is_permutation(sealed: &[LeafPart], found: &[LeafPart]) -> bool {
    // Quick for the common case that a record is a new one.
    let known: HashSet<&LeafPart> = sealed.iter().collect();
    if !found.iter().all(|part| known.contains(part)) {
        return false;
    }
    let sorted = |parts: &[LeafPart]| {
        let mut parts = parts.to_vec();
        parts.sort_unstable();
        parts
    };
    sorted(sealed) == sorted(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<LeafPart> {
        text.bytes().map(|byte| [byte; 4]).collect()
    }

    #[test]
    fn what_happened_is_told_apart() {
        for (found, expected) in [
            ("abcdef", None),
            ("abXdef", Some((2, Fault::RecordChanged))),
            ("abdef", Some((2, Fault::RecordDropped))),
            ("bcdef", Some((0, Fault::RecordDropped))),
            ("abcde", Some((5, Fault::RecordDropped))),
            ("abdeX", Some((2, Fault::RecordDropped))),
            ("acbdef", Some((1, Fault::RecordReordered))),
            ("fbcdea", Some((0, Fault::RecordReordered))),
            ("abXcdef", Some((2, Fault::RecordInserted))),
            ("abbcdef", Some((2, Fault::RecordInserted))),
            ("abcdefX", Some((6, Fault::RecordInserted))),
            ("XXXXXX", Some((0, Fault::RecordChanged))),
            ("", Some((0, Fault::RecordDropped))),
        ] {
            assert_eq!(first(&parts("abcdef"), &parts(found)), expected, "{found}");
        }
        assert_eq!(first(&[], &parts("a")), Some((0, Fault::RecordInserted)));
    }
}
