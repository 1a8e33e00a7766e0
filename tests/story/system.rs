//! Installs the system under its own service accounts, as a person would: CRDs, register, operator, agents.

use std::path::Path;

use landfall_image::{HOST, recipe::Recipe};

use super::{LEDGER, LEDGER_NODE, Story, StoryError, program};
use crate::{
    chart::{Helm, NAMESPACE, present, values},
    cluster::{ClusterError, clients},
    operator::install_register,
};

impl Story {
    pub(super) fn install(&self, register: &Path) -> Result<(), StoryError> {
        install_register(&self.cluster, register)?;
        let node = self.cluster.node(LEDGER_NODE).expect("it was started");
        // Of the operator alone, who is not root.
        node.machine().shell(r#"mkdir -p "$1"; chown 65532:65532 "$1"; chmod 700 "$1""#, &[LEDGER])?;
        let (chart, values) = (present("landfall"), values("landfall.yaml"));
        self.helm(4)?.run(&["install", "landfall", &chart, "--namespace", NAMESPACE, "--values", &values])?;
        self.ready()
    }

    /// `helm test`: what the pod in it says.
    pub fn test(&self) -> Result<String, StoryError> {
        Ok(self.helm(4)?.test()?)
    }

    /// Helm 4 or 3, as one who may do everything.
    pub fn helm(&self, version: u8) -> Result<Helm, StoryError> {
        let kubeconfig = self.cluster.admin_kubeconfig()?;
        Ok(Helm::new(self.cluster.programs(), version).with_cluster(kubeconfig, self.cluster.folder().to_owned()))
    }

    /// Waits until operator and agents say that they are ready.
    pub fn ready(&self) -> Result<(), StoryError> {
        self.ready_in(NAMESPACE)
    }

    /// The same with the agents in a namespace of their own.
    pub fn ready_in(&self, agents: &str) -> Result<(), StoryError> {
        for (namespace, what) in [(NAMESPACE, "statefulset/landfall-operator"), (agents, "daemonset/landfall-agent")] {
            self.cluster.kubectl(&["-n", namespace, "rollout", "status", "--timeout=90s", what], "").map_err(
                |error| {
                    // What the pods say is what a person would look at next.
                    let logs = self.cluster.kubectl(&["-n", namespace, "logs", "--tail=20", what], "");
                    let pods = self.cluster.kubectl(&["-n", namespace, "get", "pods", "-o", "wide"], "");
                    let said =
                        format!("{}\n{}", pods.unwrap_or_default(), logs.unwrap_or_else(|error| error.to_string()));
                    StoryError::Command { command: error.to_string(), output: said }
                },
            )?;
        }
        Ok(())
    }

    pub(super) fn load_images(&mut self) -> Result<(), StoryError> {
        let programs = program("landfall-operator")?;
        let folder = self.cluster.folder().join("programs");
        let recipe = Recipe::of_tests(programs.parent().unwrap_or(&programs), &folder);
        let images = [
            recipe.operator(HOST).map_err(ClusterError::from)?,
            recipe.agent(HOST).map_err(ClusterError::from)?,
            clients(super::client::IMAGE)?,
        ];
        for image in images {
            self.cluster.load_image(&image)?;
        }
        Ok(())
    }
}
