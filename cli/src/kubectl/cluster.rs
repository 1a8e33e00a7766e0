//! Reads from and writes to the API server, with the kubeconfig that kubectl would use.

use std::{error::Error, fmt, path::PathBuf, time::Duration};

use anyhow::anyhow;
use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, ListParams, Patch, PatchParams},
    core::Status,
};
use landfall_api::{GROUP, Kind, Stored};
use landfall_process::{client, error_chain::causes};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::sanitize;
use crate::{diagnostics, locale::Locale};

/// Timeouts that a reachable server meets.
const CONNECT: Duration = Duration::from_secs(10);
const ANSWER: Duration = Duration::from_secs(30);
/// The field manager of its writes (`metadata.managedFields`).
const FIELD_MANAGER: &str = "kubectl-landfall";
/// Heading of the flags that select the cluster.
const CLUSTER: &str = "Cluster";
/// Objects per page, as in kubectl.
const PAGE: u32 = 500;

/// The cluster and the namespaces that a command is about.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Scope {
    /// Kubeconfig to use instead of KUBECONFIG or ~/.kube/config.
    #[arg(long, global = true, value_name = "FILE", help_heading = CLUSTER)]
    pub(super) kubeconfig: Option<PathBuf>,
    /// Context of the kubeconfig [default: its current context].
    #[arg(long, global = true, value_name = "NAME", help_heading = CLUSTER)]
    pub(super) context: Option<String>,
    /// Namespace [default: that of the context].
    #[arg(short, long, global = true, value_name = "NAME", help_heading = CLUSTER)]
    pub(super) namespace: Option<String>,
    /// All namespaces.
    #[arg(short = 'A', long, global = true, help_heading = CLUSTER)]
    pub(super) all_namespaces: bool,
}

/// The namespaces that are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Range {
    Namespace(String),
    All,
}

/// The API server of a cluster.
pub(super) struct Cluster {
    client: Client,
    url: String,
    default_namespace: String,
    kubectl: Kubectl,
}

/// An object as the API server returned it, and as it was read, with its texts sanitized.
pub(super) struct Found<S: Kind> {
    pub(super) object: DynamicObject,
    pub(super) read: Stored<S>,
}

/// The result of a write.
pub(super) enum Written {
    /// The object after the write, or after a dry run.
    Done(Box<DynamicObject>),
    /// The object changed since it was read.
    Conflict,
}

/// Writes kubectl commands for the same cluster, for a person to run.
#[derive(Debug, Clone, Default)]
pub(super) struct Kubectl(String);

impl Scope {
    pub(super) async fn connect(&self) -> anyhow::Result<Cluster> {
        let Self { kubeconfig, context, .. } = self;
        let config = client::as_kubectl(kubeconfig.as_deref(), context.as_deref()).await;
        let mut config = config.map_err(|error| unusable(&error))?;
        config.connect_timeout = Some(CONNECT);
        config.read_timeout = Some(ANSWER);
        // A person waits, and can repeat the command.
        config.default_retry = false;
        let url = config.cluster_url.to_string();
        let default_namespace = config.default_namespace.clone();
        let client =
            Client::try_from(config).map_err(|error| match error {
            // The address of a proxy may contain a password, which must not be printed.
            kube::Error::ProxyProtocolDisabled { .. } | kube::Error::ProxyProtocolUnsupported { .. } => anyhow!(
                "unusable kubeconfig: a proxy (its proxy-url, or HTTPS_PROXY) is not supported; if the API server can be \
                 reached without one, unset it"
            ),
            error => anyhow!("unusable kubeconfig: {}", innermost(&error)),
        })?;
        Ok(Cluster { client, url, default_namespace, kubectl: Kubectl::from_scope(self) })
    }

    /// The selected namespaces.
    pub(super) fn range(&self, cluster: &Cluster) -> Range {
        match (&self.namespace, self.all_namespaces) {
            (_, true) => Range::All,
            (Some(namespace), false) => Range::Namespace(namespace.clone()),
            (None, false) => Range::Namespace(cluster.default_namespace.clone()),
        }
    }
}

impl Kubectl {
    pub(super) fn from_scope(scope: &Scope) -> Self {
        let file = scope.kubeconfig.as_ref().map(|file| file.to_string_lossy().into_owned());
        let flags = [("--kubeconfig", file), ("--context", scope.context.clone())];
        let given =
            flags.into_iter().filter_map(|(flag, value)| Some(format!(" {flag} {}", sanitize::shell_word(&value?))));
        Self(given.collect())
    }

