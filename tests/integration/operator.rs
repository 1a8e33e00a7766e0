//! The operator as a process, beside a real API server, under its own account: who may deliver, what is taken, and
//! what it does when things break.

use std::{path::Path, process::Command, time::Duration};

use jiff::{SignedDuration, Timestamp};
use landfall_observation::{Observation, Window};
use landfall_tests::{
    cluster::{self, ControlPlane, Options},
    intake::{self, Intake},
    operator::{CLUSTER, Operator, install},
};
use serde_json::Value;

const READY: Duration = Duration::from_mins(1);
const AGENTS: (&str, &str) = ("landfall-system", "landfall-agent");
/// The account of agents that watch buses.
const BUS_AGENTS: &str = "landfall-bus-agent";
const AUDIENCE: &str = "landfall-operator";

/// Delivers as an agent does.
pub(crate) struct Agent {
    intake: Intake,
    client: ureq::Agent,
}

impl Agent {
    pub(crate) fn of(operator: &Operator, plane: &ControlPlane) -> Self {
        let intake = Intake::of(operator, &intake::authority(plane).unwrap()).unwrap();
        Self { client: intake.client(), intake }
    }

    /// Status, and what it says: the number acknowledged, or the reason and the record at fault.
    pub(crate) fn deliver(&self, token: &str, body: &[u8]) -> (u16, String) {
        let (status, text) = self.intake.deliver(&self.client, token, body, None).unwrap();
        let said: Value = serde_json::from_str(&text).unwrap();
        let record = said["record"].as_u64().map(|record| format!(" at {record}")).unwrap_or_default();
        let said = match said["reason"].as_str() {
            Some(reason) => format!("{reason}{record}"),
            None => said["acknowledged"].to_string(),
        };
        (status, said)
    }
}

/// Observations of one agent, of this instant.
fn batch(agent: &str, numbers: std::ops::Range<u64>) -> Vec<Observation> {
    batch_of(include_str!("../../crates/observation/testdata/flow.json"), agent, numbers)
}

fn batch_of(recorded: &str, agent: &str, numbers: std::ops::Range<u64>) -> Vec<Observation> {
    let now = Timestamp::now();
    numbers
        .map(|seq| {
            let mut observation = landfall_observation::decode(recorded.trim()).unwrap();
            CLUSTER.clone_into(&mut observation.identity.cluster);
            agent.clone_into(&mut observation.identity.agent);
            observation.identity.seq = seq;
            observation.window = Window { start: now, end: now };
            observation
        })
        .collect()
}

fn body(observations: &[Observation]) -> Vec<u8> {
    observations.iter().map(|observation| landfall_observation::encode(observation) + "\n").collect::<String>().into()
}

