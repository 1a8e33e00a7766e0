//! A server on loopback that answers as a test says.

use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use crate::kafka::service::{Service, ServiceUrl};

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Json(u16, String),
    Page(String),
    Redirect(String),
    /// Bytes that are no HTTP.
    Bytes(Vec<u8>),
    /// The connection is closed.
    Close,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// Method and path.
    pub(super) line: String,
    pub(super) authorization: Option<String>,
}

#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct State {
    /// By path; a path that is not there is answered as an unknown schema.
    replies: BTreeMap<String, Reply>,
    /// For all paths.
    always: Option<Reply>,
    asked: Vec<Asked>,
    is_over: bool,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.lock().unwrap().is_over {
                    return;
                }
                // A client that went away is no failure of the test.
                let _ = stream.and_then(|stream| serve(&stream, &shared));
            }
        });
        Self { address, state, thread: Some(thread) }
    }

    pub(super) fn url(&self) -> ServiceUrl {
        format!("http://{}", self.address).parse().unwrap()
    }

    pub(super) fn settings(&self) -> Service {
        Service::new(self.url())
    }

    /// Answers a path in this way from now on.
    pub(super) fn on(&self, path: &str, reply: Reply) {
        self.state.lock().unwrap().replies.insert(path.to_owned(), reply);
    }

    /// Answers every path in this way from now on, or each in its own again.
    pub(super) fn always(&self, reply: Option<Reply>) {
        self.state.lock().unwrap().always = reply;
    }

    /// All requests so far.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.lock() {
            state.is_over = true;
        }
        // Wakes the thread, which else waits for the next client.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    let line = first.trim_end_matches(" HTTP/1.1").to_owned();
    let mut authorization = None;
    for header in lines {
        let header = header?;
        match header.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => authorization = Some(value.to_owned()),
            None if header.is_empty() => break,
            _ => {}
        }
    }
    let reply = {
        let mut state = state.lock().unwrap();
        let path = line.split_once(' ').map_or("", |(_, path)| path);
        let unknown = || Reply::Json(404, r#"{"error_code": 40403, "message": "Schema not found"}"#.to_owned());
        let reply = state.always.clone().or_else(|| state.replies.get(path).cloned()).unwrap_or_else(unknown);
        state.asked.push(Asked { line, authorization });
        reply
    };
    let head = |status: u16, rest: &str, body: &str| {
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n{rest}\r\n{body}", body.len())
    };
    match reply {
        Reply::Json(status, body) => {
            stream.write_all(head(status, "Content-Type: application/json\r\n", &body).as_bytes())
        }
        Reply::Page(body) => stream.write_all(head(200, "Content-Type: text/html\r\n", &body).as_bytes()),
        Reply::Redirect(to) => stream.write_all(head(302, &format!("Location: {to}\r\n"), "").as_bytes()),
        Reply::Bytes(bytes) => stream.write_all(&bytes),
        Reply::Close => Ok(()),
    }
}
