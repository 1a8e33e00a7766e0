//! The node of the operator is lost: the operator goes on elsewhere where its volume can be had, and says why not where it
//! cannot. What the other node sees in between is held and delivered. Then the node comes back.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use landfall_tests::{
    chart::{NAMESPACE, present},
    operator::{EXAMPLE, install_register},
    story::{self, Client, NODES, PROVIDERS, Story},
};

use serde_json::Value;

use crate::{
    captured::await_captured,
    releases::{Held, install, send},
    sums::await_held,
};

const OUT_OF_SERVICE: &str = "node.kubernetes.io/out-of-service=nodeshutdown:NoExecute";
/// 50 s until the node counts as not ready, 20 s between two looks of who collects its pods, 15 s until the Lease has ended.
const PATIENCE: Duration = Duration::from_mins(4);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn the_operator_follows_its_volume_to_another_node() {
    let began = Instant::now();
    let done = |what: &str| eprintln!("[{:>3} s] {what}", began.elapsed().as_secs());
    let Some((mut story, providers)) = story::or_skip(Story::prepare(&PROVIDERS).await) else { return };
    story.offer_shared_volume("shared").unwrap();
    install_register(&story.cluster, Path::new(EXAMPLE)).unwrap();
    install(&story.helm(4).unwrap(), &present("landfall"));
    story.ready().unwrap();
    let lost = node_of_operator(&story).unwrap();
    let [other] = NODES.map(|(name, _)| name).into_iter().filter(|name| *name != lost).collect::<Vec<_>>()[..] else {
        panic!("{lost} is none of the nodes")
    };
    let clients: Vec<_> = [("assistant", &*lost), ("messaging", other), ("leak", other)]
        .map(|(name, node)| Client::start(&story, name, node).unwrap())
        .into();
    send(&story, &clients);
    await_held(&story, &clients, &providers);
    let held = Held::look(&story);
    let of_lost = pods_of(&story, &lost).unwrap();

    story.cluster.power_off(&lost).unwrap();
    done(&format!("{lost}, which ran the operator, has lost its power"));
    // Each of the others by a provider of its own, as before.
    for (client, (_, host, _)) in std::iter::zip(&clients, PROVIDERS).skip(1) {
        client.run(&story, &format!("curl -sk -d email=jane.roe@example.org -o /dev/null https://{host}/")).unwrap();
    }
    done("the others send");
    let held_back = story.wait_for("an agent that holds", || spooled(&story, other)).unwrap();
    done(&format!("the agent on {other} holds {held_back} observations"));
    // What an administrator says who knows that the node is off.
    story.cluster.kubectl(&["taint", "node", &lost, OUT_OF_SERVICE], "").unwrap();
    let moved = || match (node_of_operator(&story)?, is_ready(&story)?) {
        (node, true) if node == other => Ok(()),
        (node, ready) => Err(format!("on {node}, ready: {ready}")),
    };
    story.wait_within(PATIENCE, "the operator on the other node", moved).unwrap();
    done(&format!("the operator is ready on {other}"));
    await_held(&story, &clients, &providers);
    let held = held.continues(&story);
    done("nothing is lost");
    let said = story.test().unwrap_err().to_string();
    assert!(said.contains(&format!("on {lost}: ")) && said.contains("1 of 2 pods are ready"), "{said}");

    // The same with a disk of the lost node: there it stays, and the reason is said.
    for step in [
        &["scale", "statefulset/landfall-operator", "--replicas=0"][..],
        &["wait", "--for=delete", "pod/landfall-operator-0", "--timeout=60s"],
        &["delete", "pvc/ledger-landfall-operator-0", "pv/shared", "--timeout=60s"],
    ] {
        story.cluster.kubectl(&[&["-n", NAMESPACE], step].concat(), "").unwrap();
    }
    story.offer_local_volume("local", &lost).unwrap();
    story.cluster.kubectl(&["-n", NAMESPACE, "scale", "statefulset/landfall-operator", "--replicas=1"], "").unwrap();
    let why = || {
        let said = story.test().unwrap_or_else(|error| error.to_string());
        if said.contains("node affinity") { Ok(said) } else { Err(said) }
    };
    let said = story.wait_for("the reason", why).unwrap();
    let operator = "StatefulSet landfall-system/landfall-operator: 0 of 1 pods are ready; landfall-operator-0: ";
    let line = said.lines().find(|line| line.contains(operator)).unwrap_or_else(|| panic!("{said}"));
    done(line.trim());

    story.cluster.power_on(&lost).unwrap();
    let ready = format!("node/{lost}");
    story.cluster.kubectl(&["wait", "--for=condition=Ready", "--timeout=120s", &ready], "").unwrap();
    story.cluster.kubectl(&["taint", "node", &lost, &format!("{OUT_OF_SERVICE}-")], "").unwrap();
    done(&format!("{lost} is ready again"));
    story.ready().unwrap();
    done(&format!("{lost} is back, and the operator on its disk"));
    // What its agent had delivered and what it had not are in its spool; its workload is a new pod.
    Client::start(&story, "assistant", &lost).unwrap();
    send(&story, &clients);
    await_held(&story, &clients, &providers);
    held.continues(&story);
    done("its agent delivers, and no byte is lost or counted twice");
    await_captured(&story, "True", "every pod of every node");
    story.wait_for("both nodes covered", || all_covered(&story)).unwrap();
    let said = story.test().unwrap();
    assert!(said.contains("the installation can work"), "{said}");
    let gone = || {
        let left = pods_of(&story, &lost)?;
        let old: Vec<_> = left.intersection(&of_lost).filter(|pod| !pod.starts_with("landfall-agent-")).collect();
        let unwell: Vec<_> = left.iter().filter(|pod| !pod.ends_with(" Running")).collect();
        if old.is_empty() && unwell.is_empty() { Ok(left) } else { Err(format!("old: {old:?}, unwell: {unwell:?}")) }
    };
    let pods = story.wait_for("nothing of before", gone).unwrap();
    done(&format!("coverage is whole, and nothing of before is left: {pods:?}"));
}

