//! `make bench-kafka`: how fast messages are inspected, beside a consumer that only touches their bytes; and an inventory of 10,000
//! partitions. A real broker on one core, each reader on the other.
#![expect(clippy::print_stdout, clippy::cast_precision_loss, reason = "prints figures for people")]

#[path = "bench_kafka/inspecting.rs"]
mod inspecting;
#[path = "bench_kafka/messages.rs"]
mod messages;
#[path = "bench_kafka/plain.rs"]
mod plain;
#[path = "load/process.rs"]
mod process;

use std::{
    env,
    error::Error,
    process::Command,
    time::{Duration, Instant},
};

use landfall_tests::{
    built,
    kafka::{Broker, BrokerOptions, Installation},
};

use self::plain::Work;

type Failure = Box<dyn Error + Send + Sync>;

/// Each is read this often in turn, and the best counts: the others are the machine's noise.
const ROUNDS: usize = 3;
const MESSAGES: usize = 300_000;
const TOPIC: &str = "bench";
const PARTITIONS: i32 = 10_000;

type Reader = fn(&Broker) -> Result<Run, Failure>;

/// What a reader took.
#[derive(Debug, Clone, Copy)]
struct Run {
    bytes: u64,
    wall: Duration,
    peak_kib: u64,
    /// Of the broker.
    broker_seconds: f64,
    /// Messages that were scanned, of those that were inspected.
    scanned: Option<u64>,
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if let [work, bootstrap] = arguments.as_slice() {
        return plain::read(work.parse()?, bootstrap);
    }
    let installation = Installation::find()?;
    let folder = tempfile::tempdir()?;
    let around = ["taskset", "-c", "1"].map(str::to_owned).to_vec();
    let options = BrokerOptions { around, heap_megabytes: 1024, ..BrokerOptions::default() };
    let mut broker = Broker::start(&installation, folder.path(), options)?;
    broker.create_topic(TOPIC, 1, &[])?;
    let written = messages::write(&broker.bootstrap(), MESSAGES)?;
    println!("{MESSAGES} messages of JSON, {} MB, {} bytes each\n", written / 1_000_000, written / MESSAGES as u64);

    let readers: [(&str, Reader); 4] = [
        ("consume and touch (rdkafka)", |broker| plain::run(broker, Work::Touch)),
        ("consume and parse (serde_json)", |broker| plain::run(broker, Work::Parse)),
        ("landfall, everything scanned", |broker| inspecting::run(broker, false)),
        ("landfall, known shapes passed", |broker| inspecting::run(broker, true)),
    ];
    let mut best: Vec<Option<Run>> = vec![None; readers.len()];
    for _ in 0..ROUNDS {
        for ((_, read), best) in readers.iter().zip(&mut best) {
            let before = broker_seconds(&mut broker)?;
            let run = read(&broker)?;
            let run = Run { broker_seconds: broker_seconds(&mut broker)? - before, ..run };
            if best.is_none_or(|best| run.wall < best.wall) {
                *best = Some(run);
            }
        }
    }
    println!(
        "{:<32} {:>7} {:>10} {:>9} {:>12} {:>9}",
        "reader", "MB/s", "of touch", "peak MiB", "broker ms/MB", "scanned"
    );
    let touch = best[0].map_or(1.0, Run::rate);
    for ((name, _), run) in readers.iter().zip(&best) {
        let Some(run) = run else { continue };
        let megabytes = run.bytes as f64 / 1e6;
        let scanned = run.scanned.map_or_else(|| "-".to_owned(), |scanned| scanned.to_string());
        println!(
            "{name:<32} {:>7.0} {:>9.0}% {:>9} {:>12.2} {scanned:>9}",
            run.rate(),
            100.0 * run.rate() / touch,
            run.peak_kib / 1024,
            1000.0 * run.broker_seconds / megabytes
        );
    }
    wide(&broker)
}

impl Run {
    /// Megabytes a second.
    fn rate(self) -> f64 {
        self.bytes as f64 / 1e6 / self.wall.as_secs_f64()
    }
}

/// The inventory of a cluster with a topic of many partitions.
fn wide(broker: &Broker) -> Result<(), Failure> {
    broker.create_wide_topic("wide", PARTITIONS)?;
    let mut best = Duration::MAX;
    let mut told = String::new();
    for _ in 0..ROUNDS {
        let began = Instant::now();
        let output = Command::new(built("landfall")?)
            .args(["kafka", "inventory", "-o", "json", "--bootstrap", &broker.bootstrap()])
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        best = best.min(began.elapsed());
        let inventory: serde_json::Value = serde_json::from_slice(&output.stdout)?;
        let topics = inventory["topics"].as_array().into_iter().flatten();
        told = topics.filter(|topic| topic["name"] == "wide").map(|topic| topic["partitions"].to_string()).collect();
    }
    println!("\ninventory with a topic of {told} partitions: {:.2} s", best.as_secs_f64());
    Ok(())
}

fn broker_seconds(broker: &mut Broker) -> Result<f64, Failure> {
    let id = broker.daemon().ok_or("the broker has ended")?.pid();
    Ok(process::processor(id)?.as_secs_f64())
}

/// The most memory that a process took, in KiB; 0 once it has ended.
fn peak_kib(id: u32) -> u64 {
    let peak = process::memory(id, "VmHWM").unwrap_or_default();
    peak.trim_end_matches(" kB").parse().unwrap_or(0)
}
