//! `make demo-kafka`: two Kafka clusters with MirrorMaker between them, a sink, a schema registry, and readers on two networks; then
//! where the messages land, and whether they may.
#![expect(clippy::print_stdout, reason = "shows what a person would see")]

#[path = "demo_kafka/network.rs"]
mod network;
#[path = "demo_kafka/readers.rs"]
mod readers;

use std::{
    error::Error,
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use landfall_tests::{
    built,
    kafka::{Broker, BrokerOptions, Connect, ConnectOptions, Installation, Listener, Registry},
};
use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};

use self::{network::Network, readers::Reader};

type Failure = Box<dyn Error + Send + Sync>;

const REGISTER: &str = include_str!("../../examples/kafka/register.yaml");
const SCHEMA: &str = include_str!("../../examples/kafka/contacts.schema.json");
/// The addresses in the register whose ports are found when the servers start.
const REGISTRY: &str = "http://127.0.0.1:8081";
const CONNECT: &str = "http://127.0.0.1:8083";
/// The ports of a cluster's listeners.
const PORTS: [u16; 2] = [9092, 9093];
/// How long the servers may take for anything.
const PATIENCE: Duration = Duration::from_mins(2);

fn main() -> Result<(), Failure> {
    let began = Instant::now();
    let say = |what: &str| println!("\n[{:>3} s] {what}", began.elapsed().as_secs());
    let installation = Installation::find()?;
    let folder = tempfile::tempdir()?;
    let network = Network::new()?;

    say("Clusters eu-central and us-east, a schema registry and Connect");
    let mut eu = launch(&installation, folder.path(), "eu-central", "eu-central-1a", &[network::EU, network::US])?;
    let mut us = launch(&installation, folder.path(), "us-east", "us-east-1a", &[network::US_EAST])?;
    let registry = Registry::start(&installation, folder.path())?;
    eu.await_ready()?;
    us.await_ready()?;
    let connect = Connect::start(&installation, folder.path(), &eu.bootstrap(), &ConnectOptions::default())?;
    println!("eu-central {}, us-east {}", eu.bootstrap(), us.bootstrap());

    say("Topics crm.contacts, orders and metrics; the registry declares fields of crm.contacts");
    for topic in ["crm.contacts", "orders", "metrics"] {
        eu.create_topic(topic, 1, &[])?;
    }
    registry.register("crm.contacts-value", "JSON", SCHEMA)?;
    write(&eu)?;

    say("Readers in two network namespaces; a sink into a file; MirrorMaker from eu-central to us-east");
    let billing = Reader::start(&network, "eu", &eu.bootstrap(), "billing", &["crm.contacts", "orders"])?;
    let analytics =
        Reader::start(&network, "us", &format!("{}:{}", network::US, PORTS[1]), "analytics", &["crm.contacts"])?;
    connect.put_connector("archive", &Connect::file_sink("orders", &folder.path().join("orders.txt")))?;
    connect.put_connector("mirror", &mirror(&eu, &us))?;
    for reader in [&billing, &analytics] {
        println!("{reader}");
    }
    await_copy(&us)?;

    let register = register(folder.path(), &registry, &connect)?;
    let show = |arguments: &[&str]| landfall(&eu.bootstrap(), arguments);
    say("Which personal data each field holds, and which is declared: landfall kafka sample");
    let url = registry.url();
    println!("{}", show(&["sample", "--topic", "crm.*", "--schema-registry", url])?);
    say("Where it lands, and whether it may: landfall kafka landing --register examples/kafka");
    println!("{}", show(&["landing", "--register", &register.display().to_string()])?);
    say("Done; taking it down");
    Ok(())
}

fn launch(
    installation: &Installation,
    folder: &Path,
    name: &str,
    rack: &str,
    addresses: &[IpAddr],
) -> Result<Broker, Failure> {
    let listeners = addresses.iter().zip(PORTS).map(|(&address, port)| {
        let name = format!("CLIENTS{port}");
        Listener { name, address, port, ..Listener::plaintext() }
    });
    let (name, rack, listeners) = (name.to_owned(), Some(rack.to_owned()), listeners.collect());
    Ok(Broker::launch(installation, folder, BrokerOptions { name, rack, listeners, ..BrokerOptions::default() })?)
}

/// Writes made-up messages.
fn write(broker: &Broker) -> Result<(), Failure> {
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", broker.bootstrap()).create()?;
    for number in 0..20 {
        let contact = json!({
            "name": "Erika Mustermann", "email": format!("erika{number}@example.org"), "telefon": format!("+49 30 23125 {number:03}"),
        });
        let order = json!({ "number": number, "customer": format!("erika{number}@example.org"), "cents": 1999 });
        let metric = json!({ "queue": "orders", "depth": number });
        for (topic, value) in [("crm.contacts", contact), ("orders", order), ("metrics", metric)] {
            let value = value.to_string();
            let record = BaseRecord::<str, [u8]>::to(topic).payload(value.as_bytes());
            producer.send(record).map_err(|(error, _)| error)?;
        }
    }
    producer.flush(PATIENCE)?;
    Ok(())
}

/// MirrorMaker as a connector in Connect.
fn mirror(source: &Broker, target: &Broker) -> Value {
    let bytes = "org.apache.kafka.connect.converters.ByteArrayConverter";
    json!({
        "connector.class": "org.apache.kafka.connect.mirror.MirrorSourceConnector",
        "tasks.max": "1",
        "source.cluster.alias": "eu-central",
        "target.cluster.alias": "us-east",
        "source.cluster.bootstrap.servers": source.bootstrap(),
        "target.cluster.bootstrap.servers": target.bootstrap(),
        "producer.override.bootstrap.servers": target.bootstrap(),
        "topics": "crm.contacts, metrics",
        "replication.factor": "1",
        "offset-syncs.topic.replication.factor": "1",
        "key.converter": bytes,
        "value.converter": bytes,
    })
}

fn await_copy(target: &Broker) -> Result<(), Failure> {
    let deadline = Instant::now() + PATIENCE;
    while !target.metadata()?.topics.contains_key("eu-central.crm.contacts") {
        if Instant::now() > deadline {
            return Err("no topic was copied to us-east".into());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    println!("us-east has eu-central.crm.contacts");
    Ok(())
}

/// The example register, with the ports that the servers have.
fn register(folder: &Path, registry: &Registry, connect: &Connect) -> Result<PathBuf, Failure> {
    let register = folder.join("register");
    fs::create_dir(&register)?;
    let text = REGISTER.replace(REGISTRY, registry.url()).replace(CONNECT, connect.url());
    fs::write(register.join("register.yaml"), text)?;
    Ok(register)
}

fn landfall(bootstrap: &str, arguments: &[&str]) -> Result<String, Failure> {
    let (command, rest) = arguments.split_first().ok_or("no command")?;
    let output = Command::new(built("landfall")?)
        .args(["kafka", command, "--bootstrap", bootstrap])
        .args(rest)
        .env("COLUMNS", "200")
        .output()?;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("landfall kafka {command}: {stderr}").into());
    }
    Ok(format!("{stderr}{stdout}").trim_end().to_owned())
}
