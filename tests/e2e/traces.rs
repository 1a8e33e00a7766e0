//! What a cluster may have left on the machine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Command lines of the processes that carry the folder's name in their environment.
pub(crate) fn processes_of(folder: &Path) -> Vec<String> {
    let mark = format!("LANDFALL_CLUSTER={}", folder.display());
    let marked = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|entry| entry == mark.as_bytes())
    };
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let commands = processes.filter(|process| marked(process)).map(|process| fs::read(process.join("cmdline")));
    commands.flatten().map(|command| String::from_utf8_lossy(&command).replace('\0', " ")).collect()
}

/// Groups of this name in any hierarchy.
pub(crate) fn cgroups_of(name: &str) -> Vec<PathBuf> {
    let root = Path::new("/sys/fs/cgroup");
    let hierarchies = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
    hierarchies.chain([root.to_owned()]).map(|hierarchy| hierarchy.join(name)).filter(|group| group.exists()).collect()
}

/// What the host has of things that a cluster makes many of.
#[derive(Debug, PartialEq)]
pub(crate) struct Host {
    mounts: String,
    interfaces: Vec<PathBuf>,
    rules: String,
    /// Folders that the programs take by default.
    defaults: Vec<PathBuf>,
}

impl Host {
    pub(crate) fn look() -> Self {
        let mut interfaces: Vec<_> =
            fs::read_dir("/sys/class/net").unwrap().map(|entry| entry.unwrap().path()).collect();
        interfaces.sort();
        let rules = Command::new("nft").args(["list", "ruleset"]).output().unwrap().stdout;
        let defaults =
            ["/run/containerd", "/var/lib/kubelet", "/var/lib/cni", "/var/log/pods", "/opt/containerd", "/run/mount"];
        Self {
            mounts: fs::read_to_string("/proc/self/mounts").unwrap(),
            interfaces,
            rules: String::from_utf8(rules).unwrap(),
            defaults: defaults.map(PathBuf::from).into_iter().filter(|folder| folder.exists()).collect(),
        }
    }
}
