//! HTTPS, with a certificate that is renewed while requests are served.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use landfall_process::stop;
use prometheus::IntGauge;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};
use tokio::{sync::watch, time::sleep};

use super::{
    certificates::{CertificateError, CertificateStore, Chain},
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
    /// Whether this replica issues and renews the certificates; the others read them from the Secret.
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
        mut self,
        router: Router,
    ) -> Result<impl Future<Output = Result<(), HttpsError>> + Send, HttpsError> {
        let chain = self.first().await?;
        let (config, configs) = watch::channel(server_config(&chain)?);
        self.expiry.set(chain.ends().as_second());
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
                failed = self.renew(&config) => failed,
            }
        })
    }

    async fn first(&mut self) -> Result<Chain, CertificateError> {
        if self.renews {
            return self.store.renewed().await;
        }
        loop {
            match self.store.read().await {
                Ok(Some(chain)) => return Ok(chain),
                // The leader issues them.
                Ok(None) => {}
                Err(error) => log(&error),
            }
            sleep(FIRST_READ_INTERVAL).await;
        }
    }

    async fn renew(&self, config: &watch::Sender<Arc<ServerConfig>>) -> Result<(), HttpsError> {
        loop {
            sleep(RENEWAL_INTERVAL).await;
            let chain = if self.renews { self.store.renewed().await.map(Some) } else { self.store.read().await };
            match chain {
                Ok(Some(chain)) => {
                    config.send_replace(server_config(&chain)?);
                    self.expiry.set(chain.ends().as_second());
                }
                Ok(None) => {}
                // There are days left for retries before the certificates expire, and an alert fires before.
                Err(error) => log(&error),
            }
        }
    }
}

fn log(error: &CertificateError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "Failed to read or renew the certificates");
}

fn server_config(chain: &Chain) -> Result<Arc<ServerConfig>, HttpsError> {
    let (certificate, key) = chain.server();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
