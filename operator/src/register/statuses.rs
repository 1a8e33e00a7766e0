//! Writes conditions to objects: by the leader alone, when they differ from what is there, and no faster than one
//! after the other.

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use kube::{
    Api, Client,
    api::{DynamicObject, Patch, PatchParams},
    core::ApiResource,
};
use landfall_api::{API_VERSION, GROUP, RegisterStatus, VERSION};
use serde_json::json;
use tokio::{sync::watch, time::sleep};
use tracing::warn;

use crate::{
    FIELD_MANAGER, clock,
    objects::call::{CallError, in_time},
};

use super::{desired_status::Wanted, metrics::Metrics};

/// After a failed write; doubles with every further one.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_mins(1);

/// Kind, namespace, name and uid.
type Identity = (&'static str, Option<String>, String, Option<String>);

/// What an object says, and as which version it had been read then: until a later one is read, this is it.
struct Said {
    over: Option<String>,
    status: RegisterStatus,
}

/// Returns when nobody wants anything any more.
pub(super) async fn write(
    client: Client,
    mut wanted: watch::Receiver<Arc<Vec<Wanted>>>,
    mut leading: watch::Receiver<bool>,
    metrics: Metrics,
) {
    let mut written = HashMap::new();
    let mut retry = FIRST_RETRY;
    loop {
        // Whoever decides who leads may be gone; then what held last holds.
        if !*leading.borrow_and_update() {
            tokio::select! {
                changed = leading.changed() => if changed.is_err() { std::future::pending::<()>().await },
                closed = closed(&mut wanted) => return closed,
            }
            continue;
        }
        let now = wanted.borrow_and_update().clone();
        let sound = round(&client, &now, &mut written, &leading, &metrics).await;
        retry = if sound { FIRST_RETRY } else { LAST_RETRY.min(retry * 2) };
        tokio::select! {
            changed = wanted.changed() => if changed.is_err() { return },
            Ok(()) = leading.changed() => {}
            () = sleep(retry), if !sound => {}
        }
    }
}

async fn closed(wanted: &mut watch::Receiver<Arc<Vec<Wanted>>>) {
    while wanted.changed().await.is_ok() {}
}

/// Writes what differs. Returns whether all of it could be written.
async fn round(
    client: &Client,
    wanted: &[Wanted],
    written: &mut HashMap<Identity, Said>,
    leading: &watch::Receiver<bool>,
    metrics: &Metrics,
) -> bool {
    let mut before = std::mem::take(written);
    let mut sound = true;
    for want in wanted {
        let identity = (want.kind, want.namespace.clone(), want.name.clone(), want.uid.clone());
        let ours = before.remove(&identity).filter(|ours| ours.over == want.resource_version);
        if !*leading.borrow() {
            // What the rest says is not known any more.
            return true;
        }
        match apply(client, want, ours.as_ref().map(|ours| &ours.status)).await {
            Ok((status, is_new)) => {
                if is_new {
                    metrics.status_writes.with_label_values(&["written"]).inc();
                }
                written.insert(identity, Said { over: want.resource_version.clone(), status });
            }
            Err(CallError::Api(kube::Error::Api(status))) if status.is_not_found() => {}
            Err(error) => {
                let (namespace, name) = (want.namespace.as_deref().unwrap_or_default(), &want.name);
                let error = &error as &dyn std::error::Error;
                warn!(error, kind = want.kind, %namespace, %name, "Failed to write conditions");
                metrics.status_writes.with_label_values(&["failed"]).inc();
                sound = false;
            }
        }
    }
    sound
}

/// Writes one status if it differs; returns it, and whether it did.
async fn apply(
    client: &Client,
    want: &Wanted,
    ours: Option<&RegisterStatus>,
) -> Result<(RegisterStatus, bool), CallError> {
    let resource = ApiResource {
        group: GROUP.to_owned(),
        version: VERSION.to_owned(),
        api_version: API_VERSION.to_owned(),
        kind: want.kind.to_owned(),
        plural: want.plural.to_owned(),
    };
    let api: Api<DynamicObject> = match &want.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let said = match (ours, &want.said) {
        (Some(ours), _) => Some(ours.clone()),
        (None, Some(said)) => Some(said.clone()),
        (None, None) => {
            // Of an object that cannot be read the watch brings the metadata alone.
            let object = in_time(api.get(&want.name)).await?;
            object.data.get("status").and_then(|status| serde_json::from_value(status.clone()).ok())
        }
    };
    let status = status(want, said.as_ref(), clock::now());
    if said.as_ref() == Some(&status) {
        return Ok((status, false));
    }
    let object = json!({
        "apiVersion": API_VERSION,
        "kind": want.kind,
        "metadata": { "name": want.name, "uid": want.uid },
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    in_time(api.patch_status(&want.name, &parameters, &Patch::Apply(&object))).await?;
    Ok((status, true))
}

fn status(want: &Wanted, said: Option<&RegisterStatus>, now: Timestamp) -> RegisterStatus {
    let before = said.map(|said| said.conditions.as_slice()).unwrap_or_default();
    let conditions = want.conditions.iter().map(|say| say.after(before, want.generation, now));
    RegisterStatus { observed_generation: want.generation, conditions: conditions.collect(), findings: want.findings }
}

#[cfg(test)]
mod tests {
    use landfall_api::ConditionStatus;

    use super::*;
    use crate::objects::condition::Say;

    fn want(status: ConditionStatus) -> Wanted {
        let say = |r#type, status| Say { r#type, status, reason: "R", message: "m".to_owned() };
        Wanted {
            kind: "SubProcessor",
            plural: "subprocessors",
            namespace: None,
            name: "acme".to_owned(),
            uid: None,
            resource_version: None,
            said: None,
            generation: Some(2),
            conditions: vec![say("Ready", status), say("LintClean", ConditionStatus::True)],
            findings: None,
        }
    }

    #[test]
    fn a_condition_keeps_its_time_until_its_status_changes() {
        let [first, later] = ["2026-11-23T08:00:00Z", "2026-11-23T09:00:00.7Z"].map(|at| at.parse().unwrap());
        let before = status(&want(ConditionStatus::True), None, first);
        assert_eq!(status(&want(ConditionStatus::True), Some(&before), later), before);
        let after = status(&want(ConditionStatus::False), Some(&before), later);
        let times: Vec<_> = after.conditions.iter().map(|it| it.last_transition_time.to_string()).collect();
        assert_eq!(times, ["2026-11-23T09:00:01Z", "2026-11-23T08:00:00Z"]);
    }
}
