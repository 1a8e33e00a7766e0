//! Whether the process lives: `GET /healthz`.

use axum::{Router, routing::get};

/// The routes.
pub(crate) fn router() -> Router {
    Router::new().route("/healthz", get(async || "ok\n"))
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read as _, Write as _},
        net::TcpStream,
    };

    use super::*;

    fn status_line(path: &str) -> String {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move { axum::serve(listener, router()).await });
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.lines().next().unwrap().to_owned()
    }

    #[test]
    fn healthz_answers_and_nothing_else_does() {
        assert_eq!(status_line("/healthz"), "HTTP/1.1 200 OK");
        assert_eq!(status_line("/"), "HTTP/1.1 404 Not Found");
    }
}
