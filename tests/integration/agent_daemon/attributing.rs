//! The whole daemon: pods as a real API server has them, packets as a real kernel shows them.

use std::{
    collections::BTreeMap,
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api, Client,
    api::{DeleteParams, Patch, PatchParams, PostParams},
};
use landfall_agent::{
    afpacket::CaptureConfig,
    daemon::{Daemon, DaemonError, Settings},
    pipeline::Limits,
    ship::HttpsConfig,
    translation::Translation,
};
use landfall_tests::cluster;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::operator::{Authority, Operator};
use crate::live::network::{Network, is_possible};

const PATIENCE: Duration = Duration::from_mins(1);

/// A daemon in a thread of its own.
struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<Result<(), DaemonError>>,
}

impl Running {
    fn start(settings: Settings, config: kube::Config) -> Self {
        let (tell, told) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let daemon = Daemon::start(settings, async || Ok(Client::try_from(config)?))?;
            tell.send(daemon.address()).unwrap();
            daemon.run(stopped)
        });
        let Ok(address) = told.recv() else { panic!("{:?}", thread.join()) };
        Self { address, stop, thread }
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn metric(&self, name: &str) -> u64 {
        let text = self.get("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("landfall_agent_{name} ")));
        line.unwrap_or_else(|| panic!("{name} in {text}")).parse().unwrap()
    }

    fn stop(self) -> Result<(), DaemonError> {
        self.stop.send(()).unwrap();
        self.thread.join().unwrap()
    }
}

async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn settings(network: &Network, operator: &Operator, folder: &TempDir, node: &str) -> Settings {
    Settings {
        cluster: "test".to_owned(),
        node: node.to_owned(),
        capture: Some(CaptureConfig {
            namespace: Some(format!("/run/netns/{}", network.namespace("node")).into()),
            ..CaptureConfig::new(vec!["veth-*".parse().unwrap()])
        }),
        pods: true,
        limits: Limits { datagram: Duration::from_secs(2), ..Limits::default() },
        operator: HttpsConfig {
            url: format!("https://localhost:{}", operator.address.port()).parse().unwrap(),
            authorities: folder.path().join("ca.crt"),
            token: folder.path().join("token"),
        },
        spool: folder.path().join("spool"),
        spool_cap: 1 << 24,
        configuration: Some(folder.path().join("agent.json")),
        locations: None,
        local_networks: vec!["192.0.2.0/24".parse().unwrap()],
        translation: Translation::default(),
        listen: "127.0.0.1:0".parse().unwrap(),
    }
}

/// A pod that runs on a node, as a kubelet would show it.
async fn run_pod(pods: &Api<Pod>, node: &str, name: &str, address: &str, change: Value) {
    let mut pod = json!({
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"nodeName": node, "containers": [{"name": "main", "image": "example.org/main"}]}
    });
    for (field, value) in change.as_object().unwrap() {
        pod["metadata"][field] = value.clone();
    }
    let pod: Pod = serde_json::from_value(pod).unwrap();
    pods.create(&PostParams::default(), &pod).await.unwrap();
    let status = json!({"status": {
        "phase": "Running", "podIP": address, "podIPs": [{"ip": address}],
        "hostIP": "198.51.100.1", "hostIPs": [{"ip": "198.51.100.1"}], "startTime": jiff::Timestamp::now().to_string(),
    }});
    pods.patch_status(name, &PatchParams::default(), &Patch::Merge(&status)).await.unwrap();
}

/// Sends datagrams of 1000 bytes of IP from a pod.
fn send(network: &Network, from: &str, to: &str, count: u32) {
    let script = format!(
        "import socket, time\ns = socket.socket(2, 2)\nfor _ in range({count}): s.sendto(b'x' * 972, ('{to}', 9999)); time.sleep(0.002)"
    );
    assert!(network.command(from, "python3").args(["-c", &script]).status().unwrap().success());
}

