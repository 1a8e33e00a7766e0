//! A server's JVM: how it is started, and how one waits for it.

use std::{
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use serde_json::Value;
use ureq::Agent;

use super::{Installation, KafkaError};
use crate::cluster::{ClusterError, Daemon, process::Folder};

const LOGGING: &str = include_str!("log4j2.properties");
/// Of a start, on a machine with much else to do.
const START_LIMIT: Duration = Duration::from_mins(3);
const PAUSE: Duration = Duration::from_millis(50);

/// Starts a class of Kafka's with a file of properties as its argument. `around` comes before it, to put it into namespaces.
pub(super) fn start(
    installation: &Installation,
    folder: &Folder,
    name: &str,
    class: &str,
    heap_megabytes: u32,
    around: &[String],
    properties: &Path,
) -> Result<Daemon, KafkaError> {
    let logging = folder.write("log4j2.properties", LOGGING)?;
    let mut command = java(Path::new("java"), heap_megabytes);
    command.push(format!("-Dlog4j2.configurationFile={}", logging.display()));
    command.extend(["-cp".to_owned(), installation.class_path(), class.to_owned(), properties.display().to_string()]);
    Ok(folder.start(name, around, &command)?)
}

/// A Java that starts fast and takes little memory, for servers that have little to do.
pub(super) fn java(program: &Path, heap_megabytes: u32) -> Vec<String> {
    let heap = format!("-Xmx{heap_megabytes}m");
    let options = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto", &heap];
    let mut command = vec![program.display().to_string()];
    command.extend(options.map(str::to_owned));
    command
}

/// A file of properties, one a line.
pub(super) fn properties<'a>(lines: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut text = String::new();
    for (name, value) in lines {
        text.extend([name, "=", &value, "\n"]);
    }
    text
}

/// Asks until it is so, as long as the server runs.
pub(super) fn await_true(what: &str, daemon: &mut Daemon, mut is_so: impl FnMut() -> bool) -> Result<(), KafkaError> {
    let deadline = Instant::now() + START_LIMIT;
    while !is_so() {
        daemon.alive()?;
        if Instant::now() > deadline {
            let log = daemon.log_end();
            return Err(ClusterError::Timeout { what: what.to_owned(), limit: START_LIMIT, log }.into());
        }
        sleep(PAUSE);
    }
    Ok(())
}

/// A client of a server's own interface over HTTP.
pub(super) fn client() -> Agent {
    let limit = Some(Duration::from_secs(30));
    Agent::config_builder().timeout_global(limit).http_status_as_error(false).build().into()
}

/// The JSON of an answer to `GET`, or to `PUT` or `POST` of a body.
pub(super) fn json(client: &Agent, url: &str, sent: Option<(&str, &Value)>) -> Result<Value, KafkaError> {
    let failed = |source| KafkaError::Http { url: url.to_owned(), source: Box::new(source) };
    let answer = match sent {
        None => client.get(url).call(),
        Some((method, body)) => {
            let request = if method == "PUT" { client.put(url) } else { client.post(url) };
            request.header("content-type", "application/json").send(body.to_string())
        }
    };
    let mut answer = answer.map_err(failed)?;
    let text = answer.body_mut().read_to_string().map_err(failed)?;
    let status = answer.status().as_u16();
    match serde_json::from_str(&text) {
        Ok(value) if answer.status().is_success() => Ok(value),
        _ => Err(KafkaError::Status { url: url.to_owned(), status, text }),
    }
}
