//! Somebody who speaks the operator's side of the protocol over TLS on loopback, and fails as it is told.

use std::{
    collections::BTreeMap,
    io::{self, BufReader, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::{Value, json};

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// What is to happen with a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection breaks before anything is kept.
    DropBefore,
    /// The connection breaks after all is kept.
    DropAfter,
    /// A status and nothing that the protocol knows.
    Status(u16),
    /// Not now; come again in a second.
    Busy(u16),
    /// Only so many records are kept.
    Partial(usize),
}

/// What was kept.
#[derive(Default)]
pub(crate) struct Ledger {
    /// By epoch and number.
    pub(crate) kept: BTreeMap<(u64, u64), Value>,
    /// Records that came though they were kept already.
    pub(crate) again: usize,
    /// Faults that were made.
    pub(crate) faults: Vec<Fault>,
    /// What was wrong with what was sent.
    pub(crate) violations: Vec<String>,
    pub(crate) batches: usize,
    pub(crate) tokens: Vec<String>,
    /// Bodies of heartbeats.
    pub(crate) reports: Vec<Value>,
}

/// The taker of observations; it stops when it is dropped.
pub(crate) struct Operator {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    ledger: Mutex<Ledger>,
    faults: Mutex<Vec<Fault>>,
    /// Records that are refused, by epoch and number.
    poison: Mutex<Vec<(u64, u64)>>,
    config: Mutex<Arc<ServerConfig>>,
    stop: AtomicBool,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    fn server(&self) -> Arc<ServerConfig> {
        self.server_with(&CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap())
    }

    /// A server whose certificate has ended.
    fn expired(&self) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2020, 1, 2);
        self.server_with(&params)
    }

    fn server_with(&self, params: &CertificateParams) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let chain = vec![CertificateDer::from(certificate.der().to_vec())];
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
    }
}

impl Operator {
    pub(crate) fn start(authority: &Authority) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            ledger: Mutex::default(),
            faults: Mutex::default(),
            poison: Mutex::default(),
            config: Mutex::new(authority.server()),
            stop: AtomicBool::new(false),
        });
        let for_all = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if for_all.stop.load(Ordering::Acquire) {
                    return;
                }
                let shared = Arc::clone(&for_all);
                thread::spawn(move || {
                    // A connection that breaks is what the agent has to live with.
                    let _ = stream.and_then(|stream| shared.serve(stream));
                });
            }
        });
        Self { address, shared }
    }

    /// What is to happen with the next deliveries, one after the other.
    pub(crate) fn fail(&self, faults: &[Fault]) {
        self.shared.faults.lock().unwrap().extend(faults.iter().rev());
    }

    pub(crate) fn refuse(&self, epoch: u64, seq: u64) {
        self.shared.poison.lock().unwrap().push((epoch, seq));
    }

    /// Shows a certificate of another authority from now on, and ends no connection.
    pub(crate) fn change_certificate(&self, authority: &Authority) {
        *self.shared.config.lock().unwrap() = authority.server();
    }

    /// Shows a certificate that has ended from now on.
    pub(crate) fn let_certificate_expire(&self, authority: &Authority) {
        *self.shared.config.lock().unwrap() = authority.expired();
    }

    pub(crate) fn look<T>(&self, at: impl FnOnce(&Ledger) -> T) -> T {
        at(&self.shared.ledger.lock().unwrap())
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        // Wakes the listener up.
        let _ = TcpStream::connect(self.address);
    }
}

