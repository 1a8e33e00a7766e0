//! A schema registry of our own on loopback, with the parts of Confluent's interface that a reader asks for, tags and rules of
//! schemas, and faults. <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>

mod catalog;

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{Method, Request, Response};
use hyper::body::{Body as _, Incoming};
use s3s::Body;
use serde_json::{Value, json};
use tokio::time::sleep;

use self::catalog::Catalog;
pub use self::catalog::Schema;
use crate::http_server::HttpServer;

const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// How the registry fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegistryFault {
    /// It does not.
    #[default]
    None,
    /// It closes connections without an answer.
    Down,
    /// Its store is broken (500, in its own form).
    Error,
    /// It answers only after a while.
    Slow(Duration),
    /// A proxy before it answers with a page (200, HTML).
    Html,
    /// Its answers end in the middle.
    Truncated,
}

/// A registry that answers until it is dropped.
#[derive(Debug)]
pub struct FakeRegistry {
    state: Arc<Mutex<State>>,
    server: HttpServer,
}

#[derive(Debug, Default)]
struct State {
    catalog: Catalog,
    fault: RegistryFault,
    /// The value of `authorization` that requests must have.
    login: Option<String>,
    requests: Vec<String>,
}

impl FakeRegistry {
    /// Starts an empty one.
    pub fn start() -> io::Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let server = HttpServer::start(None, move |request| answer(request, Arc::clone(&shared)))?;
        Ok(Self { state, server })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        self.server.url().to_owned()
    }

    /// Registers a schema as the next version of a subject; its id. The same schema has the same id under every subject.
    pub fn register(&self, subject: &str, schema: Schema) -> u32 {
        self.state().catalog.register(subject, schema)
    }

    /// The second name of a schema, a UUID, which Confluent's newer framing has instead of the id.
    pub fn guid(id: u32) -> String {
        catalog::guid_of(id)
    }

    /// Deletes the versions of a subject, as a user would: they are shown with `deleted=true` alone, their schemas by id always.
    pub fn delete(&self, subject: &str) {
        self.state().catalog.delete(subject);
    }

    /// Fails from now on, or no longer.
    pub fn fail(&self, fault: RegistryFault) {
        self.state().fault = fault;
    }

    /// Answers requests with this value of `authorization` alone from now on (such as `Basic …`), or all again.
    pub fn protect(&self, authorization: Option<&str>) {
        self.state().login = authorization.map(str::to_owned);
    }

    /// Method and path of every request so far, failed ones as well.
    pub fn requests(&self) -> Vec<String> {
        self.state().requests.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Result<Response<Body>, io::Error> {
    let fault = {
        let mut state = lock(&state);
        state.requests.push(format!("{} {}", request.method(), request.uri()));
        state.fault
    };
    match fault {
        RegistryFault::Down => return Err(io::ErrorKind::ConnectionAborted.into()),
        RegistryFault::Error => return respond(500, CONTENT_TYPE, error(50001, "Error in the backend data store")),
        RegistryFault::Html => {
            return respond(200, "text/html", "<!doctype html><title>Sign in</title><p>Please sign in.</p>".into());
        }
        RegistryFault::Slow(time) => sleep(time).await,
        RegistryFault::None | RegistryFault::Truncated => {}
    }
    let (status, text) = {
        let state = lock(&state);
        let given = request.headers().get("authorization").and_then(|value| value.to_str().ok());
        if state.login.is_some() && state.login.as_deref() != given {
            (401, error(40101, "Unauthorized"))
        } else if request.method() != Method::GET || !request.body().is_end_stream() {
            (405, error(405, "HTTP 405 Method Not Allowed"))
        } else {
            state.catalog.answer(request.uri().path(), request.uri().query().unwrap_or_default())
        }
    };
    if fault == RegistryFault::Truncated {
        let half = text.get(..text.len() / 2).unwrap_or_default().to_owned();
        return respond(status, CONTENT_TYPE, half);
    }
    respond(status, CONTENT_TYPE, text)
}

/// An error in the registry's own form.
fn error(code: u32, message: &str) -> String {
    Value::to_string(&json!({ "error_code": code, "message": message }))
}

fn respond(status: u16, content_type: &str, text: String) -> Result<Response<Body>, io::Error> {
    let response = Response::builder().status(status).header("content-type", content_type);
    response.body(Body::from(text)).map_err(io::Error::other)
}
