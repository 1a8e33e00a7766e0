//! Where the messages of real topics land. (`landfall kafka landing`)

use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use landfall_tests::kafka::{
    Broker, BrokerOptions, Connect, ConnectOptions, FakeRegistry, RegistryFault, servers_or_skip, shared,
};
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _},
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};

use crate::support::{Run, landfall};

/// How long servers may take for anything.
const PATIENCE: Duration = Duration::from_mins(2);
/// In the configuration of a connector.
const PASSWORD: &str = "made-up-password";

/// A bus with a Connect cluster, and a sub-processor in the United States without a basis that has the addresses of this machine.
const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: avv, namespace: privacy }
spec:
  revision: "2026-01-01"
  processor: { legalName: Processor GmbH, seat: DE, land: DE-BE, zone: Europe/Berlin }
  recipients: [{ ref: acme, clause: "Annex 3 no. 1" }]
  scope: { categories: [{ category: "pd:EmailAddress", clause: L56 }] }
  obligations: [{ id: SUB-LIST, lines: [L36] }, { id: TRF-GATE, lines: [L12] }, { id: AVV-SCOPE, lines: [L56] }]
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme Inc., seat: US }, source: contract, asOf: 2026-11-01 }
  endpoints:
    - name: kafka
      cidrs: [127.0.0.0/8]
      source: contract
      asOf: 2026-11-01
      processing: { value: [US], source: contract, asOf: 2026-11-01 }
  onward: []
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec:
  bootstrapServers: ["BOOTSTRAP"]
  agreementRef: { namespace: privacy, name: avv }
  connect: [{ url: "CONNECT" }]
  brokers:
    - { name: own, ids: [1], operator: Processor GmbH, place: { value: DE, source: inventory, asOf: 2026-11-01 } }
"#;

fn landing(arguments: &[&str]) -> Run {
    landfall([&["kafka", "landing"], arguments].concat())
}

/// The graph as JSON.
fn graph(arguments: &[&str]) -> Value {
    let run = landing(&[arguments, &["-o", "json"]].concat());
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(!run.stdout.contains(PASSWORD) && !run.stderr.contains(PASSWORD), "a password is shown");
    run.json().remove(0)
}

/// Waits for a graph that has what is wanted.
fn await_graph(arguments: &[&str], is_wanted: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let seen = graph(arguments);
        if is_wanted(&seen) {
            return seen;
        }
        assert!(Instant::now() < deadline, "{seen:#}");
        sleep(Duration::from_millis(500));
    }
}

/// The landings of a topic, without the times when they were seen.
fn landings(graph: &Value, topic: &str) -> Vec<Value> {
    let mut all = graph["topics"][topic]["landings"].as_array().cloned().unwrap_or_default();
    for landing in &mut all {
        let landing = landing.as_object_mut().unwrap();
        let (first, last) = (landing.remove("firstSeen"), landing.remove("lastSeen"));
        assert!(first.is_some() && first == last);
    }
    all
}

fn consumer(broker: &Broker, group: &str) -> BaseConsumer {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap()).set("client.id", format!("{group}-client"));
    config.set("group.id", group).set("enable.auto.commit", "false").create().unwrap()
}

/// A member of a group that has the one partition of a topic.
fn member(broker: &Broker, topic: &str, group: &str) -> BaseConsumer {
    let consumer = consumer(broker, group);
    consumer.subscribe(&[topic]).unwrap();
    while consumer.assignment().unwrap().count() == 0 {
        consumer.poll(Duration::from_millis(100));
    }
    consumer
}

/// Commits an offset for a group that has no member.
fn commit(broker: &Broker, topic: &str, group: &str) {
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset(topic, 0, Offset::Offset(0)).unwrap();
    consumer(broker, group).commit(&offsets, CommitMode::Sync).unwrap();
}

/// MirrorMaker as a connector. It runs in a Connect cluster of the source, so that its messages need to be sent elsewhere.
fn mirror(source: &Broker, target: &Broker) -> Value {
    let bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";
    json!({
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "tasks.max": "1",
        "source.cluster.alias": "eu",
        "target.cluster.alias": "us",
        "source.cluster.bootstrap.servers": source.bootstrap(),
        "target.cluster.bootstrap.servers": target.bootstrap(),
        "producer.override.bootstrap.servers": target.bootstrap(),
        "topics": "orders, connect-configs",
        "replication.factor": "1",
        "offset-syncs.topic.replication.factor": "1",
        "key.converter": bytes,
        "value.converter": bytes,
    })
}

