//! One node: containerd, kubelet and kube-proxy in a machine of their own.

use std::{
    fs,
    net::Ipv4Addr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    super::{
        ClusterError, ControlPlane, Machine,
        process::{Daemon, Folder},
    },
    configuration::Settings,
};

const PREPARE: &str = include_str!("node.sh");
const CGROUPS: &str = include_str!("cgroups.sh");
/// Forgets what a machine forgets without power: the networks of its pods, and what was mounted or kept in memory.
const FORGET: &str = r#"
for pod in /run/netns/cni-*; do
    [[ ! -e $pod ]] || ip netns delete "${pod##*/}"
done
mounts() { awk '$2 ~ "^/(run/containerd|var/lib/kubelet/pods)/" { print $2 }' /proc/self/mounts | sort -r; }
mounts | xargs -r umount -n
rm -rf /run/containerd
mkdir /run/containerd
"#;
/// Every shim, and so every pod, begins in the group that containerd is in.
const CONTAINERD: &str = r#"for procs in /sys/fs/cgroup/{,*/}"$1"/system/cgroup.procs; do
  [[ ! -e $procs ]] || echo $$ >"$procs"
done
exec containerd --config "$2""#;
const SOCKET: &str = "/run/containerd/containerd.sock";
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running node.
#[derive(Debug)]
pub struct Node {
    proxy: Option<Daemon>,
    kubelet: Option<Daemon>,
    containerd: Daemon,
    machine: Machine,
    region: String,
    folder: Folder,
}

impl Node {
    /// Starts containerd; the node does not ask for the API server yet.
    pub(super) fn create(
        machine: Machine,
        region: &str,
        gateway: Ipv4Addr,
        folder: &Folder,
        settings: &Settings,
    ) -> Result<Self, ClusterError> {
        let name = settings.name;
        machine.shell(
            PREPARE,
            &[&settings.folder.display().to_string(), &format!("{}/24", settings.address), &gateway.to_string()],
        )?;
        machine.shell(CGROUPS, &[settings.cgroup, name])?;
        let write = |file: &str, text: String| folder.write(&format!("{name}/{file}"), text);
        write("cni-conf/10-pods.conflist", settings.pod_network().to_string())?;
        write("containerd.toml", settings.containerd())?;
        write("kubelet.yaml", settings.kubelet().to_string())?;
        write("proxy.yaml", settings.proxy().to_string())?;
        let containerd = start_containerd(&machine, settings.cgroup, folder)?;
        Ok(Self { proxy: None, kubelet: None, containerd, machine, region: region.to_owned(), folder: folder.clone() })
    }

    pub fn name(&self) -> &str {
        self.machine.name()
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Takes in an image from an archive, as soon as containerd answers.
    pub(super) fn load(&mut self, archive: &Path) -> Result<(), ClusterError> {
        self.await_containerd()?;
        self.machine.run("ctr", &["-a", SOCKET, "-n", "k8s.io", "images", "import", &archive.display().to_string()])?;
        Ok(())
    }

    fn await_containerd(&mut self) -> Result<(), ClusterError> {
        let began = Instant::now();
        while self.machine.run("ctr", &["-a", SOCKET, "version"]).is_err() {
            self.containerd.alive()?;
            if began.elapsed() > START_LIMIT {
                let what = format!("containerd of {}", self.name());
                return Err(ClusterError::Timeout { what, limit: START_LIMIT, log: self.containerd.log_end() });
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    /// Starts kube-proxy and the kubelet, which registers the node.
    pub(super) fn join(&mut self, plane: &ControlPlane) -> Result<(), ClusterError> {
        let name = self.name();
        let user = format!("system:node:{name}");
        let kubeconfig = plane.inner_kubeconfig(&user, &["system:nodes"])?.display().to_string();
        let program = |program: &str| plane.programs().path(program).display().to_string();
        let own = |file: &str| self.folder.join(name).join(file).display().to_string();
        let kubelet = self.machine.start(
            &format!("kubelet-{name}"),
            &[
                &program("kubelet"),
                &format!("--config={}", own("kubelet.yaml")),
                &format!("--kubeconfig={kubeconfig}"),
                &format!("--hostname-override={name}"),
                &format!("--node-ip={}", self.machine.address()),
                &format!("--node-labels=topology.kubernetes.io/region={}", self.region),
                "--cert-dir=/var/lib/kubelet/pki",
            ],
        )?;
        let configuration = format!("--config={}", own("proxy.yaml"));
        let proxy = self.machine.start(&format!("kube-proxy-{name}"), &[&program("kube-proxy"), &configuration])?;
        (self.kubelet, self.proxy) = (Some(kubelet), Some(proxy));
        Ok(())
    }

    /// Starts all of it again after [`Self::end`], in the cluster's group `cgroup`.
    pub(super) fn start_again(&mut self, plane: &ControlPlane, cgroup: &str) -> Result<(), ClusterError> {
        self.machine.shell(FORGET, &[])?;
        self.containerd = start_containerd(&self.machine, cgroup, &self.folder)?;
        // A kubelet that finds none ends.
        self.await_containerd()?;
        self.join(plane)
    }

    pub(super) fn kubelet_mut(&mut self) -> &mut Option<Daemon> {
        &mut self.kubelet
    }

    /// Ends what could start anything anew.
    pub(super) fn end(&mut self) {
        self.proxy = None;
        self.kubelet = None;
        self.containerd.kill();
    }

    /// Cgroup ids of this node's pods are below `/sys/fs/cgroup/unified/GROUP/NODE`, or, with cgroup v2 alone, without `unified`.
    pub(super) fn cgroup(&self, group: &str) -> std::path::PathBuf {
        let hybrid = Path::new("/sys/fs/cgroup/unified");
        let root = if fs::exists(hybrid).unwrap_or(false) { hybrid } else { Path::new("/sys/fs/cgroup") };
        root.join(group).join(self.name())
    }
}

fn start_containerd(machine: &Machine, cgroup: &str, folder: &Folder) -> Result<Daemon, ClusterError> {
    let name = machine.name();
    let configuration = folder.join(name).join("containerd.toml").display().to_string();
    let command = ["bash", "-euc", CONTAINERD, "bash", &format!("{cgroup}/{name}"), &configuration];
    machine.start(&format!("containerd-{name}"), &command)
}