struct Request {
    token: String,
    lines: Vec<Value>,
    violations: Vec<String>,
    /// The body of a heartbeat, which has no lines.
    report: Option<Value>,
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        let config = Arc::clone(&self.config.lock().unwrap());
        let connection = ServerConnection::new(config).map_err(io::Error::other)?;
        let mut stream = BufReader::new(StreamOwned::new(connection, stream));
        while !self.stop.load(Ordering::Acquire) {
            let Some(request) = read(&mut stream)? else { return Ok(()) };
            if let Some(report) = request.report {
                let mut ledger = self.ledger.lock().unwrap();
                ledger.violations.extend(request.violations);
                ledger.reports.push(report);
                drop(ledger);
                stream.get_mut().write_all(b"HTTP/1.1 204 X\r\n\r\n")?;
                stream.get_mut().flush()?;
                continue;
            }
            let fault = self.faults.lock().unwrap().pop();
            let mut ledger = self.ledger.lock().unwrap();
            ledger.faults.extend(fault);
            ledger.violations.extend(request.violations);
            ledger.tokens.push(request.token);
            let (status, extra, body) = match fault {
                Some(Fault::DropBefore) => return Ok(()),
                Some(Fault::Status(status)) => (status, "", "<html>".to_owned()),
                Some(Fault::Busy(status)) => (status, "Retry-After: 1\r\n", String::new()),
                Some(Fault::DropAfter) => {
                    self.take(&mut ledger, &request.lines, usize::MAX);
                    return Ok(());
                }
                Some(Fault::Partial(count)) => self.take(&mut ledger, &request.lines, count),
                None => self.take(&mut ledger, &request.lines, usize::MAX),
            };
            drop(ledger);
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{extra}\r\n{body}");
            stream.get_mut().write_all(answer.as_bytes())?;
            stream.get_mut().flush()?;
        }
        Ok(())
    }

    /// Keeps the first records of a batch, unless one of all is refused.
    fn take(&self, ledger: &mut Ledger, lines: &[Value], count: usize) -> (u16, &'static str, String) {
        let number = |line: &Value, field: &str| line[field].as_u64().unwrap_or(u64::MAX);
        let identity = |line: &Value| (number(line, "epoch"), number(line, "seq"));
        let poison = self.poison.lock().unwrap();
        if let Some(index) = lines.iter().position(|line| poison.contains(&identity(line))) {
            let body =
                json!({"reason": "WindowTooOld", "message": "expected a window of the last week", "record": index});
            return (422, "", body.to_string());
        }
        ledger.batches += 1;
        for line in lines.iter().take(count) {
            if ledger.kept.insert(identity(line), line.clone()).is_some() {
                ledger.again += 1;
            }
        }
        let last = lines.iter().take(count).next_back().map_or(0, |line| number(line, "seq"));
        (200, "", json!({"acknowledged": last}).to_string())
    }
}

/// The next request of a connection; none at its end.
fn read(stream: &mut impl io::BufRead) -> io::Result<Option<Request>> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if line.trim().is_empty() {
            break;
        }
        head.push(line.trim().to_owned());
    }
    let header = |name: &str| {
        let found = head.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        found.unwrap_or_default()
    };
    let mut violations = Vec::new();
    let mut ensure = |holds: bool, what: String| {
        if !holds {
            violations.push(what);
        }
    };
    let length = header("content-length").parse().map_err(io::Error::other)?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let token = header("authorization").strip_prefix("Bearer ").unwrap_or_default().to_owned();
    if head[0] == "POST /v1/alive HTTP/1.1" {
        ensure(header("content-type") == "application/json", header("content-type"));
        let report = Some(serde_json::from_slice(&body)?);
        return Ok(Some(Request { token, lines: Vec::new(), violations, report }));
    }
    ensure(head[0] == "POST /v1/observations HTTP/1.1", head[0].clone());
    ensure(header("content-type") == "application/x-ndjson", header("content-type"));
    ensure(header("content-encoding") == "zstd", header("content-encoding"));
    let text = String::from_utf8(zstd::bulk::decompress(&body, 8 * 1024 * 1024)?).map_err(io::Error::other)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    ensure(!lines.is_empty() && lines.len() <= 10_000, format!("{} records", lines.len()));
    for name in ["cluster", "agent", "epoch"] {
        ensure(lines.iter().all(|line| line[name] == lines[0][name]), format!("several of {name}"));
    }
    ensure(lines.is_sorted_by_key(|line| line["seq"].as_u64()), "not in order".to_owned());
    Ok(Some(Request { token, lines, violations, report: None }))
}
