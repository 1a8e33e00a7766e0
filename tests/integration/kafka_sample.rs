//! Samples of real topics: what is found in them, and that every offset is accounted for once. (`landfall kafka sample`)

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    convert::Infallible,
    ffi::OsString,
    fs,
    process::Command,
    time::Duration,
};

use landfall_agent::kafka::{
    connection::Connection,
    properties::Properties,
    sampler::{Counts, Event, Plan, Progress, Start, Supervisor, Until, budget::Budget},
};
use landfall_observation::{TopicPatterns, TopicSelector};
use landfall_tests::{
    book::{Page, needs_bus},
    kafka::{Broker, BrokerOptions, servers_or_skip, shared},
};
use rdkafka::{
    ClientConfig,
    message::{Header, OwnedHeaders},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::json;

use crate::support::{Run, binary, landfall};

/// How long a broker may take for anything.
const PATIENCE: Duration = Duration::from_mins(2);

/// Writes messages, in order.
pub(crate) struct Writer(pub(crate) BaseProducer);

impl Writer {
    pub(crate) fn new(bootstrap: &str, transactional: Option<&str>) -> Self {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", bootstrap).set("linger.ms", "5");
        config.set("message.max.bytes", "20000000").set("queue.buffering.max.messages", "1000000");
        if let Some(id) = transactional {
            config.set("transactional.id", id);
        }
        let producer: BaseProducer = config.create().unwrap();
        if transactional.is_some() {
            producer.init_transactions(PATIENCE).unwrap();
        }
        Self(producer)
    }

    pub(crate) fn send(
        &self,
        topic: &str,
        partition: i32,
        key: Option<&str>,
        value: Option<&[u8]>,
        headers: OwnedHeaders,
    ) {
        let mut record = BaseRecord::<str, [u8]>::to(topic).partition(partition).headers(headers);
        record.key = key;
        record.payload = value;
        self.0.send(record).map_err(|(error, _)| error).unwrap();
        self.0.poll(Duration::ZERO);
    }

    pub(crate) fn flush(&self) {
        self.0.flush(PATIENCE).unwrap();
    }

    /// Sends contacts, numbered, in turn to three partitions.
    fn contacts(&self, topic: &str, count: usize) {
        for number in 0..count {
            let value = json!({ "number": number, "email": format!("person{number}@example.org") }).to_string();
            let partition = i32::try_from(number % 3).unwrap();
            self.send(topic, partition, None, Some(value.as_bytes()), OwnedHeaders::new());
        }
        self.flush();
    }
}

pub(crate) fn plan(bootstrap: &str, topic: &str, budget: Budget, until: Until) -> Plan {
    Plan {
        connection: Connection {
            bootstrap: bootstrap.to_owned(),
            client_id: "landfall-test".to_owned(),
            rack: None,
            properties: Properties::default(),
        },
        cluster_id: None,
        inventory_seconds: None,
        connect: Vec::new(),
        schema_registry: None,
        topics: vec![TopicSelector {
            include: TopicPatterns { names: vec![topic.to_owned()], ..TopicPatterns::default() },
            ..TopicSelector::default()
        }],
        share: None,
        start: Start::Earliest,
        budget,
        until,
        positions: Vec::new(),
        skipped: Vec::new(),
        announces: false,
        passes_known_shapes: false,
        memory_limit: 1 << 30,
    }
}

/// The program that inspects.
pub(crate) fn inspecting() -> Vec<OsString> {
    vec![binary().into(), "kafka".into(), "inspect".into()]
}

pub(crate) fn sample(arguments: &[&str]) -> Run {
    landfall([&["kafka", "sample"], arguments].concat())
}

#[test]
fn a_sample_shows_what_each_field_holds() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic("sample.contacts", 2, &[]).unwrap();
    broker.create_topic("sample.empty", 1, &[]).unwrap();
    let writer = Writer::new(&broker.bootstrap(), None);
    for number in 0..10 {
        let value = json!({ "vorname": "Erika", "irgendwas": { "email": format!("erika{number}@example.org") }, "secretkey": 7 });
        let headers = OwnedHeaders::new().insert(Header { key: "traceparent", value: Some("00-0-0-00") });
        let key = format!("erika{number}@example.org");
        writer.send("sample.contacts", number % 2, Some(&key), Some(value.to_string().as_bytes()), headers);
    }
    writer.send("sample.contacts", 0, Some("gone"), None, OwnedHeaders::new());
    writer.flush();

    let bootstrap = broker.bootstrap();
    let output = sample(&["--bootstrap", &bootstrap, "--topic", "sample.*", "-o", "json"]);
    assert_eq!(output.status, 0, "{}", output.stderr);
    let all = output.json();
    assert_eq!(all.len(), 2);
    let [contacts, empty] = [&all[0], &all[1]];
    assert_eq!(
        (&contacts["topic"], &contacts["partitions"], &contacts["offsets"]),
        (&json!("sample.contacts"), &json!(2), &json!(11))
    );
    assert_eq!((&contacts["counts"]["inspected"], &contacts["counts"]["tombstones"]), (&json!(11), &json!(1)));
    assert_eq!(
        (&empty["topic"], &empty["offsets"], &empty["findings"]),
        (&json!("sample.empty"), &json!(0), &json!([]))
    );
    let mut found: Vec<_> = contacts["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            let text = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{} {} {}", text("path"), text("category"), finding["messages"])
        })
        .collect();
    found.sort();
    assert_eq!(found, ["key pd:EmailAddress 10", "value.*.email pd:EmailAddress 10", "value.vorname pd:Name 10"]);
    for text in [&output.stdout, &output.stderr] {
        assert!(!text.contains("example.org") && !text.contains("irgendwas") && !text.contains("secretkey"), "{text}");
    }

    let table = sample(&["--bootstrap", &bootstrap, "--topic", "sample.contacts", "--messages", "1"]);
    assert!(table.status == 0 && table.stdout.contains("value.*.email"), "{}", table.stdout);

    let none = sample(&["--bootstrap", &bootstrap, "--topic", "no.such.topic"]);
    assert_eq!((none.status, none.stdout.trim()), (0, "0 topics"));
    let closed = sample(&["--bootstrap", "127.0.0.1:1", "--timeout", "3s"]);
    assert!(closed.status == 2 && closed.stderr.contains("127.0.0.1:1"), "{}", closed.stderr);
}

