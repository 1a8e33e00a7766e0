//! A Prometheus that holds the recording (`dashboards/recording/metrics.zst`) and scrapes nothing.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use landfall_tests::{cluster::free_address, tool_or_skip};
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::root;

const RECORDING: &str = "dashboards/recording/metrics.zst";
/// Between two scrapes of the recording, in seconds.
const STEP: i64 = 15;
const DAY: i64 = 24 * 60 * 60;

/// It ends with its owner.
#[derive(Debug)]
pub(super) struct Prometheus {
    child: Child,
    url: String,
    /// First and last instant of the recording, in seconds of Unix.
    ends: (i64, i64),
    _folder: TempDir,
}

#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Data {
    result: Vec<Series>,
}

#[derive(Deserialize)]
struct Series {
    value: Option<(f64, String)>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

impl Prometheus {
    /// Starts one on a port of loopback, ready. Nothing where it is not installed and need not be.
    pub(super) fn start() -> Option<Self> {
        let (promtool, prometheus) = (tool_or_skip("promtool")?, tool_or_skip("prometheus")?);
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let text = recording();
        fs::write(file("recording"), &text).unwrap();
        fs::write(file("prometheus.yaml"), "scrape_configs: []\n").unwrap();
        let made = Command::new(promtool)
            .args(["tsdb", "create-blocks-from", "openmetrics"])
            .args([file("recording"), file("data")])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let address = free_address().unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(prometheus)
            .arg(format!("--config.file={}", file("prometheus.yaml").display()))
            .arg(format!("--storage.tsdb.path={}", file("data").display()))
            // The recording does not become too old.
            .args(["--storage.tsdb.retention.time=100y", "--log.level=error"])
            // It has no marks of staleness: a series of an agent that is gone would last for five minutes.
            .arg("--query.lookback-delta=1m")
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = Self { child, url: format!("http://{address}"), ends: ends(&text), _folder: folder };
        started.await_ready();
        Some(started)
    }

    /// Asks for the day before the recording, when nothing was scraped.
    pub(super) fn before_the_recording(mut self) -> Self {
        self.ends = (self.ends.0 - DAY, self.ends.1 - DAY);
        self
    }

    fn await_ready(&self) {
        let began = Instant::now();
        while ureq::get(format!("{}/-/ready", self.url)).call().is_err() {
            assert!(began.elapsed() < Duration::from_mins(1), "Prometheus is not ready");
            sleep(Duration::from_millis(50));
        }
    }

    /// An expression of a panel with all variables at their beginning, over the whole recording.
    pub(super) fn interpolated(&self, expr: &str, by_minute: bool) -> String {
        let (from, until) = self.ends;
        let interval = if by_minute { 60 } else { STEP };
        let all = ["cluster", "agreement", "namespace"]
            .iter()
            .fold(expr.to_owned(), |expr, name| expr.replace(&format!("${name}\""), ".*\""));
        all.replace("$__rate_interval", &format!("{}s", 4 * interval))
            .replace("$__range", &format!("{}s", until - from))
    }

    /// The values of an expression: at the end of the recording, or all along it.
    pub(super) fn query(&self, expr: &str, instant: bool) -> Result<Vec<f64>, String> {
        let (from, until) = (self.ends.0.to_string(), self.ends.1.to_string());
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let client: ureq::Agent = config.into();
        let asked = if instant {
            client.get(format!("{}/api/v1/query", self.url)).query("time", &until)
        } else {
            let request = client.get(format!("{}/api/v1/query_range", self.url)).query("start", &from);
            request.query("end", &until).query("step", STEP.to_string())
        };
        let text = asked.query("query", expr).call().and_then(|mut answer| answer.body_mut().read_to_string());
        let answer: Answer =
            serde_json::from_str(&text.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
        let data = answer.data.ok_or_else(|| answer.error.unwrap_or_default())?;
        let values = data.result.into_iter().flat_map(|series| series.value.into_iter().chain(series.values));
        values.map(|(_, value)| value.parse().map_err(|error| format!("{value}: {error}"))).collect()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text of the recording.
pub(super) fn recording() -> String {
    let packed = fs::read(root().join(RECORDING)).unwrap();
    assert!(packed.len() <= 300 << 10, "{RECORDING} has {} bytes", packed.len());
    String::from_utf8(zstd::decode_all(&packed[..]).unwrap()).unwrap()
}

/// Its first and its last instant.
pub(super) fn ends(recording: &str) -> (i64, i64) {
    let samples = recording.lines().filter(|line| !line.starts_with('#'));
    let instants: Vec<i64> = samples.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect();
    (*instants.iter().min().unwrap(), *instants.iter().max().unwrap())
}
