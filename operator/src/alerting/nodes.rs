use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::StreamExt as _;
use k8s_openapi::api::core::v1::Node;
use kube::{
    Api, Client, ResourceExt as _,
    core::PartialObjectMeta,
    runtime::{WatchStreamExt as _, watcher},
};

/// The names of the cluster's nodes.
#[derive(Debug, Clone, Default)]
pub(super) struct Nodes(Arc<Mutex<BTreeSet<String>>>);

impl Nodes {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Follows what the API server tells.
    pub(super) async fn follow(self, client: Client) {
        let api = Api::<PartialObjectMeta<Node>>::all(client);
        let mut events = std::pin::pin!(watcher(api, watcher::Config::default()).default_backoff());
        let mut listed = BTreeSet::new();
        while let Some(event) = events.next().await {
            let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Ok(watcher::Event::Init) => listed.clear(),
                Ok(watcher::Event::InitApply(node)) => {
                    listed.insert(node.name_any());
                }
                Ok(watcher::Event::InitDone) => *names = std::mem::take(&mut listed),
                Ok(watcher::Event::Apply(node)) => {
                    names.insert(node.name_any());
                }
                Ok(watcher::Event::Delete(node)) => {
                    names.remove(&node.name_any());
                }
                Err(error) => tracing::warn!(kind = "Node", %error, "Failed to watch"),
            }
        }
    }
}