#[test]
fn a_topic_lands_at_brokers_readers_sinks_and_copies() {
    let Some(servers) = servers_or_skip(1250) else { return };
    let folder = tempfile::tempdir().unwrap();
    let launch = |name: &str| {
        let options = BrokerOptions { name: name.to_owned(), ..BrokerOptions::default() };
        Broker::launch(&servers, folder.path(), options).unwrap()
    };
    let (mut eu, mut us) = (launch("eu"), launch("us"));
    eu.await_ready().unwrap();
    let mut connect = Connect::launch(&servers, folder.path(), &eu.bootstrap(), &ConnectOptions::default()).unwrap();
    us.await_ready().unwrap();
    eu.create_topic("orders", 1, &[("retention.ms", "-1")]).unwrap();
    commit(&eu, "orders", "old");
    let _billing = member(&eu, "orders", "billing");
    connect.await_ready().unwrap();
    let file = folder.path().join("orders.txt");
    connect.put_connector("archive", &sink(&file)).unwrap();
    connect.put_connector("mirror", &mirror(&eu, &us)).unwrap();

    let (bootstrap, url) = (eu.bootstrap(), connect.url().to_owned());
    let asked = ["--bootstrap", &bootstrap, "--connect", &url];
    let seen = await_graph(&asked, |seen| landings(seen, "orders").len() == 6);
    let port: u16 = bootstrap.rsplit_once(':').unwrap().1.parse().unwrap();
    let reader = |group: &str, client: &str| {
        json!({
            "kind": "reader", "group": group, "clientId": client, "host": "127.0.0.1",
            "evidence": ["groupMembers"],
        })
    };
    let class = "org.apache.kafka.connect.file.FileStreamSinkConnector";
    let expected = [
        json!({ "kind": "broker", "id": 1, "host": "127.0.0.1", "port": port, "rack": null, "evidence": ["metadata"] }),
        reader("billing", "billing-client"),
        reader("connect-archive", "connector-consumer-archive-0"),
        json!({ "kind": "absentReader", "group": "old", "evidence": ["committedOffsets"] }),
        json!({
            "kind": "sink", "connector": "archive", "evidence": ["connect"],
            "settings": { "connector.class": class, "file": file, "topics": "orders" },
        }),
        json!({
            "kind": "mirror", "cluster": "us", "servers": us.bootstrap(), "topic": "eu.orders", "connector": "mirror",
            "evidence": ["connect"],
        }),
    ];
    assert_eq!(landings(&seen, "orders"), expected);
    assert_eq!((&seen["mirroredTo"], &seen["gaps"]), (&json!(["us"]), &json!([])));
    let secrets = json!({ "topic": "connect-configs", "finding": "connectorSecrets", "copiedTo": ["us"] });
    assert_eq!(seen["findings"], json!([secrets, { "topic": "orders", "finding": "unlimitedRetention" }]));

    let table = landing(&asked);
    let line =
        |start: &str| table.stdout.lines().any(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") == start);
    assert!(line("orders absent reader old, which has no member committed offsets"), "{}", table.stdout);
    assert!(!table.stdout.contains(PASSWORD) && table.stdout.contains("finding: orders keeps its messages for ever"));

    with_verdicts(&eu, &url, folder.path());

    // Nobody is asked whom the cluster alone names.
    let unasked = await_graph(&["--bootstrap", &bootstrap], |seen| seen["mirroredTo"] == json!(["us"]));
    let gaps = [
        format!("the connectors of group connect are not known: ask with --connect {url}"),
        "topics are copied to cluster us, and which ones is not known".to_owned(),
    ];
    assert_eq!(unasked["gaps"], json!(gaps));

    let target = us.bootstrap();
    let at_target = ["--bootstrap", &target, "--connect", &url];
    let is_copied = |seen: &Value, topic: &str| seen["topics"].get(topic).is_some();
    let seen = await_graph(&at_target, |seen| is_copied(seen, "eu.orders") && is_copied(seen, "eu.connect-configs"));
    assert_eq!(seen["topics"]["eu.orders"]["copyOf"], json!({ "cluster": "eu", "topic": "orders" }));
    assert_eq!(landings(&seen, "eu.orders").len(), 1, "the broker alone: sinks of another cluster do not count");
    let secrets = json!({ "topic": "eu.connect-configs", "finding": "connectorSecrets", "copiedFrom": "eu" });
    assert_eq!(seen["findings"][0], secrets);
    let cluster = eu.cluster_id();
    let gap =
        format!("Connect at {url} uses cluster {cluster}: only connectors that copy topics of this cluster count");
    assert_eq!((&seen["mirroredFrom"], &seen["gaps"]), (&json!(["eu"]), &json!([gap])));
}

/// Each landing of orders is judged by itself: the broker's place is attested, and what is at the same address otherwise is in the
/// United States.
fn with_verdicts(broker: &Broker, connect: &str, folder: &Path) {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create().unwrap();
    for number in 0..5 {
        let value = json!({ "email": format!("person{number}@example.org") }).to_string();
        producer
            .send(BaseRecord::<str, [u8]>::to("orders").payload(value.as_bytes()))
            .map_err(|(error, _)| error)
            .unwrap();
    }
    producer.flush(PATIENCE).unwrap();
    let register = folder.join("judged");
    fs::create_dir(&register).unwrap();
    let text = REGISTER.replace("BOOTSTRAP", &broker.bootstrap()).replace("CONNECT", connect);
    fs::write(register.join("all.yaml"), text).unwrap();
    let bootstrap = broker.bootstrap();
    let arguments = ["--bootstrap", &bootstrap, "--register", register.to_str().unwrap()];
    let seen = graph(&arguments);
    let transfers = seen["transfers"].as_array().unwrap();
    let of_orders = transfers.iter().filter(|transfer| transfer["topic"] == "orders");
    let told: BTreeSet<_> = of_orders
        .map(|transfer| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let party = &transfer["party"];
            (text(&party["role"]), text(&party["group"]), text(&transfer["outcome"]), text(&transfer["data"]))
        })
        .collect();
    let party = |role: &str, group: &str, outcome: &str| {
        (role.to_owned(), group.to_owned(), outcome.to_owned(), "seen: EmailAddress".to_owned())
    };
    let expected = [
        party("consumer", "billing", "Unlawful"),
        party("consumer", "connect-archive", "Unlawful"),
        party("replica", "", "NotATransfer"),
        party("replica", "", "Unlawful"),
    ];
    assert_eq!(told, BTreeSet::from(expected));
    let kept = json!({ "topic": "orders", "finding": "unlimitedRetention", "personalData": true });
    assert!(seen["findings"].as_array().unwrap().contains(&kept), "{}", seen["findings"]);
    let table = landing(&arguments).stdout;
    assert!(table.contains("not judged: place not known") && !table.contains("example.org"), "{table}");
}

