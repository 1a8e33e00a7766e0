//! One cluster for all tests of a run, and a namespace for each.

use std::{
    env,
    sync::atomic::{AtomicU32, Ordering},
};

use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client,
    api::{DeleteParams, ObjectMeta, PostParams},
};
use tokio::sync::OnceCell;

use super::{ClusterError, ControlPlane, Options};

/// The control plane of this run, with controllers; brought up by the first who asks. It is never dropped: its guardian
/// takes it down when the process ends.
pub async fn shared() -> Result<&'static ControlPlane, ClusterError> {
    static SHARED: OnceCell<ControlPlane> = OnceCell::const_new();
    let options = Options { controllers: true, ..Options::default() };
    SHARED.get_or_try_init(|| ControlPlane::start(options)).await
}

/// None, with a word on why, where no cluster can be; with `LANDFALL_REQUIRE_SETUP` that is a failure, and every other
/// error always is.
pub fn or_skip<T>(cluster: Result<T, ClusterError>) -> Option<T> {
    match cluster {
        Ok(cluster) => Some(cluster),
        Err(ClusterError::NotSetUp(reason)) if env::var_os("LANDFALL_REQUIRE_SETUP").is_none() => {
            eprintln!("skipped: {reason}");
            None
        }
        #[expect(clippy::panic, reason = "this is how a test fails")]
        Err(error) => panic!("{}", report(&error)),
    }
}

/// Runs a test in a namespace of its own on the shared control plane, as one who may do everything.
/// The namespace stays when the test fails.
pub async fn with_namespace(name: &str, test: impl AsyncFnOnce(Client, String)) {
    let Some(plane) = or_skip(shared().await) else { return };
    let Some(client) = or_skip(plane.client().await) else { return };
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let Some(namespace) = or_skip(create(&namespaces, name).await) else { return };

    test(client, namespace.clone()).await;

    // The cluster is thrown away anyway.
    let _ = namespaces.delete(&namespace, &DeleteParams::background()).await;
}

async fn create(namespaces: &Api<Namespace>, name: &str) -> Result<String, ClusterError> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let unique = format!("{name}-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let metadata = ObjectMeta { name: Some(unique.clone()), ..ObjectMeta::default() };
    namespaces.create(&PostParams::default(), &Namespace { metadata, ..Namespace::default() }).await?;
    Ok(unique)
}

/// The error with all its causes.
fn report(error: &ClusterError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
