//! A message bus in the cluster: what a reader in a third country gets is unlawful, and no message is lost or counted twice.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use landfall_observation::{Endpoint, Local, TopicRole, decode};
use landfall_tests::{
    kafka::servers_or_skip,
    operator::EXAMPLE,
    story::{self, Bus, Monitoring, Party, Reader, Story},
};
use serde_json::{Value, json};

use crate::alerts::await_alert;

const TOPIC: &str = "crm.contacts";
const PARTITIONS: i32 = 2;
/// The contract has it in the United States, and so have the example datasets.
const READER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 100);
const BUS: Party<'_> = Party { namespace: "crm", agreement: "crm-processor", operator: "Beispiel CRM GmbH" };
const RECIPIENT: &str = "
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: analytics }
spec:
  legalEntity: { value: { name: Example Analytics Inc., seat: US }, source: contract, asOf: 2026-11-01 }
  endpoints:
    - name: readers
      cidrs: [203.0.113.100/32]
      source: contract
      asOf: 2026-11-01
      processing: { value: [US], source: contract, asOf: 2026-11-01 }
  onward: []
";
/// The agent reports by the minute, the rest follows within seconds.
const PATIENCE: Duration = Duration::from_mins(3);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn a_reader_in_a_third_country_is_an_incident_and_no_message_is_lost_or_counted_twice() {
    let Some(_servers) = servers_or_skip(400) else { return };
    let began = Instant::now();
    let done = |what: &str| eprintln!("[{:>5.1} s] {what}", began.elapsed().as_secs_f64());
    let Some((mut story, _)) = story::or_skip(Story::begin_with(EXAMPLE.as_ref(), &[]).await) else { return };
    done("operator and agents are ready");
    register(&story);
    let bus = Bus::start(&mut story).unwrap();
    bus.create_topic(&story, TOPIC, PARTITIONS).unwrap();
    // What is there already is what the topic holds, and no traffic.
    bus.write(&story, TOPIC, PARTITIONS, &contacts(20)).unwrap();
    let reader = Reader::start(&mut story, &bus, "analytics", READER, TOPIC).unwrap();
    done("a broker has a topic and a reader");
    bus.watch(&story, BUS, "crm.").unwrap();
    done("the agent is ready");
    let monitoring = Monitoring::start(&story).unwrap();

    let transfer = await_transfer(&story, &bus);
    let reasons = transfer["status"]["reasons"].as_array().unwrap();
    let reasons: Vec<_> = reasons.iter().map(|reason| reason["code"].as_str().unwrap()).collect();
    done(&format!("its Transfer is unlawful: {reasons:?}"));
    assert_eq!(reasons, ["NoBasis"]);
    assert_eq!(transfer["status"]["location"]["jurisdictions"], json!(["US"]));
    let topic = json!({ "namespace": "crm", "bus": "events", "name": TOPIC });
    assert_eq!(transfer["spec"]["exporter"]["topic"], topic, "{transfer}");
    let name = transfer["metadata"]["name"].as_str().unwrap();
    let incident = story
        .wait_within(PATIENCE, "an Incident", || {
            let shown = story.cluster.kubectl(&["-n", "privacy", "get", "incident", name, "-o", "json"], "");
            shown.map_err(|error| error.to_string())
        })
        .unwrap();
    done("it has an Incident");
    assert!(incident.contains(TOPIC), "{incident}");
    let alert = await_alert(&story, &monitoring, "firing", &["LandfallUnlawfulTransfer", "Topic/events/crm.contacts"]);
    done(&format!("the alert fires: {}", alert["labels"]));

    let mut written = 0;
    let mut write = |count: usize| {
        bus.write(&story, TOPIC, PARTITIONS, &contacts(count)).unwrap();
        written += count as u64;
        written
    };
    write(3000);
    story
        .cluster
        .kubectl(&["-n", "landfall-system", "delete", "pod", "landfall-bus-agent-0", "--wait=false"], "")
        .unwrap();
    write(2000);
    bus.ready(&story).unwrap();
    let before = write(500);
    await_accounted(&story, &bus, before);
    done("the agent was deleted amid messages, and each is accounted for once");
    let kill = ["delete", "pod", "landfall-bus-agent-0", "--grace-period=0", "--force", "--wait=false"];
    write(2500);
    story.cluster.kubectl(&[&["-n", "landfall-system"], &kill[..]].concat(), "").unwrap();
    let before = write(700);
    await_accounted(&story, &bus, before);
    done("it was killed, and each is accounted for once");

    drop(reader);
    let all = write(1000);
    await_accounted(&story, &bus, all);
    done("the reader has left, and each message is accounted for once");
    let exported = story.ledger("export", &["--kind", "observation", "--body"]).unwrap();
    assert!(!exported.contains("@example.org") && !exported.contains("made-up-password"));
}

/// Lists the reader as a sub-processor, and gives it no basis.
fn register(story: &Story) {
    let listed = r#"[{"op": "add", "path": "/spec/recipients/-", "value": {"ref": "analytics", "clause": "L185"}}]"#;
    let agreement = ["-n", "privacy", "patch", "agr", "crm-processor", "--type=json", "-p", listed];
    story.cluster.kubectl(&agreement, "").unwrap();
    story.cluster.kubectl(&["apply", "-n", "privacy", "-f", "-"], RECIPIENT).unwrap();
}

/// Made-up people.
fn contacts(count: usize) -> Vec<Vec<u8>> {
    let contact = |number| json!({ "name": "Erika Mustermann", "email": format!("person{number}@example.org") });
    (0..count).map(|number| contact(number).to_string().into_bytes()).collect()
}

/// The Transfer of the topic to the reader, once it is unlawful.
fn await_transfer(story: &Story, bus: &Bus) -> Value {
    let found = story.wait_within(PATIENCE, "the Transfer to the reader", || {
        let listed = story.cluster.kubectl(&["get", "transfers", "-n", "crm", "-o", "json"], "");
        let listed: Value = serde_json::from_str(&listed.map_err(|error| error.to_string())?).unwrap();
        let items = listed["items"].as_array().unwrap();
        let is_it = |item: &&Value| item["spec"]["recipient"] == "analytics" && item["status"]["outcome"] == "Unlawful";
        let found = items.iter().find(is_it);
        found.cloned().ok_or_else(|| format!("{listed}\n{}", bus.log(story)))
    });
    found.unwrap()
}

/// Waits until the ledger has observations of so many messages of the topic, as its broker got them. What is counted twice is
/// too much here, or at the latest when more has been written.
fn await_accounted(story: &Story, bus: &Bus, messages: u64) {
    let accounted = || {
        let held = held(story);
        if held == messages {
            return Ok(());
        }
        Err(format!("{messages} were written, {held} accounted for\n{}", bus.log(story)))
    };
    story.wait_within(PATIENCE, "every message", accounted).unwrap();
}

fn held(story: &Story) -> u64 {
    let Ok(lines) = story.ledger("export", &["--kind", "observation", "--body"]) else { return 0 };
    let messages = |line: &str| {
        let observation = decode(line).unwrap();
        match (&observation.local, &observation.remote) {
            (Local::Topic(topic), Endpoint::TopicParty { role: TopicRole::Replica, .. }) if topic.topic == TOPIC => {
                observation.sent.messages
            }
            _ => 0,
        }
    };
    lines.lines().map(messages).sum()
}
