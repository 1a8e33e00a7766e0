//! How a cluster is reached, and the clients that are made of it.

mod context;
#[cfg(test)]
mod tests;

use rdkafka::{
    ClientConfig, ClientContext,
    config::{FromClientConfigAndContext, RDKafkaLogLevel},
    error::KafkaError,
};
use serde::{Deserialize, Serialize};

pub(crate) use self::context::Context;
use super::properties::Properties;

/// A cluster and who reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    /// Addresses to begin with, `HOST:PORT`, separated by commas.
    pub bootstrap: String,
    /// Name of the client at the brokers (`client.id`): the name that a quota is set for.
    pub client_id: String,
    /// Zone of the client (`client.rack`): a replica in the same zone is read where the brokers allow it (KIP-392).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rack: Option<String>,
    /// Credentials and TLS.
    #[serde(default)]
    pub properties: Properties,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// librdkafka refuses a property. Its value is not shown.
    #[error("property {name} is refused by librdkafka: {reason}")]
    Property { name: String, reason: String },
    /// librdkafka made no client.
    #[error("failed to make a Kafka client: {reason}")]
    Client { reason: String },
}

// === impl Connection ===

impl Connection {
    /// Whether messages come by TLS: librdkafka's `security.protocol` says so.
    pub fn is_encrypted(&self) -> bool {
        let protocol = self.properties.iter().find(|(name, _)| *name == "security.protocol");
        protocol.is_some_and(|(_, protocol)| matches!(protocol.to_ascii_lowercase().as_str(), "ssl" | "sasl_ssl"))
    }

    /// The settings that all clients of the cluster share.
    pub(crate) fn client_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        for (name, value) in self.properties.iter() {
            config.set(name, value);
        }
        config
            .set("bootstrap.servers", &self.bootstrap)
            .set("client.id", &self.client_id)
            .set("allow.auto.create.topics", "false")
            .set_log_level(RDKafkaLogLevel::Notice);
        if let Some(rack) = &self.rack {
            config.set("client.rack", rack);
        }
        config
    }
}

/// Makes a client of settings.
pub(crate) fn create<Client, Context>(config: &ClientConfig, context: Context) -> Result<Client, ConnectionError>
where
    Client: FromClientConfigAndContext<Context>,
    Context: ClientContext,
{
    Client::from_config_and_context(config, context).map_err(ConnectionError::from)
}

impl From<KafkaError> for ConnectionError {
    fn from(error: KafkaError) -> Self {
        match error {
            // The text of librdkafka names the property and, for some, quotes the value.
            KafkaError::ClientConfig(_, text, name, value) => {
                let reason = if value.is_empty() { text } else { text.replace(&value, "(value)") };
                Self::Property { name, reason }
            }
            KafkaError::ClientCreation(reason) => Self::Client { reason },
            other => Self::Client { reason: other.to_string() },
        }
    }
}
