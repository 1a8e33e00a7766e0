//! Asks a Connect cluster which connectors it has, and which Kafka cluster it uses.

#[cfg(test)]
mod tests;

use std::io;

use serde_json::Value;

use super::connectors::{AnswerError, Connector, check_status, connectors};
use crate::kafka::{
    printable::printable,
    service::{
        HttpClientError, Service, ServiceUrl,
        http::{Answer, Get, Http},
    },
};

/// The longest answer that is read, in bytes: some thousands of connectors.
const MAX_ANSWER: u64 = 8 << 20;

/// A Connect cluster that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectCluster {
    /// Where it was asked.
    pub url: ServiceUrl,
    /// What it has answered.
    pub answer: Result<ConnectAnswer, ConnectError>,
}

/// What a Connect cluster tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectAnswer {
    /// The Kafka cluster that its sinks read and its sources write; none before Kafka 1.1.
    pub kafka_cluster_id: Option<String>,
    /// Its connectors by name.
    pub connectors: Vec<Connector>,
}

/// Why a Connect cluster has told nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// What was answered is of no use.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// There was no answer in time.
    #[error("no answer in time")]
    TimedOut,
    /// Nobody listens, the way there is closed, or its certificate is not trusted.
    #[error("failed to reach it: {reason}")]
    Unreachable { reason: String },
    /// The answer is longer than anything that is read.
    #[error("the answer has more than {} MiB", MAX_ANSWER >> 20)]
    TooLarge,
}

/// A client of a Connect cluster, which only reads.
#[derive(Debug)]
pub struct ConnectClient {
    url: ServiceUrl,
    http: Box<dyn Get>,
}

// === impl ConnectClient ===

impl ConnectClient {
    /// A client of this cluster.
    pub fn new(service: &Service) -> Result<Self, HttpClientError> {
        let http = Http::new(service, "application/json", MAX_ANSWER)?;
        Ok(Self { url: service.url.clone(), http: Box::new(http) })
    }

    /// Asks for everything, in two requests.
    pub fn ask(&self) -> ConnectCluster {
        ConnectCluster { url: self.url.clone(), answer: self.answer() }
    }

    fn answer(&self) -> Result<ConnectAnswer, ConnectError> {
        let root = self.get("/")?;
        let kafka_cluster_id = kafka_cluster_id(root.status, &root.body)?;
        let all = self.get("/connectors?expand=info")?;
        Ok(ConnectAnswer { kafka_cluster_id, connectors: connectors(all.status, &all.body)? })
    }

    /// An answer with a status of any kind, and JSON if that is 200.
    fn get(&self, path: &str) -> Result<Answer, ConnectError> {
        let answer = self.http.get(&format!("{}{path}", self.url))?;
        let is_json = |kind: &str| kind.to_ascii_lowercase().contains("json");
        if answer.status == 200 && answer.header("content-type").is_some_and(|kind| !is_json(kind)) {
            return Err(AnswerError::NotJson.into());
        }
        Ok(answer)
    }
}

/// Reads the answer to `GET /`.
fn kafka_cluster_id(status: u16, body: &[u8]) -> Result<Option<String>, AnswerError> {
    check_status(status)?;
    match serde_json::from_slice(body) {
        // What Connect has always had there tells it from another service.
        Ok(Value::Object(root)) if root.contains_key("version") => {
            Ok(root.get("kafka_cluster_id").and_then(Value::as_str).map(printable))
        }
        Ok(_) => Err(AnswerError::Form),
        Err(_) => Err(AnswerError::NotJson),
    }
}

// === impl ConnectError ===

impl From<ureq::Error> for ConnectError {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut,
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => Self::TimedOut,
            ureq::Error::BodyExceedsLimit(_) => Self::TooLarge,
            error => Self::Unreachable { reason: error.to_string() },
        }
    }
}
