//! A node and its pods, made of network namespaces and veth pairs; nothing leads further.

use std::{fs::File, io, net::Ipv4Addr, process::Command, thread};

use nix::sched::{CloneFlags, setns};

use crate::Failure;

/// Pods, each with the last part of its address.
pub(crate) const PODS: [(&str, u8); 4] = [("crm", 10), ("voice", 11), ("mail", 12), ("sync", 13)];
/// Addresses of servers, in two networks.
pub(crate) const SERVERS: [Ipv4Addr; 8] = [
    Ipv4Addr::new(198, 51, 100, 1),
    Ipv4Addr::new(198, 51, 100, 2),
    Ipv4Addr::new(198, 51, 100, 3),
    Ipv4Addr::new(198, 51, 100, 4),
    Ipv4Addr::new(203, 0, 113, 1),
    Ipv4Addr::new(203, 0, 113, 2),
    Ipv4Addr::new(203, 0, 113, 3),
    Ipv4Addr::new(203, 0, 113, 4),
];

/// The namespaces; they are taken down when it is dropped.
#[derive(Debug)]
pub(crate) struct Network {
    prefix: String,
}

impl Network {
    pub(crate) fn new() -> Result<Self, Failure> {
        let network = Self { prefix: format!("lfb{}", std::process::id()) };
        network.add("node")?;
        for server in SERVERS {
            network.ip("node", &format!("address add {server}/32 dev lo"))?;
        }
        for (pod, last) in PODS {
            network.add(pod)?;
            let namespace = network.namespace(pod);
            network.ip("node", &format!("link add veth-{pod} type veth peer name eth0 netns {namespace}"))?;
            network.ip("node", &format!("link set veth-{pod} addrgenmode none up"))?;
            network.ip("node", &format!("route add 192.0.2.{last}/32 dev veth-{pod}"))?;
            network.ip(pod, "link set eth0 addrgenmode none up")?;
            network.ip(pod, &format!("address add 192.0.2.{last}/32 dev eth0"))?;
            network.ip(pod, "route add default dev eth0")?;
        }
        Ok(network)
    }

    pub(crate) fn namespace(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Starts a thread in a namespace; its sockets are there.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        name: &str,
        work: impl FnOnce() -> io::Result<T> + Send + 'static,
    ) -> io::Result<thread::JoinHandle<io::Result<T>>> {
        let namespace = File::open(format!("/run/netns/{}", self.namespace(name)))?;
        Ok(thread::spawn(move || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            work()
        }))
    }

    fn add(&self, name: &str) -> Result<(), Failure> {
        run("ip", &["netns", "add", &self.namespace(name)])?;
        self.ip(name, "link set lo up")
    }

    fn ip(&self, namespace: &str, arguments: &str) -> Result<(), Failure> {
        let namespace = self.namespace(namespace);
        let mut all = vec!["-n", &namespace];
        all.extend(arguments.split(' '));
        run("ip", &all)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in PODS.iter().map(|(name, _)| *name).chain(["node"]) {
            // It is missing if it could not be made.
            let _ = run("ip", &["netns", "delete", &self.namespace(name)]);
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), Failure> {
    let output = Command::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
}
