//! The answer to `GET /connectors?expand=info`. Every byte here is untrusted.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::settings::Setting;
use crate::kafka::printable::printable;

/// A connector, without what is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    pub name: String,
    pub kind: ConnectorKind,
    /// What is kept of its configuration.
    pub settings: BTreeMap<String, String>,
    /// Keys that are read, and whose value is not known: a provider of secrets fills it in, or it may hold a password.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

/// What a connector does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ConnectorKind {
    /// Writes into topics; MirrorMaker's connectors are of this kind.
    Source,
    /// Reads topics.
    Sink,
    Unknown,
}

/// Why an answer says nothing of connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Such as a page of a proxy where one signs in.
    #[error("the answer is no JSON; is there a sign-in page before Connect?")]
    NotJson,
    /// Connect is older than Kafka 2.3.
    #[error("Connect lists names alone; configurations need Kafka 2.3 or newer")]
    NamesOnly,
    /// JSON of another form.
    #[error("the answer holds no connectors")]
    Form,
    /// The workers share out their tasks anew (409).
    #[error("the workers of Connect rebalance; ask again later")]
    Rebalancing,
    /// There is no such interface (404).
    #[error("Connect has no such interface; is the path of its address right?")]
    NotFound,
    /// The credentials are refused (401 or 403).
    #[error("Connect refuses the credentials ({status})")]
    Refused { status: u16 },
    /// It sends elsewhere (3xx), such as to a page where one signs in. That is not followed: credentials are for this address.
    #[error("the answer is a redirect ({status}), which is not followed; is there a sign-in page before Connect?")]
    Redirect { status: u16 },
    /// Any other status.
    #[error("Connect answers {status}")]
    Status { status: u16 },
}

/// Reads the connectors by name; an answer that holds none of that form is an error and never an empty list.
pub fn connectors(status: u16, body: &[u8]) -> Result<Vec<Connector>, AnswerError> {
    check_status(status)?;
    let all = match serde_json::from_slice(body) {
        Ok(Value::Object(all)) => all,
        Ok(Value::Array(_)) => return Err(AnswerError::NamesOnly),
        Ok(_) => return Err(AnswerError::Form),
        Err(_) => return Err(AnswerError::NotJson),
    };
    all.iter().map(|(name, one)| connector(name, one).ok_or(AnswerError::Form)).collect()
}

/// Whether a status is that of an answer.
pub(super) fn check_status(status: u16) -> Result<(), AnswerError> {
    match status {
        200 => Ok(()),
        300..=399 => Err(AnswerError::Redirect { status }),
        401 | 403 => Err(AnswerError::Refused { status }),
        404 => Err(AnswerError::NotFound),
        409 => Err(AnswerError::Rebalancing),
        _ => Err(AnswerError::Status { status }),
    }
}

fn connector(name: &str, one: &Value) -> Option<Connector> {
    let info = one.get("info")?;
    let configuration = info.get("config")?.as_object()?;
    let kind = match info.get("type").and_then(Value::as_str) {
        Some("source") => ConnectorKind::Source,
        Some("sink") => ConnectorKind::Sink,
        _ => ConnectorKind::Unknown,
    };
    let (settings, unknown) = kept(configuration);
    Some(Connector { name: printable(name), kind, settings, unknown })
}

fn kept(configuration: &Map<String, Value>) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut settings, mut unknown) = (BTreeMap::new(), Vec::new());
    for (key, value) in configuration {
        let Some(setting) = Setting::find(key) else { continue };
        match value.as_str().and_then(|value| setting.kept(value)) {
            Some(value) => drop(settings.insert(key.clone(), value)),
            None => unknown.push(key.clone()),
        }
    }
    (settings, unknown)
}
