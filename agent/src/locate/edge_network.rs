//! Networks whose addresses are anycast or content-delivery edges (`edge_networks.tsv`).
//!
//! An address of such a network is served from a place near the client, so it says nothing about the place of
//! processing.

use std::{collections::BTreeSet, sync::LazyLock};

/// The table as committed: AS number and operator; lines that start with `#` are its header.
const TABLE: &str = include_str!("edge_networks.tsv");

static EDGES: LazyLock<BTreeSet<u32>> = LazyLock::new(|| numbers(TABLE).flatten().collect());

/// Whether an autonomous system is known to be an anycast or content-delivery edge.
pub(super) fn is_edge(asn: u32) -> bool {
    EDGES.contains(&asn)
}

/// The numbers of a table; `None` for an invalid row.
fn numbers(table: &str) -> impl Iterator<Item = Option<u32>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t')?.0.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_reads_and_stands_once() {
        let all: Vec<_> = numbers(TABLE).collect();
        assert!(all.iter().all(Option::is_some), "a row is invalid");
        assert_eq!(EDGES.len(), all.len(), "a network stands twice");
    }

    #[test]
    fn delivery_networks_are_edges_and_clouds_are_not() {
        for (asn, edge) in [(13335, true), (54113, true), (20940, true), (15169, true), (16509, false), (8075, false)] {
            assert_eq!(is_edge(asn), edge, "AS{asn}");
        }
    }
}
