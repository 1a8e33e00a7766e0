//! Load on the operator (P8): agents that speak the agents' protocol, each over a TLS connection of its own, deliver
//! 50 observations every 10 s to a real operator beside a real API server. `make bench-operator` runs it.
//!
//!     bench_ingest [AGENTS [SECONDS]]        1000 agents and 60 s, if not told otherwise
#![expect(clippy::print_stdout, reason = "prints figures")]

#[path = "load/observing.rs"]
mod observing;
#[path = "load/process.rs"]
mod process;

use std::{
    error::Error,
    fs,
    path::Path,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use landfall_tests::{
    cluster::{ControlPlane, Options},
    intake::{self, Intake},
    operator::{Operator, install},
};

const OBSERVATIONS: u64 = 50;
const EVERY: Duration = Duration::from_secs(10);
/// Registered recipients, and one that is not.
const HOSTS: [&str; 5] =
    ["eu.api.openai.com", "api.twilio.com", "graph.facebook.com", "api.anthropic.com", "collector.stranger.example"];

type Failure = Box<dyn Error + Send + Sync>;

/// What agents met.
#[derive(Debug, Default)]
struct Met {
    latencies: Vec<Duration>,
    refused: Vec<String>,
}

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let agents = arguments.next().transpose()?.unwrap_or(1_000);
    let seconds = arguments.next().transpose()?.unwrap_or(60);
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "a provider of TLS was set before")?;
    let runtime = tokio::runtime::Runtime::new()?;
    let plane = runtime.block_on(ControlPlane::start(Options::default()))?;
    let kubeconfig = runtime.block_on(install(&plane))?;
    let token = runtime.block_on(plane.token("landfall-system", "landfall-agent", Some("landfall-operator")))?;
    let folder = tempfile::tempdir()?;
    let one_core = ["taskset", "-c", "0"];
    let operator = Operator::start(folder.path(), &kubeconfig, &one_core, &["--log-level", "warn", "--seal", "20s"])?;
    operator.await_ready(Duration::from_mins(1))?;
    let intake = Intake::of(&operator, &intake::authority(&plane)?)?;

    println!(
        "{agents} agents, {OBSERVATIONS} observations each every {EVERY:?}, for {seconds} s; operator on one core"
    );
    let met = Arc::new(Mutex::new(Met::default()));
    let began = Instant::now();
    let load: Vec<_> = (0..16)
        .map(|worker| {
            let (met, token, intake) = (Arc::clone(&met), token.clone(), intake.clone());
            thread::spawn(move || deliver(worker, agents, seconds, &intake, &token, &met))
        })
        .collect();
    let mut at_half = None;
    while load.iter().any(|thread| !thread.is_finished()) {
        if at_half.is_none() && began.elapsed() >= Duration::from_secs(seconds) / 2 {
            at_half = Some((writes(&plane)?, began.elapsed()));
        }
        thread::sleep(Duration::from_secs(10).min(Duration::from_secs(seconds) / 4));
        println!("  {:>4.0} s: {}", began.elapsed().as_secs_f64(), state(&operator, folder.path())?);
    }
    for thread in load {
        thread.join().map_err(|_| "a thread of the load failed")??;
    }
    let (all, lasted) = (writes(&plane)?, began.elapsed());
    if let Some((first, half)) = at_half {
        let rate =
            |writes: usize, time: Duration| f64::from(u32::try_from(writes).unwrap_or(u32::MAX)) / time.as_secs_f64();
        println!(
            "  writes to the API server a second: {:.1} in the first half, {:.1} in the second (at most 5 at steady state)",
            rate(first, half),
            rate(all - first, lasted.saturating_sub(half))
        );
    }
    let mut met = std::mem::take(&mut *met.lock().map_err(|_| "a thread of the load failed")?);
    met.latencies.sort();
    let at = |percent: usize| met.latencies.get(met.latencies.len() * percent / 100).copied().unwrap_or_default();
    println!("  batches acknowledged {}, refused {} {:?}", met.latencies.len(), met.refused.len(), met.refused.first());
    println!(
        "  acknowledgement p50 {:?}, p99 {:?}, worst {:?} (p99 at most 1 s)",
        at(50),
        at(99),
        met.latencies.last()
    );
    println!("  before sealing: {}", state(&operator, folder.path())?);
    let count = met.latencies.len() as u64 * OBSERVATIONS;
    operator.stop()?;
    let (database, segments) = sizes(folder.path());
    println!(
        "  after: {count} observations; segments {} bytes each, database {database} bytes",
        segments / count.max(1)
    );
    Ok(())
}

