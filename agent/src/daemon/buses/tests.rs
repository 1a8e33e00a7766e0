//! The watch of buses, with inspecting processes that are shell scripts.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::mpsc::Sender, time::Instant};

use landfall_observation::{BusSasl, SamplingBudgets, SaslMechanism, TopicSelector};
use prometheus::{IntGauge, Registry, TextEncoder};
use serde_json::{Value, json};

use super::{
    accounts::BusAccount,
    secrets::{SecretContents, SecretError, SecretSource},
    *,
};
use crate::kafka::{
    changes::Change,
    landing::{Destination, Evidence, Landing, LandingGraph, TopicLandings},
    observer::AccountedPosition,
};

/// Writes the plan of each process beside the others, and says what an inspecting process would: the first reads five
/// messages, each of the others three more.
const SCRIPT: &str = r#"
read -r plan; run=0; while [ -e "$1/plan-$run" ]; do run=$((run + 1)); done
if [ -e "$1/dies" ]; then exit 9; fi
printf '%s' "$plan" >"$1/new"; mv "$1/new" "$1/plan-$run"
cat "$1/landings"
if [ $run = 0 ]; then begin=0; end=5; else begin=$((2 + 3 * run)); end=$((begin + 3)); fi
partition="\"topic\":\"orders\",\"partition\":0,\"begin\":$begin,\"end\""
echo "{\"type\":\"started\",\"partitions\":[{$partition:$begin}]}"
echo "{\"type\":\"progress\",$partition:$end,\"counts\":{\"inspected\":$((end - begin)),\"bytes\":100}}"
echo '{"type":"alive"}'
if [ -e "$1/fails" ]; then
    while [ ! -e "$1/refused" ]; do sleep 0.01; done
    echo '{"type":"problem","text":"the login is refused"}'
fi
read -r end
"#;

const PATIENCE: Duration = Duration::from_mins(1);

#[derive(Default)]
struct Secrets(Mutex<Option<SecretContents>>);

impl SecretSource for Arc<Secrets> {
    fn get(&self, namespace: &str, name: &str) -> Result<SecretContents, SecretError> {
        let missing = || SecretError::Missing { namespace: namespace.to_owned(), name: name.to_owned() };
        self.0.lock().unwrap().clone().ok_or_else(missing)
    }
}

impl Secrets {
    fn set(&self, password: &str) {
        let contents = [("username", "landfall"), ("password", password)];
        let contents = contents.map(|(key, value)| (key.to_owned(), value.as_bytes().to_vec()));
        *self.0.lock().unwrap() = Some(SecretContents(contents.into()));
    }
}

