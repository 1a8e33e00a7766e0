//! A cluster of one node, a broker that is its own controller, and further brokers of such a cluster.

mod options;
mod properties;

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

pub use self::options::{BrokerOptions, Listener, Security, User};
use super::{Connection, Installation, KafkaError, Metadata, jvm};
use crate::cluster::{ClusterError, Daemon, control_plane::free_port, pki::Authority, process::Folder};

/// What the broker logs when it takes requests.
const STARTED: &str = "Kafka Server started";
/// Of an orderly end, which writes the positions of all partitions.
const END_LIMIT: Duration = Duration::from_secs(30);
/// Of a broker that makes thousands of partitions.
const WIDE_LIMIT: Duration = Duration::from_mins(2);

/// Partitions that are created by one request. A controller takes at most 10,000 records for a request, and a new topic is
/// one as well: it refuses more as a violation of its policy (44).
const STEP: i32 = 2000;

/// A broker; dropped, it is ended at once. Its data stays in its folder.
#[derive(Debug)]
pub struct Broker {
    daemon: Option<Daemon>,
    installation: Installation,
    folder: Folder,
    options: BrokerOptions,
    cluster_id: String,
    /// Of the listener that the controller has for itself.
    controller: u16,
    /// Of a listener without TLS on loopback that tests and tools administer the broker by.
    internal: u16,
    /// Where the log of the present run begins.
    log_begin: usize,
}

impl Broker {
    /// Starts one with its data and log below `folder`, and waits until it takes requests.
    pub fn start(installation: &Installation, folder: &Path, options: BrokerOptions) -> Result<Self, KafkaError> {
        let mut broker = Self::launch(installation, folder, options)?;
        broker.await_ready()?;
        Ok(broker)
    }

    /// Starts one, which then takes seconds.
    pub fn launch(installation: &Installation, folder: &Path, mut options: BrokerOptions) -> Result<Self, KafkaError> {
        for listener in &mut options.listeners {
            if listener.port == 0 {
                listener.port = free_port()?;
            }
        }
        let mut broker = Self {
            daemon: None,
            installation: installation.clone(),
            folder: Folder { path: folder.join(&options.name) },
            cluster_id: options.cluster_id.clone().map_or_else(unique_id, Ok)?,
            controller: free_port()?,
            internal: free_port()?,
            options,
            log_begin: 0,
        };
        broker.make_certificates()?;
        broker.folder.write("server.properties", broker.properties())?;
        broker.format()?;
        broker.begin()?;
        Ok(broker)
    }

    /// Waits until it takes requests.
    pub fn await_ready(&mut self) -> Result<(), KafkaError> {
        let (log, begin) = (self.log_file(), self.log_begin);
        let Some(daemon) = &mut self.daemon else { return Ok(()) };
        let started = || {
            let text = fs::read(&log).unwrap_or_default();
            text.get(begin..).is_some_and(|new| String::from_utf8_lossy(new).contains(STARTED))
        };
        jvm::await_true(&self.options.name, daemon, started)
    }

    /// Ends it as a crash would.
    pub fn kill(&mut self) {
        self.daemon = None;
    }

    /// Ends it in order.
    pub fn stop(&mut self) -> Result<(), KafkaError> {
        match self.daemon.take() {
            Some(mut daemon) => Ok(daemon.end(END_LIMIT)?),
            None => Ok(()),
        }
    }

    /// Starts it on its data and ports, if it does not run, and waits until it takes requests.
    pub fn start_again(&mut self) -> Result<(), KafkaError> {
        if self.daemon.is_none() {
            self.begin()?;
        }
        self.await_ready()
    }

    /// Its process, if it runs: to be stopped and continued (`signal`), or to be measured.
    pub fn daemon(&mut self) -> Option<&mut Daemon> {
        self.daemon.as_mut()
    }

    /// The address of its first listener, as clients begin with it.
    pub fn bootstrap(&self) -> String {
        self.options.listeners.first().map_or_else(|| self.internal(), Listener::bound)
    }

    /// The address of the listener with this name.
    pub fn address(&self, listener: &str) -> Option<String> {
        self.options.listeners.iter().find(|one| one.name == listener).map(Listener::bound)
    }

    /// An address on loopback where everything is allowed, for Kafka's tools.
    pub fn internal(&self) -> String {
        format!("127.0.0.1:{}", self.internal)
    }

    /// The controller, for further brokers of the cluster.
    pub fn voter(&self) -> String {
        format!("{}@127.0.0.1:{}", self.options.node_id, self.controller)
    }

    pub fn cluster_id(&self) -> &str {
        &self.cluster_id
    }

    /// The certificate of the authority of its listeners with TLS (PEM).
    pub fn authority(&self) -> PathBuf {
        self.folder.join("pki/ca.crt")
    }

    /// What it tells of the cluster and its topics at [`Self::bootstrap`], or at [`Self::internal`] where that wants a login.
    pub fn metadata(&self) -> Result<Metadata, KafkaError> {
        let address = self.open_address();
        let asked = Connection::open(&address).and_then(|mut connection| connection.metadata());
        asked.map_err(|source| KafkaError::Ask { address, source })
    }

    /// Creates a topic with settings such as `("cleanup.policy", "compact")`.
    pub fn create_topic(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) -> Result<(), KafkaError> {
        let address = self.open_address();
        let asked = Connection::open(&address).and_then(|mut broker| broker.create_topic(name, partitions, settings));
        match asked.map_err(|source| KafkaError::Ask { address, source })? {
            0 => Ok(()),
            code => Err(KafkaError::Refused { request: format!("creating topic {name}"), code }),
        }
    }

