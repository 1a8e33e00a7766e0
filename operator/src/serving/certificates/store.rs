//! Stores the chain in a Secret and the bundle in ConfigMaps.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::{
    ByteString,
    api::core::v1::{ConfigMap, Secret},
    apimachinery::pkg::apis::meta::v1::OwnerReference,
};
use kube::{
    Api, Client,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
};

use super::{CertificateLifetimes, Chain, FolderError, IssueError};
use crate::{
    FIELD_MANAGER, clock,
    objects::{
        Requests, WritePriority,
        call::{CallError, in_time},
    },
};

/// Key of the chain in the Secret.
const CHAIN: &str = "chain.json";
/// Key of the bundle in the ConfigMap.
const BUNDLE: &str = "ca.crt";

/// Stores certificates.
#[derive(Clone)]
pub struct CertificateStore {
    secrets: Api<Secret>,
    /// Those of each namespace in which clients read the bundle.
    config_maps: Vec<(Api<ConfigMap>, Option<OwnerReference>)>,
    /// Owner of the Secret.
    owner: Option<OwnerReference>,
    /// Name of the Secret.
    secret: String,
    /// Name of the ConfigMaps.
    bundle: String,
    names: Vec<String>,
    lifetimes: CertificateLifetimes,
    /// The writer of objects; `None` on a replica that only reads.
    requests: Option<Requests>,
}

/// Where certificates are stored: the Secret `SERVER-tls`, the ConfigMaps `SERVER-ca`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// Name of the server.
    pub(crate) server: &'a str,
    /// Its namespace, where people read the bundle.
    pub(crate) namespace: &'a str,
    /// The namespace of its clients; it can be the same.
    pub(crate) clients: &'a str,
    /// Owner of what is stored in the server's namespace.
    pub(crate) owner: Option<&'a OwnerReference>,
}

