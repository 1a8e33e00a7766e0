//! What the operator writes into the cluster: Transfers. One operator as a process, beside a real API server, under its
//! own account.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{Endpoint, Local, Observation, Window, Workload};
use landfall_tests::{
    cluster::{self, ControlPlane, Options},
    operator::{CLUSTER, Operator, install},
};
use serde_json::{Value, json};

use crate::operator::Agent;

pub(super) const PATIENCE: Duration = Duration::from_mins(2);
/// Observations of a batch: some megabytes.
const BATCH: usize = 4_000;

/// A cluster with an operator, and an agent that says what the test says.
pub(super) struct Scene {
    // It ends before whom it asks.
    pub(super) operator: Operator,
    pub(super) plane: ControlPlane,
    agent: Agent,
    token: String,
    kubeconfig: PathBuf,
    pub(super) folder: tempfile::TempDir,
    seq: u64,
}

impl Scene {
    pub(super) async fn start() -> Option<Self> {
        let options = Options { controllers: true, ..Options::default() };
        let plane = cluster::or_skip(ControlPlane::start(options).await)?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let kubeconfig = install(&plane).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let operator = operator(&folder, &kubeconfig);
        let agent = Agent::of(&operator, &plane);
        let token = plane.token("landfall-system", "landfall-agent", Some("landfall-operator")).await.unwrap();
        Some(Self { operator, plane, agent, token, kubeconfig, folder, seq: 0 })
    }

    /// Kills the operator and starts another on the same ledger.
    fn restart(self) -> Self {
        self.again(Operator::kill)
    }

    /// Tells the operator to stop and starts another on the same ledger, which need not wait for the Lease.
    pub(super) fn resume(self) -> Self {
        self.again(|operator| assert!(operator.stop().unwrap().success()))
    }

    fn again(self, end: impl FnOnce(Operator)) -> Self {
        let Self { plane, operator: before, token, kubeconfig, folder, seq, .. } = self;
        end(before);
        let operator = operator(&folder, &kubeconfig);
        let agent = Agent::of(&operator, &plane);
        Self { operator, plane, agent, token, kubeconfig, folder, seq }
    }

    /// Traffic of a workload with a host, of this instant: 100 bytes out, 50 in.
    pub(super) fn traffic(&mut self, workload: &str, host: &str) {
        self.send(observation(workload, host));
    }

    pub(super) fn send(&mut self, observation: Observation) {
        self.send_all(&[observation]);
    }

    pub(super) fn send_all(&mut self, observations: &[Observation]) {
        for mut batch in observations.chunks(BATCH).map(<[_]>::to_vec) {
            for observation in &mut batch {
                observation.identity.seq = self.seq;
                self.seq += 1;
            }
            let lines: String = batch.iter().map(|it| landfall_observation::encode(it) + "\n").collect();
            let (status, said) = self.agent.deliver(&self.token, lines.as_bytes());
            assert_eq!((status, said), (200, (self.seq - 1).to_string()));
        }
    }

    /// Of the operator's own account.
    pub(super) fn kubeconfig(&self) -> &std::path::Path {
        &self.kubeconfig
    }

