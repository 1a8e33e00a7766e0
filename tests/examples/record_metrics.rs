//! `make dashboards-record`: records what Prometheus would scrape of the operator and of two agents while workloads
//! send, one of them unlawfully, and one node is unwatched for a while; and of the agent that watches a message bus, with a
//! reader without a basis, a process that dies and a broker that is away. Writes OpenMetrics with timestamps.
//!
//!     record_metrics FILE.zst [SECONDS]      660 s, if not told otherwise
#![expect(clippy::print_stdout, reason = "tells how far it is")]

#[path = "record/bus.rs"]
mod bus;
#[path = "record/exposition.rs"]
mod exposition;

use std::{
    error::Error,
    fs,
    net::Ipv4Addr,
    path::Path,
    thread::sleep,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bus::Recorded;
use exposition::Recording;
use landfall_tests::story::{Client, NODES, Story, StoryError};

const REGISTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dashboards/recording/register");
const INTERVAL: Duration = Duration::from_secs(15);
const OPERATOR: &str = "landfall-operator";
const AGENT: &str = "landfall-agent";
const BUS_AGENT: &str = "landfall-bus-agent";
/// The register knows all but the last two.
const PROVIDERS: [(&str, &str, Ipv4Addr); 10] = [
    ("mail-relay", "smtp.mail-relay.example", Ipv4Addr::new(198, 51, 100, 10)),
    ("ticketing", "api.ticketing.example", Ipv4Addr::new(198, 51, 100, 20)),
    ("warehouse", "api.warehouse.example", Ipv4Addr::new(198, 51, 100, 30)),
    ("newsletter", "api.newsletter.example", Ipv4Addr::new(198, 51, 100, 40)),
    ("assistant", "api.assistant.example", Ipv4Addr::new(198, 51, 100, 50)),
    ("call-centre", "api.call-centre.example", Ipv4Addr::new(203, 0, 113, 10)),
    ("backup", "eu.backup.example", Ipv4Addr::new(203, 0, 113, 20)),
    ("translation", "api.translation.example", Ipv4Addr::new(203, 0, 113, 30)),
    ("metrics", "in.metrics.example", Ipv4Addr::new(203, 0, 113, 40)),
    ("collector", "in.collector.example", Ipv4Addr::new(203, 0, 113, 50)),
];
/// Namespace, workload, node, where it sends, bytes at a time, pause in seconds.
const LOAD: [(&str, &str, &str, &str, u32, f32); 9] = [
    ("shop", "orders", "node-eu", "https://api.warehouse.example/orders", 9_000, 1.0),
    ("shop", "orders", "node-eu", "https://eu.backup.example/orders", 60_000, 2.0),
    ("shop", "mailer", "node-eu", "https://smtp.mail-relay.example/send", 20_000, 1.0),
    ("shop", "campaigns", "node-us", "https://api.newsletter.example/contacts", 6_000, 1.5),
    ("shop", "campaigns", "node-us", "https://in.metrics.example/v1", 900, 3.0),
    ("crm", "tickets", "node-us", "https://api.ticketing.example/tickets", 4_000, 1.0),
    ("crm", "tickets", "node-us", "https://api.assistant.example/ask", 12_000, 2.0),
    ("crm", "tickets", "node-us", "https://api.translation.example/text", 3_000, 2.5),
    ("crm", "calls", "node-eu", "https://api.call-centre.example/calls", 30_000, 2.0),
];
/// What begins to send when a quarter of the time is over.
const LEAK: (&str, &str, &str, &str) = ("shop", "exports", "node-eu", "http://in.collector.example/contacts");

type Failure = Box<dyn Error>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("usage: record_metrics FILE.zst [SECONDS]")?;
    let lasts = Duration::from_secs(arguments.next().map_or(Ok(660), |seconds| seconds.parse())?);
    println!("starting two nodes, {} providers, operator and agents", PROVIDERS.len());
    let (mut story, _providers) = Story::begin_with(Path::new(REGISTER), &PROVIDERS).await?;
    println!("starting a broker, and the agent that watches it");
    let mut bus = Recorded::start(&mut story)?;
    let targets = targets(&story)?;
    let mut clients: Vec<Client> = Vec::new();
    for (namespace, name, node, url, bytes, pause) in LOAD {
        let is_it = |client: &Client| client.namespace == namespace && client.name == name;
        if !clients.iter().any(is_it) {
            clients.push(Client::start_in(&story, namespace, name, node)?);
        }
        let client = clients.iter().find(|client| is_it(client)).expect("it was started");
        repeat(&story, client, &format!("head -c {bytes} /dev/urandom | curl -sk -m 5 --data-binary @-"), url, pause)?;
    }

    // What is to happen, and when.
    let (leak, unwatched, watched) = (lasts / 4, lasts / 3, lasts * 7 / 8);
    let mut to_do: Vec<(Duration, &str)> = vec![
        (watched, "watched"),
        (lasts * 3 / 4, "broker up"),
        (lasts * 5 / 8, "broker down"),
        (lasts / 2, "crash"),
        (lasts * 3 / 8, "reader"),
        (unwatched, "unwatched"),
        (leak, "leak"),
    ];
    let mut recording = Recording::default();
    let began = Instant::now();
    while began.elapsed() < lasts {
        if let Some((_, what)) = to_do.pop_if(|(at, _)| began.elapsed() >= *at) {
            println!("{:>4} s: {what}", began.elapsed().as_secs());
            match what {
                "leak" => {
                    let (namespace, name, node, url) = LEAK;
                    let client = Client::start_in(&story, namespace, name, node)?;
                    repeat(&story, &client, "curl -s -m 5 -d email=jane.roe@example.org -d name=Roe", url, 2.0)?;
                }
                "unwatched" => only_on(&story, "\"node-eu\"")?,
                "reader" => bus.join(&mut story)?,
                "crash" => Recorded::crash(&story)?,
                "broker down" => bus.stop(),
                "broker up" => bus.start_again()?,
                _ => only_on(&story, "null")?,
            }
        }
        if to_do.last().is_none_or(|(_, next)| *next != "broker up") {
            bus.write(&story, usize::try_from(began.elapsed().as_secs())?)?;
        }
        let at = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        for (url, labels) in &targets {
            // An agent that is gone does not answer; Prometheus would note that and go on.
            if let Ok(text) = scrape(&story, url) {
                recording.add(&text, labels, at)?;
            }
        }
        let next = INTERVAL * (u32::try_from(began.elapsed().as_secs() / INTERVAL.as_secs())? + 1);
        sleep(next.saturating_sub(began.elapsed()));
    }
    let text = recording.into_text();
    fs::write(&file, zstd::encode_all(text.as_bytes(), 19)?)?;
    println!("{file}: {} bytes, {} of text", fs::metadata(&file)?.len(), text.len());
    Ok(())
}

