//! Whether operator and agents have their pods, and which were refused or are not ready.

use anyhow::Context as _;
use k8s_openapi::api::{
    apps::v1::{DaemonSet, StatefulSet},
    core::v1::{Event, Pod},
};
use kube::{Api, Client, ResourceExt as _, api::ListParams};

use super::Fault;

const OPERATOR: &str = "landfall-operator";
const AGENT: &str = "landfall-agent";
const BUS_AGENT: &str = "landfall-bus-agent";
/// What a controller says before the reason of the API server.
const PREFIXES: [&str; 2] = ["Error creating: ", "failed error: "];
/// In the reason of a refusal by Pod Security.
const POD_SECURITY: &str = "violates PodSecurity";
/// How many pods are named.
const MAX_NAMED: usize = 10;

pub(super) async fn operator(client: Client, namespace: &str) -> anyhow::Result<Vec<Fault>> {
    Ok(stateful_set(client, namespace, OPERATOR)
        .await?
        .unwrap_or_else(|| vec![absent("StatefulSet", OPERATOR, namespace)]))
}

/// Those that read message buses, if they are installed.
pub(super) async fn bus_agents(client: Client, namespace: &str) -> anyhow::Result<Vec<Fault>> {
    Ok(stateful_set(client, namespace, BUS_AGENT).await?.unwrap_or_default())
}

/// Those of a StatefulSet; `None` if it is not there.
async fn stateful_set(client: Client, namespace: &str, name: &str) -> anyhow::Result<Option<Vec<Fault>>> {
    let sets: Api<StatefulSet> = Api::namespaced(client.clone(), namespace);
    let found = sets.get_opt(name).await.with_context(|| format!("failed to read StatefulSet {name}"))?;
    let Some(set) = found else { return Ok(None) };
    let wanted = set.spec.and_then(|spec| spec.replicas).unwrap_or(1);
    let ready = set.status.and_then(|status| status.ready_replicas).unwrap_or_default();
    if ready >= wanted {
        return Ok(Some(Vec::new()));
    }
    unready(client, namespace, ("StatefulSet", name), ready, wanted).await.map(Some)
}

/// Those of agents; `release` is the namespace of the operator.
pub(super) async fn agents(client: Client, namespace: &str, release: &str) -> anyhow::Result<Vec<Fault>> {
    let sets: Api<DaemonSet> = Api::namespaced(client.clone(), namespace);
    let found = sets.get_opt(AGENT).await.with_context(|| format!("failed to read DaemonSet {AGENT}"))?;
    let Some(set) = found else { return Ok(vec![absent("DaemonSet", AGENT, namespace)]) };
    let status = set.status.unwrap_or_default();
    let (ready, wanted) = (status.number_ready, status.desired_number_scheduled);
    if wanted == 0 {
        let what = format!("DaemonSet {namespace}/{AGENT}: no node is selected, so no traffic is seen");
        return Ok(vec![Fault { what, next: format!("kubectl -n {namespace} get daemonset {AGENT} -o yaml") }]);
    }
    if ready >= wanted {
        return Ok(Vec::new());
    }
    let mut faults = unready(client, namespace, ("DaemonSet", AGENT), ready, wanted).await?;
    for fault in faults.iter_mut().filter(|fault| fault.what.contains(POD_SECURITY)) {
        fault.next = if namespace == release {
            format!(
                "helm upgrade landfall charts/landfall --namespace {release} --reset-then-reuse-values \
                 --set agent.namespace=landfall-agents"
            )
        } else {
            format!("kubectl label namespace {namespace} pod-security.kubernetes.io/enforce=privileged --overwrite")
        };
    }
    Ok(faults)
}

fn absent(kind: &str, name: &str, namespace: &str) -> Fault {
    let what = format!("{kind} {namespace}/{name} is missing");
    Fault { what, next: "helm list --all-namespaces --filter landfall".to_owned() }
}