/// Why there are no certificates.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// They cannot be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The API server cannot store or read them.
    #[error("failed to read or write {0}")]
    Api(&'static str, #[source] CallError),
    /// The folder does not hold what is expected.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The Secret does not hold a chain.
    #[error("Secret {name}: key {CHAIN}: expected the operator's certificates; delete the Secret to recreate it")]
    Foreign {
        /// The Secret.
        name: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl CertificateStore {
    /// Stores the certificates of a server with these names.
    pub(crate) fn new(
        client: &Client,
        places: &Places<'_>,
        names: Vec<String>,
        lifetimes: CertificateLifetimes,
        requests: Option<Requests>,
    ) -> Self {
        let Places { server, namespace, clients, owner } = *places;
        let (secret, bundle) = (format!("{server}-tls"), format!("{server}-ca"));
        let secrets = Api::namespaced(client.clone(), namespace);
        let namespaces = BTreeSet::from([namespace, clients]);
        // An owner is of the same namespace.
        let beside = |of: &str| owner.filter(|_| of == namespace).cloned();
        let config_maps = namespaces.into_iter().map(|of| (Api::namespaced(client.clone(), of), beside(of))).collect();
        let owner = owner.cloned();
        Self { secrets, config_maps, owner, secret, bundle, names, lifetimes, requests }
    }

    /// Reads the chain, renews it if it is time, and writes it back if it changed. The bundle is written before any
    /// certificate that it is needed to verify.
    pub(crate) async fn renewed(&self) -> Result<Chain, CertificateError> {
        let now = clock::now();
        let stored = self.secret().await?;
        let chain = match self.chain(stored.as_ref())? {
            None => {
                let chain = Chain::new(&self.names, &self.lifetimes, now)?;
                self.publish(&chain.bundle()).await?;
                self.write(stored, &chain).await?;
                chain
            }
            Some(mut chain) => {
                let changed = chain.renew(&self.names, &self.lifetimes, now)?;
                self.publish(&chain.bundle()).await?;
                if changed {
                    self.write(stored, &chain).await?;
                    tracing::info!(until = %chain.ends(), "Renewed certificates");
                }
                chain
            }
        };
        Ok(chain)
    }

    /// The chain that another replica stored; `None` if there is none yet.
    pub(crate) async fn read(&self) -> Result<Option<Chain>, CertificateError> {
        self.chain(self.secret().await?.as_ref())
    }

    async fn secret(&self) -> Result<Option<Secret>, CertificateError> {
        let get = in_time(self.secrets.get_opt(&self.secret)).await;
        get.map_err(|error| CertificateError::Api("the Secret", error))
    }

    fn chain(&self, stored: Option<&Secret>) -> Result<Option<Chain>, CertificateError> {
        let known = stored.and_then(|secret| secret.data.as_ref()).and_then(|data| data.get(CHAIN));
        let foreign = |source| CertificateError::Foreign { name: self.secret.clone(), source };
        known.map(|ByteString(text)| serde_json::from_slice(text).map_err(foreign)).transpose()
    }

    async fn write(&self, stored: Option<Secret>, chain: &Chain) -> Result<(), CertificateError> {
        let failed = |error| CertificateError::Api("the Secret", error);
        let text = serde_json::to_vec(chain).expect("a chain has a JSON form");
        let data = Some(BTreeMap::from([(CHAIN.to_owned(), ByteString(text))]));
        let name = Some(self.secret.clone());
        let metadata = ObjectMeta { name, ..ObjectMeta::default() };
        let Some(stored) = stored else {
            let metadata = ObjectMeta { owner_references: self.owner.clone().map(|owner| vec![owner]), ..metadata };
            let secret = Secret { metadata, data, ..Secret::default() };
            let secrets = self.secrets.clone();
            let create = async move { secrets.create(&PostParams::default(), &secret).await.map(drop) };
            return self.make(create).await.map_err(failed);
        };
        // With the resource version that was read, so that of two concurrent renewals one fails and no key is lost.
        // Its owner stays: to change that, some clusters demand the right to delete.
        let ObjectMeta { resource_version, owner_references, .. } = stored.metadata;
        let metadata = ObjectMeta { resource_version, owner_references, ..metadata };
        let secret = Secret { metadata, data, type_: stored.type_, ..Secret::default() };
        let (secrets, name) = (self.secrets.clone(), self.secret.clone());
        let replace = async move { secrets.replace(&name, &PostParams::default(), &secret).await.map(drop) };
        self.make(replace).await.map_err(failed)
    }

    async fn make(
        &self,
        write: impl Future<Output = Result<(), kube::Error>> + Send + 'static,
    ) -> Result<(), CallError> {
        let requests = self.requests.as_ref().ok_or(CallError::NoWriter)?;
        requests.make(WritePriority::Certificates, write).await
    }

    /// Writes what clients trust to where they read it.
    pub(crate) async fn publish(&self, bundle: &str) -> Result<(), CertificateError> {
        let failed = |error| CertificateError::Api("the ConfigMap", error);
        for (config_maps, owner) in &self.config_maps {
            let stored = in_time(config_maps.get_opt(&self.bundle)).await.map_err(failed)?;
            let owner_references = match &stored {
                None => owner.clone().map(|owner| vec![owner]),
                Some(map) => map.metadata.owner_references.clone(),
            };
            let known = stored.and_then(|map| map.data).and_then(|mut data| data.remove(BUNDLE));
            if known.as_deref() == Some(bundle) {
                continue;
            }
            let metadata = ObjectMeta { name: Some(self.bundle.clone()), owner_references, ..ObjectMeta::default() };
            let data = Some(BTreeMap::from([(BUNDLE.to_owned(), bundle.to_owned())]));
            let map = ConfigMap { metadata, data, ..ConfigMap::default() };
            let (config_maps, name) = (config_maps.clone(), self.bundle.clone());
            let apply = async move {
                let parameters = PatchParams::apply(FIELD_MANAGER).force();
                config_maps.patch(&name, &parameters, &Patch::Apply(&map)).await.map(drop)
            };
            self.make(apply).await.map_err(failed)?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for CertificateStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateStore")
            .field("secret", &self.secret)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}
