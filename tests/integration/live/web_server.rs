//! A web server in a namespace.

use std::{
    process::{Child, Stdio},
    time::Duration,
};

use super::network::{Network, await_true};

/// Answers each `POST` with a body of a fixed size; it ends with its owner.
pub(super) struct WebServer(Child);

impl WebServer {
    /// At port 8080 of an address, ready.
    pub(super) fn start(network: &Network, namespace: &str, address: &str, answer: usize) -> Self {
        let script = format!(
            "import http.server as h\n\
            class H(h.BaseHTTPRequestHandler):\n\
            \tdef do_POST(s):\n\
            \t\ts.rfile.read(int(s.headers['content-length']))\n\
            \t\ts.send_response(200); s.send_header('content-length', '{answer}'); s.end_headers()\n\
            \t\ts.wfile.write(b'x' * {answer})\n\
            \tdef log_message(s, *a): pass\n\
            h.HTTPServer(('{address}', 8080), H).serve_forever()\n"
        );
        let child = network.command(namespace, "python3").args(["-c", &script]).stdin(Stdio::null()).spawn().unwrap();
        let server = Self(child);
        let answers = || {
            let mut probe = network.command(namespace, "bash");
            probe.args(["-c", &format!("true >/dev/tcp/{address}/8080")]).stderr(Stdio::null());
            probe.status().unwrap().success()
        };
        await_true(Duration::from_mins(1), answers, || "no server".to_owned());
        server
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
