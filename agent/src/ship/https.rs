//! HTTPS to the operator.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::Duration,
};

use landfall_observation::AgentReport;
use rustls::crypto::CryptoProvider;
use ureq::{
    Agent, RequestBuilder,
    config::Config,
    tls::{Certificate, RootCerts, TlsConfig, TlsProvider},
    typestate::WithBody,
};

use super::{
    Acknowledged, Batch, FailureKind, Refusal, Transport,
    answer::{MAX_ANSWER, read_answer},
};
use crate::authorities::certificates;

const PATH: &str = "/v1/observations";
const ALIVE: &str = "/v1/alive";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The operator usually acknowledges within a second, but may be starting.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);
const MAX_FILE: u64 = 1024 * 1024;
/// Observations are similar to each other: even the fastest level saves nine tenths.
const COMPRESSION_LEVEL: i32 = 1;

/// Address of the operator, and credentials for both sides.
#[derive(Debug, Clone)]
pub struct HttpsConfig {
    /// The operator.
    pub url: OperatorUrl,
    /// PEM file with the certificate authorities that may sign the operator's certificate.
    pub authorities: PathBuf,
    /// File with the token of the agent's service account.
    pub token: PathBuf,
}

/// An address like `https://landfall-operator.landfall-system.svc:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorUrl(String);

/// Not an address of an operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected https://HOST[:PORT], without user, path or query")]
pub struct InvalidUrl;

/// Delivers to the operator over HTTPS. Token and authorities are read again for each batch, because both are rotated.
#[derive(Debug)]
pub struct HttpsTransport {
    config: HttpsConfig,
    provider: Arc<CryptoProvider>,
    client: Option<Client>,
}

/// A client, and the authorities that it trusts.
#[derive(Debug)]
struct Client {
    authorities: Vec<u8>,
    agent: Agent,
}

// === impl OperatorUrl ===

impl FromStr for OperatorUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let authority = text.strip_prefix("https://").ok_or(InvalidUrl)?;
        let is_clean = !authority.contains(|c: char| c == '@' || c == '?' || c == '#' || c == '/' || c.is_whitespace());
        let uri: ureq::http::Uri = text.parse().map_err(|_| InvalidUrl)?;
        let is_host = uri.host().is_some_and(|host| !host.is_empty());
        if is_clean && is_host { Ok(Self(text.to_owned())) } else { Err(InvalidUrl) }
    }
}

// === impl HttpsTransport ===

impl HttpsTransport {
    /// Connects only once there is something to deliver.
    pub fn new(config: HttpsConfig) -> Self {
        Self { config, provider: Arc::new(rustls::crypto::ring::default_provider()), client: None }
    }

    /// A request with the token.
    fn post(&mut self, path: &str) -> Result<RequestBuilder<WithBody>, Refusal> {
        let file = &self.config.token;
        let named = |error: io::Error| failed(FailureKind::Token, &format!("{}: {error}", file.display()));
        let token = token(file).map_err(named)?;
        let url = format!("{}{path}", self.config.url.0);
        Ok(self.client()?.post(&url).header("Authorization", &format!("Bearer {token}")))
    }

    /// The client for the authorities that are in the file now. If the file cannot be read, for instance while it is
    /// being replaced, the current client is kept: old and new authorities overlap during a rotation.
    fn client(&mut self) -> Result<&Agent, Refusal> {
        let read = read_file(&self.config.authorities).and_then(|bytes| Ok((certificates(&bytes)?, bytes)));
        match read {
            Ok((_, bytes)) if self.client.as_ref().is_some_and(|client| client.authorities == bytes) => {}
            Ok((certificates, authorities)) => {
                let agent = agent(&self.provider, &certificates);
                self.client = Some(Client { authorities, agent });
            }
            Err(error) if self.client.is_some() => {
                tracing::warn!(%error, "Failed to read the certificate authorities; the last valid ones stay in use");
            }
            Err(error) => {
                let path = self.config.authorities.display();
                return Err(failed(FailureKind::Authorities, &format!("{path}: {error}")));
            }
        }
        let client = self.client.as_ref().map(|client| &client.agent);
        client.ok_or_else(|| failed(FailureKind::Authorities, &"no client"))
    }
}

impl Transport for HttpsTransport {
    fn deliver(&mut self, batch: &Batch<'_>) -> Result<Acknowledged, Refusal> {
        let body = body(batch).map_err(|error| failed(FailureKind::Answer, &error))?;
        let mut response = self
            .post(PATH)?
            .header("Content-Type", "application/x-ndjson")
            .header("Content-Encoding", "zstd")
            .send(&body[..])
            .map_err(|error| failed(kind(&error), &error))?;
        let retry_after =
            response.headers().get("retry-after").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status().as_u16();
        let answer = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec();
        let answer = answer.map_err(|error| failed(kind(&error), &error))?;
        read_answer(status, retry_after.as_deref(), &answer)
    }

