//! Requests to a service: `GET` alone, bounded in time and size.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _},
    mem,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ureq::{
    Agent,
    config::Config,
    http::{HeaderMap, HeaderValue},
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
};

use super::Service;
use crate::authorities::certificates;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// A bundle of all authorities of a system has some 220 KB.
const MAX_AUTHORITIES: u64 = 4 * 1024 * 1024;

/// What a service answered.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::kafka) struct Answer {
    pub(in crate::kafka) status: u16,
    pub(in crate::kafka) headers: HeaderMap,
    pub(in crate::kafka) body: Vec<u8>,
}

/// Whoever fetches answers.
pub(in crate::kafka) trait Get: fmt::Debug + Send + Sync {
    /// The answer of this address, of whatever status.
    fn get(&self, url: &str) -> Result<Answer, ureq::Error>;
}

/// Asks over HTTP or HTTPS.
#[derive(Debug)]
pub(in crate::kafka) struct Http {
    agent: Agent,
    /// Media types of answers.
    accept: &'static str,
    /// The longest answer that is read, in bytes.
    max_answer: u64,
    /// Marked as sensitive, so that no output shows it.
    authorization: Option<HeaderValue>,
}

/// Why there is no client of a service.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// The certificate authorities were not read.
    #[error("failed to read the certificate authorities from {}", file.display())]
    Authorities { file: PathBuf, source: io::Error },
    /// The credentials cannot be sent.
    #[error("the credentials cannot stand in a header")]
    Credentials,
}

// === impl Http ===

impl Http {
    /// A client of this service, which answers with one of the media types of `accept` and at most `max_answer` bytes.
    pub(in crate::kafka) fn new(
        service: &Service,
        accept: &'static str,
        max_answer: u64,
    ) -> Result<Self, HttpClientError> {
        let authorization = service.credentials.authorization().map(|value| HeaderValue::try_from(value).ok());
        let mut authorization = authorization.map(|value| value.ok_or(HttpClientError::Credentials)).transpose()?;
        if let Some(value) = &mut authorization {
            value.set_sensitive(true);
        }
        let authorities = match &service.authorities {
            Some(file) => RootCerts::new_with_certs(&read_authorities(file)?),
            None => RootCerts::PlatformVerifier,
        };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(authorities)
            .build();
        let config = Config::builder()
            .tls_config(tls)
            // No proxy may see the credentials.
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_global(Some(REQUEST_TIMEOUT))
            .user_agent(concat!("landfall-agent/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.new_agent(), accept, max_answer, authorization })
    }
}

impl Get for Http {
    fn get(&self, url: &str) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.get(url).header("Accept", self.accept);
        if let Some(value) = &self.authorization {
            request = request.header("Authorization", value.clone());
        }
        let mut response = request.call()?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(self.max_answer).read_to_vec()?;
        let headers = mem::take(response.headers_mut());
        Ok(Answer { status, headers, body })
    }
}

// === impl Answer ===

impl Answer {
    /// The text of a header, if there is one.
    pub(in crate::kafka) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Shows no body: it is its owner's.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status).field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}

fn read_authorities(file: &Path) -> Result<Vec<Certificate<'static>>, HttpClientError> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(file)?.take(MAX_AUTHORITIES).read_to_end(&mut bytes)?;
        certificates(&bytes)
    };
    read().map_err(|source| HttpClientError::Authorities { file: file.to_owned(), source })
}
