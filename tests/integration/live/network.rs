//! Pods on a node, made of network namespaces, veth pairs and a bridge; nothing leads further.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use crate::support::{Run, binary, root};

/// A node and its pods; all is taken down when it is dropped.
pub(crate) struct Network {
    prefix: String,
    pods: Vec<&'static str>,
}

/// A `landfall` that listens.
pub(crate) struct Listening {
    child: Child,
    folder: tempfile::TempDir,
}

/// Whether network namespaces can be made; `make test` asks for it.
pub(crate) fn is_possible() -> bool {
    let possible = Command::new("ip").args(["netns", "list"]).output().is_ok_and(|output| output.status.success())
        && fs::read_to_string("/proc/self/status").unwrap().lines().any(|line| line.starts_with("Uid:\t0\t"));
    assert!(possible || env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "live tests need root and iproute2");
    possible
}

impl Network {
    /// A node without pods.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let prefix = format!("lft{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let network = Self { prefix, pods: Vec::new() };
        network.add("node");
        // One that snoops would report of groups, too.
        network.ip("node", "link add bridge type bridge mcast_snooping 0");
        network.ip("node", "link set bridge addrgenmode none up");
        network
    }

    /// Adds a pod with an address; its host-side veth is `veth-NAME`, a port of the bridge.
    pub(crate) fn pod(mut self, name: &'static str, addresses: &[&str]) -> Self {
        self.pods.push(name);
        let namespace = self.namespace(name);
        self.add(name);
        self.ip("node", &format!("link add veth-{name} type veth peer name eth0 netns {namespace}"));
        self.ip("node", &format!("link set veth-{name} addrgenmode none mtu 65535 master bridge up"));
        self.ip(name, "link set lo up");
        self.ip(name, "link set eth0 addrgenmode none mtu 65535 up");
        for address in addresses {
            self.ip(name, &format!("address add {address} dev eth0"));
        }
        self.ip(name, "route add default dev eth0");
        self
    }

    /// Adds a pod as plugins do that route to each one: a veth pair without a bridge, whose host end `link` answers ARP
    /// for the gateway 169.254.1.1 and is `fe80::1`, and a route to each address.
    pub(crate) fn routed_pod(mut self, name: &'static str, link: &str, addresses: &[&str]) -> Self {
        self.pods.push(name);
        self.add(name);
        let namespace = self.namespace(name);
        self.ip("node", &format!("link add {link} type veth peer name eth0 netns {namespace}"));
        self.with_ipv6("node", link);
        self.with_ipv6(name, "eth0");
        self.ip("node", &format!("link set {link} addrgenmode none up"));
        self.ip("node", &format!("address add fe80::1/64 dev {link} nodad"));
        self.shell("node", &format!("echo 1 >/proc/sys/net/ipv4/conf/{link}/proxy_arp"));
        self.ip(name, "link set lo up");
        self.ip(name, "link set eth0 addrgenmode none up");
        self.ip(name, "address add fe80::2/64 dev eth0 nodad");
        for address in addresses {
            let (family, whole) = if address.contains(':') { ("-6", 128) } else { ("-4", 32) };
            let nodad = if whole == 128 { " nodad" } else { "" };
            self.ip(name, &format!("address add {address}/{whole} dev eth0{nodad}"));
            self.ip("node", &format!("{family} route add {address}/{whole} dev {link}"));
        }
        self.ip(name, "route add 169.254.1.1 dev eth0 scope link");
        self.ip(name, "route add default via 169.254.1.1 dev eth0");
        self.ip(name, "-6 route add default via fe80::1 dev eth0");
        self
    }

    /// Adds a host `outside` beyond the node's card `eth0`, with addresses. The node routes there by default.
    pub(crate) fn outside(mut self, addresses: &[&str]) -> Self {
        self.pods.push("outside");
        self.add("outside");
        let namespace = self.namespace("outside");
        self.ip("node", &format!("link add eth0 type veth peer name eth0 netns {namespace}"));
        for (name, host) in [("node", 1), ("outside", 2)] {
            self.with_ipv6(name, "eth0");
            self.ip(name, "link set eth0 addrgenmode none up");
            self.ip(name, "link set lo up");
            self.ip(name, &format!("address add 203.0.113.{host}/24 dev eth0"));
            self.ip(name, &format!("address add fe80::{host}/64 dev eth0 nodad"));
            self.ip(name, &format!("address add 2001:db8:ffff::{host}/64 dev eth0 nodad"));
        }
        self.ip("node", "route add default via 203.0.113.2");
        self.ip("node", "-6 route add default via 2001:db8:ffff::2");
        self.ip("outside", "route add default via 203.0.113.1");
        self.ip("outside", "-6 route add default via 2001:db8:ffff::1");
        for address in addresses {
            let whole = if address.contains(':') { 128 } else { 32 };
            self.ip("outside", &format!("address add {address}/{whole} dev lo"));
        }
        self.shell("node", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        self.shell("node", "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding");
        self
    }

    /// Allows IPv6 at an interface.
    fn with_ipv6(&self, name: &str, link: &str) {
        // `lo` holds the addresses of hosts that are asked.
        self.shell(name, &format!("for one in {link} lo; do echo 0 >/proc/sys/net/ipv6/conf/$one/disable_ipv6; done"));
    }

    /// Runs a line of shell in a namespace.
    pub(crate) fn shell(&self, name: &str, line: &str) {
        let output = self.command(name, "sh").args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Adds a namespace without IPv6: the kernel's own reports of groups would stand between the packets of a test.
    fn add(&self, name: &str) {
        run("ip", &["netns", "add", &self.namespace(name)]);
        let off = "for all in all default; do echo 1 >/proc/sys/net/ipv6/conf/$all/disable_ipv6; done";
        assert!(self.command(name, "sh").args(["-c", off]).status().unwrap().success());
    }

    pub(crate) fn namespace(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// Runs `ip` in a namespace.
    pub(crate) fn ip(&self, namespace: &str, arguments: &str) {
        let namespace = self.namespace(namespace);
        let mut all = vec!["-n", &namespace];
        all.extend(arguments.split(' '));
        run("ip", &all);
    }

    /// A command in a namespace.
    pub(crate) fn command(&self, namespace: &str, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(namespace), program]);
        command
    }

    /// Sends the frames of a file out of a pod.
    pub(crate) fn send(&self, pod: &str, frames: &Path, copies: u32) {
        let script = root().join("tests/integration/live/send.py");
        let mut command = self.command(pod, "python3");
        command.arg(script).arg("eth0").arg(frames).arg(copies.to_string());
        assert!(command.status().unwrap().success());
    }

    /// Bytes of IP that passed a veth, both ways, as the kernel counted them.
    pub(crate) fn ip_bytes(&self, veth: &str) -> u64 {
        let count = |what: &str| -> u64 {
            let file = format!("/sys/class/net/{veth}/statistics/{what}");
            let output = self.command("node", "cat").arg(file).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
        };
        count("rx_bytes") + count("tx_bytes") - 14 * (count("rx_packets") + count("tx_packets"))
    }

    /// Starts `landfall` on the node and waits until it says `word`.
    pub(crate) fn listen(&self, arguments: &[&str], word: &str) -> Listening {
        let mut command = self.command("node", binary().to_str().unwrap());
        command.args(arguments);
        Listening::start(command, word)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in self.pods.iter().copied().chain(["node"]) {
            let _ = Command::new("ip").args(["netns", "delete", &self.namespace(name)]).status();
        }
    }
}