#[test]
fn an_answer_that_is_none_of_connect_is_a_gap_and_no_landing() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let broker = shared().unwrap();
    broker.create_topic("landing-beside-connect", 1, &[]).unwrap();
    let service = FakeRegistry::start().unwrap();
    service.protect(Some("Basic Y2xlcms6bWFkZS11cC1wYXNzd29yZA=="));
    let folder = tempfile::tempdir().unwrap();
    let (bootstrap, url) = (broker.bootstrap(), service.url());
    let register = folder.path().join("register");
    fs::create_dir(&register).unwrap();
    fs::write(register.join("all.yaml"), REGISTER.replace("BOOTSTRAP", &bootstrap).replace("CONNECT", &url)).unwrap();
    let properties = folder.path().join("client.properties");
    fs::write(&properties, format!("connect.basic.auth.user.info=clerk:{PASSWORD}\n")).unwrap();
    let (register, properties) = (register.display().to_string(), properties.display().to_string());

    let told = |arguments: &[&str], expected: &str| {
        let seen = graph(&[&["--bootstrap", &bootstrap], arguments].concat());
        let landings = landings(&seen, "landing-beside-connect");
        assert_eq!(landings.iter().map(|landing| &landing["kind"]).collect::<Vec<_>>(), ["broker"]);
        let gap = format!("the connectors of Connect at {url} are not known: {expected}");
        assert!(seen["gaps"].as_array().unwrap().contains(&json!(gap)), "{}", seen["gaps"]);
    };
    told(&["--connect", &url], "Connect refuses the credentials (401)");
    // With the credentials it answers, and is a registry.
    told(&["--connect", &url, "--properties", &properties], "the answer holds no connectors");
    // The MessageBus names it, too.
    service.fail(RegistryFault::Html);
    let html = "the answer is no JSON; is there a sign-in page before Connect?";
    told(&["--register", &register, "--properties", &properties], html);
    assert_eq!(service.requests(), ["GET /"; 3]);
}

#[test]
fn an_address_with_a_password_is_refused_and_not_shown() {
    let url = format!("http://clerk:{PASSWORD}@127.0.0.1:8083");
    let run = landing(&["--bootstrap", "127.0.0.1:9092", "--connect", &url]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("--connect") && !run.stderr.contains(PASSWORD), "{}", run.stderr);
}

/// A sink that writes into a file and has a password.
fn sink(file: &Path) -> Value {
    let mut sink = Connect::file_sink("orders", file);
    sink["db.password"] = json!(PASSWORD);
    sink
}
