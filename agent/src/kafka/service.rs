//! Services beside the brokers that speak HTTP, such as a schema registry or Kafka Connect: where one is, and as whom it is
//! asked. They are only read.

pub(super) mod http;
#[cfg(test)]
mod tests;

use std::{fmt, path::PathBuf, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

pub use self::http::HttpClientError;

/// A service and who asks it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The service.
    pub url: ServiceUrl,
    /// Who asks.
    #[serde(default)]
    pub credentials: Credentials,
    /// PEM file with the certificate authorities that may sign its certificate; without one, those of the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorities: Option<PathBuf>,
}

/// Base address of a service, such as `https://registry.example.org` or `http://registry:8080/apis/ccompat/v7`,
/// without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceUrl(String);

/// Not an address of a service. The text is not shown, since it may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidServiceUrl {
    /// A user stands before the host, where every log and error shows it.
    #[error("a user does not belong into the address: set basic.auth.user.info")]
    User,
    /// Anything else.
    #[error("expected one address http(s)://HOST[:PORT][/PATH], without query")]
    Form,
}

/// Who asks a service. No output shows a name, a password or a token.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Credentials {
    /// Anyone may ask.
    #[default]
    None,
    /// A user with a password, or an API key with its secret.
    Basic { user: String, password: String },
    /// A token.
    Bearer { token: String },
}

/// Why properties were not taken. No text shows a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServicePropertyError {
    /// Landfall knows no such property.
    #[error("{name} is none of basic.auth.user.info, bearer.auth.token and ssl.ca.location")]
    Unknown { name: String },
    /// Its value is of another form.
    #[error("{name}: expected {expected}")]
    Value { name: &'static str, expected: &'static str },
    /// Basic and bearer credentials are set.
    #[error("basic.auth.user.info and bearer.auth.token exclude each other")]
    Both,
}

// === impl Service ===

impl Service {
    /// A service that anyone may ask.
    pub fn new(url: ServiceUrl) -> Self {
        Self { url, credentials: Credentials::None, authorities: None }
    }

    /// Reads names and values as clients of Confluent's registry take them: `basic.auth.user.info` (`USER:PASSWORD`), `bearer.auth.token`, `ssl.ca.location` (a PEM file).
    /// <https://docs.confluent.io/platform/current/schema-registry/sr-client-configs.html>
    pub fn with_properties<'a>(
        self,
        properties: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ServicePropertyError> {
        let (mut basic, mut bearer, mut authorities) = (None, None, self.authorities);
        for (name, value) in properties {
            match name {
                "basic.auth.user.info" => basic = Some(user_info(value)?),
                "bearer.auth.token" => bearer = Some(token(value)?),
                "ssl.ca.location" => authorities = Some(PathBuf::from(value)),
                "basic.auth.credentials.source" => only(value, "basic.auth.credentials.source", "USER_INFO")?,
                "bearer.auth.credentials.source" => only(value, "bearer.auth.credentials.source", "STATIC_TOKEN")?,
                _ => return Err(ServicePropertyError::Unknown { name: name.to_owned() }),
            }
        }
        let credentials = match (basic, bearer) {
            (Some(_), Some(_)) => return Err(ServicePropertyError::Both),
            (Some(credentials), None) | (None, Some(credentials)) => credentials,
            (None, None) => self.credentials,
        };
        Ok(Self { credentials, authorities, ..self })
    }
}

// === impl ServiceUrl ===

impl ServiceUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ServiceUrl {
    type Err = InvalidServiceUrl;

    fn from_str(text: &str) -> Result<Self, InvalidServiceUrl> {
        if text.contains('@') {
            return Err(InvalidServiceUrl::User);
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_clean = !text.contains(|c: char| c == '?' || c == '#' || c == ',' || c.is_whitespace());
        let uri: ureq::http::Uri = text.parse().map_err(|_| InvalidServiceUrl::Form)?;
        let is_host = uri.host().is_some_and(|host| !host.is_empty());
        if rest.is_some() && is_clean && is_host {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err(InvalidServiceUrl::Form)
        }
    }
}

impl TryFrom<String> for ServiceUrl {
    type Error = InvalidServiceUrl;

    fn try_from(text: String) -> Result<Self, InvalidServiceUrl> {
        text.parse()
    }
}

impl From<ServiceUrl> for String {
    fn from(url: ServiceUrl) -> Self {
        url.0
    }
}

// === impl Credentials ===

impl Credentials {
    /// The value of the header `Authorization`.
    pub(super) fn authorization(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Basic { user, password } => Some(format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))),
            Self::Bearer { token } => Some(format!("Bearer {token}")),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Basic { .. } => "Basic",
            Self::Bearer { .. } => "Bearer",
        })
    }
}

fn user_info(value: &str) -> Result<Credentials, ServicePropertyError> {
    let error = ServicePropertyError::Value { name: "basic.auth.user.info", expected: "USER:PASSWORD" };
    let (user, password) = value.split_once(':').ok_or_else(|| error.clone())?;
    if user.is_empty() {
        return Err(error);
    }
    Ok(Credentials::Basic { user: user.to_owned(), password: password.to_owned() })
}

/// A token that is valid in a header.
fn token(value: &str) -> Result<Credentials, ServicePropertyError> {
    if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_graphic()) {
        let expected = "a token of visible ASCII letters";
        return Err(ServicePropertyError::Value { name: "bearer.auth.token", expected });
    }
    Ok(Credentials::Bearer { token: value.to_owned() })
}

fn only(value: &str, name: &'static str, expected: &'static str) -> Result<(), ServicePropertyError> {
    if value == expected { Ok(()) } else { Err(ServicePropertyError::Value { name, expected }) }
}
