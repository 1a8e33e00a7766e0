//! A local port that kubectl forwards to a pod.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::kubectl::cluster::Scope;

/// The HTTPS port of the operator.
const PORT: u16 = 8443;

/// A running port-forward, ended when it is dropped.
#[derive(Debug)]
pub(super) struct Forward {
    child: Child,
    address: SocketAddr,
}

impl Forward {
    /// Lets kubectl choose a free port and forward it.
    pub(super) fn start(scope: &Scope, namespace: &str, pod: &str) -> anyhow::Result<Self> {
        let mut command = Command::new("kubectl");
        if let Some(file) = &scope.kubeconfig {
            command.arg("--kubeconfig").arg(file);
        }
        if let Some(context) = &scope.context {
            command.args(["--context", context]);
        }
        command.args(["-n", namespace, "port-forward", &format!("pod/{pod}"), &format!(":{PORT}")]);
        // kubectl prints its own errors to stderr.
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.context("failed to run kubectl port-forward (--server connects without it)")?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.as_mut() {
            BufReader::new(stdout).read_line(&mut line).context("failed to read the output of kubectl port-forward")?;
        }
        let Some(address) = forwarded(&line) else {
            let _ = child.kill();
            let _ = child.wait();
            bail!("kubectl port-forward to the pod {namespace}/{pod} failed (--server connects without it)")
        };
        Ok(Self { child, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Forward {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address in `Forwarding from 127.0.0.1:40123 -> 8443`.
fn forwarded(line: &str) -> Option<SocketAddr> {
    line.strip_prefix("Forwarding from ")?.split_once(" -> ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_that_kubectl_chose_is_read() {
        let v4 = forwarded("Forwarding from 127.0.0.1:40123 -> 8443\n");
        assert_eq!(v4, Some("127.0.0.1:40123".parse().unwrap()));
        assert_eq!(forwarded("Forwarding from [::1]:40123 -> 8443\n"), Some("[::1]:40123".parse().unwrap()));
        for odd in ["", "error: timed out", "Forwarding from -> 8443"] {
            assert_eq!(forwarded(odd), None, "{odd}");
        }
    }
}
