//! Killed again and again while the cluster is written to.

use std::{thread, time::Duration};

use landfall_tests::kafka::{servers_or_skip, shared};
use serde_json::Value;
use tempfile::TempDir;

use super::{agent, configure, log, messages, observations, positions, until, write};
use crate::support::interrupt;

const TOPIC: &str = "agent.killed";
const PARTITIONS: i32 = 2;
const NAME: &str = "buses-0";

#[test]
fn every_message_is_in_one_observation_however_often_the_agent_is_killed() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic(TOPIC, PARTITIONS, &[]).unwrap();
    let folder = TempDir::new().unwrap();
    configure(&folder, broker, TOPIC);
    let mut agent = agent(&folder, NAME, &[]);
    until(&folder, "the start is accounted for", || positions(&folder, TOPIC).len() == 2);
    let mut written = 0;
    let mut before = 0;
    let mut moved = 0;
    for round in 0..12_u32 {
        let count = 500 + 100 * usize::try_from(round).unwrap();
        write(broker, TOPIC, PARTITIONS, count);
        written += i64::try_from(count).unwrap();
        // Some rounds end before anything is accounted for, some in the middle.
        thread::sleep(Duration::from_millis(u64::from(round * round) * 37));
        drop(agent);
        agent = super::agent(&folder, NAME, &[]);
        let now = positions(&folder, TOPIC).values().sum();
        moved += u32::from(now > before);
        assert!(now >= before, "{before} {now}");
        before = now;
    }
    write(broker, TOPIC, PARTITIONS, 1000);
    written += 1000;
    until(&folder, "some of it is accounted for", || positions(&folder, TOPIC).values().sum::<i64>() > before);
    // What is in memory is stored at the end.
    thread::sleep(Duration::from_secs(5));
    interrupt(&agent.0);
    assert!(agent.0.wait().unwrap().success());
    assert_eq!(positions(&folder, TOPIC).values().sum::<i64>(), written);

    let log = log(&folder);
    assert!(!log.contains("example.org"), "{log}");
    let observations = observations(&folder);
    assert_eq!(messages(&observations), written);
    let matches = |observation: &Value| {
        let findings = observation["sent"]["findings"].as_array().cloned().unwrap_or_default();
        findings.iter().map(|finding| finding["matches"].as_i64().unwrap()).sum::<i64>()
    };
    // All are of one shape: after the first ones, few are scanned.
    let found = observations.iter().map(matches).sum::<i64>();
    assert!((1..=written).contains(&found), "{found}");
    assert!(moved > 2, "{moved} of the rounds have accounted for something");
    for observation in observations {
        assert_eq!(observation["local"]["topic"]["topic"], TOPIC, "{observation}");
    }
}
