//! HTTPS, with a certificate that is renewed while requests are served.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use axum_server::{Handle, tls_rustls::RustlsConfig};
use prometheus::IntGauge;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
};
use tokio::{sync::watch, time::sleep};

use super::certificates::{CertificateError, CertificateStore, Chain};
use crate::lease::stop;

/// How often certificates are renewed, if they are near their end.
const RENEWAL: Duration = Duration::from_mins(5);
/// How often a replica asks for the first one.
const FIRST_READ: Duration = Duration::from_secs(5);
/// How long requests that were begun may take when the process stops.
const GRACE: Duration = Duration::from_secs(5);

/// A server on one address.
#[derive(Debug)]
pub(crate) struct Https {
    pub(crate) address: SocketAddr,
    pub(crate) store: CertificateStore,
    /// Whether this replica makes certificates and renews them; the others read them.
    pub(crate) renews: bool,
    /// When the server's certificate ends.
    pub(crate) expiry: IntGauge,
    pub(crate) stopped: watch::Receiver<bool>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpsError {
    /// There are no certificates to be had.
    #[error(transparent)]
    Certificates(#[from] CertificateError),
    /// They do not read.
    #[error("failed to read the certificate or its key")]
    Pem(#[from] pem::Error),
    /// They do not belong together.
    #[error("failed to use the certificate")]
    Tls(#[from] rustls::Error),
    /// The address cannot be listened on.
    #[error("failed to serve")]
    Serve(#[source] io::Error),
}

impl Https {
    /// Gets a certificate; gives what serves `router` until the process stops.
    pub(crate) async fn start(
        mut self,
        router: Router,
    ) -> Result<impl Future<Output = Result<(), HttpsError>> + Send, HttpsError> {
        let chain = self.first().await?;
        let tls = RustlsConfig::from_config(server_config(&chain)?);
        self.expiry.set(chain.ends().as_second());
        Ok(async move {
            let handle = Handle::new();
            let server = axum_server::bind(self.address)
                .acceptor(axum_server::tls_rustls::RustlsAcceptor::new(tls.clone()))
                .handle(handle.clone())
                .serve(router.into_make_service());
            let mut stopped = self.stopped.clone();
            let shutdown = async {
                stop::requested(&mut stopped).await;
                handle.graceful_shutdown(Some(GRACE));
                std::future::pending::<()>().await;
            };
            tokio::select! {
                ended = server => ended.map_err(HttpsError::Serve),
                () = shutdown => Ok(()),
                failed = self.renew(&tls) => failed,
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
                // The replica that leads makes them.
                Ok(None) => {}
                Err(error) => log(&error),
            }
            sleep(FIRST_READ).await;
        }
    }

    async fn renew(&self, tls: &RustlsConfig) -> Result<(), HttpsError> {
        loop {
            sleep(RENEWAL).await;
            let chain = if self.renews { self.store.renewed().await.map(Some) } else { self.store.read().await };
            match chain {
                Ok(Some(chain)) => {
                    tls.reload_from_config(server_config(&chain)?);
                    self.expiry.set(chain.ends().as_second());
                }
                Ok(None) => {}
                // There are days left, and an alert before they end.
                Err(error) => log(&error),
            }
        }
    }
}

fn log(error: &CertificateError) {
    let error = error as &dyn std::error::Error;
    tracing::error!(error, "Failed to keep the certificates");
}

fn server_config(chain: &Chain) -> Result<Arc<ServerConfig>, HttpsError> {
    let (certificate, key) = chain.server();
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes())?;
    let mut config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
