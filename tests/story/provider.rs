//! A provider somewhere in the world: a real HTTPS server on a machine of its own, whose namespace counts IP bytes.

use std::net::Ipv4Addr;

use super::{OFFLOADS_OFF, Story, StoryError};
use crate::cluster::{Cluster, ClusterError, Daemon};

/// Answers GET and POST over TLS and in the clear, and adds up the bytes of bodies in a file.
const SERVER: &str = r#"
import http.server, pathlib, ssl, sys, threading
host, certificate, totals = sys.argv[1:4]
lock, received, sent = threading.Lock(), 0, 0
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def answer(self):
        global received, sent
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        # With its head one segment: the counters of this namespace count before TCP cuts a write into segments.
        reply = b"y" * 1000
        with lock:
            received += len(body); sent += len(reply)
            pathlib.Path(totals).write_text(f"{received} {sent}")
        self.send_response(200)
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)
    do_GET = do_POST = answer
    def log_message(self, *_): pass
plain = http.server.ThreadingHTTPServer(("", 80), Handler)
threading.Thread(target=plain.serve_forever, daemon=True).start()
secure = http.server.ThreadingHTTPServer(("", 443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate)
secure.socket = context.wrap_socket(secure.socket, server_side=True)
secure.serve_forever()
"#;

/// A provider at work.
#[derive(Debug)]
pub struct Provider {
    /// Name of its machine.
    pub name: String,
    /// Where it is.
    pub address: Ipv4Addr,
    _server: Daemon,
    totals: std::path::PathBuf,
}

/// What a provider got and gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// IP bytes that came in, by the counters of nftables.
    pub ip_in: u64,
    /// IP bytes that went out.
    pub ip_out: u64,
    /// Bytes of bodies that came in, by the server itself.
    pub body_in: u64,
    /// Bytes of bodies that went out.
    pub body_out: u64,
}

impl Provider {
    pub(super) fn start(cluster: &mut Cluster, name: &str, host: &str, address: Ipv4Addr) -> Result<Self, StoryError> {
        let folder = cluster.folder().join(format!("provider-{name}"));
        let file = |name: &str| folder.join(name);
        let written = || {
            std::fs::create_dir_all(&folder)?;
            let made = rcgen::generate_simple_self_signed([host.to_owned()]).map_err(std::io::Error::other)?;
            std::fs::write(file("server.py"), SERVER)?;
            std::fs::write(file("tls.pem"), made.signing_key.serialize_pem() + &made.cert.pem())
        };
        written().map_err(|source| StoryError::Io { action: format!("write {}", folder.display()), source })?;
        let machine = cluster.add_server(name, &[address])?;
        machine.shell(
            &format!(
                "{OFFLOADS_OFF}
            nft add table ip landfall
            nft add counter ip landfall in
            nft add counter ip landfall out
            nft add chain ip landfall input '{{ type filter hook input priority 0; }}'
            nft add chain ip landfall output '{{ type filter hook output priority 0; }}'
            nft add rule ip landfall input ip saddr 10.244.0.0/16 counter name in
            nft add rule ip landfall output ip daddr 10.244.0.0/16 counter name out"
            ),
            &[],
        )?;
        let shown = |name: &str| file(name).display().to_string();
        let command = ["python3", &shown("server.py"), host, &shown("tls.pem"), &shown("totals")];
        let server = machine.start(&format!("provider-{name}"), &command)?;
        machine.shell("for i in $(seq 100); do ss -ltn | grep -q :443 && exit 0; sleep 0.1; done; exit 1", &[])?;
        Ok(Self { name: name.to_owned(), address, _server: server, totals: file("totals") })
    }

    /// What it counted so far.
    pub fn counts(&self, story: &Story) -> Result<Counts, StoryError> {
        let machine = story.cluster.server(&self.name).ok_or_else(|| ClusterError::NotSetUp(self.name.clone()))?;
        let counter = |direction: &str| -> Result<u64, StoryError> {
            let listed = machine.shell("nft list counter ip landfall $1", &[direction])?;
            let bytes = listed.split_whitespace().skip_while(|word| *word != "bytes").nth(1);
            bytes
                .and_then(|bytes| bytes.parse().ok())
                .ok_or(StoryError::Command { command: "nft list counter".to_owned(), output: listed.clone() })
        };
        let totals = std::fs::read_to_string(&self.totals).unwrap_or_default();
        let mut bodies = totals.split_whitespace().map(|count| count.parse().unwrap_or_default());
        Ok(Counts {
            ip_in: counter("in")?,
            ip_out: counter("out")?,
            body_in: bodies.next().unwrap_or_default(),
            body_out: bodies.next().unwrap_or_default(),
        })
    }
}