#[test]
fn each_offset_is_accounted_for_once_though_processes_and_the_broker_die() {
    let Some(servers) = servers_or_skip(400) else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut broker = Broker::start(&servers, folder.path(), BrokerOptions::default()).unwrap();
    broker.create_topic("contacts", 3, &[]).unwrap();
    // A report comes after 5,000 messages of a partition at the latest: there are several of each.
    let transactions = Writer::new(&broker.bootstrap(), Some("contacts"));
    let mut committed = 0;
    for (count, is_committed) in [(45_000, true), (3000, false), (30_000, true), (1500, false)] {
        transactions.0.begin_transaction().unwrap();
        transactions.contacts("contacts", count);
        if is_committed {
            transactions.0.commit_transaction(PATIENCE).unwrap();
            committed += u64::try_from(count).unwrap();
        } else {
            transactions.0.abort_transaction(PATIENCE).unwrap();
        }
    }
    // Four transactions have left a mark in each partition.
    let offsets = committed + 4500 + 4 * 3;

    let budget = Budget { messages: u64::MAX, bytes: u64::MAX, processor_milliseconds: u64::MAX };
    let plan = plan(&broker.bootstrap(), "contacts", budget, Until::PresentEnd);
    let mut supervisor = Supervisor::new(inspecting(), plan, Some(20));
    let (mut all, mut ends) = (Progress::default(), BTreeMap::new());
    let (mut process, mut reports, mut deaths) = (0, 0, 0);
    let ended = supervisor.run(&|| false, &mut |event| {
        match event {
            Event::Process(id) => process = id,
            Event::Started(_)
            | Event::Problem(_)
            | Event::Declared(_)
            | Event::Landings(_)
            | Event::Cluster(_)
            | Event::Lag(_)
            | Event::Unread(_)
            | Event::Alive => {}
            Event::Progress(progress) => {
                let end = ends.entry(progress.partition).or_insert(0);
                assert_eq!(*end, progress.begin, "{progress:?}");
                *end = progress.end;
                all.merge(progress.clone());
                reports += 1;
                // A crash as of librdkafka's, an end as by the kernel, and a broker that is gone for a while.
                match reports {
                    1 | 5 => kill(process, "SEGV"),
                    3 => kill(process, "KILL"),
                    4 => {
                        broker.kill();
                        broker.start_again().unwrap();
                    }
                    _ => {}
                }
            }
            Event::Ended(_) => deaths += 1,
        }
        Ok::<_, Infallible>(())
    });
    ended.unwrap();
    let Progress { counts, findings, errors, .. } = all;
    let Counts { inspected, crashed, not_sampled, deleted, absent, decoded, .. } = counts;
    assert_eq!((inspected, decoded, absent), (committed, committed, offsets - committed));
    assert_eq!((crashed, not_sampled, deleted), (0, 0, 0));
    assert_eq!(u64::try_from(ends.values().sum::<i64>()).unwrap(), offsets);
    let [email] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!((email.path.as_str(), email.messages), ("value.email", committed));
    assert!(errors.is_empty(), "{errors:?}");
    assert!(deaths >= 1, "no process died");
}

