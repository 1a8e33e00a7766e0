//! HTTPS, with a certificate that is renewed while requests are served.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use landfall_process::stop;
use prometheus::IntGauge;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};
use tokio::{sync::watch, time::sleep};

use super::{
    certificates::{CertificateError, CertificateFolder, CertificateStore, ServerCertificate},
    tls_listener::TlsListener,
};

/// How often to check whether the certificates have to be renewed.
const RENEWAL_INTERVAL: Duration = Duration::from_mins(5);
/// How often a replica looks for the first certificate.
const FIRST_READ_INTERVAL: Duration = Duration::from_secs(5);
/// How long requests in flight may still take after a request to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The HTTPS server of a replica.
#[derive(Debug)]
pub(crate) struct Https {
    pub(crate) address: SocketAddr,
    pub(crate) store: CertificateStore,
    /// Where somebody else puts the certificate; without it, the operator issues it.
    pub(crate) folder: Option<CertificateFolder>,
    /// Whether this replica issues and renews the certificates, and writes what clients trust; the others only read.
    pub(crate) renews: bool,
    /// When the server's certificate expires.
    pub(crate) expiry: IntGauge,
    pub(crate) stopped: watch::Receiver<bool>,
}

/// Why HTTPS is not served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpsError {
    /// There is no certificate.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// The certificate or its key is not valid PEM.
    #[error("failed to read the certificate or its key")]
    Pem(#[from] pem::Error),
    /// The key does not belong to the certificate.
    #[error("failed to use the certificate")]
    Tls(#[from] rustls::Error),
    /// The address cannot be listened on.
    #[error("failed to listen on {address}")]
    Listen {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The server ended.
    #[error("failed to serve")]
    Serve(#[source] io::Error),
}

impl Https {
    /// Waits for a certificate and listens; returns the future that serves `router` until a request to stop.
    pub(crate) async fn start(
        self,
        router: Router,
    ) -> Result<impl Future<Output = Result<(), HttpsError>> + Send, HttpsError> {
        let certificate = self.first().await?;
        let (config, configs) = watch::channel(server_config(&certificate)?);
        self.expiry.set(certificate.until.as_second());
        let listener = TlsListener::bind(self.address, configs).await;
        let listener = listener.map_err(|source| HttpsError::Listen { address: self.address, source })?;
        Ok(async move {
            let (mut begun, mut late) = (self.stopped.clone(), self.stopped.clone());
            let shutdown = async move { stop::requested(&mut begun).await };
            let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
            let deadline = async {
                stop::requested(&mut late).await;
                sleep(GRACE).await;
            };
            tokio::select! {
                ended = server => ended.map_err(HttpsError::Serve),
                () = deadline => Ok(()),
                never = self.renew(&config) => match never {},
            }
        })
    }

    async fn first(&self) -> Result<ServerCertificate, CertificateError> {
        loop {
            match self.current().await {
                Ok(Some(certificate)) => return Ok(certificate),
                // The leader issues them.
                Ok(None) => {}
                Err(error) if self.renews => return Err(error),
                Err(error) => log(&error),
            }
            sleep(FIRST_READ_INTERVAL).await;
        }
    }

    async fn renew(&self, config: &watch::Sender<Arc<ServerConfig>>) -> Infallible {
        loop {
            sleep(RENEWAL_INTERVAL).await;
            // There are days left for retries before the certificates expire, and an alert fires before. A key that does
            // not belong to its certificate was read while both were replaced.
            match self.current().await {
                Ok(Some(certificate)) => match server_config(&certificate) {
                    Ok(new) => {
                        config.send_replace(new);
                        self.expiry.set(certificate.until.as_second());
                    }
                    Err(error) => log(&error),
                },
                Ok(None) => {}
                Err(error) => log(&error),
            }
        }
    }

    /// The certificate as it is now; `None` if the leader has not issued it yet.
    async fn current(&self) -> Result<Option<ServerCertificate>, CertificateError> {
        if let Some(folder) = &self.folder {
            let (certificate, bundle) = folder.read()?;
            if self.renews {
                self.store.publish(&bundle).await?;
            }
            return Ok(Some(certificate));
        }
        let chain = if self.renews { Some(self.store.renewed().await?) } else { self.store.read().await? };
        Ok(chain.map(ServerCertificate::from))
    }
}

fn log(error: &(dyn std::error::Error + 'static)) {
    tracing::error!(error, "Failed to read or renew the certificates");
}

fn server_config(served: &ServerCertificate) -> Result<Arc<ServerConfig>, HttpsError> {
    // Further certificates are those of intermediate authorities.
    let chain = CertificateDer::pem_slice_iter(served.certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(served.key.as_bytes())?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
