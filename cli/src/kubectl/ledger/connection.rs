//! The connection to the operator over HTTPS, as a service account that may read the ledger, with the certificates that
//! the operator publishes.

use std::{io::Write as _, time::Duration};

use anyhow::{Context as _, anyhow, bail};
use futures_util::{AsyncBufReadExt as _, StreamExt as _};
use http::Request;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, PostParams},
    config::Kubeconfig,
};
use landfall_process::client;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::{super::cluster::innermost, forward::Forward};
use crate::kubectl::{cluster::Scope, sanitize};

/// The prefix of the names of Secret, ConfigMap, Service and Pod of the operator.
const OPERATOR: &str = "landfall-operator";
/// The lifetime of a token: the shortest that the API server allows.
const TOKEN_SECONDS: u32 = 600;
/// A verification reads every segment before it answers.
const READ_TIMEOUT: Duration = Duration::from_mins(10);

/// How and as whom to reach the operator.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Access {
    /// Service account that may read the ledger, NAMESPACE/NAME; a token valid for ten minutes is requested for it.
    #[arg(long, global = true, value_name = "ACCOUNT", default_value = "landfall-system/landfall-ledger-reader")]
    service_account: String,
    /// Namespace of the operator.
    #[arg(long, global = true, value_name = "NAME", default_value = "landfall-system")]
    operator_namespace: String,
    /// Audience of the token, as in --audience of the operator.
    #[arg(long, global = true, value_name = "NAME", default_value = "landfall-operator")]
    audience: String,
    /// URL of the operator, such as https://landfall-operator.landfall-system.svc:8443 [default: through kubectl port-forward].
    #[arg(long, global = true, value_name = "URL")]
    server: Option<String>,
}

/// A connected operator.
pub(super) struct Operator {
    client: Client,
    server: String,
    account: String,
    /// Kept open as long as the connection.
    _forward: Option<Forward>,
}

impl Access {
    pub(super) async fn connect(&self, scope: &Scope) -> anyhow::Result<Operator> {
        let Self { service_account, operator_namespace: namespace, audience, server } = self;
        let Some((account_namespace, account)) = service_account.split_once('/') else {
            bail!("--service-account: expected NAMESPACE/NAME")
        };
        let client = scope.connect().await?.client();
        let token = token(&client, account_namespace, account, audience).await?;
        let bundle = bundle(&client, namespace).await?;
        let (server, forward) = if let Some(server) = server {
            (server.trim_end_matches('/').to_owned(), None)
        } else {
            let forward = Forward::start(scope, namespace, &format!("{OPERATOR}-0"))?;
            (format!("https://{}", forward.address()), Some(forward))
        };
        let mut file = NamedTempFile::new().context("failed to create a file for the certificate of the operator")?;
        file.write_all(bundle.as_bytes()).context("failed to write the certificate of the operator")?;
        // The certificate is issued for this name, whatever the address.
        let name = format!("{OPERATOR}.{namespace}.svc");
        let kubeconfig = json!({
            "clusters": [{ "name": OPERATOR, "cluster": {
                "server": server, "certificate-authority": file.path(), "tls-server-name": name,
            } }],
            "users": [{ "name": OPERATOR, "user": { "token": token } }],
            "contexts": [{ "name": OPERATOR, "context": { "cluster": OPERATOR, "user": OPERATOR } }],
            "current-context": OPERATOR,
        });
        let kubeconfig: Kubeconfig = serde_json::from_value(kubeconfig).context("--server: expected an address")?;
        let config = client::from_kubeconfig(kubeconfig, None).await;
        let mut config = config.map_err(|error| anyhow!("--server: not usable: {}", innermost(&error)))?;
        config.read_timeout = Some(READ_TIMEOUT);
        config.default_retry = false;
        let client = Client::try_from(config)
            .map_err(|error| anyhow!("failed to set up the connection to the operator: {}", innermost(&error)))?;
        Ok(Operator { client, server, account: service_account.clone(), _forward: forward })
    }
}

impl Operator {
    /// Passes the lines of an answer to `each` as they arrive. An interrupted answer is an error.
    pub(super) async fn lines(
        &self,
        path: &str,
        mut each: impl FnMut(&str) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let request = Request::get(path).body(Vec::new()).context("failed to build the request to the operator")?;
        let answer = self.client.request_stream(request).await.map_err(|error| self.failed(&error))?;
        let mut lines = std::pin::pin!(answer.lines());
        while let Some(line) = lines.next().await {
            let line = line.map_err(|error| {
                anyhow!(
                    "the answer of the operator was interrupted: {}; `export --after ID` continues after a record",
                    innermost(&error)
                )
            })?;
            each(&line)?;
        }
        Ok(())
    }

    fn failed(&self, error: &kube::Error) -> anyhow::Error {
        let Self { server, account, .. } = self;
        let kube::Error::Api(status) = error else {
            return anyhow!("failed to reach the operator {server}: {}", innermost(error));
        };
        let message = sanitize::line(&status.message, 600);
        match status.code {
            403 => anyhow!(
                "{message}\nthe service account {account} needs list and get on ledgers.landfall.dev (ClusterRole landfall-ledger-reader)"
            ),
            404 => anyhow!("the ledger is still empty"),
            _ => anyhow!("the operator refused: {message}"),
        }
    }
}

fn resource(group: &str, version: &str, kind: &str, plural: &str) -> ApiResource {
    let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version,
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    }
}

async fn token(client: &Client, namespace: &str, account: &str, audience: &str) -> anyhow::Result<String> {
    let accounts: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), namespace, &resource("", "v1", "ServiceAccount", "serviceaccounts"));
    let request = json!({
        "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": { "audiences": [audience], "expirationSeconds": TOKEN_SECONDS },
    });
    let made: Result<Value, _> = accounts.create_subresource("token", account, &PostParams::default(), &request).await;
    let made = made.map_err(|error| {
        anyhow!(
            "failed to create a token for the service account {namespace}/{account}: {} (needs create on serviceaccounts/token)",
            innermost(&error)
        )
    })?;
    let token = made["status"]["token"].as_str().context("the API server returned no token")?;
    Ok(token.to_owned())
}

/// The certificates that the operator publishes for its clients.
async fn bundle(client: &Client, namespace: &str) -> anyhow::Result<String> {
    let maps: Api<DynamicObject> =
        Api::namespaced_with(client.clone(), namespace, &resource("", "v1", "ConfigMap", "configmaps"));
    let name = format!("{OPERATOR}-ca");
    let map = maps.get(&name).await;
    let map = map.map_err(|error| {
        anyhow!(
            "failed to read the ConfigMap {namespace}/{name} with the certificate of the operator: {}",
            innermost(&error)
        )
    })?;
    let bundle = map.data["data"]["ca.crt"].as_str();
    Ok(bundle.with_context(|| format!("ConfigMap {namespace}/{name}: expected the key ca.crt"))?.to_owned())
}
