//! Statuses of the register's objects: conditions, written by server-side apply when they differ from the observed
//! ones.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use kube::{
    Api, Client,
    api::{DynamicObject, Patch, PatchParams},
    core::ApiResource,
};
use landfall_api::{API_VERSION, FindingCounts, GROUP, Kind as _, RegisterStatus, VERSION};
use serde_json::json;

use super::{
    ObjectKey, WritePriority,
    call::{CallError, in_time},
    condition::ConditionUpdate,
    table::{Action, Outcome, WriteError, WrittenKind},
};
use crate::{FIELD_MANAGER, clock};

/// The statuses of all objects of the register.
#[derive(Debug)]
pub(crate) enum RegisterStatuses {}

/// The desired status of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DesiredStatus {
    /// The plural of the kind, as in API paths.
    pub(crate) plural: &'static str,
    /// Which object of that name.
    pub(crate) uid: Option<String>,
    /// The version as last read.
    pub(crate) resource_version: Option<String>,
    /// The status as last read; `None` if the object could not be decoded.
    pub(crate) current: Option<RegisterStatus>,
    /// The generation that the conditions are about.
    pub(crate) generation: Option<i64>,
    /// The conditions.
    pub(crate) conditions: Vec<ConditionUpdate>,
    /// How many findings there are.
    pub(crate) findings: Option<FindingCounts>,
}

/// The status that was written last, and the version of the object as read before. It is the current status until a
/// later version is read.
#[derive(Debug, Clone)]
pub(crate) struct WrittenStatus {
    read_version: Option<String>,
    uid: Option<String>,
    status: RegisterStatus,
}

impl DesiredStatus {
    fn status(&self, current: Option<&RegisterStatus>, now: Timestamp) -> RegisterStatus {
        let before = current.map(|current| current.conditions.as_slice()).unwrap_or_default();
        let conditions = self.conditions.iter().map(|condition| condition.to_condition(before, self.generation, now));
        RegisterStatus {
            observed_generation: self.generation,
            conditions: conditions.collect(),
            findings: self.findings,
        }
    }

    fn current<'a>(&'a self, written: Option<&'a WrittenStatus>) -> Option<&'a RegisterStatus> {
        let ours = written.filter(|ours| ours.read_version == self.resource_version && ours.uid == self.uid);
        ours.map(|ours| &ours.status).or(self.current.as_ref())
    }
}

impl WrittenKind for RegisterStatuses {
    type Desired = DesiredStatus;
    type Observed = WrittenStatus;
    type Base = Option<WrittenStatus>;

    const KINDS: &'static [&'static str] = &[
        landfall_api::LegalDevelopmentSpec::KIND,
        landfall_api::MessageBusSpec::KIND,
        landfall_api::ProcessingAgreementSpec::KIND,
        landfall_api::RecipientSpec::KIND,
        landfall_api::TransferBasisSpec::KIND,
        landfall_api::TransferImpactAssessmentSpec::KIND,
        landfall_api::TransferPolicySpec::KIND,
    ];
    /// The register watches them and passes the observed status along with the desired one.
    const IS_WATCHED: bool = false;

    fn priority(written: Option<&WrittenStatus>, desired: Option<&DesiredStatus>) -> Option<WritePriority> {
        let desired = desired?;
        let current = desired.current(written);
        let is_current = current.is_some_and(|current| desired.status(Some(current), clock::now()) == *current);
        (!is_current).then_some(WritePriority::RegisterStatus)
    }

    fn base(written: Option<&WrittenStatus>) -> Option<WrittenStatus> {
        written.cloned()
    }

    fn write(client: Client, key: ObjectKey, action: Action<Self>) -> BoxFuture<'static, Outcome<Self>> {
        Box::pin(async move {
            let Some(desired) = action.desired else { return Ok(None) };
            match apply(client, &key, &desired, action.base.as_ref()).await {
                Ok(status) => {
                    let DesiredStatus { resource_version, uid, .. } = desired;
                    Ok(Some(WrittenStatus { read_version: resource_version, uid, status }))
                }
                Err(error) => Err(WriteError::for_existing(error)),
            }
        })
    }
}

