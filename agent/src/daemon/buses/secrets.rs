//! Secrets of the cluster. They are read when a bus is begun and kept in memory alone; nothing shows their content.

use std::{
    collections::BTreeMap,
    error::Error,
    fmt,
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client};
use tokio::{runtime::Handle, time::timeout};

/// How long the API server may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Where Secrets come from.
pub(super) trait SecretSource: Send + Sync {
    /// Reads one.
    fn get(&self, namespace: &str, name: &str) -> Result<SecretContents, SecretError>;
}

/// What a Secret holds, by key. `Debug` shows the keys alone.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct SecretContents(pub(super) BTreeMap<String, Vec<u8>>);

/// Why a Secret was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum SecretError {
    /// There is none of this name.
    #[error("Secret {namespace}/{name} does not exist")]
    Missing { namespace: String, name: String },
    /// The agent has no right to it.
    #[error("the agent may not get Secret {namespace}/{name}: name it in busAgent.buses of the chart")]
    Forbidden { namespace: String, name: String },
    /// The API server cannot be asked.
    #[error("failed to get Secret {namespace}/{name}")]
    Failed { namespace: String, name: String, source: Box<dyn Error + Send + Sync> },
}

type ClientError = Box<dyn Error + Send + Sync>;
type MakeClient = dyn Fn() -> Pin<Box<dyn Future<Output = Result<Client, ClientError>> + Send>> + Send + Sync;

/// Asks the API server, from a thread outside the runtime.
pub(super) struct ClusterSecrets {
    runtime: Handle,
    make: Box<MakeClient>,
    /// Made with the first Secret: a bus without any needs no API server.
    client: Mutex<Option<Client>>,
}

// === impl SecretContents ===

impl fmt::Debug for SecretContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

// === impl ClusterSecrets ===

impl ClusterSecrets {
    pub(super) fn new<C, F>(runtime: Handle, client: C) -> Self
    where
        C: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Client, ClientError>> + Send + 'static,
    {
        Self { runtime, make: Box::new(move || Box::pin(client())), client: Mutex::default() }
    }

    fn client(&self) -> Result<Client, ClientError> {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = &*client {
            return Ok(client.clone());
        }
        let made = self.runtime.block_on((self.make)())?;
        *client = Some(made.clone());
        Ok(made)
    }

    fn ask(&self, namespace: &str, name: &str) -> Result<Option<Secret>, ClientError> {
        let secrets: Api<Secret> = Api::namespaced(self.client()?, namespace);
        let answer = async { timeout(ANSWER_LIMIT, secrets.get_opt(name)).await };
        Ok(self.runtime.block_on(answer)??)
    }
}

impl SecretSource for ClusterSecrets {
    fn get(&self, namespace: &str, name: &str) -> Result<SecretContents, SecretError> {
        let named = || (namespace.to_owned(), name.to_owned());
        match self.ask(namespace, name) {
            Ok(Some(secret)) => {
                let data = secret.data.unwrap_or_default();
                Ok(SecretContents(data.into_iter().map(|(key, value)| (key, value.0)).collect()))
            }
            Ok(None) => {
                let (namespace, name) = named();
                Err(SecretError::Missing { namespace, name })
            }
            Err(source) => {
                let (namespace, name) = named();
                Err(match source.downcast_ref() {
                    Some(kube::Error::Api(status)) if status.code == 403 => SecretError::Forbidden { namespace, name },
                    _ => SecretError::Failed { namespace, name, source },
                })
            }
        }
    }
}
