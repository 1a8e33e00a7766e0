//! Installs the system under its own service accounts, as a person would: CRDs, register, operator, agents.

use std::path::Path;

use super::{LEDGER, LEDGER_NODE, Story, StoryError, built};
use crate::cluster::Image;

const MANIFESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cluster/manifests");
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/crm-processor");

const NAMESPACES: &str = "
apiVersion: v1
kind: Namespace
metadata: { name: landfall-system, labels: { pod-security.kubernetes.io/enforce: privileged } }
---
apiVersion: v1
kind: Namespace
metadata: { name: privacy }
---
apiVersion: v1
kind: Namespace
metadata:
  name: crm
  labels: { landfall.dev/consent: privacy, landfall.dev/tenant: tenant-a }
";

impl Story {
    pub(super) fn install(&mut self) -> Result<(), StoryError> {
        self.load_images()?;
        let definitions = self.landfall(&["crds"])?;
        self.apply(&definitions)?;
        self.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "")?;
        self.apply(NAMESPACES)?;
        self.kubectl(&["apply", "--server-side", "--recursive", "-f", EXAMPLE], "")?;
        let node = self.cluster.node(LEDGER_NODE).expect("it was started");
        // Of the operator alone, who is not root.
        node.machine().shell(r#"mkdir -p "$1"; chown 65532:65532 "$1"; chmod 700 "$1""#, &[LEDGER])?;
        for manifest in ["operator.yaml", "agent.yaml"] {
            let file = Path::new(MANIFESTS).join(manifest);
            let failed = |source| StoryError::Io { action: format!("read {}", file.display()), source };
            self.apply(&std::fs::read_to_string(&file).map_err(failed)?)?;
        }
        self.ready()
    }

    /// Waits until operator and agents say that they are ready.
    pub fn ready(&self) -> Result<(), StoryError> {
        for what in ["statefulset/landfall-operator", "daemonset/landfall-agent"] {
            self.kubectl(&["-n", "landfall-system", "rollout", "status", "--timeout=60s", what], "").map_err(
                |error| {
                    // What the pods say is what a person would look at next.
                    let logs = self.kubectl(&["-n", "landfall-system", "logs", "--tail=20", what], "");
                    let pods = self.kubectl(&["-n", "landfall-system", "get", "pods", "-o", "wide"], "");
                    let said =
                        format!("{}\n{}", pods.unwrap_or_default(), logs.unwrap_or_else(|error| error.to_string()));
                    StoryError::Command { command: error.to_string(), output: said }
                },
            )?;
        }
        Ok(())
    }

    fn apply(&self, objects: &str) -> Result<String, StoryError> {
        self.kubectl(&["apply", "--server-side", "-f", "-"], objects)
    }

    fn load_images(&mut self) -> Result<(), StoryError> {
        let operator = Image::new("localhost/landfall-operator:test")
            .program("/landfall-operator", built("landfall-operator")?)?
            .entrypoint(&["/landfall-operator"]);
        let agent = Image::new("localhost/landfall-agent:test")
            .program("/landfall-agent", built("landfall-agent")?)?
            .entrypoint(&["/landfall-agent"]);
        for image in [operator, agent, Image::clients(super::client::IMAGE)?] {
            self.cluster.load_image(&image)?;
        }
        Ok(())
    }
}