    pub(super) fn objects(&self, kind: &str) -> Vec<Value> {
        let list = self.plane.kubectl(&["get", kind, "--all-namespaces", "-o", "json"], "").unwrap();
        let list: Value = serde_json::from_str(&list).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// Moves the operator's clock.
    pub(super) fn move_clock(&self, hours: i64) {
        std::fs::write(self.folder.path().join("clock"), (hours * 3600).to_string()).unwrap();
    }

    /// Changes the one Incident.
    fn write(&self, change: &Value) {
        let incident = &self.objects("incidents")[0];
        let name = incident["metadata"]["name"].as_str().unwrap();
        let change = json!({ "spec": change }).to_string();
        self.plane.kubectl(&["-n", "privacy", "patch", "incident", name, "--type=merge", "-p", &change], "").unwrap();
    }

    /// Waits until the one Incident stands like this: conditions with their reasons.
    pub(super) fn await_incident(&self, expected: &str) -> Value {
        until(|| {
            let incidents = self.objects("incidents");
            let stands = incidents.first().map(conditions).unwrap_or_default();
            if incidents.len() == 1 && stands == expected {
                return Ok(incidents[0].clone());
            }
            Err(format!("{expected}: {} Incidents, {stands}", incidents.len()))
        })
    }

    /// Waits until an Incident has this draft: it is written after the status, as the writes of what is more urgent allow.
    fn await_draft(&self, incident: &str, file: &str) -> String {
        let map = format!("{incident}-reports");
        let path = format!("jsonpath={{.data.{}}}", file.replace('.', "\\."));
        let arguments = ["-n", "privacy", "get", "configmap", &map, "--ignore-not-found", "-o", &path];
        until(|| {
            let draft = self.plane.kubectl(&arguments, "").unwrap();
            if draft.is_empty() { Err(format!("{map} has no {file}")) } else { Ok(draft) }
        })
    }

    /// Waits until the Transfers look like this.
    pub(super) fn await_transfers(&self, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        until(|| {
            let transfers = self.objects("transfers");
            if holds(&transfers) { Ok(transfers) } else { Err(format!("{what}: {}", at_a_glance(&transfers))) }
        })
    }
}

/// Tries until it succeeds; what was wrong last is what the test fails with.
fn until<T>(mut attempt: impl FnMut() -> Result<T, String>) -> T {
    let began = Instant::now();
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(wrong) => assert!(began.elapsed() < PATIENCE, "{wrong}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn operator(folder: &tempfile::TempDir, kubeconfig: &std::path::Path) -> Operator {
    let clock = folder.path().join("clock").display().to_string();
    let flags = ["--log-level", "warn,kube_client=off", "--refresh", "1s", "--test-clock", &clock];
    let operator = Operator::start(folder.path(), kubeconfig, &[], &flags).unwrap();
    operator.await_ready(Duration::from_mins(1)).unwrap();
    operator
}

pub(super) fn observation(workload: &str, host: &str) -> Observation {
    let recorded = include_str!("../../crates/observation/testdata/flow.json");
    let mut observation = landfall_observation::decode(recorded.trim()).unwrap();
    let now = Timestamp::now();
    CLUSTER.clone_into(&mut observation.identity.cluster);
    "node-eu".clone_into(&mut observation.identity.agent);
    observation.window = Window::at(now);
    observation.local = Local::Workload(Workload::new("crm", "Deployment", workload));
    observation.remote = Endpoint::Address {
        address: "203.0.113.0/24".parse().unwrap(),
        outside: vec!["203.0.113.112/28".parse().unwrap()],
    };
    observation.channel.host = Some(host.to_owned());
    observation.channel.names.clear();
    observation.location.clear();
    observation.received.findings.clear();
    observation.sent.findings.clear();
    observation.sent.bytes = 100;
    observation.received.bytes = 50;
    observation
}

/// `Type=Reason` of each condition that a person looks at.
pub(super) fn conditions(incident: &Value) -> String {
    let conditions = incident["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let said = conditions.iter().filter(|it| it["type"] != "Ready" && it["type"] != "Documented");
    let said = said.map(|it| format!("{}={}", it["type"].as_str().unwrap(), it["reason"].as_str().unwrap()));
    said.collect::<Vec<_>>().join(" ")
}

/// Recipient, outcome and bytes sent of each.
pub(super) fn at_a_glance(transfers: &[Value]) -> Value {
    let mut rows: Vec<_> = transfers
        .iter()
        .map(|it| json!([it["spec"]["recipient"], it["status"]["outcome"], it["status"]["volume"]["bytesSent"]]))
        .collect();
    rows.sort_by_key(Value::to_string);
    Value::Array(rows)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_stands_for_each_edge_whatever_is_done_to_it() {
    let Some(mut scene) = Scene::start().await else { return };
    let hostile = format!("\u{202e}\u{7}{}.stranger.example", "x".repeat(200));
    for host in ["eu.api.openai.com", "api.stranger.example", hostile.as_str()] {
        scene.traffic("sync", host);
    }
    // A name that is none leaves the address.
    let strangers =
        json!([["unregistered:203.0.113.0/24", "Unknown", 100], ["unregistered:stranger.example", "Unknown", 100]]);
    let with = |openai: u64| json!([["openai", "Permitted", openai], strangers[0], strangers[1]]);
    let expected = with(100);
    let transfers = scene.await_transfers("all are there", |it| at_a_glance(it) == expected);
    let names: Vec<_> = transfers.iter().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned()).collect();

    // What was judged before stays as it is but for the figures.
    scene.traffic("sync", "eu.api.openai.com");
    let expected = with(200);
    scene.await_transfers("figures follow", |it| at_a_glance(it) == expected);

    // Somebody edits one and deletes another.
    let lie = json!({"status": {"outcome": "Unlawful", "reasons": []}}).to_string();
    let patch = ["-n", "crm", "patch", "transfer", &names[0], "--subresource=status", "--type=merge", "-p", &lie];
    // Whoever applies one has the API server keep who wrote which field.
    let applied = json!({ "apiVersion": "landfall.dev/v1alpha1", "kind": "Transfer",
        "metadata": { "namespace": "crm", "name": names[0], "labels": { "note": "seen" } } });
    scene.plane.kubectl(&["apply", "--server-side", "-f", "-"], &applied.to_string()).unwrap();
    scene.plane.kubectl(&patch, "").unwrap();
    scene.plane.kubectl(&["-n", "crm", "delete", "transfer", &names[1]], "").unwrap();
    scene.await_transfers("both are as they were", |it| at_a_glance(it) == expected);

    // The next term knows them all, and writes what changed meanwhile.
    let mut scene = scene.restart();
    scene.traffic("sync", "eu.api.openai.com");
    let expected = with(300);
    let transfers = scene.await_transfers("figures go on", |it| at_a_glance(it) == expected);
    let after: Vec<_> = transfers.iter().map(|it| it["metadata"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(after, names);
    // The operator's next write has it stop.
    let managed = "jsonpath={.items[*].metadata.managedFields}";
    let managed = ["-n", "crm", "get", "transfers", "--show-managed-fields", "-o", managed];
    assert_eq!(scene.plane.kubectl(&managed, "").unwrap(), "");

    scene = an_incident_walks_its_way(scene);
    let user = "system:serviceaccount:landfall-system:landfall-operator";
    let entries = scene.plane.audit().unwrap();
    let forbidden: Vec<_> = entries.iter().filter(|entry| entry.user == user && entry.is_forbidden()).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
}

/// Opened, reported, closed, and back: with a restart in the middle of a clock, and after it was deleted.
fn an_incident_walks_its_way(mut scene: Scene) -> Scene {
    let breach = |scene: &mut Scene, hours: i64| {
        let mut observation = observation("sync", "api.stranger.example");
        let email =
            json!({"category": "pd:EmailAddress", "detector": "email", "matches": 1, "records": 1, "where": ["body"]});
        observation.sent.findings.push(serde_json::from_value(email).unwrap());
        let now = Timestamp::now() + SignedDuration::from_hours(hours);
        observation.window = Window { start: now, end: now };
        scene.send(observation);
    };
    let at = |hours: i64| (Timestamp::now() + SignedDuration::from_hours(hours)).to_string();
    breach(&mut scene, 0);
    let opened = scene.await_incident("FirstReportDue=Running FullReportDue=Running Closed=Open");
    let due = opened["status"]["firstReport"]["due"].clone();
    let started: Timestamp = opened["status"]["firstReport"]["started"].as_str().unwrap().parse().unwrap();
    assert_eq!(due, (started + SignedDuration::from_hours(4)).to_string());
    let name = opened["metadata"]["name"].as_str().unwrap().to_owned();

    // Deleted, it comes back with the same clocks; so it does in the next term.
    scene.plane.kubectl(&["-n", "privacy", "delete", "incident", &name], "").unwrap();
    let again = scene.await_incident("FirstReportDue=Running FullReportDue=Running Closed=Open");
    assert_ne!(again["metadata"]["uid"], opened["metadata"]["uid"]);
    assert_eq!(again["status"]["firstReport"], opened["status"]["firstReport"]);
    scene.move_clock(5);
    scene.await_incident("FirstReportDue=Overdue FullReportDue=Running Closed=Open");
    let mut scene = scene.restart();
    scene.move_clock(3);
    let after = scene.await_incident("FirstReportDue=Overdue FullReportDue=Running Closed=Open");
    assert_eq!(after["status"]["firstReport"], opened["status"]["firstReport"]);
    let due = scene.operator.metric(&format!(
        "landfall_incident_report_due_timestamp_seconds{{agreement=\"crm-processor\",agreement_namespace=\"privacy\",incident=\"{name}\",obligation=\"BR-FIRST\"}}"
    ));
    let expected = (started + SignedDuration::from_hours(4)).as_second();
    assert_eq!(due.map(|due| format!("{due:.0}")), Some(expected.to_string()));

    // The draft is there to be sent; it was, and late.
    let draft = scene.await_draft(&name, "D13-first-status.de.md");
    assert!(
        draft.starts_with("# Erste Meldung eines Verstoßes (BR-FIRST") && draft.contains("stranger.example"),
        "{draft}"
    );
    scene.move_clock(6);
    let first = json!({"name": "first", "stage": "FirstStatus", "sentAt": at(6)});
    scene.write(&json!({ "reports": [first] }));
    scene.await_incident("FirstReportDue=ReportedLate FullReportDue=Running Closed=Open");
    scene.move_clock(10);
    let full = json!({"name": "full", "stage": "FullReport", "sentAt": at(10)});
    let closing = json!({"measures": ["stopped it"], "reasoning": "nothing leaves it", "by": "office", "at": at(10)});
    scene.write(&json!({ "reports": [first, full], "closing": closing }));
    scene.await_incident("FirstReportDue=ReportedLate FullReportDue=Reported Closed=Closed");

    // What people wrote outlives a deletion, too; and what goes on opens it again, with clocks of its own.
    std::thread::sleep(Duration::from_secs(3));
    scene.plane.kubectl(&["-n", "privacy", "delete", "incident", &name], "").unwrap();
    scene.await_incident("FirstReportDue=ReportedLate FullReportDue=Reported Closed=Closed");
    scene.move_clock(20);
    breach(&mut scene, 20);
    let returned = scene.await_incident("FirstReportDue=Running FullReportDue=Running Closed=Returned");
    assert_eq!(returned["status"]["reopened"].as_array().unwrap().len(), 1);
    scene
}
