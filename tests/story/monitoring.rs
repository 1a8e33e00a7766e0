//! Prometheus, Alertmanager, and whoever is called by it: real programs on a node, with the project's own rules.

use std::path::PathBuf;

use serde_json::Value;

use super::{LEDGER_NODE, NODES, Story, StoryError};
use crate::{cluster::Daemon, tool};

const RULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../rules/landfall.rules.yaml");

/// Keeps what it is sent and when, a notification a line.
const WEBHOOK: &str = r#"
import http.server, json, sys, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        notification = json.dumps(json.loads(body) | {"received": time.time()})
        with open(sys.argv[1], "a") as log:
            log.write(notification + "\n")
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 9099), Handler).serve_forever()
"#;

const ALERTMANAGER: &str = "
route:
  receiver: privacy
  group_by: [agreement_namespace, agreement]
  group_wait: 2s
  group_interval: 5s
  repeat_interval: 1h
receivers:
  - name: privacy
    webhook_configs: [{ url: 'http://127.0.0.1:9099/', send_resolved: true }]
";

/// They run until it is dropped.
#[derive(Debug)]
pub struct Monitoring {
    notifications: PathBuf,
    _running: [Daemon; 3],
}

impl Monitoring {
    /// Starts them; what Prometheus scrapes is the operator and the agents of the story.
    pub fn start(story: &Story) -> Result<Self, StoryError> {
        Self::start_with(story, |rules| rules)
    }

    /// The same, with an alert that waits for two evaluations only, however many minutes its rule asks for.
    pub fn start_at_once(story: &Story, alert: &str) -> Result<Self, StoryError> {
        Self::start_with(story, |rules| without_delay(&rules, alert))
    }

    fn start_with(story: &Story, changed: impl FnOnce(String) -> String) -> Result<Self, StoryError> {
        let folder = story.cluster.folder().join("monitoring");
        let notifications = folder.join("notifications");
        let file = |name: &str| folder.join(name).display().to_string();
        let written = || {
            std::fs::create_dir_all(&folder)?;
            std::fs::write(folder.join("webhook.py"), WEBHOOK)?;
            std::fs::write(folder.join("alertmanager.yaml"), ALERTMANAGER)?;
            std::fs::write(folder.join("landfall.rules.yaml"), changed(std::fs::read_to_string(RULES)?))?;
            std::fs::write(folder.join("prometheus.yaml"), prometheus(story)?)
        };
        written().map_err(|source| StoryError::Io { action: format!("write {}", folder.display()), source })?;
        let machine = story.cluster.node(LEDGER_NODE).expect("it was started").machine();
        let tool = |name: &str| tool(name).map(|program| program.display().to_string()).map_err(StoryError::NotBuilt);
        let webhook =
            machine.start("webhook", &["python3", &file("webhook.py"), &notifications.display().to_string()])?;
        let flag = |name: &str, value: &str| format!("--{name}={value}");
        let alertmanager = [
            tool("alertmanager")?,
            flag("config.file", &file("alertmanager.yaml")),
            flag("storage.path", &file("alertmanager")),
            flag("web.listen-address", "127.0.0.1:9093"),
            flag("cluster.listen-address", ""),
        ];
        let alertmanager = machine.start("alertmanager", &alertmanager.each_ref().map(String::as_str))?;
        let prometheus = [
            tool("prometheus")?,
            flag("config.file", &file("prometheus.yaml")),
            flag("storage.tsdb.path", &file("prometheus")),
            flag("web.listen-address", "127.0.0.1:9090"),
        ];
        let prometheus = machine.start("prometheus", &prometheus.each_ref().map(String::as_str))?;
        Ok(Self { notifications, _running: [webhook, alertmanager, prometheus] })
    }

    /// The notifications that came so far, the oldest first; `received` is when, in seconds of Unix.
    pub fn notifications(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.notifications).unwrap_or_default();
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// What a query of Prometheus gives, as it answers.
    pub fn query(&self, story: &Story, expression: &str) -> Result<Value, StoryError> {
        let machine = story.cluster.node(LEDGER_NODE).expect("it was started").machine();
        let answer = machine.run(
            "curl",
            &["-sG", "http://127.0.0.1:9090/api/v1/query", "--data-urlencode", &format!("query={expression}")],
        )?;
        serde_json::from_str(&answer).map_err(|error| StoryError::Command {
            command: format!("query {expression}"),
            output: format!("{error}: {answer}"),
        })
    }
}

/// As docs/alerts.md has it, but for how the targets are found.
fn prometheus(story: &Story) -> std::io::Result<String> {
    let operator = story.operator_metrics().map_err(std::io::Error::other)?;
    let agents = NODES.map(|(node, _)| {
        let address = story.agent_metrics(node);
        format!("      - {{ targets: ['{address}'], labels: {{ node: {node}, pod: landfall-agent-{node} }} }}\n")
    });
    Ok(format!(
        "global: {{ scrape_interval: 2s, evaluation_interval: 2s }}
rule_files: [landfall.rules.yaml]
alerting: {{ alertmanagers: [{{ static_configs: [{{ targets: ['127.0.0.1:9093'] }}] }}] }}
scrape_configs:
  - job_name: landfall-operator
    honor_labels: true
    static_configs:
      - {{ targets: ['{operator}'], labels: {{ pod: landfall-operator-0 }} }}
  - job_name: landfall-agent
    static_configs:
{}",
        agents.concat()
    ))
}

/// Rules in which this alert fires after two evaluations.
fn without_delay(rules: &str, alert: &str) -> String {
    let head = format!("- alert: {alert}\n");
    let Some((before, rule)) = rules.split_once(&head) else { return rules.to_owned() };
    // The delay of this rule stands before the next rule begins.
    let (lines, behind) = rule.split_at(rule.find("- alert:").unwrap_or(rule.len()));
    let lines = lines.split_inclusive('\n').map(|line| match line.split_once("for: ") {
        Some((indent, _)) if indent.trim().is_empty() => format!("{indent}for: 2s\n"),
        _ => line.to_owned(),
    });
    [before, &head, &lines.collect::<String>(), behind].concat()
}
