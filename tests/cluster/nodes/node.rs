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
        let own = settings.folder.display().to_string();
        machine.shell(PREPARE, &[&own, &format!("{}/24", settings.address), &gateway.to_string()])?;
        machine.shell(CGROUPS, &[settings.cgroup, name])?;
        let write = |file: &str, text: String| folder.write(&format!("{name}/{file}"), text);
        write("cni-conf/10-pods.conflist", settings.pod_network().to_string())?;
        write("containerd.toml", settings.containerd())?;
        write("kubelet.yaml", settings.kubelet().to_string())?;
        write("proxy.yaml", settings.proxy().to_string())?;
        // Every shim, and so every pod, begins in the group that containerd is in.
        let script = r#"for procs in /sys/fs/cgroup/{,*/}"$1"/system/cgroup.procs; do
              [[ ! -e $procs ]] || echo $$ >"$procs"
            done
            exec containerd --config "$2""#;
        let group = format!("{}/{name}", settings.cgroup);
        let configuration = format!("{own}/containerd.toml");
        let command = ["bash", "-euc", script, "bash", &group, &configuration];
        let containerd = machine.start(&format!("containerd-{name}"), &command)?;
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
        let archive = archive.display().to_string();
        let socket = "/run/containerd/containerd.sock";
        let began = Instant::now();
        while self.machine.run("ctr", &["-a", socket, "version"]).is_err() {
            self.containerd.alive()?;
            if began.elapsed() > START_LIMIT {
                let what = format!("containerd of {}", self.name());
                return Err(ClusterError::Timeout { what, limit: START_LIMIT, log: self.containerd.log_end() });
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.machine.run("ctr", &["-a", socket, "-n", "k8s.io", "images", "import", &archive])?;
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

    /// Ends the kubelet: the pods run on, and nobody speaks for them.
    pub fn stop_kubelet(&mut self) {
        self.kubelet = None;
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

    /// What the node has at `/var/log/pods`.
    pub fn pod_logs(&self) -> std::path::PathBuf {
        self.folder.join(self.name()).join("log/pods")
    }

    /// Cgroup ids of this node's pods are below `/sys/fs/cgroup/unified/GROUP/NODE`, or, with cgroup v2 alone, without `unified`.
    pub(super) fn cgroup(&self, group: &str) -> std::path::PathBuf {
        let hybrid = Path::new("/sys/fs/cgroup/unified");
        let root = if fs::exists(hybrid).unwrap_or(false) { hybrid } else { Path::new("/sys/fs/cgroup") };
        root.join(group).join(self.name())
    }
}
