//! Two networks, each a namespace behind a veth pair. This side is in a namespace of its own as well: nothing leads further, and no
//! address is one of the machine's.

use std::{
    fs::File,
    io,
    net::{IpAddr, Ipv4Addr},
    process::Command,
    thread,
};

use nix::sched::{CloneFlags, setns, unshare};

use crate::Failure;

/// Where eu-central listens for each network.
pub(crate) const EU: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
pub(crate) const US: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1));
/// Where us-east listens.
pub(crate) const US_EAST: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 2));
/// The networks: name, addresses of this side, address of the reader.
const NETWORKS: [(&str, &[IpAddr], Ipv4Addr); 2] =
    [("eu", &[EU], Ipv4Addr::new(192, 0, 2, 10)), ("us", &[US, US_EAST], Ipv4Addr::new(198, 51, 100, 10))];

/// The networks; they are taken down when it is dropped.
#[derive(Debug)]
pub(crate) struct Network {
    id: u32,
}

impl Network {
    /// Before any thread or server is started: they are where this one is.
    pub(crate) fn new() -> Result<Self, Failure> {
        let network = Self { id: std::process::id() };
        unshare(CloneFlags::CLONE_NEWNET)
            .map_err(|error| format!("no namespace of our own: {error} (it needs root)"))?;
        run(&["link", "set", "lo", "up"])?;
        for (name, own, reader) in NETWORKS {
            let (namespace, device) = (network.namespace(name), network.device(name));
            run(&["netns", "add", &namespace])?;
            run(&["link", "add", &device, "type", "veth", "peer", "name", "eth0", "netns", &namespace])?;
            for address in own {
                run(&["address", "add", &format!("{address}/24"), "dev", &device])?;
            }
            run(&["link", "set", &device, "up"])?;
            run(&["-n", &namespace, "address", "add", &format!("{reader}/24"), "dev", "eth0"])?;
            run(&["-n", &namespace, "link", "set", "eth0", "up"])?;
        }
        Ok(network)
    }

    /// The address of the reader of a network.
    pub(crate) fn reader(name: &str) -> Option<Ipv4Addr> {
        NETWORKS.iter().find(|(known, ..)| *known == name).map(|(_, _, reader)| *reader)
    }

    /// Starts a thread in a network: its sockets, and those of threads that it starts, are there.
    pub(crate) fn spawn(
        &self,
        name: &str,
        work: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<thread::JoinHandle<io::Result<()>>> {
        let namespace = File::open(format!("/run/netns/{}", self.namespace(name)))?;
        Ok(thread::spawn(move || {
            setns(namespace, CloneFlags::CLONE_NEWNET)?;
            work()
        }))
    }

    fn namespace(&self, name: &str) -> String {
        format!("lfk{}-{name}", self.id)
    }

    fn device(&self, name: &str) -> String {
        format!("lfk{}{name}", self.id)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for (name, ..) in NETWORKS {
            // With one end of the pair the other one goes; it is missing if it could not be made.
            let _ = run(&["link", "delete", &self.device(name)]);
            let _ = run(&["netns", "delete", &self.namespace(name)]);
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("ip {}: {} (it needs root)", arguments.join(" "), told.trim()).into())
}