/// Writes of the operator to the API server so far; reviews of tokens are questions.
fn writes(plane: &ControlPlane) -> Result<usize, Failure> {
    let user = "system:serviceaccount:landfall-system:landfall-operator";
    let is_write = |verb: &str| ["create", "update", "patch", "delete"].contains(&verb);
    let entries = plane.audit()?;
    let ours = entries.iter().filter(|entry| entry.user == user && is_write(&entry.verb));
    Ok(ours.filter(|entry| entry.resource != "tokenreviews").count())
}

/// Memory, processor time, and what is on the disk.
fn state(operator: &Operator, folder: &Path) -> Result<String, Failure> {
    let resident = process::memory(operator.pid(), "VmRSS")?;
    let processor = process::processor(operator.pid())?;
    let (database, segments) = sizes(folder);
    let value = |name: &str| operator.metric(name).unwrap_or_default();
    Ok(format!(
        "resident {resident}, processor {processor:?}, taken {}, not sealed {}, database {} MB, segments {} MB",
        value("landfall_observations_total{result=\"taken\"}"),
        value("landfall_ledger_records_pending"),
        database >> 20,
        segments >> 20,
    ))
}

/// One thread's share of the agents.
fn deliver(
    worker: u64,
    agents: u64,
    seconds: u64,
    intake: &Intake,
    token: &str,
    met: &Mutex<Met>,
) -> Result<(), Failure> {
    let mut mine: Vec<_> = (worker..agents).step_by(16).map(|agent| (agent, 0, intake.client())).collect();
    let began = Instant::now();
    for round in 0.. {
        for (agent, seq, client) in &mut mine {
            // Spread over the ten seconds, as agents that start when they like are.
            let due = EVERY * round + EVERY * u32::try_from(*agent)? / u32::try_from(agents)?;
            if due >= Duration::from_secs(seconds) {
                return Ok(());
            }
            thread::sleep(due.saturating_sub(began.elapsed()));
            let body = zstd::encode_all(batch(*agent, seq).as_bytes(), 3)?;
            let sent = Instant::now();
            let (status, text) = intake.deliver(client, token, &body, Some("zstd"))?;
            let mut met = met.lock().map_err(|_| "a thread of the load failed")?;
            if (200..300).contains(&status) {
                met.latencies.push(sent.elapsed());
            } else {
                met.refused.push(text);
            }
        }
    }
    Ok(())
}

/// What an agent of a node with ten workloads sends: each to the five hosts.
fn batch(agent: u64, seq: &mut u64) -> String {
    let node = format!("node-{agent}");
    let mut lines = String::new();
    for (index, host) in (0..OBSERVATIONS).zip(HOSTS.iter().cycle()) {
        let workload = format!("service-{}", (agent * 10 + index / 5) % 400);
        lines += &observing::line(&node, *seq, ("crm", &workload), host, 4_321 + *seq % 1_000);
        *seq += 1;
    }
    lines
}

/// Bytes of the database and of the segments.
fn sizes(folder: &Path) -> (u64, u64) {
    let of = |folder: &Path, prefix: &str| -> u64 {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
            .filter_map(|entry| entry.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    };
    (of(&folder.join("ledger"), "ledger.db"), of(&folder.join("ledger/segments"), ""))
}
