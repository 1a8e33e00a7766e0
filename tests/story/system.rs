//! Installs the system under its own service accounts, as a person would: CRDs, register, operator, agents.

use std::path::Path;

use landfall_image::{HOST, recipe::Recipe};

use super::{LEDGER, LEDGER_NODE, Story, StoryError, program};
use crate::{
    chart::{CHARTS, Helm, NAMESPACE, VALUES},
    cluster::{ClusterError, clients},
    operator::install_register,
};

impl Story {
    pub(super) fn install(&mut self, register: &Path) -> Result<(), StoryError> {
        self.load_images()?;
        install_register(&self.cluster, register)?;
        let node = self.cluster.node(LEDGER_NODE).expect("it was started");
        // Of the operator alone, who is not root.
        node.machine().shell(r#"mkdir -p "$1"; chown 65532:65532 "$1"; chmod 700 "$1""#, &[LEDGER])?;
        self.install_chart()?;
        self.ready()
    }

    /// `helm test`: what the pod in it says.
    pub fn test(&self) -> Result<String, StoryError> {
        Ok(self.helm()?.test()?)
    }

    fn helm(&self) -> Result<Helm, StoryError> {
        let kubeconfig = self.cluster.admin_kubeconfig()?;
        Ok(Helm::new(self.cluster.programs(), 4).with_cluster(kubeconfig, self.cluster.folder().to_owned()))
    }

    fn install_chart(&self) -> Result<(), StoryError> {
        let (chart, values) = (Path::new(CHARTS).join("landfall"), Path::new(VALUES).join("landfall.yaml"));
        let (chart, values) = (chart.display().to_string(), values.display().to_string());
        self.helm()?.run(&["install", "landfall", &chart, "--namespace", NAMESPACE, "--values", &values])?;
        Ok(())
    }

    /// Waits until operator and agents say that they are ready.
    pub fn ready(&self) -> Result<(), StoryError> {
        for what in ["statefulset/landfall-operator", "daemonset/landfall-agent"] {
            self.cluster.kubectl(&["-n", "landfall-system", "rollout", "status", "--timeout=60s", what], "").map_err(
                |error| {
                    // What the pods say is what a person would look at next.
                    let logs = self.cluster.kubectl(&["-n", "landfall-system", "logs", "--tail=20", what], "");
                    let pods = self.cluster.kubectl(&["-n", "landfall-system", "get", "pods", "-o", "wide"], "");
                    let said =
                        format!("{}\n{}", pods.unwrap_or_default(), logs.unwrap_or_else(|error| error.to_string()));
                    StoryError::Command { command: error.to_string(), output: said }
                },
            )?;
        }
        Ok(())
    }

    fn load_images(&mut self) -> Result<(), StoryError> {
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
