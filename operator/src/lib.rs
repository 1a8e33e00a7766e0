//! The operator: takes observations in, judges them against the register in the cluster, acts.
//!
//! So far it runs and says that it does: `GET /healthz`. It never sees packets, detectors or
//! address databases; those are the agent's.

mod health;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::Parser;
use tokio::{net::TcpListener, runtime, signal};

/// Judges what agents observe. So far it serves /healthz.
#[derive(Debug, Parser)]
#[command(name = "landfall-operator", version, after_help = "Example:\n  landfall-operator --listen 127.0.0.1:8080")]
pub struct Args {
    /// Address to serve /healthz on; port 0 takes a free one and prints it.
    #[arg(long, default_value = "127.0.0.1:8080", env = "LANDFALL_LISTEN")]
    listen: SocketAddr,
}

impl Args {
    /// Runs until SIGINT; errors go to stderr.
    pub fn run(self) -> ExitCode {
        match self.serve() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                let _ = writeln!(io::stderr(), "error: {error:#}");
                ExitCode::from(2)
            }
        }
    }

    fn serve(self) -> anyhow::Result<()> {
        let Self { listen } = self;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().context("failed to start")?;
        runtime.block_on(async {
            let listener = TcpListener::bind(listen).await.with_context(|| format!("failed to listen on {listen}"))?;
            let address = listener.local_addr().context("failed to read the address")?;
            writeln!(io::stdout(), "listening on {address}").context("failed to write to stdout")?;
            let stop = async {
                // Without a handler there is nothing to wait for; serve until killed.
                if signal::ctrl_c().await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            axum::serve(listener, health::router()).with_graceful_shutdown(stop).await.context("failed to serve")
        })
    }
}