#[test]
fn what_is_written_later_is_read_until_it_is_told_to_stop() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic("followed", 1, &[]).unwrap();
    let writer = Writer::new(&broker.bootstrap(), None);
    let write = |count: usize| {
        for _ in 0..count {
            writer.send("followed", 0, None, Some(b"{}"), OwnedHeaders::new());
        }
        writer.flush();
    };
    write(50);
    let budget = Budget { messages: 100, ..Budget::default() };
    let plan = plan(&broker.bootstrap(), "followed", budget, Until::Stopped { period_seconds: 1 });
    let mut supervisor = Supervisor::new(inspecting(), plan, None);
    let (all, is_written) = (RefCell::new(Progress::default()), Cell::new(false));
    let is_stopped = || all.borrow().counts.offsets() == 1050;
    let ended = supervisor.run(&is_stopped, &mut |event| {
        if let Event::Progress(progress) = event {
            all.borrow_mut().merge(progress.clone());
            if !is_written.replace(true) {
                write(1000);
            }
        }
        Ok::<_, Infallible>(())
    });
    ended.unwrap();
    let Counts { inspected, not_sampled, .. } = all.into_inner().counts;
    assert_eq!(inspected + not_sampled, 1050);
    assert!(inspected >= 150, "two periods at least: {inspected}");
}

#[test]
fn what_compaction_and_retention_removed_is_told_from_what_was_read() {
    let Some(servers) = servers_or_skip(400) else { return };
    let folder = tempfile::tempdir().unwrap();
    let broker = Broker::start(&servers, folder.path(), BrokerOptions::default()).unwrap();
    broker.create_topic("log", 1, &[]).unwrap();
    let writer = Writer::new(&broker.bootstrap(), None);
    for number in 0..100 {
        writer.send("log", 0, None, Some(format!("line {number}").as_bytes()), OwnedHeaders::new());
    }
    writer.flush();
    let file = folder.path().join("delete.json");
    let delete = json!({ "version": 1, "partitions": [{ "topic": "log", "partition": 0, "offset": 40 }] });
    std::fs::write(&file, delete.to_string()).unwrap();
    let (bootstrap, file) = (broker.bootstrap(), file.display().to_string());
    let arguments = ["--bootstrap-server", &bootstrap, "--offset-json-file", &file];
    servers.run("org.apache.kafka.tools.DeleteRecordsCommand", &arguments).unwrap();

    let row = |arguments: &[&str]| {
        let output = sample(&[&["--bootstrap", &bootstrap, "-o", "json"], arguments].concat());
        assert_eq!(output.status, 0, "{}", output.stderr);
        let counts = output.json()[0]["counts"].clone();
        ["inspected", "notSampled", "deleted"].map(|name| counts[name].as_u64().unwrap())
    };
    assert_eq!(row(&["--from-beginning"]), [60, 0, 0]);
    assert_eq!(row(&["--messages", "10"]), [10, 50, 0]);
    assert_eq!(row(&["--messages", "10", "--from-beginning"]), [10, 50, 0]);
}

fn kill(process: u32, signal: &str) {
    // It may have ended a moment ago.
    let _ = Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap();
}

#[test]
fn commands_of_the_runbooks_that_read_a_cluster_run_as_they_are_written() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic("runbook.contacts", 1, &[]).unwrap();
    let writer = Writer::new(&broker.bootstrap(), None);
    writer.send("runbook.contacts", 0, None, Some(br#"{"email": "erika@exam"#), OwnedHeaders::new());
    writer.flush();
    let folder = tempfile::tempdir().unwrap();
    let properties = folder.path().join("client.properties");
    fs::write(&properties, "security.protocol=PLAINTEXT\n").unwrap();
    let values = [
        ("BOOTSTRAP", broker.bootstrap()),
        ("PROPERTIES", properties.to_str().unwrap().to_owned()),
        ("TOPIC", "runbook.contacts".to_owned()),
    ];
    let pages = Page::all("docs/runbooks").unwrap();
    let commands: Vec<_> = pages.iter().flat_map(|page| &page.commands).filter(|it| needs_bus(it)).collect();
    assert!(!commands.is_empty());
    for command in commands {
        let line = command.filled(&values.clone().into()).unwrap();
        let output = landfall(line.split_whitespace().skip(1));
        assert_eq!((output.status, &output.json()[0]["errors"]), (0, &json!({ "malformed": 1 })), "{line}");
    }
}
