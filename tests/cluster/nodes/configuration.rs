//! The files that the programs of a node read.

use std::{net::Ipv4Addr, path::Path};

use serde_json::{Value, json};

/// Everything that differs between nodes.
#[derive(Debug)]
pub(super) struct Settings<'a> {
    pub(super) name: &'a str,
    pub(super) address: Ipv4Addr,
    /// The addresses of its pods, `10.244.N.0/24`.
    pub(super) pods: &'a str,
    /// Below every hierarchy of cgroups.
    pub(super) cgroup: &'a str,
    pub(super) folder: &'a Path,
    pub(super) authority: &'a Path,
    pub(super) proxy_kubeconfig: &'a Path,
    pub(super) dns: Ipv4Addr,
}

pub(super) const SANDBOX_IMAGE: &str = "localhost/pause:3.10";

impl Settings<'_> {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    pub(super) fn containerd(&self) -> String {
        let (root, opt, cni) = (self.path("containerd"), self.path("opt"), self.path("cni-conf"));
        format!(
            r#"version = 2
root = "{root}"
state = "/run/containerd"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "/run/containerd/containerd.sock"
[plugins."io.containerd.internal.v1.opt"]
  path = "{opt}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{SANDBOX_IMAGE}"
  # A test machine may be without CAP_SYS_RESOURCE.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{cni}"
"#
        )
    }

    pub(super) fn pod_network(&self) -> Value {
        json!({
            "cniVersion": "1.0.0",
            "name": "pods",
            "plugins": [
                {
                    "type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true, "ipMasq": false,
                    "ipam": { "type": "host-local", "ranges": [[{ "subnet": self.pods }]], "routes": [{ "dst": "0.0.0.0/0" }] },
                },
                { "type": "portmap", "capabilities": { "portMappings": true } },
            ],
        })
    }

    pub(super) fn kubelet(&self) -> Value {
        json!({
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "failCgroupV1": false,
            "cgroupDriver": "cgroupfs",
            "cgroupRoot": format!("/{}/{}", self.cgroup, self.name),
            "enforceNodeAllocatable": [],
            "oomScoreAdj": 0,
            "failSwapOn": false,
            "containerRuntimeEndpoint": "unix:///run/containerd/containerd.sock",
            "address": self.address,
            "healthzBindAddress": "127.0.0.1",
            "clusterDNS": [self.dns],
            "clusterDomain": "cluster.local",
            "resolvConf": "",
            "volumePluginDir": "/var/lib/kubelet/volumeplugins",
            // The disk is the test machine's, and full of other things.
            "evictionHard": { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
            "imageGCHighThresholdPercent": 100,
            "authentication": {
                "anonymous": { "enabled": false },
                "webhook": { "enabled": true },
                "x509": { "clientCAFile": self.authority },
            },
            "authorization": { "mode": "Webhook" },
            "nodeStatusUpdateFrequency": "5s",
            "syncFrequency": "10s",
        })
    }

    pub(super) fn proxy(&self) -> Value {
        json!({
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "mode": "nftables",
            "clientConnection": { "kubeconfig": self.proxy_kubeconfig },
            "hostnameOverride": self.name,
            "clusterCIDR": "10.244.0.0/16",
            "oomScoreAdj": 0,
            "nftables": { "minSyncPeriod": "0s" },
            // The kernel's limit cannot be written from a network namespace.
            "conntrack": { "maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s" },
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
        })
    }
}
