//! The agent that watches buses, with a real cluster. (`landfall-agent --buses`)

mod killed;
mod metrics;
mod secrets;
mod sharing;

use std::{
    collections::BTreeMap,
    fs,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use landfall_agent::spool::{Spool, SpoolError};
use landfall_tests::kafka::Broker;
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(2);

/// Ends a process that a test started.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Nobody takes the observations: they stay in the spool.
fn agent(folder: &TempDir, name: &str, more: &[&str]) -> Ending {
    let path = |name: &str| folder.path().join(name);
    Command::new(landfall_tests::built("landfall-agent").unwrap())
        .args(["--buses", "--cluster=test", "--operator-url=https://127.0.0.1:9", "--node-name", name])
        .args(more)
        .args(["--listen=127.0.0.1:0", "--config"])
        .arg(path("agent.json"))
        .arg("--spool")
        .arg(path("spool"))
        .arg("--ca-file")
        .arg(path("none"))
        .stdin(Stdio::null())
        .stdout(fs::OpenOptions::new().append(true).create(true).open(path("log")).unwrap())
        .stderr(fs::OpenOptions::new().append(true).create(true).open(path("log")).unwrap())
        .spawn()
        .map(Ending)
        .unwrap()
}

fn write(broker: &Broker, topic: &str, partitions: i32, count: usize) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.internal()).create().unwrap();
    for number in 0..count {
        let value = json!({ "email": format!("person{number}@example.org") }).to_string();
        let partition = i32::try_from(number).unwrap() % partitions;
        let record = BaseRecord::<str, [u8]>::to(topic).partition(partition).payload(value.as_bytes());
        producer.send(record).map_err(|(error, _)| error).unwrap();
    }
    producer.flush(PATIENCE).unwrap();
}

/// Where each partition is accounted for, as the state of a running agent's spool says it.
fn positions(folder: &TempDir, topic: &str) -> BTreeMap<String, i64> {
    // A checksum stands before the text.
    let text = fs::read_to_string(folder.path().join("spool/state")).unwrap_or_default();
    let state: Value = text.split_once(' ').map_or(Value::Null, |(_, text)| serde_json::from_str(text).unwrap());
    let partitions = state["committed"]["buses"]["crm/events"]["topics"][topic].as_object().cloned();
    let partitions = partitions.unwrap_or_default().into_iter();
    partitions.map(|(partition, position)| (partition, position["next"].as_i64().unwrap())).collect()
}

/// What the agents have logged.
fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}

fn until(folder: &TempDir, what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}: {}", log(folder));
        thread::sleep(Duration::from_millis(20));
    }
}

/// One bus with this topic, of which everything is read.
fn configure(folder: &TempDir, broker: &Broker, topic: &str) {
    let sampling = json!({
        "messagesPerPartition": 1_000_000,
        "bytesPerPartition": 1 << 30,
        "processorMillisecondsPerPartition": 60_000,
        "periodSeconds": 10,
    });
    let bus = json!({
        "namespace": "crm",
        "name": "events",
        "bootstrapServers": [broker.bootstrap()],
        "topics": [{ "include": { "names": [topic] } }],
        "sampling": sampling,
    });
    fs::write(folder.path().join("agent.json"), json!({ "buses": [bus] }).to_string()).unwrap();
}

/// All observations of the spool, of which the numbers are unique in each epoch.
fn observations(folder: &TempDir) -> Vec<Value> {
    let (mut spool, _) = loop {
        match Spool::open(&folder.path().join("spool"), 1 << 30) {
            // A child that another test forks shares the lock until it calls exec.
            Err(SpoolError::Locked { .. }) => thread::sleep(Duration::from_millis(10)),
            opened => break opened.unwrap(),
        }
    };
    let mut all = Vec::new();
    loop {
        let peeked = spool.peek(usize::MAX, usize::MAX).unwrap();
        let Some(last) = peeked.records.last() else { return all };
        assert!(peeked.records.is_sorted_by(|one, other| one.seq < other.seq));
        spool.acknowledge(last.position).unwrap();
        all.extend(peeked.records.iter().map(|record| serde_json::from_str::<Value>(&record.line).unwrap()));
    }
}

/// How many messages observations are of.
fn messages(observations: &[Value]) -> i64 {
    observations.iter().filter_map(|observation| observation["sent"]["messages"].as_i64()).sum()
}
