//! Those whom the agent speaks with: an API server that knows the pods, and an operator that takes what is delivered.

use std::{
    io::{self, BufRead, BufReader, Read as _, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use landfall_observation::{Observation, decode};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

use crate::{Failure, network::PODS};

/// More than the agent puts into a delivery.
const MAX_DELIVERY: usize = 64 << 20;

/// Tells of the pods, and of no change.
#[derive(Debug)]
pub(crate) struct ApiServer {
    pub(crate) address: SocketAddr,
}

/// Takes observations in and adds them up.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(crate) address: SocketAddr,
    /// Its certificate authority, PEM.
    pub(crate) authority: String,
    taken: Arc<Taken>,
}

/// What the operator has taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) deliveries: AtomicU64,
    pub(crate) observations: AtomicU64,
    pub(crate) connections: AtomicU64,
    pub(crate) bytes: AtomicU64,
}

impl ApiServer {
    pub(crate) fn start() -> io::Result<Self> {
        let address = serve(|stream| {
            let mut stream = BufReader::new(stream);
            while let Some((request, _)) = head(&mut stream)? {
                let is_watch = request.contains("watch=true");
                let body = pods().to_string();
                let length = if is_watch { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n");
                stream.get_mut().write_all(answer.as_bytes())?;
                if is_watch {
                    // Nothing changes; the watch ends when the agent closes it.
                    io::copy(&mut stream, &mut io::sink())?;
                } else {
                    stream.get_mut().write_all(body.as_bytes())?;
                }
            }
            Ok(())
        })?;
        Ok(Self { address })
    }
}

impl Operator {
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &authority)?;
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = Arc::new(builder.with_no_client_auth().with_single_cert(chain, key)?);
        let taken = Arc::<Taken>::default();
        let adds = Arc::clone(&taken);
        let address = serve(move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            let mut stream = BufReader::new(StreamOwned::new(connection, stream));
            while let Some((_, length)) = head(&mut stream)? {
                let mut body = vec![0; length];
                stream.read_exact(&mut body)?;
                let answer = adds.take(&body)?;
                let length = answer.len();
                write!(stream.get_mut(), "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{answer}")?;
                stream.get_mut().flush()?;
            }
            Ok(())
        })?;
        Ok(Self { address, authority: authority.pem(), taken })
    }

    pub(crate) fn taken(&self) -> &Taken {
        &self.taken
    }
}

impl Taken {
    fn take(&self, body: &[u8]) -> io::Result<String> {
        let lines = zstd::bulk::decompress(body, MAX_DELIVERY)?;
        let lines = String::from_utf8(lines).map_err(io::Error::other)?;
        let mut last = 0;
        for line in lines.lines() {
            let Observation { identity, sent, received, .. } = decode(line).map_err(io::Error::other)?;
            last = identity.seq;
            self.observations.fetch_add(1, Ordering::AcqRel);
            self.connections.fetch_add(sent.connections, Ordering::AcqRel);
            self.bytes.fetch_add(sent.bytes + received.bytes, Ordering::AcqRel);
        }
        self.deliveries.fetch_add(1, Ordering::AcqRel);
        Ok(json!({ "acknowledged": last }).to_string())
    }
}

/// Serves connections on loopback, each in a thread that ends with it; all end with the process.
fn serve(work: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let work = Arc::new(work);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let work = Arc::clone(&work);
            // A connection that breaks is asked for anew.
            thread::spawn(move || work(stream));
        }
    });
    Ok(address)
}

/// The first line of a request and the length of its body; none at the end of the connection.
fn head(stream: &mut impl BufRead) -> io::Result<Option<(String, usize)>> {
    let mut first = String::new();
    if stream.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => return Ok(Some((first, length))),
        }
    }
}

/// The pods as an API server lists them, with the labels that a chart gives.
fn pods() -> Value {
    let pod = |(name, last): (&str, u8)| {
        let address = format!("192.0.2.{last}");
        let labels = json!({
            "app.kubernetes.io/name": name, "app.kubernetes.io/instance": name, "app.kubernetes.io/version": "1.4.2",
            "app.kubernetes.io/component": "backend", "app.kubernetes.io/part-of": "shop",
            "app.kubernetes.io/managed-by": "Helm", "helm.sh/chart": "shop-0.9.1", "pod-template-hash": "5c7d9f8b6d",
            "landfall.dev/tenant": "tenant-a",
        });
        json!({
            "metadata": {
                "name": format!("{name}-5c7d9f8b6d-x2x4z"), "namespace": "shop", "uid": name, "labels": labels,
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": format!("{name}-5c7d9f8b6d"), "uid": name,
                    "controller": true,
                }],
            },
            "spec": { "nodeName": "node-1", "serviceAccountName": name, "containers": [] },
            "status": { "phase": "Running", "podIP": address, "podIPs": [{ "ip": address }] },
        })
    };
    let items: Vec<_> = PODS.into_iter().map(pod).collect();
    json!({ "kind": "PodList", "apiVersion": "v1", "metadata": { "resourceVersion": "1" }, "items": items })
}