    fn alive(&mut self, report: &AgentReport) -> Result<(), Refusal> {
        let body = serde_json::to_vec(report).map_err(|error| failed(FailureKind::Answer, &error))?;
        let request = self.post(ALIVE)?.header("Content-Type", "application/json");
        let response = request.send(&body[..]).map_err(|error| failed(kind(&error), &error))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(failed(FailureKind::Answer, &status)) }
    }
}

fn agent(provider: &Arc<CryptoProvider>, certificates: &[Certificate<'static>]) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::clone(provider))
        .root_certs(RootCerts::new_with_certs(certificates))
        .build();
    let config = Config::builder()
        .tls_config(tls)
        .https_only(true)
        // The operator is in the cluster, and no proxy may see the token.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(DELIVERY_TIMEOUT))
        .user_agent(concat!("landfall-agent/", env!("CARGO_PKG_VERSION")))
        .build();
    config.new_agent()
}

/// The lines, compressed.
fn body(batch: &Batch<'_>) -> io::Result<Vec<u8>> {
    let size = batch.records.iter().map(|record| record.line.len() + 1).sum();
    let mut lines = Vec::with_capacity(size);
    for record in batch.records {
        lines.extend_from_slice(record.line.as_bytes());
        lines.push(b'\n');
    }
    zstd::bulk::compress(&lines, COMPRESSION_LEVEL)
}

/// A token that is valid in a header.
fn token(path: &Path) -> io::Result<String> {
    let bytes = read_file(path)?;
    let text = std::str::from_utf8(&bytes).map(str::trim).unwrap_or_default();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "expected a token of visible ASCII letters"));
    }
    Ok(text.to_owned())
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "expected at most 1 MiB"));
    }
    Ok(bytes)
}

fn failed(kind: FailureKind, error: &dyn ToString) -> Refusal {
    Refusal::Failed { kind, error: error.to_string() }
}

fn kind(error: &ureq::Error) -> FailureKind {
    use ureq::Error;
    match error {
        Error::Timeout(_) => FailureKind::Timeout,
        // A failed handshake is reported as an I/O error.
        Error::Io(error) if is_tls(error) => FailureKind::Tls,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) => FailureKind::Tls,
        Error::Io(_) | Error::HostNotFound | Error::ConnectionFailed => FailureKind::Network,
        _ => FailureKind::Answer,
    }
}

fn is_tls(error: &io::Error) -> bool {
    let inner = error.get_ref();
    inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_is_addressed_by_https_and_a_host() {
        for text in ["https://operator.example.org", "https://192.0.2.1:8443/", "https://[2001:db8::1]:8443"] {
            assert!(text.parse::<OperatorUrl>().is_ok(), "{text}");
        }
        for text in [
            "",
            "operator.example.org",
            "http://operator.example.org",
            "https://",
            "https://user@operator.example.org",
            "https://operator.example.org/path",
            "https://operator.example.org?query",
            "https://operator example.org",
            "https://:8443",
        ] {
            assert_eq!(text.parse::<OperatorUrl>(), Err(InvalidUrl), "{text}");
        }
    }

    #[test]
    fn a_token_must_be_valid_in_a_header() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("token");
        for (contents, expected) in [
            (&b"abc.def-ghi_\n"[..], Some("abc.def-ghi_")),
            (b"", None),
            (b"\n", None),
            (b"abc\r\nX-Other: y", None),
            (b"\xff", None),
        ] {
            std::fs::write(&path, contents).unwrap();
            assert_eq!(token(&path).ok().as_deref(), expected);
        }
    }

    #[test]
    fn unreadable_files_are_reported_by_kind() {
        let folder = tempfile::TempDir::new().unwrap();
        let (authorities, token) = (folder.path().join("ca.crt"), folder.path().join("token"));
        let url = "https://127.0.0.1:1".parse().unwrap();
        let mut direct =
            HttpsTransport::new(HttpsConfig { url, authorities: authorities.clone(), token: token.clone() });
        let mut outcome = || match direct.deliver(&Batch { epoch: 1, records: &[] }) {
            Err(Refusal::Failed { kind, .. }) => kind,
            other => panic!("{other:?}"),
        };
        assert_eq!(outcome(), FailureKind::Token);
        std::fs::write(&token, "abc").unwrap();
        assert_eq!(outcome(), FailureKind::Authorities);
        std::fs::write(&authorities, "-----BEGIN CERTIFICATE-----\n").unwrap();
        assert_eq!(outcome(), FailureKind::Authorities);
    }
}