    /// `kubectl …` in a namespace.
    pub(super) fn command(&self, namespace: &str, rest: impl fmt::Display) -> String {
        format!("kubectl{} -n {} {rest}", self.0, sanitize::shell_word(namespace))
    }

    /// `kubectl landfall …`, with the flags last: kubectl accepts none before the name of a plugin.
    pub(super) fn plugin(&self, rest: impl fmt::Display) -> String {
        format!("kubectl landfall {rest}{}", self.0)
    }
}

impl Cluster {
    pub(super) fn kubectl(&self) -> Kubectl {
        self.kubectl.clone()
    }

    /// The client, for requests about other kinds.
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    /// The objects of a kind. An object that this version cannot read is reported on stderr and left out.
    pub(super) async fn list<S: Kind>(&self, range: &Range, name: Option<&str>) -> anyhow::Result<Vec<Stored<S>>>
    where
        Stored<S>: DeserializeOwned,
    {
        let objects = self.objects::<S>(range, name).await?;
        Ok(objects.into_iter().filter_map(readable::<S>).collect())
    }

    /// The objects of a name: one in a namespace, perhaps several in all of them. None if the name is not valid.
    pub(super) async fn find<S: Kind>(&self, range: &Range, name: &str) -> anyhow::Result<Vec<Found<S>>>
    where
        Stored<S>: DeserializeOwned,
    {
        // A comma would start another selector.
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c));
        let objects = if is_name { self.objects::<S>(range, Some(name)).await? } else { Vec::new() };
        let read = |object: DynamicObject| Some(Found { read: readable::<S>(object.clone())?, object });
        Ok(objects.into_iter().filter_map(read).collect())
    }

    /// Changes an object by a merge patch (RFC 7386). With `is_dry` the API server only checks the change.
    pub(super) async fn patch<S: Kind>(
        &self,
        namespace: &str,
        name: &str,
        patch: &Value,
        is_dry: bool,
    ) -> anyhow::Result<Written> {
        let range = Range::Namespace(namespace.to_owned());
        let parameters =
            PatchParams { dry_run: is_dry, field_manager: Some(FIELD_MANAGER.to_owned()), ..PatchParams::default() };
        match self.api::<S>(&range).patch(name, &parameters, &Patch::Merge(patch)).await {
            Ok(mut object) => {
                object.metadata.managed_fields = None;
                Ok(Written::Done(Box::new(object)))
            }
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(Written::Conflict),
            Err(error) => Err(self.failed::<S>("patch", &range, error)),
        }
    }

    async fn objects<S: Kind>(&self, range: &Range, name: Option<&str>) -> anyhow::Result<Vec<DynamicObject>> {
        let api = self.api::<S>(range);
        let mut parameters = ListParams::default().limit(PAGE);
        parameters.field_selector = name.map(|name| format!("metadata.name={name}"));
        let mut objects = Vec::new();
        loop {
            let page = api.list(&parameters).await.map_err(|error| self.failed::<S>("list", range, error))?;
            objects.extend(page.items.into_iter().map(|mut object| {
                object.metadata.managed_fields = None;
                object
            }));
            parameters.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
            if parameters.continue_token.is_none() {
                return Ok(objects);
            }
        }
    }

    fn api<S: Kind>(&self, range: &Range) -> Api<DynamicObject> {
        let resource = ApiResource::erase::<Stored<S>>(&());
        match range {
            Range::Namespace(namespace) => Api::namespaced_with(self.client.clone(), namespace, &resource),
            Range::All => Api::all_with(self.client.clone(), &resource),
        }
    }

    fn failed<S: Kind>(&self, verb: &str, range: &Range, error: kube::Error) -> anyhow::Error {
        let plural = S::PLURAL;
        let status = match error {
            kube::Error::Api(status) => status,
            kube::Error::Service(source) => return self.unreachable(source.as_ref()),
            kube::Error::HyperError(source) => return self.unreachable(&source),
            other => return anyhow!("failed to {verb} {plural}: {}", innermost(&other)),
        };
        let Status { code, message, .. } = *status;
        let message = sanitize::line(&message, 400);
        match (code, range) {
            (401, _) => anyhow!("{} does not accept the credentials: {message}", self.url),
            (403, Range::All) => anyhow!("{message}\nwithout that right, ask for one namespace: -n NAMESPACE"),
            (403, Range::Namespace(namespace)) => {
                let check = self.kubectl.command(namespace, format_args!("auth can-i {verb} {plural}.{GROUP}"));
                anyhow!("{message}\nwhat you may do: {check}")
            }
            // For a write it means that the object was just deleted.
            (404, _) if verb == "list" => anyhow!(
                "the cluster does not have {plural}.{GROUP}: Landfall is not or not completely installed there \
                 (landfall crds | kubectl apply --server-side -f -)"
            ),
            _ => anyhow!("failed to {verb} {plural}: {message}"),
        }
    }

    fn unreachable(&self, error: &(dyn Error + 'static)) -> anyhow::Error {
        // The error of a timeout does not tell what timed out.
        let why = innermost(error);
        let why =
            if why.contains("deadline") || why.contains("timed out") { "no answer in time".to_owned() } else { why };
        anyhow!("failed to reach the API server {}: {why}", self.url)
    }
}

