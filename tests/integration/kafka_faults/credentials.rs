//! Credentials that end while messages are read.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    fs,
    time::{Duration, Instant},
};

use landfall_agent::kafka::{
    properties::Properties,
    sampler::{Event, Supervisor, Until, budget::Budget},
};
use landfall_tests::kafka::{Broker, BrokerOptions, Listener, Servers, User, servers_or_skip};
use rdkafka::message::OwnedHeaders;

use crate::kafka_sample::{Writer, inspecting, plan};

const TOPIC: &str = "orders";
const PASSWORD: &str = "made-up-password";
const LIMIT: Duration = Duration::from_mins(2);

fn change_password(servers: &Servers, broker: &Broker, password: &str) {
    let (internal, credential) = (broker.internal(), format!("SCRAM-SHA-256=[password={password}]"));
    let whose = ["--entity-type", "users", "--entity-name", "reader", "--add-config", &credential];
    let arguments = [&["--bootstrap-server", &internal, "--alter"][..], &whose].concat();
    servers
        .run("org.apache.kafka.tools.ConfigCommand", &arguments)
        .or_else(|_| servers.run("kafka.admin.ConfigCommand", &arguments))
        .unwrap();
}

#[test]
fn a_password_that_ends_is_named_and_reading_goes_on_once_it_holds_again() {
    let Some(servers) = servers_or_skip(400) else { return };
    let folder = tempfile::tempdir().unwrap();
    let options = BrokerOptions {
        listeners: vec![Listener::sasl_ssl()],
        users: vec![User::new("reader", PASSWORD)],
        // A connection ends with the login that it was made with.
        properties: vec![("connections.max.reauth.ms".to_owned(), "1500".to_owned())],
        ..BrokerOptions::default()
    };
    let broker = Broker::start(&servers, folder.path(), options).unwrap();
    broker.create_topic(TOPIC, 1, &[]).unwrap();
    broker.allow("reader", &["Read"], &["--topic", TOPIC, "--group", "landfall"]).unwrap();
    let writer = Writer::new(&broker.internal(), None);
    let write = |count: usize| {
        for _ in 0..count {
            writer.send(TOPIC, 0, None, Some(b"{}"), OwnedHeaders::new());
        }
        writer.flush();
    };
    write(50);

    let file = folder.path().join("client.properties");
    let lines = format!(
        "security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-256\nsasl.username=reader\nsasl.password={PASSWORD}\n\
         ssl.ca.location={}\n",
        broker.authority().display()
    );
    fs::write(&file, lines).unwrap();
    let mut plan = plan(&broker.bootstrap(), TOPIC, Budget::default(), Until::Stopped { period_seconds: 1 });
    plan.connection.client_id = "landfall".to_owned();
    // As the agent does: each inventory is a connection of its own, which tells why it is refused.
    plan.inventory_seconds = Some(1);
    plan.connection.properties = Properties::read(&file).unwrap();
    let mut supervisor = Supervisor::new(inspecting(), plan, None);
    let (read, problems, begun) = (Cell::new(0), RefCell::new(Vec::new()), Instant::now());
    let (is_changed, is_restored) = (Cell::new(false), Cell::new(false));
    let is_stopped = || read.get() == 100 || begun.elapsed() > LIMIT;
    supervisor
        .run(&is_stopped, &mut |event| {
            match event {
                Event::Progress(progress) => read.set(read.get() + progress.counts.inspected),
                Event::Problem(problem) => problems.borrow_mut().push(problem.text.clone()),
                _ => {}
            }
            if read.get() == 50 && !is_changed.replace(true) {
                change_password(&servers, &broker, "another-password");
            }
            let is_refused = problems.borrow().iter().any(|text| text.contains("Authentication failed"));
            if is_refused && !is_restored.replace(true) {
                write(50);
                change_password(&servers, &broker, PASSWORD);
            }
            Ok::<_, Infallible>(())
        })
        .unwrap();
    let problems = problems.into_inner().join("\n");
    assert!(is_restored.get() && read.get() == 100, "{}: {problems}", read.get());
    assert!(!problems.contains("password"), "{problems}");
}
