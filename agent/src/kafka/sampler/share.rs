//! Which partitions are read by which of several agents.
//!
//! Rendezvous hashing: each agent has a weight for each partition, and the one with the highest reads it. All agents come to
//! the same answer without speaking to each other, and when one is added or removed, only partitions move that it gets or had.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Most agents that share a cluster. Each partition costs a hash for each of them.
const MAX_AGENTS: u32 = 1000;

/// One of several agents that share partitions. They are numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    own: u32,
    agents: u32,
}

/// An invalid share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected OWN/AGENTS, such as 2/3: the number of this agent, from 0, and how many there are, at most {MAX_AGENTS}"
)]
pub struct InvalidShare;

// === impl Share ===

impl Share {
    /// The agent `own` of so many.
    pub fn new(own: u32, agents: u32) -> Result<Self, InvalidShare> {
        if own < agents && agents <= MAX_AGENTS { Ok(Self { own, agents }) } else { Err(InvalidShare) }
    }

    /// Whether it is the one that tells what all of them see.
    pub fn is_first(self) -> bool {
        self.own == 0
    }

    /// Whether this agent reads a partition.
    pub fn has(self, topic: &str, partition: i32) -> bool {
        let own = weight(self.own, topic, partition);
        // Of equal weights, which do not occur, the lower number counts.
        (0..self.agents).filter(|&agent| agent != self.own).all(|agent| {
            let other = weight(agent, topic, partition);
            own > other || (own == other && self.own < agent)
        })
    }

    /// Whether this agent reads any of a topic's partitions.
    pub fn has_any(self, topic: &str, partitions: usize) -> bool {
        (0..i32::try_from(partitions).unwrap_or(i32::MAX)).any(|partition| self.has(topic, partition))
    }
}

impl FromStr for Share {
    type Err = InvalidShare;

    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let (own, agents) = text.split_once('/').ok_or(InvalidShare)?;
        let number = |text: &str| match text.parse() {
            Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(number),
            _ => Err(InvalidShare),
        };
        Self::new(number(own)?, number(agents)?)
    }
}

/// The first eight bytes of the SHA-256 of the agent's number (4 bytes), the partition (4 bytes) and the topic, numbers big-endian.
/// It must never change: agents of two versions would both read a partition, or neither.
fn weight(agent: u32, topic: &str, partition: i32) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(agent.to_be_bytes());
    hasher.update(partition.to_be_bytes());
    hasher.update(topic.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    digest.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owners(topic: &str, partition: i32, agents: u32) -> Vec<u32> {
        (0..agents).filter(|&own| Share::new(own, agents).unwrap().has(topic, partition)).collect()
    }

    #[test]
    fn each_partition_has_one_reader() {
        for agents in 1..=5 {
            for partition in 0..200 {
                assert_eq!(owners("orders", partition, agents).len(), 1, "{partition} of {agents}");
            }
        }
    }

    #[test]
    fn agents_have_about_the_same_number_of_partitions() {
        let mut counts = [0; 4];
        for partition in 0..4000 {
            counts[owners("orders", partition, 4)[0] as usize] += 1;
        }
        assert!(counts.iter().all(|count| (900..1100).contains(count)), "{counts:?}");
    }

    #[test]
    fn a_partition_moves_only_to_the_agent_that_is_added() {
        let mut moved = 0;
        for partition in 0..400 {
            let (before, after) = (owners("orders", partition, 3)[0], owners("orders", partition, 4)[0]);
            assert!(after == before || after == 3);
            moved += u32::from(after != before);
        }
        assert!((70..130).contains(&moved), "{moved}");
    }

    #[test]
    fn which_agent_reads_what_never_changes() {
        let known: Vec<_> = (0..12).map(|partition| owners("crm.people", partition, 3)[0]).collect();
        assert_eq!(known, [2, 2, 2, 0, 2, 2, 0, 0, 0, 2, 0, 1]);
        assert_eq!(weight(0, "", 0), 0xaf55_70f5_a181_0b7a);
    }

    #[test]
    fn a_share_is_a_number_below_another() {
        assert_eq!("2/3".parse(), Share::new(2, 3));
        assert_eq!("0/1".parse::<Share>().unwrap(), Share { own: 0, agents: 1 });
        for text in ["", "3", "3/3", "0/0", "-1/3", "+1/3", "1/", "/3", "1/2/3", "0/1001", "1 / 3"] {
            assert_eq!(text.parse::<Share>(), Err(InvalidShare), "{text}");
        }
        assert!(Share::new(0, 1).unwrap().has_any("orders", 1) && !Share::new(0, 1).unwrap().has_any("orders", 0));
    }
}
