//! How a bus and the services beside it are reached: from what a MessageBus says and its Secrets hold.

use landfall_observation::{BusConfiguration, BusSasl, BusService, BusTls};

use super::secrets::{SecretContents, SecretError, SecretSource};
use crate::kafka::{
    properties::Properties,
    service::{Credentials, InvalidServiceUrl, Service},
};

/// What leads to a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Access {
    /// Of the client of the brokers.
    pub(super) properties: Properties,
    pub(super) schema_registry: Option<Service>,
    pub(super) connect: Vec<Service>,
}

/// Why a bus cannot be reached.
#[derive(Debug, thiserror::Error)]
pub(super) enum CredentialsError {
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("Secret {namespace}/{name} has no key {key}")]
    NoKey { namespace: String, name: String, key: &'static str },
    #[error("key {key} of Secret {namespace}/{name} is no text")]
    NoText { namespace: String, name: String, key: &'static str },
    #[error("the address of {service} in the MessageBus is refused")]
    Address { service: &'static str, source: InvalidServiceUrl },
}

/// Reads the Secrets that a bus names.
pub(super) fn access(bus: &BusConfiguration, secrets: &dyn SecretSource) -> Result<Access, CredentialsError> {
    let namespace = bus.bus.namespace.as_str();
    let registry = bus.schema_registry.as_ref();
    let connect = bus.connect.iter().map(|connect| service("Connect", connect, namespace, secrets));
    Ok(Access {
        properties: properties(bus, secrets)?,
        schema_registry: registry
            .map(|registry| service("the schema registry", registry, namespace, secrets))
            .transpose()?,
        connect: connect.collect::<Result<_, _>>()?,
    })
}

fn service(
    service: &'static str,
    BusService { url, credentials_secret }: &BusService,
    namespace: &str,
    secrets: &dyn SecretSource,
) -> Result<Service, CredentialsError> {
    let url = url.parse().map_err(|source| CredentialsError::Address { service, source })?;
    let Some(name) = credentials_secret else { return Ok(Service::new(url)) };
    let secret = secrets.get(namespace, name)?;
    let (user, password) = (text(&secret, namespace, name, "username")?, text(&secret, namespace, name, "password")?);
    Ok(Service { credentials: Credentials::Basic { user, password }, ..Service::new(url) })
}

fn properties(bus: &BusConfiguration, secrets: &dyn SecretSource) -> Result<Properties, CredentialsError> {
    let BusConfiguration { bus, tls, sasl, .. } = bus;
    let namespace = bus.namespace.as_str();
    let protocol = match (tls, sasl) {
        (None, None) => "plaintext",
        (Some(_), None) => "ssl",
        (None, Some(_)) => "sasl_plaintext",
        (Some(_), Some(_)) => "sasl_ssl",
    };
    let mut properties = vec![("security.protocol", protocol.to_owned())];
    let BusTls { ca_secret, client_certificate_secret } = tls.clone().unwrap_or_default();
    if let Some(name) = ca_secret {
        let secret = secrets.get(namespace, &name)?;
        properties.push(("ssl.ca.pem", text(&secret, namespace, &name, "ca.crt")?));
    }
    if let Some(name) = client_certificate_secret {
        let secret = secrets.get(namespace, &name)?;
        properties.push(("ssl.certificate.pem", text(&secret, namespace, &name, "tls.crt")?));
        properties.push(("ssl.key.pem", text(&secret, namespace, &name, "tls.key")?));
    }
    if let Some(BusSasl { mechanism, credentials_secret: name }) = sasl {
        let secret = secrets.get(namespace, name)?;
        properties.push(("sasl.mechanism", mechanism.as_str().to_owned()));
        properties.push(("sasl.username", text(&secret, namespace, name, "username")?));
        properties.push(("sasl.password", text(&secret, namespace, name, "password")?));
    }
    Ok(Properties::from_pairs(properties.into_iter().map(|(name, value)| (name.to_owned(), value))))
}

fn text(
    SecretContents(contents): &SecretContents,
    namespace: &str,
    name: &str,
    key: &'static str,
) -> Result<String, CredentialsError> {
    let named = || (namespace.to_owned(), name.to_owned());
    let Some(value) = contents.get(key) else {
        let (namespace, name) = named();
        return Err(CredentialsError::NoKey { namespace, name, key });
    };
    std::str::from_utf8(value).map(str::to_owned).map_err(|_| {
        let (namespace, name) = named();
        CredentialsError::NoText { namespace, name, key }
    })
}

#[cfg(test)]
mod tests;
