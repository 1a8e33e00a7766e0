//! A workload: a Deployment of one pod that waits, and then runs what it is told with real clients.

use super::{OFFLOADS_OFF, Story, StoryError};

/// Image of all workloads.
pub(super) const IMAGE: &str = "localhost/clients:1";

/// A workload of a namespace that consents.
#[derive(Debug)]
pub struct Client {
    /// Its namespace.
    pub namespace: String,
    /// Name of the Deployment.
    pub name: String,
}

impl Client {
    /// Starts it in the namespace `crm` on a node, ready, with offloads off, so that every frame is a packet of the wire.
    pub fn start(story: &Story, name: &str, node: &str) -> Result<Self, StoryError> {
        Self::start_in(story, "crm", name, node)
    }

    /// The same in another namespace.
    pub fn start_in(story: &Story, namespace: &str, name: &str, node: &str) -> Result<Self, StoryError> {
        story.cluster.kubectl(&["apply", "--server-side", "-f", "-"], &deployment(namespace, name, node))?;
        story
            .cluster
            .kubectl(&["-n", namespace, "rollout", "status", "--timeout=60s", &format!("deployment/{name}")], "")?;
        let machine = story.cluster.node(node).expect("it was started").machine();
        let pods = "for pod in /run/netns/cni-*; do nsenter --net=$pod ethtool -K eth0 gro off gso off tso off >/dev/null; done";
        machine.shell(&format!("{OFFLOADS_OFF}{pods}"), &[])?;
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// Runs shell commands in its pod.
    pub fn run(&self, story: &Story, script: &str) -> Result<String, StoryError> {
        let target = format!("deployment/{}", self.name);
        Ok(story.cluster.kubectl(&["-n", &self.namespace, "exec", &target, "--", "sh", "-euc", script], "")?)
    }
}

fn deployment(namespace: &str, name: &str, node: &str) -> String {
    serde_json::json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": namespace },
        "spec": {
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": {
                    // With `nodeName`, a node that is lost gets and loses pods without end.
                    "nodeSelector": { "kubernetes.io/hostname": node },
                    "terminationGracePeriodSeconds": 1,
                    "containers": [{
                        "name": "client",
                        "image": IMAGE,
                        "imagePullPolicy": "Never",
                        "command": ["sh", "-c", "while :; do sleep 1; done"],
                    }],
                },
            },
        },
    })
    .to_string()
}