/// Bytes of datagrams to the port, by workload.
fn sent(operator: &Operator) -> BTreeMap<String, u64> {
    let mut sums = BTreeMap::new();
    operator.look(|ledger| {
        for line in ledger.kept.values().filter(|line| line["channel"]["port"] == 9999) {
            let workload = &line["local"]["workload"];
            let name = format!("{}/{}", workload["kind"].as_str().unwrap(), workload["name"].as_str().unwrap());
            *sums.entry(name).or_default() += line["sent"]["bytes"].as_u64().unwrap();
        }
    });
    sums
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_byte_is_the_workloads_that_sent_it() {
    if !is_possible() {
        return;
    }
    let Some(plane) = cluster::or_skip(cluster::shared().await) else { return };
    let config = plane.config("kubernetes-admin", &["system:masters"]).await.unwrap();
    cluster::with_namespace("agent", async |client, namespace| {
        let node = format!("node-{namespace}");
        let nodes: Api<Node> = Api::all(client.clone());
        let object = serde_json::from_value(json!({"metadata": {"name": node}})).unwrap();
        nodes.create(&PostParams::default(), &object).await.unwrap();
        let pods: Api<Pod> = Api::namespaced(client, &namespace);

        let network = Network::new();
        let authority = Authority::new();
        let operator = Operator::start(&authority);
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
        fs::write(folder.path().join("token"), "token").unwrap();
        let daemon = Running::start(settings(&network, &operator, &folder, &node), config);
        assert!(daemon.get("/healthz").starts_with("HTTP/1.1 200"));
        until("pods are listed", || !daemon.get("/readyz").contains("pods of the node")).await;
        // A node without pods has nothing to capture.
        until("it is ready", || daemon.get("/readyz").starts_with("HTTP/1.1 200")).await;
        assert_eq!(daemon.metric("config_stale"), 1);
        until("it says that no interface matches", || daemon.metric("interface_patterns_unmatched") == 1).await;

        let network = network
            .pod("crm", &["192.0.2.10/24"])
            .pod("voice", &["192.0.2.11/24"])
            .pod("late", &["192.0.2.12/24"])
            .pod("ghost", &["192.0.2.13/24"]);
        let owner = |kind: &str, name: &str| {
            json!([{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "1", "controller": true}])
        };
        let hash = json!({"app": "crm", "pod-template-hash": "abc12"});
        let annotations = json!({"landfall.dev/categories": "Name, EmailAddress"});
        let crm = json!({"ownerReferences": owner("ReplicaSet", "crm-abc12"), "labels": hash, "annotations": annotations});
        run_pod(&pods, &node, "crm-abc12-x", "192.0.2.10", crm).await;
        run_pod(&pods, &node, "voice-0", "192.0.2.11", json!({"ownerReferences": owner("StatefulSet", "voice")})).await;
        until("it counts", || daemon.get("/readyz").starts_with("HTTP/1.1 200") && daemon.metric("pods") == 2).await;

        // The kernel shows a pod before the API server tells of it.
        send(&network, "late", "192.0.2.11", 20);
        send(&network, "crm", "192.0.2.11", 50);
        // Nobody answers there; the frame need not find anybody.
        network.ip("ghost", "neighbour add 203.0.113.9 lladdr 02:00:00:00:00:09 dev eth0");
        send(&network, "ghost", "203.0.113.9", 10);
        tokio::time::sleep(Duration::from_secs(3)).await;
        run_pod(&pods, &node, "late", "192.0.2.12", json!({})).await;
        fs::write(folder.path().join("agent.json"), r#"{"keepPrefixes":["192.0.2.8/29"]}"#).unwrap();
        until("the configuration is read", || daemon.metric("config_stale") == 0).await;
        let captured = |state: &str| daemon.metric(&format!("pods_by_capture{{capture=\"{state}\"}}"));
        // The owners of the other pods do not exist, so that the API server may be deleting them already.
        until("the pod is found to be captured", || captured("captured") >= 1).await;
        assert_eq!((captured("not_captured"), captured("unknown")), (0, 0));
        let told = |report: &Value| report["agent"] == json!(node) && report["pods"]["captured"].as_u64() >= Some(1);
        until("the operator is told", || operator.look(|ledger| ledger.reports.iter().any(told))).await;
        assert_eq!(daemon.metric("interface_patterns_unmatched"), 0);
        let expected = [("Deployment/crm", 50_000), ("Host/unattributed", 10_000), ("Pod/late", 20_000)];
        let expected: BTreeMap<_, _> = expected.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
        let begun = Instant::now();
        while sent(&operator) != expected {
            assert!(begun.elapsed() < PATIENCE, "{:?}", sent(&operator));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(daemon.metric("unattributed_bytes_total"), 10_000);
        assert_eq!(daemon.metric("dropped_frames_total"), 0);

        // Another pod has the address from the moment on that it starts.
        pods.delete("crm-abc12-x", &DeleteParams::default().grace_period(0)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
        run_pod(&pods, &node, "heir", "192.0.2.10", json!({})).await;
        until("the heir is known", || daemon.metric("pods") == 3).await;
        send(&network, "crm", "192.0.2.11", 30);
        let spooled = || daemon.metric("ip_bytes_total");
        until("all is captured", || spooled() >= 110_000).await;
        daemon.stop().unwrap();

        let mut expected = expected;
        expected.insert("Pod/heir".to_owned(), 30_000);
        assert_eq!(sent(&operator), expected, "what was under way is sent before the end");
        operator.look(|ledger| {
            assert_eq!((&ledger.violations[..], ledger.again), (&[][..], 0));
            let seqs: Vec<_> = ledger.kept.keys().map(|(_, seq)| *seq).collect();
            assert_eq!(seqs, (0..seqs.len() as u64).collect::<Vec<_>>(), "without a gap");
            let of_crm = ledger.kept.values().find(|line| line["local"]["workload"]["name"] == "crm").unwrap();
            let workload = &of_crm["local"]["workload"];
            let labels = json!({"app": "crm", "landfall.dev/categories": "Name, EmailAddress"});
            assert_eq!((&workload["labels"], &workload["method"]), (&labels, &json!("pod-ip")));
            assert_eq!((&workload["pod"], &workload["serviceAccount"]), (&json!("crm-abc12-x"), &json!("default")));
            assert_eq!((&of_crm["cluster"], &of_crm["agent"]), (&json!("test"), &json!(node)));
            let of_heir = ledger.kept.values().find(|line| line["local"]["workload"]["name"] == "heir").unwrap();
            assert_eq!(of_heir["remote"]["address"], "192.0.2.11/32", "a kept prefix");
            assert_eq!(of_crm["remote"]["address"], "192.0.2.0/24");
        });
        nodes.delete(&node, &DeleteParams::default()).await.unwrap();
    })
    .await;
}

#[test]
fn a_full_spool_and_a_missing_api_server_cost_no_byte() {
    if !is_possible() {
        return;
    }
    let network = Network::new().pod("crm", &["192.0.2.10/24"]);
    network.ip("crm", "neighbour add 203.0.113.9 lladdr 02:00:00:00:00:09 dev eth0");
    let authority = Authority::new();
    let operator = Operator::start(&authority);
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ca.crt"), authority.pem()).unwrap();
    // Without a token nothing is sent.
    let token = folder.path().join("token");
    let settings = Settings { spool_cap: 3000, ..settings(&network, &operator, &folder, "node-1") };
    let nowhere = kube::Config::new("https://127.0.0.1:1".parse().unwrap());
    let daemon = Running::start(settings, nowhere);
    let wait = |what: &str, holds: &dyn Fn() -> bool| {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "{what}: {}", daemon.get("/metrics"));
            thread::sleep(Duration::from_millis(50));
        }
    };
    wait("the API server is missed", &|| daemon.metric("pods_stale") == 1);
    wait("the pod's end is captured", &|| daemon.metric("interfaces") == 1);
    assert!(daemon.get("/readyz").contains("the pods of the node were not listed yet"));

    // Each destination is an observation of its own.
    let mut sent_bytes = 0;
    let mut destinations = (1..=250).map(|last| format!("203.0.{last}.9"));
    let is_full = || daemon.metric("spool_bytes") >= 3000 && daemon.metric("windows_held") == 1;
    let begun = Instant::now();
    while !is_full() {
        assert!(begun.elapsed() < PATIENCE, "the spool fills: {}", daemon.get("/metrics"));
        for to in destinations.by_ref().take(5) {
            network.ip("crm", &format!("neighbour add {to} lladdr 02:00:00:00:00:09 dev eth0"));
            send(&network, "crm", &to, 2);
            sent_bytes += 2000;
        }
        thread::sleep(Duration::from_secs(1));
    }
    wait("what was under way is in the spool", &|| {
        daemon.metric("spool_records") == daemon.metric("observations_total")
    });
    let full = daemon.metric("spool_bytes");
    assert!(!daemon.get("/readyz").contains("spool"), "it still counts");
    for to in destinations.take(20) {
        network.ip("crm", &format!("neighbour add {to} lladdr 02:00:00:00:00:09 dev eth0"));
        send(&network, "crm", &to, 2);
        sent_bytes += 2000;
    }
    thread::sleep(Duration::from_secs(4));
    assert_eq!(daemon.metric("spool_bytes"), full, "no more is taken in");
    assert!(sent(&operator).is_empty());

    fs::write(&token, "token").unwrap();
    wait("all arrives", &|| sent(&operator).values().sum::<u64>() == sent_bytes);
    wait("nothing is held", &|| daemon.metric("windows_held") == 0 && daemon.metric("spool_records") == 0);
    assert_eq!(sent(&operator).into_keys().collect::<Vec<_>>(), ["Host/unattributed"]);
    daemon.stop().unwrap();
    operator.look(|ledger| assert_eq!((&ledger.violations[..], ledger.again), (&[][..], 0)));
}
