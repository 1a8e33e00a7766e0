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

const PATIENCE: Duration = Duration::from_secs(30);

/// A cluster with an operator, and an agent that says what the test says.
struct Scene {
    plane: ControlPlane,
    operator: Operator,
    agent: Agent,
    token: String,
    kubeconfig: PathBuf,
    folder: tempfile::TempDir,
    seq: u64,
}

impl Scene {
    async fn start() -> Option<Self> {
        let options = Options { controllers: true, ..Options::default() };
        let plane = cluster::or_skip(ControlPlane::start(options).await)?;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let kubeconfig = install(&plane).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let operator = operator(&folder, &kubeconfig);
        let agent = Agent::of(&operator, &plane);
        let token = plane.token("landfall-system", "landfall-agent", Some("landfall-operator")).await.unwrap();
        Some(Self { plane, operator, agent, token, kubeconfig, folder, seq: 0 })
    }

    /// Kills the operator and starts another on the same ledger.
    fn restart(self) -> Self {
        let Self { plane, operator: killed, token, kubeconfig, folder, seq, .. } = self;
        killed.kill();
        let operator = operator(&folder, &kubeconfig);
        let agent = Agent::of(&operator, &plane);
        Self { plane, operator, agent, token, kubeconfig, folder, seq }
    }

    /// Traffic of a workload with a host, of this instant: 100 bytes out, 50 in.
    fn traffic(&mut self, workload: &str, host: &str) {
        let mut observation = observation(workload, host);
        observation.identity.seq = self.seq;
        self.seq += 1;
        let line = landfall_observation::encode(&observation) + "\n";
        let (status, said) = self.agent.deliver(&self.token, line.as_bytes());
        assert_eq!((status, said.as_str()), (200, observation.identity.seq.to_string().as_str()));
    }

    fn objects(&self, kind: &str) -> Vec<Value> {
        let list = self.plane.kubectl(&["get", kind, "--all-namespaces", "-o", "json"], "").unwrap();
        let list: Value = serde_json::from_str(&list).unwrap();
        list["items"].as_array().unwrap().clone()
    }

    /// Waits until the Transfers look like this.
    fn await_transfers(&self, what: &str, holds: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let transfers = self.objects("transfers");
            if holds(&transfers) {
                return transfers;
            }
            assert!(began.elapsed() < PATIENCE, "{what}: {}", at_a_glance(&transfers));
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

fn operator(folder: &tempfile::TempDir, kubeconfig: &std::path::Path) -> Operator {
    let flags = ["--log-level", "warn", "--refresh", "1s"];
    let operator = Operator::start(folder.path(), kubeconfig, &[], &flags).unwrap();
    operator.await_ready(Duration::from_mins(1)).unwrap();
    operator
}

fn observation(workload: &str, host: &str) -> Observation {
    let recorded = include_str!("../../crates/observation/testdata/flow.json");
    let mut observation = landfall_observation::decode(recorded.trim()).unwrap();
    let now = Timestamp::now();
    CLUSTER.clone_into(&mut observation.identity.cluster);
    "node-eu".clone_into(&mut observation.identity.agent);
    observation.window = Window { start: now - SignedDuration::from_secs(1), end: now };
    observation.local = Local::Workload(Workload::new("crm", "Deployment", workload));
    observation.remote = Endpoint::Address { address: "203.0.113.0/24".parse().unwrap() };
    observation.channel.host = Some(host.to_owned());
    observation.channel.names.clear();
    observation.location.clear();
    observation.received.findings.clear();
    observation.sent.findings.clear();
    observation.sent.bytes = 100;
    observation.received.bytes = 50;
    observation
}

/// Recipient, outcome and bytes sent of each.
fn at_a_glance(transfers: &[Value]) -> Value {
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
    let user = "system:serviceaccount:landfall-system:landfall-operator";
    let entries = scene.plane.audit().unwrap();
    let forbidden: Vec<_> = entries.iter().filter(|entry| entry.user == user && entry.is_forbidden()).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
}
