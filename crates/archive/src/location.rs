//! Where a copy is.

use std::{fmt, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, ObjectStore, RetryConfig,
    aws::AmazonS3Builder,
    azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder,
    local::LocalFileSystem,
    path::{Path, PathPart},
};
use rustls::crypto::{CryptoProvider, ring};
use url::Url;

/// A folder in a bucket, or in a file system. Clones share their connections.
#[derive(Clone)]
pub struct Location {
    url: String,
    pub(crate) store: Arc<dyn ObjectStore>,
    prefix: Path,
}

/// How long to wait for a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the answer to one request.
    pub request: Duration,
    /// How often to repeat a request that failed because of the store or the network.
    pub retries: usize,
}

/// A text is no location, or the store cannot be used. The text itself is not repeated: it may contain a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LocationError {
    /// Not a URL of a kind that is known.
    #[error("expected s3://BUCKET/FOLDER, gs://BUCKET/FOLDER, az://CONTAINER/FOLDER or file:///FOLDER")]
    Url,
    /// Credentials, which would stand in logs and process lists.
    #[error(
        "expected a URL without a user, password, query or fragment: credentials come from the environment (AWS_*, \
         GOOGLE_*, AZURE_*) or from the identity of the workload"
    )]
    Credentials,
    /// The settings in the environment do not make a store.
    #[error(
        "{0}: the settings of the store in the environment ({1}*) are not complete or not valid, or there are no \
         certificate authorities (SSL_CERT_FILE)"
    )]
    Settings(String, &'static str),
}

impl Default for Patience {
    fn default() -> Self {
        Self { request: Duration::from_secs(30), retries: 3 }
    }
}

impl Location {
    /// Opens a location, with the credentials in the environment. No request is made.
    pub fn open(text: &str) -> Result<Self, LocationError> {
        Self::open_with(text, Patience::default())
    }

    /// The same, with limits.
    pub fn open_with(text: &str, patience: Patience) -> Result<Self, LocationError> {
        let url = Url::parse(text).map_err(|_| LocationError::Url)?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(LocationError::Credentials);
        }
        let prefix = Path::from_url_path(url.path()).map_err(|_| LocationError::Url)?;
        let bucket = match (url.scheme(), url.host_str(), url.port()) {
            ("file", None, None) if !prefix.as_ref().is_empty() => String::new(),
            ("s3" | "gs" | "az", Some(host), None) => format!("{}://{host}", url.scheme()),
            _ => return Err(LocationError::Url),
        };
        // It may be installed already; a store's client takes the provider of the process.
        if CryptoProvider::get_default().is_none() {
            let _ = ring::default_provider().install_default();
        }
        let shown = if url.scheme() == "file" { format!("file:///{prefix}") } else { format!("{bucket}/{prefix}") };
        let shown = shown.trim_end_matches('/').to_owned();
        let Patience { request, retries } = patience;
        let options = ClientOptions::new().with_timeout(request).with_connect_timeout(request.min(CONNECT));
        let retry = RetryConfig {
            backoff: BackoffConfig { max_backoff: Duration::from_secs(5), ..BackoffConfig::default() },
            max_retries: retries,
            retry_timeout: request.saturating_mul(2),
        };
        let (store, variables): (Option<Arc<dyn ObjectStore>>, _) = match url.scheme() {
            "s3" => {
                let allow_http = is_set("AWS_ALLOW_HTTP");
                let builder = AmazonS3Builder::from_env().with_url(&bucket).with_retry(retry);
                let built = builder.with_client_options(options.with_allow_http(allow_http)).build();
                (built.ok().map(|store| Arc::new(store) as _), "AWS_")
            }
            "gs" => {
                let builder = GoogleCloudStorageBuilder::from_env().with_url(&bucket).with_retry(retry);
                let built = builder.with_client_options(options).build();
                (built.ok().map(|store| Arc::new(store) as _), "GOOGLE_")
            }
            "az" => {
                let builder = MicrosoftAzureBuilder::from_env().with_url(&bucket).with_retry(retry);
                let built = builder.with_client_options(options).build();
                (built.ok().map(|store| Arc::new(store) as _), "AZURE_")
            }
            _ => (Some(Arc::new(LocalFileSystem::new().with_fsync(true)) as _), ""),
        };
        match store {
            Some(store) => Ok(Self { url: shown, store, prefix }),
            None => Err(LocationError::Settings(shown, variables)),
        }
    }

    /// The object of a name below a folder of the location.
    pub(crate) fn object(&self, folder: &str, name: &str) -> Path {
        self.folder(folder).join(PathPart::from(name))
    }

    pub(crate) fn folder(&self, folder: &str) -> Path {
        self.prefix.clone().join(PathPart::from(folder))
    }

    /// The URL of an object, for people.
    pub(crate) fn shown(&self, folder: &str, name: &str) -> String {
        format!("{}/{folder}/{name}", self.url)
    }
}

/// For how long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);

fn is_set(variable: &str) -> bool {
    std::env::var(variable).is_ok_and(|value| value.eq_ignore_ascii_case("true") || value == "1")
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for Location {
    /// Without the store, which holds credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Location").field(&self.url).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_shown_as_they_are_written() {
        for (text, shown) in [
            ("s3://evidence/production", "s3://evidence/production"),
            ("s3://evidence", "s3://evidence"),
            ("gs://evidence/a/b/", "gs://evidence/a/b"),
            ("file:///srv/evidence/", "file:///srv/evidence"),
        ] {
            // The settings of Google are read when a request is made.
            let location = Location::open(text).unwrap();
            assert_eq!((location.to_string(), format!("{location:?}")), (shown.into(), format!("Location({shown:?})")));
        }
        let location = Location::open("s3://evidence").unwrap();
        assert_eq!(location.object("segments", "00000001-windows.leaves").as_ref(), "segments/00000001-windows.leaves");
        assert_eq!(location.shown("heads", "00000001"), "s3://evidence/heads/00000001");
    }

    #[test]
    fn credentials_in_a_url_are_refused_and_not_repeated() {
        for text in [
            "s3://user:hunter2@evidence/x",
            "s3://hunter2@evidence/x",
            "az://evidence/x?sig=hunter2",
            "gs://evidence/x#hunter2",
        ] {
            let error = Location::open(text).unwrap_err();
            assert_eq!(error, LocationError::Credentials, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn what_is_no_location_is_refused() {
        for text in
            ["", "evidence", "/srv/evidence", "s3://", "s3:///x", "ftp://host/x", "file://", "file:///", "https://h/x"]
        {
            assert_eq!(Location::open(text).unwrap_err(), LocationError::Url, "{text}");
        }
        let error = Location::open("az://evidence/x").unwrap_err();
        assert!(error.to_string().starts_with("az://evidence/x: the settings"), "{error}");
    }
}
