//! The Kafka servers that other tests stand on do what these tests take for granted. (`landfall_tests::kafka`)

use std::{
    collections::BTreeMap,
    net::TcpStream,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use landfall_tests::kafka::{
    Broker, BrokerOptions, BrokerSeen, Connect, ConnectOptions, Connection, FakeRegistry, KafkaError, Listener,
    Metadata, MirrorMaker, MirrorOptions, Registry, RegistryFault, Schema, Topic, User, servers_or_skip,
};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring::default_provider,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use serde_json::{Value, json};
use ureq::Agent;

/// ConsumerGroupDescribe, of the groups that KIP-848 has brought.
const NEW_GROUPS: i16 = 69;

#[test]
fn a_killed_broker_comes_back_as_the_same() {
    let Some(servers) = servers_or_skip(400) else { return };
    let folder = tempfile::tempdir().unwrap();
    let advertised = Some("kafka.example.com:9094".to_owned());
    let outside = Listener { name: "OUTSIDE".into(), advertised, ..Listener::plaintext() };
    let options = BrokerOptions {
        rack: Some("eu-central-1a".into()),
        listeners: vec![Listener::plaintext(), outside],
        ..BrokerOptions::default()
    };
    let mut broker = Broker::start(&servers, folder.path(), options).unwrap();

    let versions = Connection::open(&broker.bootstrap()).unwrap().api_versions().unwrap();
    assert!(versions.iter().any(|&(kind, ..)| kind == NEW_GROUPS), "{versions:?}");
    broker.create_topic("orders", 3, &[("cleanup.policy", "compact")]).unwrap();
    assert!(matches!(broker.create_topic("orders", 3, &[]), Err(KafkaError::Refused { code: 36, .. })), "it exists");
    let (host, port) =
        broker.bootstrap().rsplit_once(':').map(|(host, port)| (host.to_owned(), port.to_owned())).unwrap();
    let seen = BrokerSeen { id: 1, host, port: port.parse().unwrap(), rack: Some("eu-central-1a".into()) };
    let before = broker.metadata().unwrap();
    let orders = ("orders".to_owned(), Topic { internal: false, partitions: 3 });
    let (cluster_id, topics) = (Some(broker.cluster_id().to_owned()), BTreeMap::from([orders]));
    assert_eq!(before, Metadata { cluster_id, brokers: vec![seen], topics });

    let mut outside = Connection::open(&broker.address("OUTSIDE").unwrap()).unwrap();
    let told = outside.metadata().unwrap().brokers.remove(0);
    assert_eq!((told.host.as_str(), told.port), ("kafka.example.com", 9094));

    let killed = broker.daemon().unwrap().pid();
    broker.kill();
    assert!(TcpStream::connect(broker.bootstrap()).is_err());
    broker.start_again().unwrap();
    assert_ne!(broker.daemon().unwrap().pid(), killed);
    assert_eq!(broker.metadata().unwrap(), before);

    // A test that fails leaves no broker behind.
    let process = format!("/proc/{}", broker.daemon().unwrap().pid());
    assert!(Path::new(&process).exists());
    let failed = catch_unwind(AssertUnwindSafe(move || {
        let _broker = broker;
        resume_unwind(Box::new("a failed test"));
    }));
    assert!(failed.is_err());
    assert!(!Path::new(&process).exists(), "{process} is left");
}

#[test]
fn users_come_in_by_tls_and_see_what_they_may() {
    let Some(servers) = servers_or_skip(550) else { return };
    let folder = tempfile::tempdir().unwrap();
    let user = User::new("inventory", "made-up-password");
    let listeners = vec![Listener::sasl_ssl()];
    let options = BrokerOptions { listeners, users: vec![user.clone()], ..BrokerOptions::default() };
    let mut broker = Broker::start(&servers, folder.path(), options).unwrap();

    let authority = CertificateDer::from_pem_file(broker.authority()).unwrap();
    let mut connection = tls(&broker, authority);
    assert!(!connection.api_versions().unwrap().is_empty());
    assert_eq!(connection.sasl_mechanisms().unwrap(), ["SCRAM-SHA-256"]);
    let another = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let refused = tls(&broker, another.cert.der().clone()).api_versions().unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");

    broker.create_topic("orders", 1, &[]).unwrap();
    let topics = |user: &User| {
        let file = folder.path().join("client.properties");
        std::fs::write(&file, user.java_settings(&broker.authority())).unwrap();
        let (bootstrap, file) = (broker.bootstrap(), file.display().to_string());
        let arguments = ["--bootstrap-server", &bootstrap, "--command-config", &file, "--list"];
        servers.run("org.apache.kafka.tools.TopicCommand", &arguments)
    };
    assert_eq!(topics(&user).unwrap().trim(), "");
    broker.allow("inventory", &["Describe"], &["--topic", "*"]).unwrap();
    assert_eq!(topics(&user).unwrap().trim(), "orders");
    let refused = topics(&User::new("inventory", "another")).unwrap_err().to_string();
    assert!(refused.contains("Authentication failed"), "{refused}");

    let process = format!("/proc/{}", broker.daemon().unwrap().pid());
    broker.stop().unwrap();
    assert!(!Path::new(&process).exists(), "{process} is left");
}

#[test]
fn topics_are_copied_abroad_and_into_files() {
    let Some(servers) = servers_or_skip(1700) else { return };
    let folder = tempfile::tempdir().unwrap();
    let launch = |name: &str| {
        let options = BrokerOptions { name: name.to_owned(), ..BrokerOptions::default() };
        Broker::launch(&servers, folder.path(), options).unwrap()
    };
    let (mut eu, mut us) = (launch("eu"), launch("us"));
    eu.await_ready().unwrap();
    us.await_ready().unwrap();
    assert_ne!(eu.cluster_id(), us.cluster_id());
    eu.create_topic("orders", 2, &[]).unwrap();

    let options = MirrorOptions {
        source: ("eu".into(), eu.bootstrap()),
        target: ("us".into(), us.bootstrap()),
        ..MirrorOptions::default()
    };
    let mut mirror = MirrorMaker::start(&servers, folder.path(), &options).unwrap();
    let connect = Connect::start(&servers, folder.path(), &eu.bootstrap(), &ConnectOptions::default()).unwrap();

    let plugins = connect.get("/connector-plugins").unwrap();
    let classes: Vec<&str> = plugins.as_array().unwrap().iter().filter_map(|plugin| plugin["class"].as_str()).collect();
    assert!(classes.contains(&"org.apache.kafka.connect.file.FileStreamSinkConnector"), "{classes:?}");
    connect.put_connector("archive", &Connect::file_sink("orders", &folder.path().join("orders.txt"))).unwrap();
    let state = || connect.get("/connectors/archive/status").unwrap_or_default();
    let runs = |state: &Value| state["connector"]["state"] == "RUNNING" && state["tasks"][0]["state"] == "RUNNING";
    let deadline = Instant::now() + Duration::from_mins(2);
    while !runs(&state()) {
        assert!(Instant::now() < deadline, "{}", state());
        sleep(Duration::from_millis(100));
    }

    mirror.await_topic(&us, "eu.orders").unwrap();
    let copied = us.metadata().unwrap().topics;
    assert_eq!(copied["eu.orders"], Topic { internal: false, partitions: 2 });
    assert!(copied.contains_key("mm2-configs.eu.internal"), "{copied:?}");
    let source = eu.metadata().unwrap().topics;
    assert!(source.contains_key("mm2-offset-syncs.us.internal"), "{source:?}");
    assert!(!source.contains_key("heartbeats"), "{source:?}");
}

#[test]
fn the_registry_keeps_schemas() {
    let Some(servers) = servers_or_skip(350) else { return };
    let folder = tempfile::tempdir().unwrap();
    let registry = Registry::start(&servers, folder.path()).unwrap();
    let schema =
        r#"{"type":"record","name":"Order","fields":[{"name":"email","type":"string","confluent:tags":["PII"]}]}"#;
    let id = registry.register("orders-value", "AVRO", schema).unwrap();

    let answer = registry.get(&format!("/schemas/ids/{id}?deleted=true")).unwrap();
    let kept: Value = serde_json::from_str(answer["schema"].as_str().unwrap()).unwrap();
    assert_eq!(kept, serde_json::from_str::<Value>(schema).unwrap());
    assert_eq!(answer.get("schemaType"), None);
    let unknown = registry.get("/schemas/ids/4711?deleted=true").unwrap_err();
    assert!(matches!(&unknown, KafkaError::Status { status: 404, text, .. } if text.contains("40403")), "{unknown}");
}

#[test]
fn the_fake_registry_answers_with_tags_and_rules() {
    let registry = FakeRegistry::start().unwrap();
    let (address, order) = (Schema::new("AVRO", r#"{"type":"string"}"#), r#"syntax = "proto3"; message Order {}"#);
    let references = json!([{ "name": "address.proto", "subject": "address", "version": 1 }]);
    let metadata = json!({ "tags": { "Order.email": ["PII"] } });
    let rules = json!({ "domainRules": [{ "name": "pii", "kind": "TRANSFORM", "type": "ENCRYPT", "tags": ["PII"] }] });
    let order = Schema::new("PROTOBUF", order)
        .with_references(references.clone())
        .with_metadata(metadata.clone())
        .with_rule_set(rules.clone());
    let ids = ["address", "orders-value", "orders-copy"].map(|subject| {
        let schema = if subject == "address" { &address } else { &order };
        registry.register(subject, schema.clone())
    });
    assert_eq!(ids, [1, 2, 2]);

    let get = |path: &str| {
        let (status, text) = ask(&registry, path, None).unwrap();
        (status, serde_json::from_str::<Value>(&text).unwrap())
    };
    assert_eq!(get("/schemas/ids/1?deleted=true"), (200, json!({ "schema": r#"{"type":"string"}"# })));
    let whole = json!({
        "schema": order.text, "schemaType": "PROTOBUF", "references": references, "metadata": metadata, "ruleSet": rules,
    });
    assert_eq!(get("/schemas/ids/2"), (200, whole.clone()));
    let (_, latest) = get("/subjects/orders-value/versions/latest");
    assert_eq!((&latest["id"], &latest["version"], &latest["ruleSet"]), (&json!(2), &json!(1), &whole["ruleSet"]));

    registry.delete("orders-copy");
    let kept = json!({ "subject": "orders-value", "version": 1 });
    let deleted = json!({ "subject": "orders-copy", "version": 1 });
    assert_eq!(get("/schemas/ids/2/versions"), (200, json!([kept])));
    assert_eq!(get("/schemas/ids/2/versions?deleted=true"), (200, json!([deleted, kept])));
    assert_eq!(get("/subjects"), (200, json!(["address", "orders-value"])));
    assert_eq!((get("/schemas/ids/3").0, get("/schemas/ids/3").1["error_code"].clone()), (404, json!(40403)));
    assert_eq!(get("/subjects/none/versions").1["error_code"], 40401);
    assert_eq!(get("/subjects/address/versions/2").1["error_code"], 40402);
}

#[test]
fn the_fake_registry_fails_when_it_is_told_to() {
    let registry = FakeRegistry::start().unwrap();
    registry.register("orders-value", Schema::new("AVRO", r#""string""#));
    let ask = |authorization| ask(&registry, "/schemas/ids/1", authorization);

    registry.fail(RegistryFault::Down);
    assert!(ask(None).is_err());
    registry.fail(RegistryFault::Error);
    assert!(matches!(ask(None), Ok((500, text)) if text.contains("50001")));
    registry.fail(RegistryFault::Html);
    assert!(matches!(ask(None), Ok((200, text)) if text.starts_with("<!doctype html>")));
    registry.fail(RegistryFault::Truncated);
    let (_, half) = ask(None).unwrap();
    assert!(serde_json::from_str::<Value>(&half).is_err(), "{half}");
    registry.fail(RegistryFault::Slow(Duration::from_millis(300)));
    let asked = Instant::now();
    assert!(matches!(ask(None), Ok((200, _))));
    assert!(asked.elapsed() >= Duration::from_millis(300));

    registry.fail(RegistryFault::None);
    registry.protect(Some("Basic bWFkZTp1cA=="));
    assert!(matches!(ask(None), Ok((401, _))));
    assert!(matches!(ask(Some("Basic bWFkZTp1cA==")), Ok((200, _))));
    let posted = Agent::new_with_defaults().post(format!("{}/subjects/a/versions", registry.url())).send("{}");
    assert!(matches!(posted, Err(ureq::Error::StatusCode(401))));
    assert_eq!(registry.requests().len(), 8);
    assert_eq!(registry.requests()[7], "POST /subjects/a/versions");
}

/// Status and text of an answer.
fn ask(registry: &FakeRegistry, path: &str, authorization: Option<&str>) -> Result<(u16, String), ureq::Error> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut request = agent.get(format!("{}{path}", registry.url()));
    if let Some(value) = authorization {
        request = request.header("authorization", value);
    }
    let mut answer = request.call()?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

/// A connection by TLS to the broker's first listener, for one who trusts this authority alone.
fn tls(broker: &Broker, authority: CertificateDer<'static>) -> Connection<StreamOwned<ClientConnection, TcpStream>> {
    let mut trusted = RootCertStore::empty();
    trusted.add(authority).unwrap();
    let configuration = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    let client = ClientConnection::new(Arc::new(configuration), "127.0.0.1".try_into().unwrap()).unwrap();
    let stream = TcpStream::connect(broker.bootstrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    Connection::over(StreamOwned::new(client, stream))
}
