//! Merkle trees as RFC 9162 (section 2.1) defines them, with SHA-256. Leaves and inner nodes are
//! hashed under different prefixes, so that neither can pass for the other.

use sha2::{Digest as _, Sha256};

/// A SHA-256 digest.
pub type Hash = [u8; 32];

/// The siblings on the way from a leaf to the root, from the bottom.
pub type Proof = Vec<Hash>;

/// The root over `records` in their order. Of no records it is the hash of nothing.
pub fn root<R: AsRef<[u8]>>(records: &[R]) -> Hash {
    match records {
        [] => Sha256::digest([]).into(),
        [record] => leaf(record.as_ref()),
        _ => {
            let (left, right) = records.split_at(split(records.len()));
            node(&root(left), &root(right))
        }
    }
}

/// Computes the root incrementally: memory grows with the logarithm of the number of records.
#[derive(Debug, Clone, Default)]
pub struct Accumulator {
    /// Roots of full subtrees, the largest first, each with its height.
    subtrees: Vec<(u32, Hash)>,
}

impl Accumulator {
    /// Adds the next record and gives its leaf hash.
    pub fn push(&mut self, record: &[u8]) -> Hash {
        let leaf = leaf(record);
        let (mut height, mut hash) = (0, leaf);
        while let Some(&(before, left)) = self.subtrees.last()
            && before == height
        {
            hash = node(&left, &hash);
            height += 1;
            self.subtrees.pop();
        }
        self.subtrees.push((height, hash));
        leaf
    }

    /// The root over all records so far.
    pub fn root(&self) -> Hash {
        let mut rest = self.subtrees.iter().rev().map(|(_, hash)| *hash);
        let last = rest.next().unwrap_or_else(|| root::<&[u8]>(&[]));
        rest.fold(last, |right, left| node(&left, &right))
    }
}

/// The inclusion proof of record number `index` of `records`; `None` if there is no such record.
pub fn prove<R: AsRef<[u8]>>(records: &[R], index: usize) -> Option<Proof> {
    if index >= records.len() {
        return None;
    }
    if records.len() == 1 {
        return Some(Proof::new());
    }
    let middle = split(records.len());
    let (left, right) = records.split_at(middle);
    let (mut proof, sibling) =
        if index < middle { (prove(left, index)?, root(right)) } else { (prove(right, index - middle)?, root(left)) };
    proof.push(sibling);
    Some(proof)
}

/// Whether `proof` proves that `record` is number `index` of the `total` records under `root`.
pub fn verify(root: &Hash, record: &[u8], index: usize, total: usize, proof: &[Hash]) -> bool {
    index < total && climb(leaf(record), index, total, proof).as_ref() == Some(root)
}

/// The root that follows from a leaf and its siblings; `None` if their number does not fit.
fn climb(leaf: Hash, index: usize, total: usize, proof: &[Hash]) -> Option<Hash> {
    if total == 1 {
        return proof.is_empty().then_some(leaf);
    }
    let (sibling, below) = proof.split_last()?;
    let middle = split(total);
    if index < middle {
        Some(node(&climb(leaf, index, middle, below)?, sibling))
    } else {
        Some(node(sibling, &climb(leaf, index - middle, total - middle, below)?))
    }
}

/// The largest power of two smaller than `count`.
fn split(count: usize) -> usize {
    count.next_power_of_two() / 2
}

fn leaf(record: &[u8]) -> Hash {
    Sha256::new().chain_update([0]).chain_update(record).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|number| number.to_be_bytes().to_vec()).collect()
    }

    #[test]
    fn the_empty_tree_is_the_hash_of_nothing() {
        // SHA-256 of the empty message, FIPS 180-4 examples.
        let expected = [0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14];
        assert_eq!(root::<&[u8]>(&[])[..8], expected);
    }

    #[test]
    fn one_record_after_the_other_gives_the_same_root() {
        let mut accumulator = Accumulator::default();
        let all = records(100);
        for count in 0..=100 {
            assert_eq!(accumulator.root(), root(&all[..count]), "{count}");
            if let Some(record) = all.get(count) {
                accumulator.push(record);
            }
        }
    }

    #[test]
    fn every_record_can_be_shown_and_no_other() {
        for total in 1..=33 {
            let records = records(total);
            let top = root(&records);
            for index in 0..total {
                let proof = prove(&records, index).unwrap();
                assert!(verify(&top, &records[index], index, total, &proof));
                assert!(!verify(&top, b"forged", index, total, &proof));
                assert!(!verify(&top, &records[index], index + 1, total, &proof));
            }
            assert_eq!(prove(&records, total), None);
        }
    }

    #[test]
    fn a_changed_or_moved_record_changes_the_root() {
        let mut changed = records(5);
        changed[3][0] ^= 1;
        let mut moved = records(5);
        moved.swap(0, 1);
        let top = root(&records(5));
        assert!(root(&changed) != top && root(&moved) != top && root(&records(4)) != top);
    }

    #[test]
    fn an_inner_node_is_no_record() {
        let records = records(2);
        let inner = [leaf(&records[0]), leaf(&records[1])].concat();
        assert_ne!(root(&[inner]), root(&records));
    }
}
