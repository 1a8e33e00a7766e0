//! A message bus of the story: a real broker on a machine of its own, the agent that watches it, and its readers.

mod reader;

use std::{fs, io, net::IpAddr, os::unix::fs::chown, path::Path, time::Duration};

use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, BaseRecord, Producer as _},
};
use serde_json::{Value, json};

pub use self::reader::Reader;
use super::{Story, StoryError};
use crate::{
    chart::{NAMESPACE, present},
    cluster::{ClusterError, Machine},
    kafka::{Broker, BrokerOptions, Installation, KafkaError, Listener, Security, User},
};

/// The broker's machine.
const MACHINE: &str = "kafka";
/// Names the address of the machine for the broker, which asks for its name at each login: nothing answers DNS there. `$1` is a
/// file, `$2` the address, `$3` the name.
const NAMED: &str = r#"mkdir -p "${1%/*}"; echo "127.0.0.1 localhost
$2 $3" >"$1"; mount -n --bind "$1" /etc/hosts"#;
/// Of the listener for those who write and read.
const CLIENTS: u16 = 9092;
/// Of the listener with TLS and a login, for the agent.
const SECURED: u16 = 9093;
/// Whose login the agent has; the password is made up, as everything here.
const USER: &str = "landfall";
const PASSWORD: &str = "made-up-password";
/// What the agent needs at the broker, as docs/kafka.md has it.
const ENTRIES: [(&[&str], &[&str]); 3] = [
    (&["Describe", "DescribeConfigs"], &["--cluster"]),
    (&["Read", "Describe", "DescribeConfigs"], &["--topic", "*"]),
    (&["Describe"], &["--group", "*"]),
];
const LOCATIONS: &str = "examples/locations";
/// The agent's user.
const AGENT: u32 = 65532;
/// How long a client may take for anything.
const PATIENCE: Duration = Duration::from_mins(1);

/// A broker; the story's cluster must outlive it.
#[derive(Debug)]
pub struct Bus {
    broker: Broker,
    address: IpAddr,
}

/// Whose a bus is.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// The namespace of the MessageBus, whose name is `events`.
    pub namespace: &'a str,
    /// The name of the agreement in `privacy`.
    pub agreement: &'a str,
    /// The full legal name of who runs the broker in Germany.
    pub operator: &'a str,
}

impl Bus {
    /// Starts a broker that pods reach. Whoever has no login may do everything; the agent has one.
    pub fn start(story: &mut Story) -> Result<Self, StoryError> {
        let installation = Installation::find()?;
        let folder = story.cluster.folder().join("buses");
        let machine = story.cluster.add_server(MACHINE, &[])?;
        machine
            .shell(NAMED, &[&folder.join("hosts").display().to_string(), &machine.address().to_string(), MACHINE])?;
        let address = IpAddr::V4(machine.address());
        let listener = |name: &str, security, port| Listener {
            name: name.to_owned(),
            security,
            address,
            port,
            ..Listener::plaintext()
        };
        let options = BrokerOptions {
            listeners: vec![
                listener("CLIENTS", Security::Plaintext, CLIENTS),
                listener("SECURED", Security::SaslSsl, SECURED),
            ],
            users: vec![User::new(USER, PASSWORD)],
            around: machine.around(),
            ..BrokerOptions::default()
        };
        let broker = Broker::start(&installation, &folder, options)?;
        let bus = Self { broker, address };
        bus.inside(story, |broker| {
            ENTRIES.iter().try_for_each(|(operations, resource)| broker.allow(USER, operations, resource))
        })?;
        Ok(bus)
    }

    /// Ends the broker as a crash would.
    pub fn kill(&mut self) {
        self.broker.kill();
    }

    /// Starts it again on what it has stored.
    pub fn start_again(&mut self) -> Result<(), StoryError> {
        Ok(self.broker.start_again()?)
    }

    /// Where those who write and read begin.
    pub fn bootstrap(&self) -> String {
        format!("{}:{CLIENTS}", self.address)
    }

    /// Creates a topic.
    pub fn create_topic(&self, story: &Story, name: &str, partitions: i32) -> Result<(), StoryError> {
        self.inside(story, |broker| broker.create_topic(name, partitions, &[]))
    }

