//! Clients of the API server, from a kubeconfig or as the service account of a pod.

use std::path::{Path, PathBuf};

use kube::{
    Client, Config,
    config::{InClusterError, KubeConfigOptions, Kubeconfig, KubeconfigError},
};

/// Why a client could not be created.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The given kubeconfig cannot be read.
    #[error("failed to read {}", path.display())]
    Read {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: KubeconfigError,
    },
    /// There is no kubeconfig, or it is incomplete.
    #[error("failed to use the kubeconfig")]
    Kubeconfig(#[source] KubeconfigError),
    /// No kubeconfig is given, and the process does not run in a pod.
    #[error("no kubeconfig is given, and this is no pod with a service account")]
    NoServiceAccount(#[source] InClusterError),
    /// The address or the certificates are invalid.
    #[error("failed to make a client of the API server")]
    Client(#[source] kube::Error),
}

/// The client of a daemon: from the given kubeconfig, otherwise with the service account of its pod.
pub async fn of_daemon(kubeconfig: Option<&Path>) -> Result<Client, ClientError> {
    let config = match kubeconfig {
        Some(path) => named(path, None).await?,
        None => Config::incluster().map_err(ClientError::NoServiceAccount)?,
    };
    Client::try_from(config).map_err(ClientError::Client)
}

/// The configuration that kubectl would use: the given kubeconfig, otherwise `KUBECONFIG`, otherwise `~/.kube/config`.
/// In a pod without any of these it is the service account, unless a context is given.
pub async fn as_kubectl(kubeconfig: Option<&Path>, context: Option<&str>) -> Result<Config, ClientError> {
    if let Some(path) = kubeconfig {
        return named(path, context).await;
    }
    match Kubeconfig::read() {
        Ok(read) => from_kubeconfig(read, context).await,
        Err(error) => match Config::incluster() {
            Ok(config) if context.is_none() => Ok(config),
            _ => Err(ClientError::Kubeconfig(error)),
        },
    }
}

/// The configuration of a context in a kubeconfig, by default of the current one.
pub async fn from_kubeconfig(kubeconfig: Kubeconfig, context: Option<&str>) -> Result<Config, ClientError> {
    let options = KubeConfigOptions { context: context.map(str::to_owned), ..KubeConfigOptions::default() };
    Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(ClientError::Kubeconfig)
}

async fn named(path: &Path, context: Option<&str>) -> Result<Config, ClientError> {
    let read = Kubeconfig::read_from(path);
    let read = read.map_err(|source| ClientError::Read { path: path.to_owned(), source })?;
    from_kubeconfig(read, context).await
}
