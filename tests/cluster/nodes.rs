//! Machines with pods beside the control plane.

mod configuration;
mod node;

use std::{
    env, fs,
    net::{Ipv4Addr, SocketAddr},
    ops::{Deref, DerefMut},
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use k8s_openapi::api::core::v1;
use kube::Api;
use serde_json::json;

use self::configuration::{SANDBOX_IMAGE, Settings};
pub use self::node::Node;
use super::{
    ClusterError, ControlPlane, Image, Machine, Options, Programs,
    control_plane::{Site, await_true, new_folder},
    guardian::Guardian,
    network::{Forwarder, Network, any_port},
    process::{Daemon, Folder},
};

/// The network of the machines; the control plane is its router and its name server.
const ROUTER: Ipv4Addr = Ipv4Addr::new(10, 99, 0, 1);
const FIRST_NODE: u8 = 11;
const FIRST_SERVER: u8 = 101;
const API_SERVER_PORT: u16 = 6443;
/// Plugs in or out what is at the port `$1` of the router.
const CABLE: &str = r#"ip link set "$1" "$2""#;
/// Ends every process of the group `$1`.
const POWER_OFF: &str = r#"
for _ in {1..100}; do
    left=$(find /sys/fs/cgroup/{,*/}"$1" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -u)
    [[ -n $left ]] || exit 0
    kill -KILL $left 2>/dev/null || true
    sleep 0.05
done
echo "these do not end: $left" >&2
exit 1
"#;

/// A control plane and nodes with pods, each a machine of its own; nothing of it is in the host's network but one port on loopback.
/// Dropped, it is gone within seconds: processes, cgroups, mounts, namespaces and files.
#[derive(Debug)]
pub struct Cluster {
    // In this order they end; the guardian in the control plane is the last.
    nodes: Vec<Node>,
    dns: Option<Daemon>,
    plane: ControlPlane,
    servers: Vec<Machine>,
    router: Machine,
    _forwarder: Forwarder,
    cgroup: String,
    folder: Folder,
    images: AtomicU32,
}

impl Deref for Cluster {
    type Target = ControlPlane;

    fn deref(&self) -> &ControlPlane {
        &self.plane
    }
}

impl DerefMut for Cluster {
    fn deref_mut(&mut self) -> &mut ControlPlane {
        &mut self.plane
    }
}

impl Cluster {
    /// Brings up a node for each pair of name and region, all of them ready for pods.
    pub async fn start(nodes: &[(&str, &str)]) -> Result<Self, ClusterError> {
        let programs = Programs::find()?;
        may_run()?;
        let folder = new_folder()?;
        let cgroup = folder.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let guardian = Guardian::watch_over(&folder.path, &folder.mark(), Some(&cgroup))?;

        let router = Machine::create(&folder, "control-plane", ROUTER)?;
        router.shell(
            r#"ip link add br0 type bridge; ip address add "$1/24" dev br0; ip link set br0 up"#,
            &[&ROUTER.to_string()],
        )?;
        let inner = SocketAddr::from((ROUTER, API_SERVER_PORT));
        let forwarder = Forwarder::start(Network::Own, any_port(), router.network().clone(), inner)
            .map_err(|source| ClusterError::Start { program: "the forwarder".into(), source })?;
        let site = Site {
            around: router.around(),
            network: router.network().clone(),
            etcd: 2379,
            etcd_peer: 2380,
            inner,
            outer: forwarder.address(),
        };
        let options = Options { controllers: true, scheduler: true, api_server: Vec::new() };
        let plane = ControlPlane::prepare(options, programs, folder.clone(), guardian, site)?;
        let mut cluster = Self {
            nodes: Vec::new(),
            dns: None,
            plane,
            servers: Vec::new(),
            router,
            _forwarder: forwarder,
            cgroup,
            folder,
            images: AtomicU32::new(0),
        };
        cluster.bring_up(nodes).await?;
        Ok(cluster)
    }

    async fn bring_up(&mut self, nodes: &[(&str, &str)]) -> Result<(), ClusterError> {
        // The API server takes its seconds while the nodes are made.
        self.plane.launch().await?;
        for (place, (name, region)) in (0..).zip(nodes) {
            let node = self.create_node(place, name, region)?;
            self.nodes.push(node);
        }
        self.connect_pods()?;
        let pause =
            Image::new(SANDBOX_IMAGE).file("/pause", self.plane.programs().path("pause")).entrypoint(&["/pause"]);
        self.load_image(&pause)?;
        self.plane.reached("nodes made");
        self.plane.await_ready().await?;
        for node in &mut self.nodes {
            node.join(&self.plane)?;
        }
        self.start_dns().await?;
        self.plane.complete().await?;
        self.await_nodes().await
    }

    /// Takes all of it down and waits until nothing is left. Dropping it does the same.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        for node in &mut self.nodes {
            node.end();
        }
        self.dns = None;
        self.plane.end();
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name() == name)
    }

    /// A node loses its power: everything on it ends at once, and nobody reaches it.
    pub fn power_off(&mut self, name: &str) -> Result<(), ClusterError> {
        let Some(place) = self.nodes.iter().position(|node| node.name() == name) else { return Ok(()) };
        self.router.shell(CABLE, &[&port_of_node(place), "down"])?;
        let node = &mut self.nodes[place];
        node.end();
        // What containerd has started, it does not take with it.
        node.machine().shell(POWER_OFF, &[&format!("{}/{name}", self.cgroup)])?;
        Ok(())
    }

    /// It has power again: it starts with what is on its disk.
    pub fn power_on(&mut self, name: &str) -> Result<(), ClusterError> {
        let Some(place) = self.nodes.iter().position(|node| node.name() == name) else { return Ok(()) };
        self.router.shell(CABLE, &[&port_of_node(place), "up"])?;
        self.nodes[place].start_again(&self.plane, &self.cgroup)
    }

    /// The machine of the control plane: router of all, and where what runs beside the API server belongs.
    pub fn router(&mut self) -> &mut Machine {
        &mut self.router
    }

    /// The cgroup (v2) that all pods of a node are below.
    pub fn cgroup_of(&self, node: &Node) -> PathBuf {
        node.cgroup(&self.cgroup)
    }

    /// The name of the cluster's group below each hierarchy of cgroups; nodes have theirs below it.
    pub fn cgroup(&self) -> &str {
        &self.cgroup
    }

    /// Gives an image to every node.
    pub fn load_image(&mut self, image: &Image) -> Result<(), ClusterError> {
        let number = self.images.fetch_add(1, Ordering::Relaxed);
        let archive = self.folder.write(&format!("images/{number}.tar"), [])?;
        image.write(&archive)?;
        self.load_archive(&archive)?;
        // Each node holds it now.
        fs::remove_file(&archive).map_err(ClusterError::file("remove", archive))
    }

    /// The same from a file that `docker save` or [`Image::write`] made.
    pub fn load_archive(&mut self, archive: &Path) -> Result<(), ClusterError> {
        thread::scope(|scope| {
            let loads: Vec<_> = self.nodes.iter_mut().map(|node| scope.spawn(|| node.load(archive))).collect();
            // A panic of a thread is passed on.
            loads.into_iter().try_for_each(|load| load.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })
    }

    /// A machine outside the cluster that pods reach under the addresses given: the world's servers.
    pub fn add_server(&mut self, name: &str, addresses: &[Ipv4Addr]) -> Result<&mut Machine, ClusterError> {
        let place = u8::try_from(self.servers.len()).unwrap_or(u8::MAX);
        let address = in_network(FIRST_SERVER.saturating_add(place));
        let server = Machine::create(&self.folder, name, address)?;
        self.plug_in(&server, &format!("s{place}"))?;
        server.shell(
            r#"ip address add "$1/24" dev eth0; ip link set eth0 up; ip route add default via "$2""#,
            &[&address.to_string(), &ROUTER.to_string()],
        )?;
        for foreign in addresses.iter().map(ToString::to_string) {
            server.shell(r#"ip address add "$1/32" dev eth0"#, &[&foreign])?;
            self.router.shell(r#"ip route add "$1/32" via "$2""#, &[&foreign, &address.to_string()])?;
        }
        self.servers.push(server);
        let last = self.servers.len() - 1;
        Ok(&mut self.servers[last])
    }

    pub fn server(&self, name: &str) -> Option<&Machine> {
        self.servers.iter().find(|server| server.name() == name)
    }

    /// What the cluster's name server answers beside the names of Services, within 2 s.
    pub fn set_hosts(&self, hosts: &[(Ipv4Addr, &str)]) -> Result<(), ClusterError> {
        let lines: Vec<String> = hosts.iter().map(|(address, name)| format!("{address} {name}\n")).collect();
        self.folder.write("dns/hosts", lines.concat())?;
        Ok(())
    }

    fn create_node(&self, place: u8, name: &str, region: &str) -> Result<Node, ClusterError> {
        let address = in_network(FIRST_NODE + place);
        let machine = Machine::create(&self.folder, name, address)?;
        self.plug_in(&machine, &port_of_node(place.into()))?;
        let pods = pod_network(place);
        self.router.shell(r#"ip route add "$1" via "$2""#, &[&pods, &address.to_string()])?;
        let settings = Settings {
            name,
            address,
            pods: &pods,
            cgroup: &self.cgroup,
            folder: &self.folder.join(name),
            authority: &self.plane.authority(),
            proxy_kubeconfig: &self.plane.inner_kubeconfig("system:kube-proxy", &[])?,
            dns: ROUTER,
        };
        Node::create(machine, region, ROUTER, &self.folder, &settings)
    }

    /// Lays a cable from the bridge to `eth0` of a machine.
    fn plug_in(&self, machine: &Machine, port: &str) -> Result<(), ClusterError> {
        let script = r#"ip link add "$1" type veth peer name eth0 netns "$2"; ip link set "$1" master br0 up"#;
        self.router.shell(script, &[port, &machine.pid().to_string()])?;
        Ok(())
    }

    /// Nodes reach each other's pods without the router.
    fn connect_pods(&self) -> Result<(), ClusterError> {
        for (here, node) in self.nodes.iter().enumerate() {
            for (place, other) in (0..).zip(&self.nodes).filter(|(there, _)| usize::from(*there) != here) {
                let address = other.machine().address().to_string();
                node.machine().shell(r#"ip route add "$1" via "$2""#, &[&pod_network(place), &address])?;
            }
        }
        Ok(())
    }

    /// A process of its own, so that no pod and no image of it is needed.
    async fn start_dns(&mut self) -> Result<(), ClusterError> {
        self.set_hosts(&[])?;
        let user = "system:coredns";
        self.plane
            .grant(
                user,
                json!([
                    { "apiGroups": [""], "resources": ["namespaces", "services", "pods"], "verbs": ["list", "watch"] },
                    { "apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"] },
                ]),
            )
            .await?;
        let kubeconfig = self.plane.inner_kubeconfig(user, &[])?;
        let zones = format!(
            ".:53 {{\n bind {ROUTER}\n errors\n kubernetes cluster.local in-addr.arpa {{\n  kubeconfig {}\n  ttl 1\n }}\n hosts {} {{\n  ttl 60\n  reload 1s\n  fallthrough cluster.local in-addr.arpa\n }}\n}}\n",
            kubeconfig.display(),
            self.folder.join("dns/hosts").display(),
        );
        let file = self.folder.write("dns/Corefile", zones)?;
        self.dns = Some(self.plane.start_program("coredns", vec!["-conf".into(), file.display().to_string()])?);
        Ok(())
    }

    async fn await_nodes(&mut self) -> Result<(), ClusterError> {
        let nodes: Api<v1::Node> = Api::all(self.plane.client().await?);
        for node in &mut self.nodes {
            let name = node.name().to_owned();
            let mut ready =
                async || nodes.get_opt(&name).await.is_ok_and(|node| node.is_some_and(|node| is_ready(&node)));
            await_true(&format!("node {name}"), node.kubelet_mut(), &mut ready).await?;
        }
        self.plane.reached("nodes ready");
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_ready(node: &v1::Node) -> bool {
    let conditions = node.status.iter().flat_map(|status| status.conditions.iter().flatten());
    conditions.into_iter().any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// The port of the router that a node is at.
fn port_of_node(place: usize) -> String {
    format!("n{place}")
}

fn in_network(last: u8) -> Ipv4Addr {
    let [a, b, c, _] = ROUTER.octets();
    Ipv4Addr::new(a, b, c, last)
}

fn pod_network(place: u8) -> String {
    format!("10.244.{}.0/24", place + 1)
}

/// Machines and pods need root, and programs that Debian packages bring.
fn may_run() -> Result<(), ClusterError> {
    let owner = std::os::unix::fs::MetadataExt::uid(
        &fs::metadata("/proc/self").map_err(ClusterError::file("look at", "/proc/self"))?,
    );
    if owner != 0 {
        return Err(ClusterError::NotSetUp("nodes with pods need root".into()));
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &str| env::split_paths(&path).any(|folder| folder.join(program).is_file());
    let missing: Vec<&str> = ["containerd", "ctr", "runc", "nft", "ip", "nsenter", "setpriv"]
        .into_iter()
        .filter(|program| !is_there(program))
        .collect();
    if !missing.is_empty() || !Path::new("/usr/lib/cni/bridge").is_file() {
        return Err(ClusterError::NotSetUp(format!(
            "nodes need {missing:?} and /usr/lib/cni; `make setup` installs them"
        )));
    }
    Ok(())
}
