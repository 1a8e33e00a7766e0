use std::{fmt::Debug, path::PathBuf, sync::Arc, time::Duration};

use kube::{Api, Client, core::DynamicResourceScope};
use landfall_api::{Kind, RegisterStatus, Stored};
use landfall_operator::{
    metrics::Metrics,
    objects::{Objects, Writer, WriterEnded},
    register::{Published, RegisterError, RegisterWatch},
};
use landfall_tests::cluster::{self, ControlPlane, Options};
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::register_api::install;

/// Where the API server says that it is; nobody asks it there.
pub(super) const API_SERVER: &str = "192.0.2.40";
/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A control plane of one's own, because the objects of a register are the cluster's, and a register over it.
pub(super) struct Fixture {
    pub(super) plane: ControlPlane,
    pub(super) client: Client,
    pub(super) lead: watch::Sender<bool>,
    pub(super) registry: prometheus::Registry,
    folder: TempDir,
    published: watch::Receiver<Option<Arc<Published>>>,
    task: JoinHandle<RegisterError>,
    writer: JoinHandle<WriterEnded>,
}

impl Fixture {
    pub(super) async fn new(leading: bool) -> Option<Self> {
        // What the operator says of it must not depend on the address of the machine.
        let api_server = vec![format!("--advertise-address={API_SERVER}")];
        let plane = cluster::or_skip(ControlPlane::start(Options { api_server, ..Options::default() }).await)?;
        let client = cluster::or_skip(plane.client().await)?;
        install(&client).await;
        let (lead, follows) = watch::channel(leading);
        let (registry, folder) = (prometheus::Registry::new(), tempfile::tempdir().unwrap());
        let (register, writer) = spawn(&client, follows, &registry, kept_in(&folder));
        let RegisterWatch { published, task, .. } = register;
        Some(Self { plane, client, lead, registry, folder, published, task, writer })
    }

    /// Ends the register and its writer and starts others, on the same volume.
    pub(super) async fn restart(&mut self) {
        self.task.abort();
        self.writer.abort();
        let _ = (&mut self.task).await;
        let _ = (&mut self.writer).await;
        self.registry = prometheus::Registry::new();
        let (register, writer) = spawn(&self.client, self.lead.subscribe(), &self.registry, self.kept());
        let RegisterWatch { published, task, .. } = register;
        (self.published, self.task, self.writer) = (published, task, writer);
    }

    /// The file of the last good forms.
    pub(super) fn kept(&self) -> PathBuf {
        kept_in(&self.folder)
    }

    /// What is published once it is as it should be.
    pub(super) async fn wait(&self, what: &str, is: impl Fn(&Published) -> bool) -> Arc<Published> {
        let mut published = self.published.clone();
        let there = published.wait_for(|it| it.as_deref().is_some_and(&is));
        let there = timeout(PATIENCE, there).await.unwrap_or_else(|_| panic!("waited in vain for {what}"));
        there.expect("the register has not ended").clone().unwrap()
    }

    /// What is published.
    pub(super) fn now(&self) -> Arc<Published> {
        self.published.borrow().clone().unwrap()
    }

    /// The status of an object, once it is as it should be.
    pub(super) async fn status<S>(
        &self,
        api: &Api<Stored<S>>,
        name: &str,
        is: impl Fn(&RegisterStatus) -> bool,
    ) -> RegisterStatus
    where
        S: Kind<Status = RegisterStatus> + Clone + Debug + DeserializeOwned,
        Stored<S>: kube::Resource<Scope = DynamicResourceScope>,
    {
        let begin = Instant::now();
        loop {
            let status = api.get(name).await.unwrap().status.unwrap_or_default();
            if is(&status) {
                return status;
            }
            assert!(begin.elapsed() < PATIENCE, "waited in vain for {name}: {status:?}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Nothing is written any more once all is said.
    pub(super) async fn rests(&self) {
        let writes = || {
            let audit = self.plane.audit().unwrap();
            audit.iter().filter(|entry| entry.resource.ends_with("/status") && entry.verb == "patch").count()
        };
        let begin = Instant::now();
        loop {
            let before = writes();
            sleep(Duration::from_secs(3)).await;
            if writes() == before {
                return;
            }
            assert!(begin.elapsed() < PATIENCE, "conditions are written without end");
        }
    }

    /// A metric without labels.
    pub(super) fn metric(&self, name: &str) -> i64 {
        let families = self.registry.gather();
        let family = families.iter().find(|family| family.name() == name).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers")]
        let value = family.get_metric()[0].get_gauge().get_value() as i64;
        value
    }
}

/// A register and the writer of what it says about objects.
fn spawn(
    client: &Client,
    leading: watch::Receiver<bool>,
    registry: &prometheus::Registry,
    last_good: PathBuf,
) -> (RegisterWatch, JoinHandle<WriterEnded>) {
    let objects = Objects::new(&Metrics::register(registry).unwrap(), Duration::from_mins(5));
    let register = RegisterWatch::spawn(client, &objects, registry, last_good).unwrap();
    let writer = Writer::new(client.clone(), objects, leading, register.watch_errors.clone());
    (register, tokio::spawn(writer.run()))
}

fn kept_in(folder: &TempDir) -> PathBuf {
    folder.path().join("register.ndjson")
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.task.abort();
        self.writer.abort();
    }
}