async fn apply(
    client: Client,
    key: &ObjectKey,
    desired: &DesiredStatus,
    written: Option<&WrittenStatus>,
) -> Result<RegisterStatus, CallError> {
    let resource = ApiResource {
        group: GROUP.to_owned(),
        version: VERSION.to_owned(),
        api_version: API_VERSION.to_owned(),
        kind: key.kind.to_owned(),
        plural: desired.plural.to_owned(),
    };
    let api: Api<DynamicObject> = match &key.namespace {
        Some(namespace) => Api::namespaced_with(client, namespace, &resource),
        None => Api::all_with(client, &resource),
    };
    let read;
    let current = if let Some(current) = desired.current(written) {
        Some(current)
    } else {
        // For an object that cannot be decoded the watch only has the metadata.
        let object = in_time(api.get(&key.name)).await?;
        read = object.data.get("status").and_then(|status| serde_json::from_value(status.clone()).ok());
        read.as_ref()
    };
    let status = desired.status(current, clock::now());
    if current == Some(&status) {
        return Ok(status);
    }
    let object = json!({
        "apiVersion": API_VERSION,
        "kind": key.kind,
        "metadata": { "name": key.name, "uid": desired.uid },
        "status": status,
    });
    let parameters = PatchParams::apply(FIELD_MANAGER).force();
    in_time(api.patch_status(&key.name, &parameters, &Patch::Apply(&object))).await?;
    Ok(status)
}

#[cfg(test)]
mod tests {
    use landfall_api::ConditionStatus;

    use super::*;

    fn desired(status: ConditionStatus) -> DesiredStatus {
        let condition = |r#type, status| ConditionUpdate { r#type, status, reason: "R", message: "m".to_owned() };
        DesiredStatus {
            plural: "recipients",
            uid: None,
            resource_version: Some("1".to_owned()),
            current: None,
            generation: Some(2),
            conditions: vec![condition("Ready", status), condition("LintClean", ConditionStatus::True)],
            findings: None,
        }
    }

    #[test]
    fn a_condition_keeps_its_transition_time_until_its_status_changes() {
        let [first, later] = ["2026-11-23T08:00:00Z", "2026-11-23T09:00:00.7Z"].map(|at| at.parse().unwrap());
        let before = desired(ConditionStatus::True).status(None, first);
        assert_eq!(desired(ConditionStatus::True).status(Some(&before), later), before);
        let after = desired(ConditionStatus::False).status(Some(&before), later);
        let times: Vec<_> = after.conditions.iter().map(|it| it.last_transition_time.to_string()).collect();
        assert_eq!(times, ["2026-11-23T09:00:01Z", "2026-11-23T08:00:00Z"]);
    }

    #[test]
    fn the_written_status_is_current_until_a_later_version_is_read() {
        let at = "2026-11-23T08:00:00Z".parse().unwrap();
        let mut object = desired(ConditionStatus::True);
        let priority = |written, object: &DesiredStatus| RegisterStatuses::priority(written, Some(object));
        let due = Some(WritePriority::RegisterStatus);
        assert_eq!(priority(None, &object), due);
        let status = object.status(None, at);
        let written = WrittenStatus { read_version: Some("1".to_owned()), uid: None, status: status.clone() };
        assert_eq!(priority(Some(&written), &object), None);
        // The watch delivers this write, and then someone else's edit.
        (object.resource_version, object.current) = (Some("2".to_owned()), Some(status.clone()));
        assert_eq!(priority(Some(&written), &object), None);
        let edited = RegisterStatus { observed_generation: Some(9), ..status };
        (object.resource_version, object.current) = (Some("3".to_owned()), Some(edited));
        assert_eq!(priority(Some(&written), &object), due);
    }
}