/// Why not all pods are ready: those that the API server refused, and those that wait.
async fn unready(
    client: Client,
    namespace: &str,
    (kind, name): (&str, &str),
    ready: i32,
    wanted: i32,
) -> anyhow::Result<Vec<Fault>> {
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let about = format!("involvedObject.kind={kind},involvedObject.name={name},reason=FailedCreate");
    let refused = events.list(&ListParams::default().fields(&about)).await.context("failed to list Events")?;
    let pods: Api<Pod> = Api::namespaced(client, namespace);
    let selected = ListParams::default().labels(&format!("app.kubernetes.io/name={name}"));
    let pods = pods.list(&selected).await.context("failed to list pods")?.items;
    let head = format!("{kind} {namespace}/{name}: {ready} of {wanted} pods are ready");
    let describe = |what: &str| format!("kubectl -n {namespace} describe {what}");
    let waits = |pod: &Pod| {
        let (why, pod, on) = (why(pod)?, pod.name_any(), node(pod));
        Some(Fault { what: format!("{head}; {pod}{on}: {why}"), next: describe(&format!("pod {pod}")) })
    };
    let mut faults: Vec<_> = pods.iter().filter_map(waits).take(MAX_NAMED).collect();
    // Events outlive their cause by an hour: they speak for pods that are missing.
    if i32::try_from(pods.len()).unwrap_or(i32::MAX) < wanted {
        let last = refused.items.into_iter().max_by_key(|event| event.last_timestamp.clone().map(|time| time.0));
        let what = match last.and_then(|event| event.message) {
            Some(message) => format!("{head}; refused: {}", reason(&message)),
            None => format!("{head}; not all were created yet"),
        };
        faults.insert(0, Fault { what, next: describe(&format!("{} {name}", kind.to_lowercase())) });
    }
    if faults.is_empty() {
        faults.push(Fault { what: head, next: describe(&format!("{} {name}", kind.to_lowercase())) });
    }
    Ok(faults)
}

/// The reason of the API server in the message of an Event.
fn reason(message: &str) -> &str {
    let after = PREFIXES.iter().find_map(|prefix| message.split_once(prefix));
    after.map_or(message, |(_, reason)| reason)
}

/// The node of a pod, after its name.
fn node(pod: &Pod) -> String {
    let node = pod.spec.as_ref().and_then(|spec| spec.node_name.as_ref());
    node.map(|node| format!(" on {node}")).unwrap_or_default()
}

/// Why a pod is not ready; `None` if it is.
fn why(pod: &Pod) -> Option<String> {
    let Some(status) = pod.status.as_ref() else { return Some("it has no status yet".to_owned()) };
    let conditions = status.conditions.as_deref().unwrap_or_default();
    if conditions.iter().any(|condition| condition.type_ == "Ready" && condition.status == "True") {
        return None;
    }
    let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
    let waiting = containers.filter_map(|container| {
        let waiting = container.state.as_ref()?.waiting.as_ref()?;
        let reason = waiting.reason.as_deref().filter(|reason| *reason != "PodInitializing")?;
        let message = waiting.message.as_deref().map(|message| format!(" ({message})")).unwrap_or_default();
        Some(format!("container {} waits: {reason}{message}", container.name))
    });
    let unscheduled =
        conditions.iter().find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    let unscheduled = unscheduled.and_then(|condition| condition.message.clone());
    Some(waiting.chain(unscheduled).next().unwrap_or_else(|| "its container is not ready yet".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(status: &serde_json::Value) -> Option<String> {
        why(&serde_json::from_value(json!({ "metadata": {}, "status": status })).unwrap())
    }

    #[test]
    fn the_reason_of_a_refusal_is_that_of_the_api_server() {
        let refusal = r#"pods "a-7vj77" is forbidden: violates PodSecurity"#;
        for before in [
            "Error creating: ",
            "(combined from similar events): Error creating: ",
            "create Pod a-0 in StatefulSet a failed error: ",
        ] {
            assert_eq!(reason(&format!("{before}{refusal}")), refusal);
        }
        assert_eq!(reason(refusal), refusal);
    }

    #[test]
    fn a_pod_that_waits_says_for_what() {
        let ready = json!({ "conditions": [{ "type": "Ready", "status": "True" }] });
        assert_eq!(said(&ready), None);
        let waits = |reason: &str| {
            json!({ "name": "agent", "ready": false, "restartCount": 0, "image": "", "imageID": "",
            "state": { "waiting": { "reason": reason } } })
        };
        let pulls = json!({ "initContainerStatuses": [waits("ErrImagePull")], "containerStatuses": [waits("PodInitializing")] });
        assert_eq!(said(&pulls).as_deref(), Some("container agent waits: ErrImagePull"));
        let full = json!({ "conditions": [{ "type": "PodScheduled", "status": "False", "message": "0/2 nodes are available" }] });
        assert_eq!(said(&full).as_deref(), Some("0/2 nodes are available"));
        assert_eq!(said(&json!({})).as_deref(), Some("its container is not ready yet"));
    }
}
