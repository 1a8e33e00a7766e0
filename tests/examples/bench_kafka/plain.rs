//! A consumer without Landfall, in a process of its own: it reads the topic from its beginning to its end.

use std::{
    env,
    process::{Command, Stdio},
    str::FromStr,
    time::{Duration, Instant},
};

use landfall_tests::kafka::Broker;
use rdkafka::{
    ClientConfig, Message as _, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
};
use serde_json::{Value, json};

use crate::{Failure, Run, TOPIC, peak_kib};

/// What is done with each message.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// Each byte is added to a sum.
    Touch,
    /// It is parsed as JSON, into a tree of values.
    Parse,
}

impl FromStr for Work {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "touching" => Ok(Self::Touch),
            "parsing" => Ok(Self::Parse),
            _ => Err(format!("expected touching or parsing, found {text}").into()),
        }
    }
}

/// Runs one on the first core.
pub(crate) fn run(broker: &Broker, work: Work) -> Result<Run, Failure> {
    let work = match work {
        Work::Touch => "touching",
        Work::Parse => "parsing",
    };
    let output = Command::new("taskset")
        .args(["-c", "0"])
        .arg(env::current_exe()?)
        .args([work, &broker.bootstrap()])
        .stderr(Stdio::inherit())
        .output()?;
    let told: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name: &str| told[name].as_u64().ok_or_else(|| format!("the consumer did not tell {name}"));
    let wall = Duration::from_micros(number("microseconds")?);
    Ok(Run { bytes: number("bytes")?, wall, peak_kib: number("peakKib")?, broker_seconds: 0.0, scanned: None })
}

/// Reads, and says how long it took from the first message.
#[expect(clippy::print_stdout, reason = "tells its parent")]
pub(crate) fn read(work: Work, bootstrap: &str) -> Result<(), Failure> {
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", bootstrap)
        .set("group.id", "bench")
        .set("enable.auto.commit", "false")
        .create()?;
    let (_, end) = consumer.fetch_watermarks(TOPIC, 0, Duration::from_secs(10))?;
    let mut assignment = TopicPartitionList::new();
    assignment.add_partition_offset(TOPIC, 0, Offset::Beginning)?;
    let began = Instant::now();
    consumer.assign(&assignment)?;
    let (mut bytes, mut sum) = (0, 0_u64);
    loop {
        let Some(message) = consumer.poll(Duration::from_secs(10)) else { return Err("no message came".into()) };
        let message = message?;
        let value = message.payload().unwrap_or_default();
        bytes += u64::try_from(value.len())?;
        sum += match work {
            Work::Touch => value.iter().map(|byte| u64::from(*byte)).sum(),
            Work::Parse => serde_json::from_slice::<Value>(value)?.as_object().map_or(0, |object| object.len() as u64),
        };
        if message.offset() + 1 >= end {
            break;
        }
    }
    let microseconds = u64::try_from(began.elapsed().as_micros())?;
    let told =
        json!({ "bytes": bytes, "microseconds": microseconds, "peakKib": peak_kib(std::process::id()), "sum": sum });
    println!("{told}");
    Ok(())
}
