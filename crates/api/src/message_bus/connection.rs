use landfall_observation::SaslMechanism;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ObjectReference, schema::UrlText};

/// TLS to the brokers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusTls {
    /// Secret with the authorities of the brokers' certificates (key `ca.crt`). Absent: those of the agent's system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<ObjectReference>,
    /// Secret with the agent's own certificate and key (keys `tls.crt` and `tls.key`, type `kubernetes.io/tls`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_certificate_secret_ref: Option<ObjectReference>,
}

/// SASL at the brokers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaslSpec {
    /// The mechanism.
    pub mechanism: SaslMechanism,
    /// Secret with the keys `username` and `password` (type `kubernetes.io/basic-auth`).
    pub credentials_secret_ref: ObjectReference,
}

/// A service beside the brokers that speaks HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BusService {
    /// Its address, without credentials.
    #[schemars(with = "UrlText")]
    pub url: String,
    /// Secret with the keys `username` and `password` (type `kubernetes.io/basic-auth`). Absent: it asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credentials_secret_ref: Option<ObjectReference>,
}