struct Scene {
    folder: tempfile::TempDir,
    spool: Arc<Mutex<Spool>>,
    secrets: Arc<Secrets>,
    readiness: Readiness,
    registry: Registry,
    configure: Sender<AgentConfiguration>,
    stop: Arc<AtomicBool>,
    watch: JoinHandle<Result<(), BusWatchError>>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("landings"), landings("k1")).unwrap();
        Self::at(folder)
    }

    fn at(folder: tempfile::TempDir) -> Self {
        let spool = loop {
            // A child that another test forks shares the lock until it calls exec.
            match Spool::open(&folder.path().join("spool"), 1 << 20) {
                Err(crate::spool::SpoolError::Locked { .. }) => thread::yield_now(),
                opened => break Arc::new(Mutex::new(opened.unwrap().0)),
            }
        };
        let epoch = spool.lock().unwrap().begin_epoch(Timestamp::now()).unwrap();
        let first = Identity { cluster: "test".to_owned(), agent: "buses-0".to_owned(), epoch, seq: 0 };
        let (configure, configurations) = mpsc::channel();
        let (appended, _) = mpsc::sync_channel(1);
        let readiness = Readiness::waiting_for(&[NOT_CONFIGURED, health::SPOOL_NOT_WRITABLE]);
        let writable = IntGauge::new("writable", "writable").unwrap();
        let secrets = Arc::new(Secrets::default());
        let registry = Registry::new();
        let reader = BusReader {
            accounts: Accounts::new(Arc::clone(&spool), first, appended, readiness.clone(), writable),
            secrets: Box::new(Arc::clone(&secrets)),
            command: ["sh", "-c", SCRIPT, "sh", folder.path().to_str().unwrap()].map(OsString::from).to_vec(),
            datasets: LocatorConfig::default(),
            share: None,
            rack: None,
            metrics: BusMetrics::register(&registry, vec!["ord*".to_owned()]).unwrap(),
        };
        let stop = Arc::new(AtomicBool::new(false));
        let watch = BusWatch {
            configurations,
            reader: Arc::new(reader),
            readiness: readiness.clone(),
            stop: Arc::clone(&stop),
            running: BTreeMap::new(),
        };
        let watch = thread::spawn(move || watch.run());
        Self { folder, spool, secrets, readiness, registry, configure, stop, watch }
    }

    fn configure(&self, buses: Vec<BusConfiguration>) {
        self.configure.send(AgentConfiguration { buses, ..AgentConfiguration::default() }).unwrap();
    }

    fn plan(&self, run: usize) -> PathBuf {
        self.folder.path().join(format!("plan-{run}"))
    }

    /// The plan of a process, once it is there.
    fn read_plan(&self, run: usize) -> Value {
        until("a process has its plan", || self.plan(run).exists());
        serde_json::from_str(&fs::read_to_string(self.plan(run)).unwrap()).unwrap()
    }

    /// Up to where partition 0 of orders is accounted for.
    fn next(&self) -> Option<i64> {
        let spool = self.spool.lock().unwrap();
        let state = spool.state()?;
        let account: BusAccount = serde_json::from_value(state["buses"]["crm/events"].clone()).unwrap();
        account.topics.get("orders").map(|partitions| partitions[&0].next)
    }

    /// The samples of metrics.
    fn samples(&self) -> Vec<String> {
        let text = TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap();
        text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
    }

    fn shows(&self, sample: &str) -> bool {
        self.samples().iter().any(|shown| shown == sample)
    }

    /// Stops it. How many messages the spool has observations of, and the numbers of those.
    fn end(self) -> (tempfile::TempDir, u64, Vec<u64>) {
        self.stop.store(true, Ordering::Release);
        self.watch.join().unwrap().unwrap();
        let records = self.spool.lock().unwrap().peek(usize::MAX, usize::MAX).unwrap().records;
        let messages = records.iter().map(|record| {
            let observation: Value = serde_json::from_str(&record.line).unwrap();
            observation["sent"]["messages"].as_u64().unwrap_or_default()
        });
        (self.folder, messages.sum(), records.iter().map(|record| record.seq).collect())
    }
}

/// A report of a cluster with one broker and one topic.
fn landings(cluster_id: &str) -> String {
    let (first_seen, last_seen) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    let destination = Destination::Broker { id: 1, host: "kafka.example".to_owned(), port: 9092, rack: None };
    let broker = Landing { destination, evidence: [Evidence::Metadata].into(), first_seen, last_seen };
    let orders = TopicLandings { copy_of: None, partitions: 1, landings: vec![broker] };
    let graph = LandingGraph {
        cluster_id: Some(cluster_id.to_owned()),
        topics: [("orders".to_owned(), orders)].into(),
        mirrored_from: BTreeSet::new(),
        mirrored_to: BTreeSet::new(),
        gaps: Vec::new(),
    };
    format!("{}\n", json!({ "type": "landings", "graph": graph }))
}