/// Runs a command in a client's pod again and again, until the pod ends.
fn repeat(story: &Story, client: &Client, command: &str, url: &str, pause: f32) -> Result<(), StoryError> {
    let repeated = format!("while :; do {command} -o /dev/null {url}; sleep {pause}; done");
    client.run(story, &format!("( {repeated} ) >/dev/null 2>&1 </dev/null &")).map(drop)
}

/// Lets agents run on one node only (`null`: on all).
fn only_on(story: &Story, node: &str) -> Result<(), StoryError> {
    let patch =
        format!(r#"{{"spec":{{"template":{{"spec":{{"nodeSelector":{{"kubernetes.io/hostname":{node}}}}}}}}}}}"#);
    story.cluster.kubectl(&["-n", "landfall-system", "patch", "daemonset", AGENT, "-p", &patch], "")?;
    Ok(())
}

fn scrape(story: &Story, url: &str) -> Result<String, StoryError> {
    let machine = story.cluster.node(NODES[0].0).expect("it was started").machine();
    Ok(machine.run("curl", &["-sf", "-m", "5", url])?)
}

/// What to scrape, and the labels that docs/alerts.md has a scrape add. Addresses are made up.
fn targets(story: &Story) -> Result<Vec<(String, String)>, Failure> {
    let operator = format!("http://{}/metrics", story.operator_metrics()?);
    let mut targets = vec![(operator, format!(r#"instance="192.0.2.10:8080",job="{OPERATOR}",pod="{OPERATOR}-0""#))];
    for (place, (node, _)) in NODES.iter().enumerate() {
        let labels =
            format!(r#"instance="192.0.2.{}:9464",job="{AGENT}",node="{node}",pod="{AGENT}-{node}""#, 20 + place);
        targets.push((format!("http://{}/metrics", story.agent_metrics(node)), labels));
    }
    let url = format!("http://{}/metrics", story.bus_agent_metrics()?);
    targets
        .push((url, format!(r#"instance="192.0.2.30:9464",job="{AGENT}",node="{}",pod="{BUS_AGENT}-0""#, NODES[0].0)));
    Ok(targets)
}