impl Listening {
    pub(crate) fn start(mut command: Command, word: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| fs::File::create(folder.path().join(name)).unwrap();
        let child = command.stdin(Stdio::null()).stdout(file("out")).stderr(file("err")).spawn().unwrap();
        let listening = Self { child, folder };
        listening.await_remark(word);
        listening
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn stdout(&self) -> String {
        fs::read_to_string(self.path("out")).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        fs::read_to_string(self.path("err")).unwrap()
    }

    pub(crate) fn await_remark(&self, word: &str) {
        await_true(Duration::from_mins(1), || self.stderr().contains(word), || self.stderr());
    }

    pub(crate) fn signal(&self, signal: &str) {
        run("kill", &[signal, &self.child.id().to_string()]);
    }

    /// Asks it to stop and takes what it said.
    pub(crate) fn stop(mut self) -> Run {
        self.signal("-INT");
        let status = self.child.wait().unwrap().code().expect("no signal ended it");
        Run { status, stdout: self.stdout(), stderr: self.stderr() }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until something holds; how long it took.
pub(crate) fn await_true(patience: Duration, holds: impl Fn() -> bool, tell: impl Fn() -> String) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < patience, "{}", tell());
        sleep(Duration::from_millis(20));
    }
    begun.elapsed()
}

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}