fn start(folder: &Path, kubeconfig: &Path) -> Operator {
    let account = format!("{}/{BUS_AGENTS}", AGENTS.0);
    let flags = ["--log-level", "warn,kube_client=off", "--bus-agent-account", &account];
    let operator = Operator::start(folder, kubeconfig, &[], &flags).unwrap();
    operator.await_ready(READY).unwrap();
    operator
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_takes_what_agents_deliver_and_survives_what_breaks() {
    let options = Options { controllers: true, ..Options::default() };
    let Some(mut plane) = cluster::or_skip(ControlPlane::start(options).await) else { return };
    // Another test of this process may have set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let kubeconfig = install(&plane).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let operator = start(folder.path(), &kubeconfig);
    let agent = Agent::of(&operator, &plane);
    let (namespace, account) = AGENTS;
    let token = plane.token(namespace, account, Some(AUDIENCE)).await.unwrap();

    // Taken, taken again, and taken in part.
    let first = body(&batch("node-eu", 0..3));
    assert_eq!(agent.deliver(&token, &first), (200, "2".to_owned()));
    assert_eq!(agent.deliver(&token, &first), (200, "2".to_owned()));
    assert_eq!(agent.deliver(&token, &body(&batch("node-eu", 1..5))), (200, "4".to_owned()));
    assert_eq!(operator.metric("landfall_observations_total{result=\"taken\"}"), Some(5.0));
    assert_eq!(operator.metric("landfall_observations_total{result=\"duplicate\"}"), Some(5.0));

    // Who may not deliver.
    let wrong = plane.token(namespace, account, Some("somebody-else")).await.unwrap();
    assert_eq!(agent.deliver(&wrong, &first), (401, "Unauthenticated".to_owned()));
    assert_eq!(agent.deliver("no token at all", &first), (401, "Unauthenticated".to_owned()));
    let other = plane.token(namespace, "landfall-operator", Some(AUDIENCE)).await.unwrap();
    assert_eq!(agent.deliver(&other, &first), (403, "Forbidden".to_owned()));

    // Who may deliver topics alone.
    plane.kubectl(&["create", "-n", namespace, "serviceaccount", BUS_AGENTS], "").unwrap();
    let of_buses = plane.token(namespace, BUS_AGENTS, Some(AUDIENCE)).await.unwrap();
    assert_eq!(agent.deliver(&of_buses, &first), (422, "NotATopic at 0".to_owned()));
    let topic = include_str!("../../crates/observation/testdata/topic.json");
    let topics = batch_of(topic, "landfall-bus-agent-0", 0..2);
    assert_eq!(agent.deliver(&of_buses, &body(&topics)), (200, "1".to_owned()));

    // What can never be taken.
    assert_eq!(agent.deliver(&token, b"garbage"), (422, "InvalidObservation at 0".to_owned()));
    assert_eq!(agent.deliver(&token, b"\xff\xfe"), (400, "Unreadable".to_owned()));
    assert_eq!(agent.deliver(&token, &vec![b'x'; (4 << 20) + 1]), (413, "TooLarge".to_owned()));
    let mut early = batch("node-eu", 5..7);
    let dated = |hours| Timestamp::now() + SignedDuration::from_hours(hours);
    early[1].window = Window { start: dated(48), end: dated(48) };
    assert_eq!(agent.deliver(&token, &body(&early)), (422, "FutureDated at 1".to_owned()));
    // What becomes right by itself, or when somebody sets up one side.
    early[0].window = Window { start: dated(1), end: dated(1) };
    assert_eq!(agent.deliver(&token, &body(&early)), (503, "ClockAhead at 0".to_owned()));
    // What goes before it does not wait for it.
    let mut partly = batch("node-eu", 5..7);
    partly[1].window = Window { start: dated(1), end: dated(1) };
    assert_eq!(agent.deliver(&token, &body(&partly)), (200, "5".to_owned()));
    let mut foreign = batch("node-eu", 5..7);
    for observation in &mut foreign {
        "another".clone_into(&mut observation.identity.cluster);
    }
    assert_eq!(agent.deliver(&token, &body(&foreign)), (403, "ForeignIdentity".to_owned()));
    // Each is counted by its reason, and nothing of them is in the ledger.
    for (reason, count) in [
        ("Unauthenticated", 2.0),
        ("Forbidden", 1.0),
        ("NotATopic", 1.0),
        ("FutureDated", 1.0),
        ("ClockAhead", 2.0),
        ("ForeignIdentity", 1.0),
        ("TooLarge", 1.0),
    ] {
        let counted = operator.metric(&format!("landfall_batches_refused_total{{reason=\"{reason}\"}}"));
        assert_eq!(counted, Some(count), "{reason}");
    }
    assert_eq!(operator.metric("landfall_observations_total{result=\"taken\"}"), Some(8.0));

    // Killed, and started again on the same ledger: a later term, and nothing is lost or taken twice.
    operator.kill();
    let operator = start(folder.path(), &kubeconfig);
    let agent = Agent::of(&operator, &plane);
    assert_eq!(agent.deliver(&token, &body(&batch("node-eu", 3..8))), (200, "7".to_owned()));
    assert_eq!(operator.metric("landfall_observations_total{result=\"taken\"}"), Some(2.0));

    // A second one on another volume waits for the Lease and takes nothing in.
    let elsewhere = tempfile::tempdir().unwrap();
    let rival = Operator::start(elsewhere.path(), &kubeconfig, &[], &["--log-level", "warn,kube_client=off"]).unwrap();
    let said = || rival.ask("/readyz").map_or_else(|error| error.to_string(), |(_, text)| text);
    let begun = std::time::Instant::now();
    while !said().contains("the Lease") {
        assert!(begun.elapsed() < READY, "{}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(rival.await_ready(Duration::from_secs(3)).unwrap_err().contains("the Lease"));
    assert_eq!((operator.metric("landfall_leader"), rival.metric("landfall_leader")), (Some(1.0), Some(0.0)));

    // etcd restarts: the Lease outlives it.
    plane.restart_etcd().await.unwrap();
    assert_eq!(agent.deliver(&token, &body(&batch("node-eu", 8..9))), (200, "8".to_owned()));

    // Told to stop, it gives the Lease back, and the rival need not wait.
    assert!(operator.stop().unwrap().success());
    rival.await_ready(READY).unwrap();

    // Without an API server nobody may lead: the process ends before anybody else could begin.
    let mut rival = rival;
    plane.stop_api_server();
    let status = rival.await_end(READY).unwrap().expect("it ends when its Lease cannot be renewed");
    assert_eq!(status.code(), Some(1));
    plane.start_api_server().await.unwrap();
    drop(rival);

    a_full_disk_stalls_it_and_loses_nothing(&plane, &kubeconfig, &token);

    let operator = start(folder.path(), &kubeconfig);
    let agent = Agent::of(&operator, &plane);
    assert_eq!(agent.deliver(&token, &body(&batch("node-eu", 0..10))), (200, "9".to_owned()));
    assert!(operator.stop().unwrap().success());
    // After all that the ledger verifies, and holds each number once.
    let (ledger, key) = (folder.path().join("ledger"), folder.path().join("ledger/public-key.pem"));
    let key = landfall_evidence::PublicKey::from_pem(&std::fs::read_to_string(key).unwrap()).unwrap();
    let report = landfall_evidence::verify(&ledger, &key, Timestamp::now()).unwrap();
    assert_eq!((report.findings.len(), report.segments > 0), (0, true), "{report:?}");
    let records =
        landfall_evidence::Reader::open(&ledger).unwrap().kinds(&[landfall_evidence::RecordKind::Observation]);
    let origins: Vec<_> = records.map(|record| record.unwrap().origin.unwrap()).collect();
    let numbers = |agent: &str| -> Vec<u64> {
        origins.iter().filter(|origin| origin.source.agent == agent).map(|origin| origin.seq).collect()
    };
    assert_eq!(numbers("node-eu"), (0..10).collect::<Vec<_>>());
    assert_eq!((numbers("landfall-bus-agent-0"), origins.len()), (vec![0, 1], 12));
    let ours: Vec<_> = plane.audit().unwrap();
    let user = "system:serviceaccount:landfall-system:landfall-operator";
    let forbidden: Vec<_> = ours.iter().filter(|entry| entry.user == user && entry.is_forbidden()).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
}

/// A volume of memory, of so many KiB.
struct Volume(tempfile::TempDir);

impl Volume {
    fn new(size: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Self::mount(&format!("size={size}k"), folder.path());
        if !mounted {
            assert!(std::env::var_os("LANDFALL_REQUIRE_SETUP").is_none(), "mounting a tmpfs needs root");
            eprintln!("skipped: mounting a tmpfs needs root");
        }
        mounted.then_some(Self(folder))
    }

    fn grow(&self, size: u32) {
        assert!(Self::mount(&format!("remount,size={size}k"), self.0.path()));
    }

    fn mount(options: &str, folder: &Path) -> bool {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "landfall-test"]).arg(folder).status().unwrap().success()
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

fn a_full_disk_stalls_it_and_loses_nothing(plane: &ControlPlane, kubeconfig: &Path, token: &str) {
    let Some(volume) = Volume::new(4 << 10) else { return };
    let operator = start(volume.0.path(), kubeconfig);
    let agent = Agent::of(&operator, plane);
    let piece = |number: u64| body(&batch("node-full", number * 500..(number + 1) * 500));
    let refused = (0..100).find(|number| agent.deliver(token, &piece(*number)).0 != 200).expect("the disk is small");
    assert!(refused > 0);
    assert_eq!(agent.deliver(token, &piece(refused)), (503, "LedgerStalled".to_owned()));
    assert_eq!(operator.metric("landfall_ledger_stalled"), Some(1.0));
    assert_eq!(operator.ask("/readyz").unwrap(), (503, "waiting for the ledger\n".to_owned()));

    volume.grow(64 << 10);
    operator.await_ready(READY).unwrap();
    assert_eq!(agent.deliver(token, &piece(refused)), (200, (refused * 500 + 499).to_string()));
    assert_eq!(operator.metric("landfall_ledger_stalled"), Some(0.0));
    assert!(operator.stop().unwrap().success());
    let records = landfall_evidence::Reader::open(&volume.0.path().join("ledger")).unwrap();
    let records = records.kinds(&[landfall_evidence::RecordKind::Observation]);
    let numbers: Vec<u64> = records.map(|record| record.unwrap().origin.unwrap().seq).collect();
    assert_eq!(numbers, (0..(refused + 1) * 500).collect::<Vec<_>>());
}