impl Range {
    /// As a phrase in a sentence.
    pub(super) fn in_words(&self, locale: Locale) -> String {
        match self {
            Self::Namespace(namespace) => {
                format!("{} {}", locale.text("in namespace", "im Namespace"), sanitize::line(namespace, 63))
            }
            Self::All => locale.text("in all namespaces", "in allen Namespaces").to_owned(),
        }
    }
}

fn readable<S: Kind>(object: DynamicObject) -> Option<Stored<S>>
where
    Stored<S>: DeserializeOwned,
{
    let namespace = object.metadata.namespace.clone().unwrap_or_default();
    let name = object.metadata.name.clone().unwrap_or_default();
    let read = serde_json::to_value(object).map(sanitize::object).and_then(serde_json::from_value);
    match read {
        Ok(stored) => Some(stored),
        Err(error) => {
            let (name, error) = (sanitize::line(&format!("{namespace}/{name}"), 320), error.to_string());
            let error = sanitize::line(&error, 320);
            diagnostics::warning(format_args!("{} {name} cannot be read and is left out: {error}", S::KIND));
            None
        }
    }
}

fn unusable(error: &client::ClientError) -> anyhow::Error {
    // The outermost text names the file or the context, the innermost the cause.
    let (outer, inner) = (sanitize::line(&error.to_string(), 400), innermost(error));
    let message = if outer.contains(&inner) { outer } else { format!("{outer}: {inner}") };
    anyhow!("unusable kubeconfig: {message}")
}

/// The innermost cause of an error: the outer ones only say that something failed.
pub(super) fn innermost(error: &(dyn Error + 'static)) -> String {
    let innermost = causes(error).last().unwrap_or(error);
    sanitize::line(&innermost.to_string(), 400)
}

#[cfg(test)]
mod tests {
    use landfall_api::TransferSpec;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_object_that_cannot_be_read_is_left_out_and_one_with_a_later_status_is_not() {
        let spec = json!({
            "cluster": "test",
            "agreement": { "namespace": "privacy", "name": "crm" },
            "exporter": { "workload": { "namespace": "crm", "kind": "Deployment", "name": "sync" } },
            "recipient": "mailer",
        });
        let read = |spec: &serde_json::Value, status: serde_json::Value| {
            let object = json!({
                "apiVersion": "landfall.dev/v1alpha1",
                "kind": "Transfer",
                "metadata": { "name": "a", "namespace": "crm" },
                "spec": spec,
                "status": status,
            });
            readable::<TransferSpec>(serde_json::from_value(object).unwrap())
        };
        let later = read(&spec, json!({ "outcome": "MoreThanUnlawful" })).unwrap();
        assert_eq!((later.spec.recipient.as_str(), later.status), ("mailer", None));
        assert_eq!(read(&json!({ "cluster": "test" }), json!({})), None);
    }

    #[test]
    fn commands_are_words_of_a_shell() {
        let scope = Scope {
            kubeconfig: Some("/home/o'neill/config".into()),
            context: Some("$(id)".to_owned()),
            ..Scope::default()
        };
        let kubectl = Kubectl::from_scope(&scope);
        let flags = r"--kubeconfig '/home/o'\''neill/config' --context '$(id)'";
        assert_eq!(kubectl.command("crm", "get transfers"), format!("kubectl {flags} -n crm get transfers"));
        assert_eq!(kubectl.plugin("transfers -A"), format!("kubectl landfall transfers -A {flags}"));
    }
}
