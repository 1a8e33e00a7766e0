//! The agent's process, and what it takes.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};

use landfall_tests::{built, cluster::free_address};

use crate::{
    Failure,
    network::Network,
    servers::{ApiServer, Operator},
};

const PATIENCE: Duration = Duration::from_secs(20);
/// What `/proc` counts processor time in (`CLK_TCK`, 100 a second on Linux).
const TICK: Duration = Duration::from_millis(10);

/// A running agent; dropped, it is ended.
#[derive(Debug)]
pub(crate) struct Agent {
    child: Child,
    listen: SocketAddr,
}

/// What an agent has taken and seen so far.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) processor: Duration,
    /// Processor time by the name of the thread.
    pub(crate) threads: BTreeMap<String, Duration>,
    /// Bytes of memory at the most.
    pub(crate) peak: u64,
    /// Bytes of it that are mapped from files and the ring.
    pub(crate) files: u64,
    pub(crate) flows: u64,
    pub(crate) flows_opened: u64,
    pub(crate) flow_memory: u64,
    pub(crate) dropped: u64,
}

impl Agent {
    /// Starts one as the DaemonSet does, with the defaults; returns when it knows its pods.
    pub(crate) fn start(
        folder: &Path,
        network: &Network,
        api_server: &ApiServer,
        operator: &Operator,
    ) -> Result<Self, Failure> {
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: bench\n\
            contexts: [{{name: bench, context: {{cluster: bench, user: bench}}}}]\n\
            users: [{{name: bench, user: {{}}}}]\n\
            clusters: [{{name: bench, cluster: {{server: 'http://{}'}}}}]\n",
            api_server.address
        );
        for (name, text) in [("kubeconfig", &*kubeconfig), ("ca.crt", &operator.authority), ("token", "token")] {
            fs::write(folder.join(name), text)?;
        }
        let listen = free_address()?;
        let operator = format!("https://localhost:{}", operator.address.port());
        // However the benchmark ends, the agent does.
        let mut command = Command::new("setsid");
        command.args(["setpriv", "--pdeathsig", "KILL"]).arg(built("landfall-agent")?);
        command.args(["--cluster", "bench", "--node-name", "node-1", "--interface", "veth-*"]);
        command.args(["--local-network", "192.0.2.0/24", "--log-format", "text", "--log-level", "warn"]);
        command.arg("--netns").arg(format!("/run/netns/{}", network.namespace("node")));
        command.args(["--operator-url", &operator, "--listen", &listen.to_string()]);
        command.arg("--ca-file").arg(folder.join("ca.crt")).arg("--token-file").arg(folder.join("token"));
        command.arg("--spool").arg(folder.join("spool")).arg("--kubeconfig").arg(folder.join("kubeconfig"));
        let agent = Self { child: command.spawn()?, listen };
        let began = Instant::now();
        while agent.metrics().and_then(|all| value(&all, "pods")).unwrap_or_default() == 0 {
            if began.elapsed() > PATIENCE {
                return Err("the agent does not know its pods".into());
            }
            thread::sleep(Duration::from_millis(100));
        }
        // What a container's request of processor time does: a share beside the traffic, not one thread's among its many.
        // A kernel without groups by session has no such file.
        let _ = fs::write(format!("/proc/{}/autogroup", agent.child.id()), "-10");
        Ok(agent)
    }

    pub(crate) fn state(&self) -> Result<State, Failure> {
        let process = format!("/proc/{}", self.child.id());
        let mut threads = BTreeMap::new();
        for thread in fs::read_dir(format!("{process}/task"))? {
            let folder = thread?.path();
            let name = fs::read_to_string(folder.join("comm"))?.trim().to_owned();
            *threads.entry(name).or_default() += processor(&folder)?;
        }
        let status = fs::read_to_string(format!("{process}/status"))?;
        let bytes = |field: &str| -> Result<u64, Failure> {
            let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
            let number = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no such field")?;
            Ok(number.trim().parse::<u64>()? << 10)
        };
        let metrics = self.metrics()?;
        Ok(State {
            processor: processor(Path::new(&process))?,
            threads,
            peak: bytes("VmHWM")?,
            files: bytes("RssFile")? + bytes("RssShmem")?,
            flows: value(&metrics, "flows")?,
            flows_opened: value(&metrics, "flows_opened_total")?,
            flow_memory: value(&metrics, "flow_memory_bytes")?,
            dropped: value(&metrics, "dropped_frames_total")?,
        })
    }

    /// Stops it as a node does, and waits until it has sent what it had; how many bytes it took in.
    pub(crate) fn stop(mut self) -> Result<u64, Failure> {
        let bytes = value(&self.metrics()?, "ip_bytes_total")?;
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let status = self.child.wait()?;
        if status.success() { Ok(bytes) } else { Err(format!("the agent ended with {status}").into()) }
    }

    fn metrics(&self) -> Result<String, Failure> {
        let mut stream = TcpStream::connect(self.listen)?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn value(metrics: &str, name: &str) -> Result<u64, Failure> {
    let found =
        metrics.lines().find_map(|line| line.strip_prefix("landfall_agent_")?.strip_prefix(name)?.strip_prefix(' '));
    Ok(found.ok_or_else(|| format!("no metric {name}"))?.parse()?)
}

/// Time in user and kernel mode, of a process or a thread.
fn processor(folder: &Path) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(folder.join("stat"))?;
    // The name, in brackets, may hold anything.
    let (_, fields) = stat.rsplit_once(") ").ok_or("no such process")?;
    let ticks: Result<Vec<u32>, _> = fields.split(' ').skip(11).take(2).map(str::parse).collect();
    Ok(TICK * ticks?.iter().sum::<u32>())
}
