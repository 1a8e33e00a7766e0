//! Several agents share the partitions of a topic.

use std::{collections::BTreeSet, thread, time::Duration};

use landfall_agent::kafka::sampler::Share;
use landfall_tests::kafka::{servers_or_skip, shared};
use tempfile::TempDir;

use super::{agent, configure, messages, observations, positions, until, write};
use crate::support::interrupt;

const TOPIC: &str = "agent.shared";
const PARTITIONS: i32 = 6;
const AGENTS: u32 = 2;

#[test]
fn agents_that_share_a_topic_account_for_each_message_once_between_them() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic(TOPIC, PARTITIONS, &[]).unwrap();
    let agents = (0..AGENTS).map(|own| {
        let folder = TempDir::new().unwrap();
        configure(&folder, broker, TOPIC);
        let agent = agent(&folder, &format!("buses-{own}"), &["--bus-agents", &AGENTS.to_string()]);
        let share = Share::new(own, AGENTS).unwrap();
        let partitions = (0..PARTITIONS).filter(|&partition| share.has(TOPIC, partition));
        (folder, agent, partitions.map(|partition| partition.to_string()).collect::<BTreeSet<_>>())
    });
    let agents: Vec<_> = agents.collect();
    let read = |folder: &TempDir| positions(folder, TOPIC).into_keys().collect::<BTreeSet<_>>();
    for (folder, _, expected) in &agents {
        assert!(!expected.is_empty());
        until(folder, "its partitions are accounted for", || read(folder) == *expected);
    }
    write(broker, TOPIC, PARTITIONS, 600);
    thread::sleep(Duration::from_secs(5));
    let mut sum = 0;
    for (folder, mut agent, expected) in agents {
        interrupt(&agent.0);
        assert!(agent.0.wait().unwrap().success());
        let own = 100 * i64::try_from(expected.len()).unwrap();
        assert_eq!(positions(&folder, TOPIC).values().sum::<i64>(), own);
        assert_eq!(messages(&observations(&folder)), own);
        sum += own;
    }
    assert_eq!(sum, 600);
}
