//! What the system's processes are on a node, as the kernel says.

use std::{collections::BTreeMap, fs, path::Path};

use landfall_tests::story::Story;

const NOBODY: &str = "65532 65532 65532 65532";
const NONE: &str = "0000000000000000";
const NET_RAW: &str = "0000000000002000";
const FIELDS: [&str; 8] = ["Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"];

/// Operator and agents run as a user that no node has, on a root that they cannot write. The operator has no capability and
/// gets none, an agent has one, from its file; neither gains anything by what it executes.
pub(crate) fn are_nobody(story: &Story) {
    for (name, count, capabilities) in [("landfall-operator", 1, NONE), ("landfall-agent", 2, NET_RAW)] {
        let found = of_cluster(story, name);
        assert_eq!(found.len(), count, "{name}: {found:?}");
        for process in found {
            let status = fs::read_to_string(process.join("status")).unwrap();
            let shown: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(":\t")).collect();
            let is: Vec<_> = FIELDS.map(|field| format!("{field} {}", shown[field].replace('\t', " "))).into();
            let root = root_options(&process);
            eprintln!("{name}: {}, root {root}", is.join(", "));
            let values = [NOBODY, NOBODY, NONE, capabilities, capabilities, capabilities, NONE, "1"];
            let expected: Vec<_> =
                std::iter::zip(FIELDS, values).map(|(field, value)| format!("{field} {value}")).collect();
            assert_eq!(is, expected, "{name}");
            assert!(root.split(',').any(|option| option == "ro"), "{name}: its root is mounted {root}");
        }
    }
}

/// The processes of the cluster with this name.
fn of_cluster(story: &Story, name: &str) -> Vec<std::path::PathBuf> {
    // The kernel keeps 15 bytes of a name.
    let kept = &name[..name.len().min(15)];
    let is_ours = |process: &Path| {
        let group = fs::read_to_string(process.join("cgroup")).unwrap_or_default();
        fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim_end() == kept)
            && group.contains(story.cluster.cgroup())
    };
    fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path()).filter(|process| is_ours(process)).collect()
}

/// How its root is mounted.
fn root_options(process: &Path) -> String {
    let mounts = fs::read_to_string(process.join("mountinfo")).unwrap();
    let root = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>()).find(|fields| fields[4] == "/");
    root.map(|fields| fields[5].to_owned()).unwrap_or_default()
}
