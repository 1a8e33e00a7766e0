//! Why a registry gave no schema, and what follows from it.

use std::{error::Error, fmt};

use ureq::Error as HttpError;

use crate::kafka::schema::{NoSchema, SchemaError};

/// Why there is no schema.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The registry knows no such schema, subject or version.
    #[error("the schema registry has no such schema")]
    NotFound,
    /// Who asks is not known.
    #[error("the schema registry refuses the credentials (401)")]
    Unauthorized,
    /// Who asks may not read this schema.
    #[error("the schema registry does not let this schema be read (403)")]
    Forbidden,
    /// The registry sends elsewhere. It is not followed, so that credentials reach no other host.
    #[error("the schema registry answers with a redirect ({status}), which is not followed")]
    Redirected { status: u16 },
    /// The registry fails, or refuses the request.
    #[error("the schema registry answers {status}")]
    Status { status: u16 },
    /// The registry has no such interface, for example because the path of its address is wrong.
    #[error("the schema registry has no such interface; is the path of its address right?")]
    NoInterface,
    /// No connection, or one that broke.
    #[error("failed to reach the schema registry")]
    Network(#[source] Box<HttpError>),
    /// It took too long.
    #[error("the schema registry does not answer in time")]
    Timeout,
    /// No agreement on TLS, or a certificate that is not trusted.
    #[error("failed to agree with the schema registry on TLS")]
    Tls(#[source] Box<HttpError>),
    /// What answers does not speak HTTP.
    #[error("what answers is no schema registry")]
    Protocol(#[source] Box<HttpError>),
    /// The answer is no JSON, such as a page where one signs in.
    #[error("the answer is no JSON; is there a sign-in page before the schema registry?")]
    NotJson,
    /// The answer is JSON of another form.
    #[error("the answer holds no schema")]
    Form,
    /// An answer is longer than a schema can be.
    #[error("the schema is too large")]
    TooLarge,
    /// The schema refers to too many others, is nested too deeply or has too many types.
    #[error("the schema refers to too many others or is nested too deeply")]
    References,
    /// The schema refers to one that is not there.
    #[error("a schema that it refers to is missing")]
    ReferenceMissing,
    /// The schema is none of its type.
    #[error("the schema is invalid")]
    Invalid,
    /// Ids of this kind cannot be asked of this registry.
    #[error("schemas with such an id are not in this registry")]
    OtherRegistry,
}

/// A kind of [`RegistryError`], for counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RegistryFailure {
    NotFound,
    Unauthorized,
    Forbidden,
    Redirected,
    Status,
    NoInterface,
    Network,
    Timeout,
    Tls,
    Protocol,
    NotJson,
    Form,
    TooLarge,
    References,
    ReferenceMissing,
    Invalid,
    OtherRegistry,
}

/// What a failure says about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The schema is not there.
    Missing,
    /// The schema is there and of no use.
    Schema(NoSchema),
    /// This request; others may succeed.
    Request,
    /// The registry: no request would succeed now.
    Registry,
}

// === impl RegistryError ===

impl RegistryError {
    /// Its kind.
    pub fn kind(&self) -> RegistryFailure {
        match self {
            Self::NotFound => RegistryFailure::NotFound,
            Self::Unauthorized => RegistryFailure::Unauthorized,
            Self::Forbidden => RegistryFailure::Forbidden,
            Self::Redirected { .. } => RegistryFailure::Redirected,
            Self::Status { .. } => RegistryFailure::Status,
            Self::NoInterface => RegistryFailure::NoInterface,
            Self::Network(_) => RegistryFailure::Network,
            Self::Timeout => RegistryFailure::Timeout,
            Self::Tls(_) => RegistryFailure::Tls,
            Self::Protocol(_) => RegistryFailure::Protocol,
            Self::NotJson => RegistryFailure::NotJson,
            Self::Form => RegistryFailure::Form,
            Self::TooLarge => RegistryFailure::TooLarge,
            Self::References => RegistryFailure::References,
            Self::ReferenceMissing => RegistryFailure::ReferenceMissing,
            Self::Invalid => RegistryFailure::Invalid,
            Self::OtherRegistry => RegistryFailure::OtherRegistry,
        }
    }

    pub(super) fn scope(&self) -> Scope {
        match self {
            Self::NotFound => Scope::Missing,
            Self::TooLarge => Scope::Schema(NoSchema::TooLarge),
            Self::References => Scope::Schema(NoSchema::TooDeep),
            Self::ReferenceMissing | Self::Invalid => Scope::Schema(NoSchema::Invalid),
            Self::Forbidden | Self::NoInterface | Self::Form | Self::OtherRegistry => Scope::Request,
            // What a server cannot do at all or not now (5xx, too many requests), unlike what it refuses.
            Self::Status { status } if *status < 500 && *status != 429 => Scope::Request,
            Self::Status { .. }
            | Self::Unauthorized
            | Self::Redirected { .. }
            | Self::Network(_)
            | Self::Timeout
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::NotJson => Scope::Registry,
        }
    }
}

impl From<SchemaError> for RegistryError {
    fn from(error: SchemaError) -> Self {
        match error {
            SchemaError::TooLarge => Self::TooLarge,
            SchemaError::TooComplex => Self::References,
            SchemaError::Invalid => Self::Invalid,
        }
    }
}

impl From<HttpError> for RegistryError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Timeout(_) => Self::Timeout,
            HttpError::BodyExceedsLimit(_) => Self::TooLarge,
            HttpError::Tls(_) | HttpError::Rustls(_) => Self::Tls(Box::new(error)),
            // A failed handshake is reported as an I/O error.
            HttpError::Io(ref inner) if inner.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>) => {
                Self::Tls(Box::new(error))
            }
            HttpError::Io(_) | HttpError::HostNotFound | HttpError::ConnectionFailed | HttpError::BodyStalled => {
                Self::Network(Box::new(error))
            }
            _ => Self::Protocol(Box::new(error)),
        }
    }
}

// === impl RegistryFailure ===

impl RegistryFailure {
    /// All kinds.
    pub const ALL: [Self; 17] = [
        Self::NotFound,
        Self::Unauthorized,
        Self::Forbidden,
        Self::Redirected,
        Self::Status,
        Self::NoInterface,
        Self::Network,
        Self::Timeout,
        Self::Tls,
        Self::Protocol,
        Self::NotJson,
        Self::Form,
        Self::TooLarge,
        Self::References,
        Self::ReferenceMissing,
        Self::Invalid,
        Self::OtherRegistry,
    ];

    /// Its name, such as `not-found`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::Redirected => "redirected",
            Self::Status => "status",
            Self::NoInterface => "no-interface",
            Self::Network => "network",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Protocol => "protocol",
            Self::NotJson => "not-json",
            Self::Form => "form",
            Self::TooLarge => "too-large",
            Self::References => "references",
            Self::ReferenceMissing => "reference-missing",
            Self::Invalid => "invalid",
            Self::OtherRegistry => "other-registry",
        }
    }
}

impl fmt::Display for RegistryFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
