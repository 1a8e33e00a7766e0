//! Who asks: kubeconfigs and clients of several users.

use std::{fmt::Debug, path::PathBuf, sync::PoisonError};

use k8s_openapi::{
    ClusterResourceScope,
    api::{
        authentication::v1::{TokenRequest, TokenRequestSpec},
        core::v1::ServiceAccount,
        rbac::v1::{ClusterRole, ClusterRoleBinding},
    },
};
use kube::{
    Api, Client, Config, Resource,
    api::PostParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{ClusterError, ControlPlane};

/// May do everything.
const ADMINISTRATOR: &str = "landfall-test-admin";
const ADMINISTRATORS: &str = "system:masters";

impl ControlPlane {
    /// `https://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("https://{}", self.site.outer)
    }

    /// The file of the certificate that signs the server's and the users'.
    pub fn authority(&self) -> PathBuf {
        self.authority.certificate()
    }

    /// The file of a kubeconfig for a user of at most two groups, with a certificate of its own. What the user may do
    /// is for roles to say.
    pub fn kubeconfig(&self, user: &str, groups: &[&str]) -> Result<PathBuf, ClusterError> {
        self.identify(&file_name(user, groups), &self.url(), user, groups)
    }

    /// The same for a program in a machine of the cluster.
    pub(in super::super) fn inner_kubeconfig(&self, user: &str, groups: &[&str]) -> Result<PathBuf, ClusterError> {
        let file = format!("{}+inner", file_name(user, groups));
        self.identify(&file, &format!("https://{}", self.site.inner), user, groups)
    }

    /// The kubeconfig of one who may do everything.
    pub fn admin_kubeconfig(&self) -> Result<PathBuf, ClusterError> {
        self.identify("admin", &self.url(), ADMINISTRATOR, &[ADMINISTRATORS])
    }

    /// The configuration of a client of such a user.
    pub async fn config(&self, user: &str, groups: &[&str]) -> Result<Config, ClusterError> {
        load(self.kubeconfig(user, groups)?).await
    }

    /// A client of one who may do everything, on the runtime of the caller.
    pub async fn client(&self) -> Result<Client, ClusterError> {
        Ok(Client::try_from(load(self.admin_kubeconfig()?).await?)?)
    }

    /// A client of a user, on the runtime of the caller.
    pub async fn client_of(&self, user: &str, groups: &[&str]) -> Result<Client, ClusterError> {
        Ok(Client::try_from(self.config(user, groups).await?)?)
    }

    /// Lets a user do something in all namespaces; `rules` are those of a ClusterRole.
    pub async fn grant(&self, user: &str, rules: Value) -> Result<(), ClusterError> {
        let client = self.client().await?;
        let name = format!("test:{user}");
        let metadata = json!({ "name": name });
        let role = json!({ "metadata": metadata, "rules": rules });
        let binding = json!({
            "metadata": metadata,
            "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name },
            "subjects": [{ "apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user }],
        });
        create::<ClusterRole>(&client, role).await?;
        create::<ClusterRoleBinding>(&client, binding).await
    }

    /// A token of a service account for an audience; none means the API server's own.
    pub async fn token(&self, namespace: &str, account: &str, audience: Option<&str>) -> Result<String, ClusterError> {
        let accounts: Api<ServiceAccount> = Api::namespaced(self.client().await?, namespace);
        let audiences = audience.into_iter().map(str::to_owned).collect();
        let spec = TokenRequestSpec { audiences, expiration_seconds: Some(3600), ..TokenRequestSpec::default() };
        let request = TokenRequest { spec, ..TokenRequest::default() };
        let issued = accounts.create_token_request(account, &PostParams::default(), &request).await?;
        Ok(issued.status.map(|status| status.token).unwrap_or_default())
    }

    /// The kubeconfig of a service account, as a pod of it would have.
    pub async fn service_account_kubeconfig(&self, namespace: &str, account: &str) -> Result<PathBuf, ClusterError> {
        let token = self.token(namespace, account, None).await?;
        let file = file_name(&format!("{namespace}-{account}"), &["service-account"]);
        self.write_kubeconfig(&file, &self.url(), &json!({ "token": token }))
    }

    /// A client that is told of failures at once.
    pub(super) async fn impatient_client(&self) -> Result<Client, ClusterError> {
        let mut config = load(self.admin_kubeconfig()?).await?;
        config.default_retry = false;
        Ok(Client::try_from(config)?)
    }

    fn identify(&self, file: &str, server: &str, user: &str, groups: &[&str]) -> Result<PathBuf, ClusterError> {
        // Tests that ask for the same user at once must not mix certificate and key.
        let mut identified = self.identified.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kubeconfig) = identified.get(file) {
            return Ok(kubeconfig.clone());
        }
        let identity = self.authority.issue(file, user, groups, &[], &[])?;
        let files = json!({ "client-certificate": identity.certificate, "client-key": identity.key });
        let kubeconfig = self.write_kubeconfig(file, server, &files)?;
        identified.insert(file.to_owned(), kubeconfig.clone());
        Ok(kubeconfig)
    }

    fn write_kubeconfig(&self, file: &str, server: &str, user: &Value) -> Result<PathBuf, ClusterError> {
        let text = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "test",
            "clusters": [{ "name": "test", "cluster": { "server": server, "certificate-authority": self.authority() } }],
            "users": [{ "name": "test", "user": user }],
            "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "test" } }],
        });
        self.folder.write(&format!("kubeconfig/{file}"), text.to_string())
    }
}

/// A certificate is one user's; two users must not meet in one file name.
fn file_name(user: &str, groups: &[&str]) -> String {
    let encode = |letter: char| {
        if letter.is_ascii_alphanumeric() || "-.".contains(letter) {
            letter.to_string()
        } else {
            format!("_{:x}_", u32::from(letter))
        }
    };
    let encoded = |name: &str| -> String { name.chars().map(encode).collect() };
    let groups: Vec<String> = groups.iter().copied().map(encoded).collect();
    format!("{}+{}", encoded(user), groups.join("+"))
}

async fn create<K>(client: &Client, object: Value) -> Result<(), ClusterError>
where
    K: Resource<DynamicType = (), Scope = ClusterResourceScope> + Clone + Debug + Serialize + DeserializeOwned,
{
    let object: K = serde_json::from_value(object).map_err(kube::Error::SerdeError)?;
    Api::<K>::all(client.clone()).create(&PostParams::default(), &object).await?;
    Ok(())
}

async fn load(file: PathBuf) -> Result<Config, ClusterError> {
    Ok(Config::from_custom_kubeconfig(Kubeconfig::read_from(file)?, &KubeConfigOptions::default()).await?)
}
