//! Whether the ledger and the Transfers hold what the providers counted, to the byte.

use std::{collections::BTreeMap, iter::zip};

use landfall_observation::{Endpoint, Local, decode};
use landfall_tests::story::{Client, PROVIDERS, Provider, Story};

/// IP bytes sent and received, by workload and provider.
type Sums = BTreeMap<(String, &'static str), (u64, u64)>;

/// Waits until the ledger holds what the providers counted. Each is asked by one workload, so that its counters are
/// those of the workload.
pub(crate) fn await_held(story: &Story, clients: &[Client], providers: &[Provider]) {
    story
        .wait_for("every byte in the ledger", || same(story, clients, providers, &held(story), "ledger holds"))
        .unwrap();
}

/// The same of the Transfers.
pub(crate) fn await_shown(story: &Story, clients: &[Client], providers: &[Provider]) {
    let is_so = || same(story, clients, providers, &shown(story)?, "Transfers say");
    story.wait_for("every byte in the Transfers", is_so).unwrap();
}

fn same(story: &Story, clients: &[Client], providers: &[Provider], sums: &Sums, whose: &str) -> Result<(), String> {
    let mut counted = Sums::new();
    for (client, provider) in zip(clients, providers) {
        let (name, _, _) = PROVIDERS.iter().find(|(name, _, _)| *name == provider.name).unwrap();
        let counts = provider.counts(story).map_err(|error| error.to_string())?;
        counted.insert((client.name.clone(), *name), (counts.ip_in, counts.ip_out));
    }
    if counted == *sums { Ok(()) } else { Err(format!("the providers counted {counted:?}, the {whose} {sums:?}")) }
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
