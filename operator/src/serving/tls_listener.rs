//! Accepts TLS connections, with a certificate that may change while it listens.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::serve::Listener;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// How long a handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Maximum number of concurrent handshakes; further connections wait in the kernel's backlog.
const MAX_HANDSHAKES: usize = 256;

type Connection = (TlsStream<TcpStream>, SocketAddr);

/// Each handshake is a task of its own, so that a slow client delays no other.
#[derive(Debug)]
pub(super) struct TlsListener {
    listener: TcpListener,
    config: watch::Receiver<Arc<ServerConfig>>,
    handshakes: JoinSet<io::Result<Connection>>,
}

impl TlsListener {
    /// Listens; each connection uses the configuration that is current when it is accepted.
    pub(super) async fn bind(address: SocketAddr, config: watch::Receiver<Arc<ServerConfig>>) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, config, handshakes: JoinSet::new() })
    }

    fn begin(&mut self, stream: TcpStream, peer: SocketAddr) {
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config.borrow()));
        self.handshakes.spawn(async move {
            // Responses are small, and clients wait for them.
            stream.set_nodelay(true)?;
            let stream = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await??;
            Ok((stream, peer))
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> Connection {
        loop {
            let has_room = self.handshakes.len() < MAX_HANDSHAKES;
            tokio::select! {
                (stream, peer) = Listener::accept(&mut self.listener), if has_room => self.begin(stream, peer),
                Some(done) = self.handshakes.join_next() => match done {
                    Ok(Ok(connection)) => return connection,
                    // Usually scanners, probes, or clients that trust another authority.
                    Ok(Err(error)) => tracing::debug!(%error, "A TLS handshake failed"),
                    Err(error) => tracing::error!(%error, "A TLS handshake panicked"),
                },
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}
