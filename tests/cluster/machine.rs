//! A machine of the cluster: network, mount and host name of its own, kept by a process that sleeps.
//!
//! Process and cgroup namespaces stay the host's on purpose: programs in pods see the ids that the kernel
//! reports to the agent.

use std::{
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    ClusterError,
    network::{Forwarder, Network},
    process::{Daemon, Folder, MARK},
};

const START_LIMIT: Duration = Duration::from_secs(10);

/// A running machine. Dropped, it is gone with its network, once nothing runs in it.
#[derive(Debug)]
pub struct Machine {
    holder: Daemon,
    name: String,
    address: Ipv4Addr,
    network: Network,
    folder: Folder,
    forwarders: Vec<Forwarder>,
}

impl Machine {
    pub(super) fn create(folder: &Folder, name: &str, address: Ipv4Addr) -> Result<Self, ClusterError> {
        let unshare = ["unshare", "-n", "-m", "-u", "--propagation", "private", "sleep", "infinity"].map(str::to_owned);
        let mut holder = folder.start(&format!("machine-{name}"), &[], &unshare)?;
        let process = Path::new("/proc").join(holder.pid().to_string());
        let began = Instant::now();
        // It sleeps once it is in its namespaces.
        while fs::read_to_string(process.join("comm")).unwrap_or_default().trim() != "sleep" {
            holder.alive()?;
            if began.elapsed() > START_LIMIT {
                let what = format!("machine {name}");
                return Err(ClusterError::Timeout { what, limit: START_LIMIT, log: holder.log_end() });
            }
            thread::sleep(Duration::from_millis(2));
        }
        folder.write(&format!("pid/{name}"), holder.pid().to_string())?;
        let network = Network::of_process(holder.pid()).map_err(ClusterError::file("open the network of", process))?;
        let machine =
            Self { holder, name: name.to_owned(), address, network, folder: folder.clone(), forwarders: Vec::new() };
        machine.shell(
            r#"hostname "$1"; ip link set lo up
            echo 1 >/proc/sys/net/ipv4/ip_forward
            # Whoever forwards back where it came from would tell the sender a shorter way, past the counters.
            for scope in all default; do echo 0 >"/proc/sys/net/ipv4/conf/$scope/send_redirects"; done"#,
            &[name],
        )?;
        Ok(machine)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// In the network of the machines.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The process that holds its namespaces, for `nsenter` and `/proc/PID/ns/net`.
    pub fn pid(&self) -> u32 {
        self.holder.pid()
    }

    /// Runs a program in the machine to its end; gives what it wrote to standard output.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<String, ClusterError> {
        let around = self.around();
        let output = Command::new(&around[0])
            .args(&around[1..])
            .arg(program)
            .args(arguments)
            .env(MARK, &self.folder.path)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| ClusterError::Start { program: program.to_owned(), source })?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(ClusterError::Command {
            command: format!("{program} {} in {}", arguments.first().unwrap_or(&""), self.name),
            output: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        })
    }

    /// Runs shell commands in the machine, to the first that fails; `arguments` are `$1` and so on.
    pub fn shell(&self, script: &str, arguments: &[&str]) -> Result<String, ClusterError> {
        self.run("bash", &[&["-euc", script, "bash"], arguments].concat())
    }

    /// Starts a program in the machine that runs until it is dropped; it writes to `log/NAME.log`.
    pub fn start(&self, name: &str, command: &[&str]) -> Result<Daemon, ClusterError> {
        let command: Vec<String> = command.iter().map(|&part| part.to_owned()).collect();
        self.folder.start(name, &self.around(), &command)
    }

    /// Lets who is in the machine reach a port of the test's own loopback under a port of the machine's address.
    pub fn expose(&mut self, port: u16, on_loopback: u16) -> Result<SocketAddr, ClusterError> {
        let at = SocketAddr::from((self.address, port));
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, on_loopback));
        self.forward(self.network.clone(), at, Network::Own, target)
    }

    /// A port of the test's loopback that leads to an address as the machine sees it.
    pub fn reach(&mut self, target: SocketAddr) -> Result<SocketAddr, ClusterError> {
        self.forward(Network::Own, super::network::any_port(), self.network.clone(), target)
    }

    fn forward(
        &mut self,
        from: Network,
        at: SocketAddr,
        to: Network,
        target: SocketAddr,
    ) -> Result<SocketAddr, ClusterError> {
        let forwarder = Forwarder::start(from, at, to, target)
            .map_err(|source| ClusterError::Start { program: format!("the forwarder to {target}"), source })?;
        let address = forwarder.address();
        self.forwarders.push(forwarder);
        Ok(address)
    }

    /// What puts a command into the machine. `nsenter` becomes the command, so that its id is the command's.
    pub fn around(&self) -> Vec<String> {
        let pid = self.pid().to_string();
        ["nsenter", "-t", &pid, "-n", "-m", "-u", "--"].map(str::to_owned).to_vec()
    }

    /// Does something on a thread of the test that is in the machine's network: sockets, and the programs and threads that
    /// it starts, are there.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> Result<T, ClusterError> {
        let failed = |source| ClusterError::Start { program: format!("a thread in {}", self.name), source };
        self.network.inside(work).map_err(failed)
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }
}
