//! What a scrape shows of a bus that was read.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use landfall_tests::kafka::{servers_or_skip, shared};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{PATIENCE, agent, configure, log, until, write};

const TOPIC: &str = "agent.metrics";

/// Where a running agent serves its metrics, as it tells in the log.
fn address(folder: &TempDir) -> Option<String> {
    let log = log(folder);
    let mut lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let running = lines.find(|line| line["message"] == "The agent is running")?;
    running["address"].as_str().map(str::to_owned)
}

/// The samples that speak of the bus, without what is the same in all names; of those of 0 the lag alone.
fn scrape(address: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let samples = text.lines().filter_map(|line| line.strip_prefix("landfall_agent_bus_"));
    let is_shown =
        |sample: &&str| (!sample.ends_with(" 0") || sample.starts_with("lag")) && !sample.starts_with("last_commit");
    samples.filter(is_shown).map(str::to_owned).collect()
}

#[test]
fn a_scrape_shows_exactly_what_was_read() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic(TOPIC, 2, &[]).unwrap();
    // The first ten numbers have one digit, the others two.
    write(broker, TOPIC, 2, 40);
    let length = r#"{"email":"person0@example.org"}"#.len();
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.internal()).create().unwrap();
    let damaged = br#"{"email": "#;
    for _ in 0..2 {
        producer
            .send(BaseRecord::<str, [u8]>::to(TOPIC).partition(0).payload(&damaged[..]))
            .map_err(|it| it.0)
            .unwrap();
    }
    producer.flush(PATIENCE).unwrap();

    let folder = TempDir::new().unwrap();
    configure(&folder, broker, TOPIC);
    let _agent = agent(&folder, "buses-0", &["--bus-metric-topic=agent.m*,none"]);
    until(&folder, "it is running", || address(&folder).is_some());
    let address = address(&folder).unwrap();
    let lags = |sample: &String| sample.starts_with(r#"partitions{bus="crm/events",state="read"}"#);
    until(&folder, "it is known where the partitions end", || scrape(&address).iter().any(lags));
    // The values of 32 messages are scanned; the others have the same shape.
    let bytes = 40 * length + 30 + 2 * damaged.len();
    let expected = [
        r#"decode_errors_total{bus="crm/events",reason="malformed"} 2"#.to_owned(),
        r#"known_shape_messages_total{bus="crm/events"} 8"#.to_owned(),
        r#"lag_offsets{bus="crm/events"} 0"#.to_owned(),
        format!(r#"message_bytes_total{{bus="crm/events"}} {bytes}"#),
        r#"offsets_total{bus="crm/events",outcome="inspected"} 42"#.to_owned(),
        r#"partitions{bus="crm/events",state="read"} 2"#.to_owned(),
        r#"read{bus="crm/events"} 1"#.to_owned(),
        format!(r#"topic_matches_total{{bus="crm/events",category="pd:EmailAddress",topic="{TOPIC}"}} 32"#),
        r#"undecoded_messages_total{bus="crm/events"} 2"#.to_owned(),
    ];
    assert_eq!(scrape(&address), expected);
}
