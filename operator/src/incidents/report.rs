//! Document D13, the report of a breach to the controller, in both its stages: drafted as soon as a breach is known, for
//! people to complete and to send. It stands in a ConfigMap beside the Incident and in the ledger.

mod text;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use k8s_openapi::{api::core::v1::ConfigMap, apimachinery::pkg::apis::meta::v1::OwnerReference};
use kube::{Api, Client, api::ObjectMeta};
use landfall_api::{IncidentSpec, IncidentStatus, Kind as _};
use landfall_transfer_law::EdgeId;
use tokio::{
    sync::{Notify, mpsc},
    time::sleep,
};

pub(super) use self::text::all as texts;
use crate::{
    FIELD_MANAGER,
    calls::{CallError, apply_config_map},
    desk::{Case, Draft, Entry, Finding, Served, Subject, Terms},
    upkeep::Key,
};

/// After a failed write.
const RETRY: Duration = Duration::from_secs(5);

/// The drafts of all Incidents.
#[derive(Debug, Clone, Default)]
pub(super) struct Drafts(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    drafts: Mutex<BTreeMap<Key, Drafted>>,
    changed: Notify,
}

/// What the drafts of an Incident say, and from what they were drawn up.
#[derive(Debug)]
struct Drafted {
    from: (IncidentSpec, IncidentStatus, Option<(Option<Finding>, Served)>, Terms),
    reports: Reports,
    is_written: bool,
}

/// The reports of an Incident.
#[derive(Debug, Clone, PartialEq)]
struct Reports {
    /// By the names of their files.
    texts: BTreeMap<String, String>,
    /// The Incident's.
    uid: String,
    edge: Option<Arc<EdgeId>>,
}

/// What stands in the draft of a report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) key: &'a Key,
    pub(super) spec: &'a IncidentSpec,
    pub(super) case: Option<&'a Case>,
    pub(super) status: &'a IncidentStatus,
    pub(super) terms: &'a Terms,
}

impl Drafts {
    /// Draws up the reports of an Incident that is there again if anything that stands in them changed.
    pub(super) fn update(&self, facts: Facts<'_>, uid: &str) {
        let Facts { key, spec, case, status, terms } = facts;
        // When it was seen last changes all the time, and stands in none of them.
        let status = IncidentStatus { last_seen: None, conditions: Vec::new(), ..status.clone() };
        let found = case.map(|case| (case.finding.clone(), case.served.clone()));
        let from = (spec.clone(), status, found, terms.clone());
        let mut drafts = self.lock();
        let before = drafts.get(key);
        if before.is_some_and(|before| before.from == from && before.reports.uid == uid) {
            return;
        }
        let edge = case.map(|case| case.edge.clone());
        let reports = Reports { texts: texts(facts), uid: uid.to_owned(), edge };
        // Another text is news, another state of the Incident is not.
        let is_written = before.is_some_and(|before| before.is_written && before.reports == reports);
        drafts.insert(key.clone(), Drafted { from, reports, is_written });
        drop(drafts);
        self.0.changed.notify_one();
    }

    /// Writes what changed, for ever.
    pub(super) async fn write(self, client: Client, entries: mpsc::Sender<Entry>) {
        loop {
            while let Some((key, reports)) = self.next() {
                if let Err(error) = write(&client, &key, &reports).await {
                    warn(&key, &error);
                    self.again(&key);
                    sleep(RETRY).await;
                    break;
                }
                let Reports { texts, edge, .. } = reports;
                for (name, text) in texts {
                    let subject = Subject::incident(key.namespace.clone(), key.name.clone());
                    let draft = Draft { subject, edge: edge.clone(), name, text };
                    if entries.send(Entry::Drafted(draft)).await.is_err() {
                        return;
                    }
                }
            }
            tokio::select! {
                () = self.0.changed.notified() => {}
                () = sleep(RETRY) => {}
            }
        }
    }

    fn next(&self) -> Option<(Key, Reports)> {
        let mut drafts = self.lock();
        let (key, drafted) = drafts.iter_mut().find(|(_, drafted)| !drafted.is_written)?;
        drafted.is_written = true;
        Some((key.clone(), drafted.reports.clone()))
    }

    fn again(&self, key: &Key) {
        if let Some(drafted) = self.lock().get_mut(key) {
            drafted.is_written = false;
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Drafted>> {
        self.0.drafts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn warn(Key { namespace, name }: &Key, error: &CallError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, %namespace, %name, "Failed to write the reports of an Incident");
}

/// It goes with its Incident.
async fn write(client: &Client, key: &Key, Reports { texts, uid, .. }: &Reports) -> Result<(), CallError> {
    let owner = OwnerReference {
        api_version: landfall_api::API_VERSION.to_owned(),
        kind: IncidentSpec::KIND.to_owned(),
        name: key.name.clone(),
        uid: uid.clone(),
        ..OwnerReference::default()
    };
    let label = ("app.kubernetes.io/managed-by".to_owned(), FIELD_MANAGER.to_owned());
    let metadata = ObjectMeta {
        name: Some(format!("{}-reports", key.name)),
        labels: Some(BTreeMap::from([label])),
        owner_references: Some(vec![owner]),
        ..ObjectMeta::default()
    };
    let map = ConfigMap { metadata, data: Some(texts.clone()), ..ConfigMap::default() };
    apply_config_map(&Api::namespaced(client.clone(), &key.namespace), &map).await
}
