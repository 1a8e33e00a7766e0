//! An S3 server on loopback that keeps its objects as files below a folder, and fails when it is told to.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use http::{Method, Request, Response};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{runtime, sync::oneshot, task::JoinSet, time::sleep};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// Made up, for a server that only the test knows.
const KEY: (&str, &str) = ("AKIDEXAMPLE", "wJalrXUtnFEMIexampleKEY");

/// How the server fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// It does not.
    #[default]
    None,
    /// It denies everything (403).
    Denied,
    /// It denies deletions (403), like a bucket whose objects are locked.
    Locked,
    /// It is overloaded (503).
    Overloaded,
    /// It answers only after a while.
    Slow(Duration),
    /// It answers that many more requests that change something, and closes connections instead from then on.
    DiesAfter(u32),
}

/// A server with one folder a bucket.
#[derive(Debug)]
pub struct S3Server {
    scheme: &'static str,
    address: SocketAddr,
    root: PathBuf,
    fault: Arc<Mutex<Fault>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl S3Server {
    /// Starts one with its buckets in `root`, over HTTP.
    pub fn start(root: &Path) -> io::Result<Self> {
        Self::start_with(root, None)
    }

    /// The same over HTTPS, with a certificate for 127.0.0.1.
    pub fn start_tls(root: &Path, tls: ServerConfig) -> io::Result<Self> {
        Self::start_with(root, Some(TlsAcceptor::from(Arc::new(tls))))
    }

    fn start_with(root: &Path, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let files = FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY.0, KEY.1));
        let (service, fault) = (builder.build(), Arc::new(Mutex::new(Fault::None)));
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = Arc::clone(&fault);
        let thread = thread::spawn(move || {
            runtime.block_on(async move {
                tokio::select! {
                    _ = serve(listener, service, shared, tls) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { scheme, address, root: root.to_owned(), fault, stop: Some(stop), thread: Some(thread) })
    }

    /// Creates a bucket; gives its URL.
    pub fn bucket(&self, name: &str) -> io::Result<String> {
        std::fs::create_dir_all(self.root.join(name))?;
        Ok(format!("s3://{name}"))
    }

    /// The file of an object.
    pub fn file(&self, bucket: &str, object: &str) -> PathBuf {
        self.root.join(bucket).join(object)
    }

    /// The names of objects in a folder of a bucket, in order.
    pub fn names(&self, bucket: &str, folder: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.file(bucket, folder)) else { return Vec::new() };
        let mut names: Vec<_> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Fails from now on, or no longer.
    pub fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }

    /// What a program needs to use it.
    pub fn variables(&self) -> [(&'static str, String); 5] {
        [
            ("AWS_ENDPOINT", format!("{}://{}", self.scheme, self.address)),
            ("AWS_ALLOW_HTTP", (self.scheme == "http").to_string()),
            ("AWS_REGION", "eu-central-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", KEY.0.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", KEY.1.to_owned()),
        ]
    }

    /// Sets them for a program.
    pub fn configure(&self, command: &mut Command) {
        command.envs(self.variables());
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(
    listener: TcpListener,
    service: S3Service,
    fault: Arc<Mutex<Fault>>,
    tls: Option<TlsAcceptor>,
) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await?;
        let (service, fault, tls) = (service.clone(), Arc::clone(&fault), tls.clone());
        connections.spawn(async move {
            let answer = service_fn(move |request| answer(request, service.clone(), Arc::clone(&fault)));
            // A client that went away, or does not trust the certificate, is none of the server's concern.
            match tls {
                None => {
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                }
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                    }
                }
            }
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    service: S3Service,
    fault: Arc<Mutex<Fault>>,
) -> Result<Response<Body>, io::Error> {
    let changes = matches!(*request.method(), Method::PUT | Method::DELETE);
    let now = {
        let mut fault = fault.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Fault::DiesAfter(left @ 1..), true) = (&mut *fault, changes) {
            *left -= 1;
            Fault::None
        } else {
            *fault
        }
    };
    match now {
        Fault::Denied => return refusal(403, "AccessDenied"),
        Fault::Locked if request.method() == Method::DELETE => return refusal(403, "AccessDenied"),
        // S3's way to delete several objects.
        Fault::Locked if request.uri().query() == Some("delete") => return refusal(403, "AccessDenied"),
        Fault::Overloaded => return refusal(503, "SlowDown"),
        Fault::Slow(time) => sleep(time).await,
        Fault::DiesAfter(0) => return Err(io::ErrorKind::ConnectionAborted.into()),
        _ => {}
    }
    service.call(request.map(Body::from)).await.map_err(|error| io::Error::other(format!("{error:?}")))
}

fn refusal(status: u16, code: &str) -> Result<Response<Body>, io::Error> {
    let text = format!("<Error><Code>{code}</Code><AWSAccessKeyId>{}</AWSAccessKeyId></Error>", KEY.0);
    Response::builder().status(status).body(Body::from(text)).map_err(io::Error::other)
}
