//! The agent configuration, a file that the operator renders and that changes. A mounted ConfigMap is replaced by
//! swapping a symbolic link, so its contents are compared, not its metadata.

use std::{fs::File, io::Read as _, path::PathBuf, sync::mpsc::Sender, time::Duration};

use landfall_observation::AgentConfiguration;
use prometheus::IntGauge;

/// How often to read the file.
const INTERVAL: Duration = Duration::from_secs(2);
/// Ten thousand prefixes and networks; a ConfigMap holds 1 MiB at most.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// The file, and its content as last read.
#[derive(Debug)]
pub(super) struct ConfigurationFile {
    path: PathBuf,
    stale: IntGauge,
    /// The content or the error of the last read, valid or not.
    seen: Option<Result<Vec<u8>, String>>,
}

/// Outcome of reading the file.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Unchanged,
    Changed(AgentConfiguration),
    /// It is invalid; the last valid one stays in force.
    Bad(String),
}

impl ConfigurationFile {
    pub(super) fn new(path: PathBuf, stale: IntGauge) -> Self {
        Self { path, stale, seen: None }
    }

    /// Reads the file every few seconds. Does not return while the receiver of `configure` exists.
    pub(super) async fn follow(mut self, configure: Sender<AgentConfiguration>) {
        loop {
            match self.poll() {
                Seen::Unchanged => {}
                Seen::Changed(configuration) => {
                    self.stale.set(0);
                    let (prefixes, networks) = (configuration.keep_prefixes.len(), configuration.own_networks.len());
                    tracing::info!(prefixes, networks, "The agent configuration is in force");
                    if configure.send(configuration).is_err() {
                        return;
                    }
                }
                Seen::Bad(error) => {
                    self.stale.set(1);
                    let path = self.path.display();
                    tracing::error!(%path, %error, "The agent configuration cannot be read; the last valid one stays in force");
                }
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    fn poll(&mut self) -> Seen {
        let read = self.read();
        if self.seen.as_ref() == Some(&read) {
            return Seen::Unchanged;
        }
        let seen = match &read {
            Ok(bytes) => parse(bytes).map_or_else(Seen::Bad, Seen::Changed),
            Err(error) => Seen::Bad(error.clone()),
        };
        self.seen = Some(read);
        seen
    }

    fn read(&self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes));
        match read {
            Ok(_) if bytes.len() as u64 > MAX_BYTES => Err(format!("expected at most {MAX_BYTES} bytes")),
            Ok(_) => Ok(bytes),
            Err(error) => Err(error.to_string()),
        }
    }
}

fn parse(bytes: &[u8]) -> Result<AgentConfiguration, String> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    const GOOD: &str = r#"{"keepPrefixes":["192.0.2.0/28"],"ownNetworks":[{"cidrs":["10.0.0.0/8"],"operator":"Example GmbH","jurisdiction":"DE"}],"later":1}"#;

    #[test]
    fn a_swapped_link_is_seen_and_a_bad_file_is_not_used() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("agent.json");
        let stale = IntGauge::new("stale", "stale").unwrap();
        let mut file = ConfigurationFile::new(path.clone(), stale);
        assert!(matches!(file.poll(), Seen::Bad(_)), "it does not exist yet");
        assert_eq!(file.poll(), Seen::Unchanged, "an error is reported once");

        let swap = |name: &str, contents: &str| {
            fs::write(folder.path().join(name), contents).unwrap();
            symlink(folder.path().join(name), folder.path().join("new")).unwrap();
            fs::rename(folder.path().join("new"), &path).unwrap();
        };
        swap("one", GOOD);
        let good: AgentConfiguration = serde_json::from_str(GOOD).unwrap();
        assert_eq!((file.poll(), file.poll()), (Seen::Changed(good.clone()), Seen::Unchanged));
        swap("two", r#"{"keepPrefixes":["192.0.2.1/28 "]}"#);
        assert!(matches!(file.poll(), Seen::Bad(_)));
        assert_eq!(file.poll(), Seen::Unchanged);
        swap("three", GOOD);
        assert_eq!(file.poll(), Seen::Changed(good));
        fs::write(&path, " ".repeat(2 * 1024 * 1024 + 1)).unwrap();
        assert!(matches!(file.poll(), Seen::Bad(_)));
    }

    #[test]
    fn every_prefix_of_a_file_is_refused() {
        for end in 0..GOOD.len() {
            assert!(parse(&GOOD.as_bytes()[..end]).is_err(), "{end} bytes");
        }
    }
}
