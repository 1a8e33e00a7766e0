//! An S3 server on loopback that keeps its objects as files below a folder, and fails when it is told to.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{Method, Request, Response};
use hyper::body::Incoming;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::time::sleep;
use tokio_rustls::rustls::ServerConfig;

use crate::http_server::HttpServer;

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
    root: PathBuf,
    fault: Arc<Mutex<Fault>>,
    server: HttpServer,
}

impl S3Server {
    /// Starts one with its buckets in `root`, over HTTP.
    pub fn start(root: &Path) -> io::Result<Self> {
        Self::start_with(root, None)
    }

    /// The same over HTTPS, with a certificate for 127.0.0.1.
    pub fn start_tls(root: &Path, tls: ServerConfig) -> io::Result<Self> {
        Self::start_with(root, Some(tls))
    }

    fn start_with(root: &Path, tls: Option<ServerConfig>) -> io::Result<Self> {
        let files = FileSystem::new(root).map_err(|error| io::Error::other(format!("{error:?}")))?;
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single(KEY.0, KEY.1));
        let (service, fault) = (builder.build(), Arc::new(Mutex::new(Fault::None)));
        let shared = Arc::clone(&fault);
        let server = HttpServer::start(tls, move |request| answer(request, service.clone(), Arc::clone(&shared)))?;
        Ok(Self { root: root.to_owned(), fault, server })
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
            ("AWS_ENDPOINT", self.server.url().to_owned()),
            ("AWS_ALLOW_HTTP", self.server.url().starts_with("http:").to_string()),
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
