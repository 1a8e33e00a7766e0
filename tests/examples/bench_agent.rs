//! The agent on a node under many short connections (P5): `make bench-agent` runs it, as root.
//!
//!     bench_agent [CONNECTIONS-A-SECOND [SECONDS]]        10000 and 60 s, if not told otherwise
//!
//! Four pods and a node, made of network namespaces without a way out, each pod with a veth of its own. Clients in the
//! pods open connections to servers at the node, exchange a request and an answer and close them. The agent captures the
//! node's ends of the veths, learns of the pods from an API server and delivers to an operator, both played by this program.
#![expect(clippy::print_stdout, reason = "prints figures")]

#[path = "bench_agent/agent.rs"]
mod agent;
#[path = "bench_agent/network.rs"]
mod network;
#[path = "bench_agent/servers.rs"]
mod servers;
#[path = "bench_agent/traffic.rs"]
mod traffic;

use std::{
    error::Error,
    fs, io,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use self::{
    agent::{Agent, State},
    network::Network,
    servers::{ApiServer, Operator},
    traffic::Traffic,
};

/// As long as it takes until as many flows leave the agent's table as come, and twice that.
const WARM_UP: Duration = Duration::from_secs(10);
/// Until the last flows have left the table.
const SETTLING: Duration = Duration::from_secs(8);

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse::<u32>());
    let rate = arguments.next().transpose()?.unwrap_or(10_000);
    let seconds = arguments.next().transpose()?.unwrap_or(60);
    let network = Network::new()?;
    let api_server = ApiServer::start()?;
    let operator = Operator::start()?;
    let folder = tempfile::tempdir()?;
    let agent = Agent::start(folder.path(), &network, &api_server, &operator)?;
    let traffic = Traffic::start(&network, rate)?;
    thread::sleep(WARM_UP);

    println!("{rate} connections a second asked for, {seconds} s; load {}", load()?);
    let (before, made_before, began) = (agent.state()?, traffic.made(), Instant::now());
    thread::sleep(Duration::from_secs(seconds.into()));
    let (after, made) = (agent.state()?, traffic.made() - made_before);
    println!("| what | measured | limit |\n|---|---|---|");
    print_rates(&before, &after, made, began.elapsed());

    let made = traffic.stop()?;
    thread::sleep(SETTLING);
    let bytes = agent.stop()?;
    let taken = operator.taken();
    let count = |counter: &AtomicU64| counter.load(Ordering::Acquire);
    println!("| connections in observations, of all made | {} of {made} | all |", count(&taken.connections));
    println!("| bytes in observations, of all taken in | {} of {bytes} | all |", count(&taken.bytes));
    println!("| observations, in deliveries | {} in {} | |", count(&taken.observations), count(&taken.deliveries));
    println!("load at the end {}", load()?);
    Ok(())
}

/// What the agent took while so many connections were made.
fn print_rates(before: &State, after: &State, made: u64, lasted: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let a_second = |count: u64| count as f64 / lasted.as_secs_f64();
    let cores = |after: Duration, before: Duration| after.saturating_sub(before).as_secs_f64() / lasted.as_secs_f64();
    let opened = a_second(after.flows_opened - before.flows_opened);
    let all = cores(after.processor, before.processor);
    println!("| connections made a second | {:.0} | |", a_second(made));
    println!("| new flows a second, as the agent saw them | {opened:.0} | 10,000 |");
    println!("| cores | {all:.3} | 0.25 |");
    println!("| cores for 10,000 new flows a second | {:.3} | 0.25 |", all * 10_000.0 / opened);
    for (name, spent) in &after.threads {
        println!(
            "| cores, thread {name} | {:.3} | |",
            cores(*spent, before.threads.get(name).copied().unwrap_or_default())
        );
    }
    println!("| peak resident memory, MiB | {} | 128 |", after.peak >> 20);
    println!("| of it ring and program, MiB | {} | |", after.files >> 20);
    println!("| flow table, MiB | {} | 64 |", after.flow_memory >> 20);
    println!("| flows under way | {} | {:.0}: closed ones leave within 5 s |", after.flows, opened * 5.0);
    println!("| frames dropped | {} | 0 |", after.dropped);
}

/// How busy the machine is.
fn load() -> io::Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}
