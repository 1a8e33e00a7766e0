//! `make demo-cluster`: two nodes, the example agreement, operator and agents as pods, pods with real clients, and
//! notifications.
#![expect(clippy::print_stdout, reason = "shows what a person would see")]

use std::{error::Error, time::Instant};

use landfall_tests::story::{Client, Monitoring, Story};
use serde_json::Value;

const DEVELOPMENT: &str = include_str!("../../examples/developments/dpf-annulled.yaml");
const WORKLOADS: [(&str, &str, &str); 3] = [
    ("assistant", "node-eu", "https://eu.api.openai.com/v1/chat"),
    ("messaging", "node-us", "https://api.twilio.com/messages"),
    ("leak", "node-us", "http://collector.stranger.example/contacts"),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let say = |what: &str| println!("\n[{:>3} s] {what}", began.elapsed().as_secs());
    say("Two nodes, node-eu (eu-central-1) and node-us (us-east-1); CRDs, agreement, operator and agents");
    let (story, _providers) = Story::begin().await?;
    println!("{}", story.cluster.kubectl(&["get", "pods", "-n", "landfall-system", "-o", "wide"], "")?);
    let monitoring = Monitoring::start(&story)?;

    say("Whose the cluster's own networks are, the agreement says (ownNetworks): kubectl landfall networks");
    let declared = story.wait_for("every network of the cluster declared", || {
        let told = story.plugin(&["networks"]).map_err(|error| error.to_string())?;
        if told.contains("is declared") { Ok(told) } else { Err(told) }
    })?;
    println!("{declared}");

    say("Workloads of the namespace crm, which consents to the agreement, send data");
    let mut clients = Vec::new();
    for (name, node, url) in WORKLOADS {
        let client = Client::start(&story, name, node)?;
        send(&story, &client, url)?;
        println!("crm/Deployment/{name} on {node} -> {url}");
        clients.push(client);
    }

    say("What goes where, and whether it may: kubectl landfall transfers -A; kubectl get agr,rcp,inc -A");
    await_line(&story, "tr", "stranger", "Unlawful")?;
    await_line(&story, "tr", "twilio", "Conditional")?;
    story.wait_for("the clocks of an Incident", || {
        let incidents = story.cluster.kubectl(&["get", "incidents", "-A"], "").map_err(|error| error.to_string())?;
        if incidents.contains("Running") { Ok(()) } else { Err(incidents) }
    })?;
    println!("{}", story.plugin(&["transfers", "-A"])?);
    println!("{}", story.cluster.kubectl(&["get", "agr,rcp,inc", "-A"], "")?);

    say("Why, with article and clause: kubectl landfall explain");
    let unlawful = transfer(&story, "stranger")?;
    println!("{}", story.plugin(&["explain", "--namespace", "crm", &unlawful])?);
    say("Until when: kubectl landfall deadlines");
    println!("{}", story.plugin(&["deadlines", "-A"])?);
    say("Its first report was sent: kubectl landfall incident report");
    let report = ["incident", "report", &unlawful, "-n", "privacy", "--first", "--sent-at", "now"];
    println!("{}", story.plugin(&report)?);

    say("Notifications from Alertmanager");
    let sent = story
        .wait_for("a notification", || monitoring.notifications().pop().ok_or_else(|| "none so far".to_owned()))?;
    println!("{}", notification(&sent));

    say(
        "The Court annuls the Data Privacy Framework (made up): kubectl apply -f examples/developments/dpf-annulled.yaml",
    );
    story.cluster.kubectl(&["apply", "-f", "-"], DEVELOPMENT)?;
    await_line(&story, "tr", "twilio", "Unlawful")?;
    for recipient in ["openai", "twilio"] {
        await_line(&story, "inc", recipient, "BasisFallen")?;
    }
    println!("{}", story.plugin(&["transfers", "-A"])?);
    println!("{}", story.plugin(&["incidents", "-A"])?);
    say("Done; taking it down");
    Ok(())
}

fn send(story: &Story, client: &Client, url: &str) -> Result<(), Box<dyn Error>> {
    let send = "curl -sk --retry 20 --retry-delay 1 --retry-all-errors -d email=jane.roe@example.org -o /dev/null";
    client.run(story, &format!("{send} {url}"))?;
    Ok(())
}

/// Waits until the object about a recipient says that.
fn await_line(story: &Story, kind: &str, recipient: &str, word: &str) -> Result<(), Box<dyn Error>> {
    story.wait_for("a verdict", || {
        let listed = story.cluster.kubectl(&["get", kind, "-A"], "").map_err(|error| error.to_string())?;
        let there = listed.lines().any(|line| line.contains(recipient) && line.contains(word));
        if there { Ok(()) } else { Err(listed) }
    })?;
    Ok(())
}

/// Name of the Transfer to a recipient.
fn transfer(story: &Story, recipient: &str) -> Result<String, Box<dyn Error>> {
    let names = story.cluster.kubectl(&["get", "tr", "-n", "crm", "-o", "name"], "")?;
    let name = names.lines().find(|name| name.contains(recipient)).ok_or("no such Transfer")?;
    Ok(name.rsplit('/').next().unwrap_or(name).to_owned())
}

/// As a person would read it.
fn notification(sent: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let group = &sent["groupLabels"];
    let mut lines = vec![format!(
        "{}: agreement {}/{}",
        text(&sent["status"]),
        text(&group["agreement_namespace"]),
        text(&group["agreement"])
    )];
    for alert in sent["alerts"].as_array().into_iter().flatten() {
        let annotations = &alert["annotations"];
        lines.push(format!(
            "- {} [{}] {}",
            text(&alert["labels"]["alertname"]),
            text(&alert["labels"]["severity"]),
            text(&annotations["summary"])
        ));
        lines.push(format!("  {}", text(&annotations["description"])));
        lines.push(format!("  {}", text(&annotations["runbook_url"])));
    }
    lines.join("\n")
}