fn bus(period_seconds: u32) -> BusConfiguration {
    BusConfiguration {
        bus: BusName { namespace: "crm".to_owned(), name: "events".to_owned() },
        bootstrap_servers: vec!["kafka.example:9092".to_owned()],
        cluster_id: None,
        tls: None,
        sasl: None,
        topics: vec![TopicSelector::all()],
        sampling: SamplingBudgets { period_seconds, ..SamplingBudgets::default() },
        schema_registry: None,
        connect: Vec::new(),
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_bus_that_changes_is_read_on_from_where_it_is_accounted_for() {
    let scene = Scene::new();
    until("it waits for a configuration", || scene.readiness.reasons() == [NOT_CONFIGURED]);
    scene.configure(vec![bus(60)]);
    assert_eq!(scene.read_plan(0)["positions"], json!([]));
    until("the start is accounted for", || scene.next().is_some());
    assert_eq!(scene.readiness.reasons(), [""; 0]);
    scene.configure(vec![bus(30)]);
    let plan = scene.read_plan(1);
    assert_eq!((&plan["positions"][0]["topic"], &plan["positions"][0]["next"]), (&json!("orders"), &json!(5)));
    assert_eq!(plan["until"], json!({ "stopped": { "period_seconds": 30 } }));
    until("the second process has reported", || scene.next() == Some(5));
    // The same configuration changes nothing; without the bus the process ends, and the account stays.
    scene.configure(vec![bus(30)]);
    thread::sleep(2 * CHECK_INTERVAL);
    scene.configure(Vec::new());
    until("what was read is accounted for", || scene.next() == Some(8));
    assert!(!scene.plan(2).exists());

    // Another agent on the same spool goes on.
    let (folder, messages, _) = scene.end();
    assert_eq!(messages, 8);
    let scene = Scene::at(folder);
    scene.configure(vec![bus(60)]);
    assert_eq!(scene.read_plan(2)["positions"][0]["next"], 8);
    let (folder, messages, _) = scene.end();
    // Those of the first epoch come first, and the spool gives one epoch at a time.
    assert_eq!(messages, 8);
    assert_eq!(Scene::at(folder).next(), Some(11));
}

#[test]
fn metrics_speak_of_a_bus_while_it_is_watched() {
    let scene = Scene::new();
    scene.configure(vec![bus(60)]);
    until("it is read", || scene.shows(r#"bus_read{bus="crm/events"} 1"#));
    assert!(scene.shows(r#"bus_offsets_total{bus="crm/events",outcome="inspected"} 5"#), "{:?}", scene.samples());
    scene.configure(vec![bus(30)]);
    until("what it counts goes on", || {
        scene.shows(r#"bus_offsets_total{bus="crm/events",outcome="inspected"} 8"#)
            && scene.shows(r#"bus_message_bytes_total{bus="crm/events"} 200"#)
    });
    scene.configure(Vec::new());
    until("nothing speaks of it", || scene.samples().is_empty());
    scene.end();
}

#[test]
fn what_changes_of_a_bus_is_counted_from_the_second_look_on() {
    let scene = Scene::new();
    let look = |topics: &[&str]| {
        let topics: BTreeMap<&str, Value> = topics.iter().map(|topic| (*topic, json!({}))).collect();
        let mut report: Value = serde_json::from_str(&landings("k1")).unwrap();
        report["cluster"] = json!({ "clusterId": "k1", "topics": topics });
        format!("{report}\n")
    };
    let looks = [look(&["orders"]), look(&["orders", "people"]), look(&["orders", "people"])];
    fs::write(scene.folder.path().join("landings"), looks.concat()).unwrap();
    scene.configure(vec![bus(60)]);
    let appeared = r#"bus_changes_total{bus="crm/events",change="topic_appeared"} 1"#;
    until("the change is counted", || scene.shows(appeared));
    until("all looks are taken", || scene.shows(r#"bus_read{bus="crm/events"} 1"#));
    let changes: Vec<_> = scene.samples().into_iter().filter(|sample| sample.starts_with("bus_changes")).collect();
    let told: Vec<_> = changes.iter().map(String::as_str).filter(|sample| !sample.ends_with(" 0")).collect();
    assert_eq!((changes.len(), told), (Change::KINDS.len(), vec![appeared]));
    scene.end();
}

#[test]
fn a_bus_whose_process_dies_counts_as_not_read() {
    let scene = Scene::new();
    fs::write(scene.folder.path().join("dies"), "").unwrap();
    scene.configure(vec![bus(60)]);
    until("the process has ended", || scene.shows(r#"bus_inspections_ended_total{bus="crm/events"} 1"#));
    assert!(scene.shows(r#"bus_read{bus="crm/events"} 0"#), "{:?}", scene.samples());
    fs::remove_file(scene.folder.path().join("dies")).unwrap();
    until("it is read again", || scene.shows(r#"bus_read{bus="crm/events"} 1"#));
    scene.end();
}

#[test]
fn observations_of_all_buses_are_numbered_together() {
    let scene = Scene::new();
    let other = BusConfiguration { bus: BusName { namespace: "crm".to_owned(), name: "others".to_owned() }, ..bus(60) };
    scene.configure(vec![bus(60)]);
    until("the first bus is accounted for", || scene.next().is_some());
    scene.configure(vec![other, bus(60)]);
    scene.read_plan(1);
    let (_, _, numbers) = scene.end();
    assert!(numbers.len() >= 3, "{numbers:?}");
    assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{numbers:?}");
}

#[test]
fn a_secret_that_is_missing_is_asked_for_again() {
    let scene = Scene::new();
    let sasl = BusSasl { mechanism: SaslMechanism::Plain, credentials_secret: "reader".to_owned() };
    scene.configure(vec![BusConfiguration { sasl: Some(sasl), ..bus(60) }]);
    thread::sleep(Duration::from_millis(300));
    assert!(!scene.plan(0).exists());
    scene.secrets.set("secret-of-the-reader");
    let properties = scene.read_plan(0)["connection"]["properties"].clone();
    assert_eq!(properties["sasl.password"], "secret-of-the-reader");
    until("it is read", || scene.next().is_some());
    let (folder, ..) = scene.end();
    for file in fs::read_dir(folder.path().join("spool")).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains("secret-of-the-reader"));
    }
}

#[test]
fn a_secret_is_read_anew_when_the_login_is_refused() {
    let scene = Scene::new();
    fs::write(scene.folder.path().join("fails"), "").unwrap();
    scene.secrets.set("of-yesterday");
    let sasl = BusSasl { mechanism: SaslMechanism::Plain, credentials_secret: "reader".to_owned() };
    scene.configure(vec![BusConfiguration { sasl: Some(sasl), ..bus(60) }]);
    assert_eq!(scene.read_plan(0)["connection"]["properties"]["sasl.password"], "of-yesterday");
    scene.secrets.set("of-today");
    thread::sleep(2 * CHECK_INTERVAL);
    assert!(!scene.plan(1).exists(), "nothing has failed");
    fs::write(scene.folder.path().join("refused"), "").unwrap();
    assert_eq!(scene.read_plan(1)["connection"]["properties"]["sasl.password"], "of-today");
    let (_, messages, _) = scene.end();
    assert_eq!(messages, 8);
}

#[test]
fn positions_of_another_cluster_are_given_up() {
    let scene = Scene::new();
    scene.configure(vec![bus(60)]);
    until("the start is accounted for", || scene.next().is_some());
    let (folder, ..) = scene.end();
    fs::write(folder.path().join("landings"), landings("k2")).unwrap();
    let scene = Scene::at(folder);
    scene.configure(vec![bus(60)]);
    assert_eq!(scene.read_plan(1)["positions"][0]["next"], 5);
    assert_eq!(scene.read_plan(2)["positions"], json!([]));
    until("the other cluster is accounted for", || scene.next().is_some());
    let state = scene.spool.lock().unwrap().state().cloned().unwrap();
    assert_eq!(state["buses"]["crm/events"]["clusterId"], "k2");
    scene.end();
}

#[test]
fn a_state_has_the_form_that_is_documented() {
    let position = AccountedPosition { next: 7, since: 3 };
    let account = BusAccount {
        cluster_id: Some("k1".to_owned()),
        topics: [("orders".to_owned(), [(0, position)].into())].into(),
    };
    let value = json!({ "clusterId": "k1", "topics": { "orders": { "0": { "next": 7, "since": 3 } } } });
    assert_eq!(serde_json::to_value(&account).unwrap(), value);
    assert_eq!(serde_json::from_value::<BusAccount>(value).unwrap(), account);
}
