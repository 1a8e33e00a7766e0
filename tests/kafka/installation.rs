//! Where the servers are: what `make testenv` has fetched.

use std::{
    env,
    ops::Deref,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{Condvar, LazyLock, Mutex, PoisonError},
};

use super::KafkaError;
use crate::{built::cache, cluster::ClusterError};

/// Apache Kafka 4 runs on this version of Java and on later ones.
const OLDEST_JAVA: u32 = 17;
/// What the servers of all tests may take together.
const MEMORY: u32 = 2000;

/// Megabytes that tests have reserved.
static RESERVED: Mutex<u32> = Mutex::new(0);
static RELEASED: Condvar = Condvar::new();

/// The folder of the jars.
#[derive(Debug, Clone)]
pub struct Installation {
    folder: PathBuf,
}

/// An installation, and memory for servers from it until this is dropped.
#[derive(Debug)]
pub struct Servers {
    installation: Installation,
    megabytes: u32,
}

impl Installation {
    /// Takes `LANDFALL_KAFKA` (as `scripts/kafka.sh` prints it), else what was fetched last.
    pub fn find() -> Result<Self, KafkaError> {
        let folder = env::var_os("LANDFALL_KAFKA").map(PathBuf::from);
        let folder = folder.or_else(|| Some(cache()?.join("kafka/current"))).unwrap_or_default();
        if !folder.join("libs").is_dir() {
            let reason = format!("{} holds no jars; `make testenv` fetches them", folder.display());
            return Err(KafkaError::NotSetUp(reason));
        }
        match *JAVA {
            Some(version) if version >= OLDEST_JAVA => Ok(Self { folder }),
            Some(version) => {
                Err(KafkaError::NotSetUp(format!("java is {version}, Kafka wants {OLDEST_JAVA} or newer")))
            }
            None => Err(KafkaError::NotSetUp("java is missing; `make setup` installs it".to_owned())),
        }
    }

    /// Of the brokers, of Connect and MirrorMaker, and of Kafka's tools.
    pub(super) fn class_path(&self) -> String {
        format!("{}/libs/*", self.folder.display())
    }

    /// Where Connect looks for connectors.
    pub(super) fn plugins(&self) -> PathBuf {
        self.folder.join("plugins")
    }

    /// What the schema registry is started from.
    pub(super) fn registry(&self) -> PathBuf {
        self.folder.join("registry/quarkus-run.jar")
    }

    /// The Java that the schema registry wants.
    pub(super) fn registry_java(&self) -> PathBuf {
        self.folder.join("java/bin/java")
    }

    /// The first records of a broker without users; the same for every cluster.
    pub(super) fn bootstrap(&self) -> PathBuf {
        self.folder.join("bootstrap.checkpoint")
    }

    /// Runs one of Kafka's tools by the name of its class, which takes two seconds; what it printed.
    pub fn run(&self, class: &str, arguments: &[&str]) -> Result<String, KafkaError> {
        let failed = |output| ClusterError::Command { command: format!("{class} {}", arguments.join(" ")), output };
        let mut command = Command::new("java");
        command.args(["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx128m", "-cp"]);
        command.arg(self.class_path()).arg(class).args(arguments);
        let Output { status, stdout, stderr } = command.output().map_err(|error| failed(error.to_string()))?;
        let text = String::from_utf8_lossy(&stdout).into_owned();
        if status.success() {
            return Ok(text);
        }
        Err(failed(text + &String::from_utf8_lossy(&stderr)).into())
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Deref for Servers {
    type Target = Installation;

    fn deref(&self) -> &Installation {
        &self.installation
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        *RESERVED.lock().unwrap_or_else(PoisonError::into_inner) -= self.megabytes;
        RELEASED.notify_all();
    }
}

/// Waits until there is memory for servers of that many megabytes together: 400 a broker, 450 a Connect or a MirrorMaker, 350 a
/// registry. None, with a word on why, where Kafka is not set up; with `LANDFALL_REQUIRE_SETUP` that is a failure.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn servers_or_skip(megabytes: u32) -> Option<Servers> {
    match Installation::find() {
        Ok(installation) => {
            let megabytes = megabytes.min(MEMORY);
            let reserved = RESERVED.lock().unwrap_or_else(PoisonError::into_inner);
            let full = |reserved: &mut u32| *reserved + megabytes > MEMORY;
            *RELEASED.wait_while(reserved, full).unwrap_or_else(PoisonError::into_inner) += megabytes;
            Some(Servers { installation, megabytes })
        }
        Err(KafkaError::NotSetUp(reason)) if env::var_os("LANDFALL_REQUIRE_SETUP").is_none() => {
            eprintln!("skipped: no Kafka here: {reason}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// The version of `java` in the path: the first number of `openjdk version "17.0.15" …`; of Java 8 that is 1.
static JAVA: LazyLock<Option<u32>> = LazyLock::new(|| {
    let printed = Command::new("java").arg("-version").output().ok()?;
    let text = String::from_utf8_lossy(&printed.stderr).into_owned();
    let version = text.split('"').nth(1)?;
    version.split(['.', '-', '+']).next()?.parse().ok()
});
