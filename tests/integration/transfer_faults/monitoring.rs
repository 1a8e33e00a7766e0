//! Something becomes unlawful while nobody can raise the alarm: Prometheus and Alertmanager are down, together and one
//! by one. When they are back, on-call staff are notified.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use landfall_tests::{cluster::free_address, tool_or_skip};
use serde_json::Value;

use super::breach;
use crate::{
    support::path,
    transfers::{PATIENCE, Scene},
};

/// Whoever is called: keeps every notification.
struct OnCall {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl OnCall {
    fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let hearing = Arc::clone(&heard);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                // Who hangs up before the end has not said anything.
                if let Some(notification) = hear(&connection) {
                    hearing.lock().unwrap().push(notification);
                }
            }
        });
        Self { address, heard }
    }

    /// Whether it was told this of an alert about that workload.
    fn was_told(&self, state: &str, alert: &str, workload: &str) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter_map(|it| it["alerts"].as_array()).flatten().any(|it| {
            let labels = &it["labels"];
            it["status"] == state && labels["alertname"] == alert && labels["workload"] == workload
        })
    }

    fn await_alert(&self, alert: &str, workload: &str) {
        let began = Instant::now();
        while !self.was_told("firing", alert, workload) {
            assert!(began.elapsed() < PATIENCE, "{alert} of {workload}: {:#?}", self.heard.lock().unwrap());
            thread::sleep(Duration::from_millis(100));
        }
    }
}

/// The body of one request, which is answered.
fn hear(connection: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(connection);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut connection = connection;
    connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok()?;
    serde_json::from_slice(&body).ok()
}

/// A program of the monitoring, which ends with its owner.
struct Running(Child);

impl Running {
    fn start(folder: &Path, name: &str, program: &Path, arguments: &[String]) -> Self {
        let log = std::fs::File::options().create(true).append(true).open(folder.join(name)).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).arg(program).args(arguments);
        command.current_dir(folder).stdout(Stdio::null()).stderr(log);
        Self(command.spawn().unwrap())
    }
}

impl Drop for Running {
    /// `kill -9`.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where the programs are, and what they read.
struct Monitoring {
    prometheus: PathBuf,
    alertmanager: PathBuf,
    folder: tempfile::TempDir,
    /// Of Prometheus and of Alertmanager.
    addresses: [SocketAddr; 2],
}

impl Monitoring {
    fn prepare(scene: &Scene, on_call: &OnCall) -> Option<Self> {
        let (prometheus, alertmanager) = (tool_or_skip("prometheus")?, tool_or_skip("alertmanager")?);
        let addresses = [0; 2].map(|_| free_address().unwrap());
        let folder = tempfile::tempdir().unwrap();
        // As docs/alerts.md has it, with shorter times.
        let route = format!(
            "route: {{ receiver: privacy, group_by: [agreement_namespace, agreement], group_wait: 1s, group_interval: 1s }}
receivers: [{{ name: privacy, webhook_configs: [{{ url: 'http://{}/', send_resolved: true }}] }}]\n",
            on_call.address
        );
        let scrape = format!(
            "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: ['{}']
alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['{}'] }}] }}] }}
scrape_configs:
  - {{ job_name: landfall-operator, honor_labels: true, static_configs: [{{ targets: ['{}'] }}] }}\n",
            path("rules/landfall.rules.yaml"),
            addresses[1],
            scene.operator.listen
        );
        std::fs::write(folder.path().join("alertmanager.yaml"), route).unwrap();
        std::fs::write(folder.path().join("prometheus.yaml"), scrape).unwrap();
        Some(Self { prometheus, alertmanager, folder, addresses })
    }

    fn prometheus(&self) -> Running {
        let arguments = [
            "--config.file=prometheus.yaml".to_owned(),
            "--storage.tsdb.path=prometheus".to_owned(),
            format!("--web.listen-address={}", self.addresses[0]),
            // A minute, if not told otherwise: so long nobody may hear of it after Alertmanager is back.
            "--rules.alert.resend-delay=2s".to_owned(),
        ];
        Running::start(self.folder.path(), "prometheus.log", &self.prometheus, &arguments)
    }

    fn alertmanager(&self) -> Running {
        let arguments = [
            "--config.file=alertmanager.yaml".to_owned(),
            "--storage.path=alertmanager".to_owned(),
            format!("--web.listen-address={}", self.addresses[1]),
            "--cluster.listen-address=".to_owned(),
        ];
        Running::start(self.folder.path(), "alertmanager.log", &self.alertmanager, &arguments)
    }

    /// Waits until Prometheus has something to say and finds nobody to say it to.
    fn await_in_vain(&self) {
        let client: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let began = Instant::now();
        loop {
            let answer = client.get(format!("http://{}/metrics", self.addresses[0])).call();
            let text = answer.ok().and_then(|mut answer| answer.body_mut().read_to_string().ok()).unwrap_or_default();
            let failed = text.lines().find_map(|line| line.strip_prefix("prometheus_notifications_dropped_total "));
            if failed.is_some_and(|count| count != "0") {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "Prometheus has nothing to say: {failed:?}");
            thread::sleep(Duration::from_millis(100));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_prometheus_and_alertmanager_are_down_is_told_when_they_are_back() {
    let Some(mut scene) = Scene::start().await else { return };
    let on_call = OnCall::listen();
    let Some(monitoring) = Monitoring::prepare(&scene, &on_call) else { return };

    // First Prometheus is back, and still has nobody to tell.
    scene.send(breach("first"));
    let prometheus = monitoring.prometheus();
    monitoring.await_in_vain();
    assert_eq!(on_call.heard.lock().unwrap().len(), 0);
    let alertmanager = monitoring.alertmanager();
    for alert in ["LandfallUnlawfulTransfer", "LandfallIncidentOpen"] {
        on_call.await_alert(alert, "Deployment/first");
    }

    // Both are down, and an hour passes after the last packet: the transfer does not go on, its Incident does.
    drop((prometheus, alertmanager));
    scene.send(breach("second"));
    let is_open = |line: &str| line.starts_with("landfall_incident_open{") && line.contains("Deployment/second");
    scene.await_true("the second is known", || scene.operator.ask("/metrics").unwrap().1.lines().any(is_open));
    scene.move_clock(1);
    let _both = (monitoring.alertmanager(), monitoring.prometheus());
    on_call.await_alert("LandfallIncidentOpen", "Deployment/second");
    assert!(!on_call.was_told("firing", "LandfallUnlawfulTransfer", "Deployment/second"), "it does not go on");
    // And nobody was told that the first one has ended.
    assert!(!on_call.was_told("resolved", "LandfallIncidentOpen", "Deployment/first"));
}