    /// Creates a topic with more partitions than one request may create, and waits until the broker has them all.
    pub fn create_wide_topic(&self, name: &str, partitions: i32) -> Result<(), KafkaError> {
        self.create_topic(name, partitions.min(STEP), &[])?;
        let address = self.open_address();
        let failed = |source| KafkaError::Ask { address: address.clone(), source };
        let mut broker = Connection::open(&address).map_err(failed)?;
        let mut created = partitions.min(STEP);
        while created < partitions {
            created = partitions.min(created + STEP);
            match broker.create_partitions(name, created).map_err(failed)? {
                0 => {}
                code => return Err(KafkaError::Refused { request: format!("more partitions of {name}"), code }),
            }
        }
        let deadline = Instant::now() + WIDE_LIMIT;
        loop {
            let seen = broker.metadata().map_err(failed)?.topics.get(name).map_or(0, |topic| topic.partitions);
            if i32::try_from(seen).is_ok_and(|seen| seen >= partitions) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(failed(io::Error::new(io::ErrorKind::TimedOut, format!("{seen} partitions of {name}"))));
            }
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Allows a user some operations on a resource, such as `["--topic", "orders"]`, `["--cluster"]` or
    /// `["--group", "agent-", "--resource-pattern-type", "prefixed"]`.
    pub fn allow(&self, user: &str, operations: &[&str], resource: &[&str]) -> Result<(), KafkaError> {
        let (internal, principal) = (self.internal(), format!("User:{user}"));
        let mut arguments = vec!["--bootstrap-server", &internal, "--add", "--allow-principal", &principal];
        for operation in operations {
            arguments.extend(["--operation", operation]);
        }
        arguments.extend(resource);
        self.installation.run("org.apache.kafka.tools.AclCommand", &arguments).map(drop)
    }

    fn open_address(&self) -> String {
        let open = self.options.listeners.first().filter(|listener| listener.security == Security::Plaintext);
        open.map_or_else(|| self.internal(), Listener::bound)
    }

    fn begin(&mut self) -> Result<(), KafkaError> {
        self.log_begin = fs::metadata(self.log_file()).map_or(0, |log| usize::try_from(log.len()).unwrap_or(0));
        let BrokerOptions { name, heap_megabytes, around, .. } = &self.options;
        let file = self.folder.join("server.properties");
        let daemon = jvm::start(&self.installation, &self.folder, name, "kafka.Kafka", *heap_megabytes, around, &file)?;
        self.daemon = Some(daemon);
        Ok(())
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(format!("log/{}.log", self.options.name))
    }

    /// Of the listeners with TLS: the authority, and key and certificate of the broker in the one file that Kafka reads.
    fn make_certificates(&self) -> Result<(), KafkaError> {
        let listeners = self.options.listeners.iter().filter(|listener| listener.security != Security::Plaintext);
        let addresses: Vec<_> = listeners.map(|listener| listener.address).collect();
        if addresses.is_empty() {
            return Ok(());
        }
        let authority = Authority::create(&self.folder)?;
        let identity = authority.issue("broker", "broker", &[], &addresses, &["localhost"])?;
        let read = |path: &Path| fs::read_to_string(path).map_err(ClusterError::file("read", path));
        let both = read(&identity.key)? + &read(&identity.certificate)?;
        self.folder.write("pki/broker.pem", both)?;
        Ok(())
    }

    /// Gives the folder of its data to the cluster, unless an earlier broker has done so.
    fn format(&self) -> Result<(), KafkaError> {
        if self.folder.join("data/meta.properties").exists() {
            return Ok(());
        }
        if self.options.users.is_empty() {
            // What Kafka's tool writes, without the two seconds that it takes.
            let (cluster, node, directory) = (&self.cluster_id, self.options.node_id, unique_id()?);
            let text = format!("version=1\ncluster.id={cluster}\nnode.id={node}\ndirectory.id={directory}\n");
            self.folder.write("data/meta.properties", text)?;
            let records = self.installation.bootstrap();
            fs::copy(&records, self.folder.join("data/bootstrap.checkpoint"))
                .map_err(ClusterError::file("copy", records))?;
            return Ok(());
        }
        let file = self.folder.join("server.properties").display().to_string();
        let mut arguments = vec!["format", "--cluster-id", &self.cluster_id, "--config", &file];
        let users: Vec<String> = self.options.users.iter().map(User::credential).collect();
        for user in &users {
            arguments.extend(["--add-scram", user]);
        }
        self.installation.run("kafka.tools.StorageTool", &arguments).map(drop)
    }
}

/// An id in the form of Kafka's: 128 bits in 22 characters of Base64. It begins with a letter, since a tool takes a dash for an option.
fn unique_id() -> Result<String, ClusterError> {
    const CHARACTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let source = Path::new("/dev/urandom");
    let mut random = [0_u8; 20];
    let mut file = fs::File::open(source).map_err(ClusterError::file("open", source))?;
    io::Read::read_exact(&mut file, &mut random).map_err(ClusterError::file("read", source))?;
    let middle: String = random.iter().map(|&byte| char::from(CHARACTERS[usize::from(byte % 64)])).collect();
    // The last character holds two bits.
    Ok(format!("L{middle}A"))
}