    /// Writes values, one after the other to each partition in turn.
    pub fn write(&self, story: &Story, topic: &str, partitions: i32, values: &[Vec<u8>]) -> Result<(), StoryError> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap());
        Ok(machine(story).inside(|| {
            let producer: BaseProducer = config.create().map_err(io::Error::other)?;
            for (value, partition) in values.iter().zip((0..partitions).cycle()) {
                let record = BaseRecord::<str, [u8]>::to(topic).partition(partition).payload(value);
                producer.send(record).map_err(|(error, _)| io::Error::other(error))?;
            }
            producer.flush(PATIENCE).map_err(io::Error::other)
        })?)
    }

    /// Makes the MessageBus with its Secrets, and has the chart start the agent. Metrics name the topics that begin with `shown`.
    pub fn watch(&self, story: &Story, party: Party<'_>, shown: &str) -> Result<(), StoryError> {
        let authority = self.broker.authority();
        let authority = fs::read_to_string(&authority)
            .map_err(|source| StoryError::Io { action: format!("read {}", authority.display()), source })?;
        let objects = [
            secret(party.namespace, "events-authority", &json!({ "ca.crt": authority })),
            secret(party.namespace, "events-reader", &json!({ "username": USER, "password": PASSWORD })),
            self.object(party),
            volume(&story.cluster.folder().join("volumes/bus-agent"))?,
        ];
        for object in objects {
            story.cluster.kubectl(&["apply", "--server-side", "-f", "-"], &object.to_string())?;
        }
        // Kubernetes takes no path with `..`.
        let locations = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name(LOCATIONS);
        let set = [
            "busAgent.enabled=true".to_owned(),
            format!("busAgent.buses[0].namespace={}", party.namespace),
            "busAgent.buses[0].secrets={events-authority,events-reader}".to_owned(),
            format!("busAgent.locations.hostPath.path={}", locations.display()),
            "busAgent.spool.storageClassName=static".to_owned(),
            "busAgent.extraEnv[0].name=LANDFALL_BUS_METRIC_TOPICS".to_owned(),
            format!("busAgent.extraEnv[0].value={shown}*"),
        ];
        let chart = present("landfall");
        let mut arguments = vec!["upgrade", "landfall", &chart, "--namespace", NAMESPACE, "--reset-then-reuse-values"];
        arguments.extend(set.iter().flat_map(|set| ["--set", set]));
        story.helm(4)?.run(&arguments)?;
        // Its configuration has changed.
        story.ready()?;
        self.ready(story)
    }

    /// Waits until the agent says that it is ready.
    pub fn ready(&self, story: &Story) -> Result<(), StoryError> {
        let agent = "statefulset/landfall-bus-agent";
        let waited = story.cluster.kubectl(&["-n", NAMESPACE, "rollout", "status", "--timeout=90s", agent], "");
        waited.map(drop).map_err(|error| {
            let pod = story.cluster.kubectl(&["-n", NAMESPACE, "describe", "pod", "landfall-bus-agent-0"], "");
            let log = self.log(story);
            StoryError::Command { command: error.to_string(), output: format!("{}\n{log}", pod.unwrap_or_default()) }
        })
    }

    /// What the agent has logged at last.
    pub fn log(&self, story: &Story) -> String {
        let log = story.cluster.kubectl(&["-n", NAMESPACE, "logs", "--tail=30", "landfall-bus-agent-0"], "");
        log.unwrap_or_else(|error| error.to_string())
    }

    fn object(&self, Party { namespace, agreement, operator }: Party<'_>) -> Value {
        let place = json!({ "value": "DE", "source": "inventory of the data centre", "asOf": "2026-11-01" });
        json!({
            "apiVersion": "landfall.dev/v1alpha1",
            "kind": "MessageBus",
            "metadata": { "name": "events", "namespace": namespace },
            "spec": {
                "bootstrapServers": [format!("{}:{SECURED}", self.address)],
                "clusterId": self.broker.cluster_id(),
                "tls": { "caSecretRef": { "name": "events-authority" } },
                "sasl": { "mechanism": "SCRAM-SHA-256", "credentialsSecretRef": { "name": "events-reader" } },
                "agreementRef": { "namespace": "privacy", "name": agreement },
                "sampling": { "periodSeconds": 10 },
                "brokers": [{ "name": "own", "ids": [1], "operator": operator, "place": place }],
            },
        })
    }

    fn inside(
        &self,
        story: &Story,
        work: impl FnOnce(&Broker) -> Result<(), KafkaError> + Send,
    ) -> Result<(), StoryError> {
        Ok(machine(story).inside(|| Ok(work(&self.broker)))??)
    }
}

fn machine(story: &Story) -> &Machine {
    story.cluster.server(MACHINE).expect("a bus has added it")
}

fn secret(namespace: &str, name: &str, contents: &Value) -> Value {
    let metadata = json!({ "name": name, "namespace": namespace });
    json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": contents })
}

/// A volume for the agent's spool, which both nodes have under one path.
fn volume(folder: &Path) -> Result<Value, StoryError> {
    let made = fs::create_dir_all(folder).and_then(|()| chown(folder, Some(AGENT), Some(AGENT)));
    made.map_err(|source| StoryError::Io { action: format!("make {}", folder.display()), source })?;
    Ok(json!({
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": { "name": "bus-agent" },
        "spec": {
            "capacity": { "storage": "1Gi" },
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "static",
            "hostPath": { "path": folder, "type": "Directory" },
        },
    }))
}

/// A machine of the world's that the broker sees under a foreign address.
fn add_machine<'a>(
    story: &'a mut Story,
    name: &str,
    address: std::net::Ipv4Addr,
) -> Result<&'a mut Machine, ClusterError> {
    let machine = story.cluster.add_server(name, &[address])?;
    let script = r#"ip route replace 10.99.0.0/24 dev eth0 src "$1"; ip route replace default via 10.99.0.1 src "$1""#;
    machine.shell(script, &[&address.to_string()])?;
    Ok(machine)
}