/// Name, UID and phase of the pods of a node; those that are being deleted say `Terminating`.
fn pods_of(story: &Story, node: &str) -> Result<BTreeSet<String>, String> {
    let selected = format!("spec.nodeName={node}");
    let listed = story.cluster.kubectl(&["get", "pods", "-A", "-o", "json", "--field-selector", &selected], "");
    let listed: Value = serde_json::from_str(&listed.map_err(|error| error.to_string())?).unwrap();
    let line = |pod: &Value| {
        let metadata = &pod["metadata"];
        let phase =
            if metadata["deletionTimestamp"].is_null() { &pod["status"]["phase"] } else { &"Terminating".into() };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text(&metadata["name"]), text(&metadata["uid"]), text(phase))
    };
    Ok(listed["items"].as_array().unwrap().iter().map(line).collect())
}

/// By what the operator exposes, an agent of every node reports.
fn all_covered(story: &Story) -> Result<(), String> {
    let url = format!("http://{}/metrics", story.operator_metrics().map_err(|error| error.to_string())?);
    let metrics = story.cluster.node(NODES[0].0).unwrap().machine().run("curl", &["-s", &url]);
    let metrics = metrics.map_err(|error| error.to_string())?;
    let of_nodes: Vec<_> = metrics.lines().filter(|line| line.starts_with("landfall_node_covered{")).collect();
    let covered = of_nodes.iter().filter(|line| line.ends_with(" 1")).count();
    if covered == NODES.len() { Ok(()) } else { Err(format!("{of_nodes:?}")) }
}

/// How many observations an agent keeps, once there are any.
fn spooled(story: &Story, node: &str) -> Result<f64, String> {
    let url = format!("http://{}/metrics", story.agent_metrics(node));
    let metrics = story.cluster.node(node).unwrap().machine().run("curl", &["-s", &url]);
    let metrics = metrics.map_err(|error| error.to_string())?;
    let records = metrics.lines().find_map(|line| line.strip_prefix("landfall_agent_spool_records "));
    let records = records.and_then(|value| value.parse::<f64>().ok()).unwrap_or_default();
    if records > 0.0 { Ok(records) } else { Err(metrics) }
}

fn node_of_operator(story: &Story) -> Result<String, String> {
    let path = ["get", "pod", "-n", NAMESPACE, "landfall-operator-0", "-o", "jsonpath={.spec.nodeName}"];
    story.cluster.kubectl(&path, "").map_err(|error| error.to_string())
}

fn is_ready(story: &Story) -> Result<bool, String> {
    let path = r#"jsonpath={.status.conditions[?(@.type=="Ready")].status}"#;
    let path = ["get", "pod", "-n", NAMESPACE, "landfall-operator-0", "-o", path];
    story.cluster.kubectl(&path, "").map(|said| said == "True").map_err(|error| error.to_string())
}
