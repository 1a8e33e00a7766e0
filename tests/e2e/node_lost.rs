//! The node of the operator is lost: the operator goes on elsewhere where its volume can be had, and says why not where it
//! cannot. What the other node sees in between is held and delivered.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use landfall_tests::{
    chart::{NAMESPACE, present},
    operator::{EXAMPLE, install_register},
    story::{self, Client, NODES, PROVIDERS, Story},
};

use crate::{
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

    story.cluster.power_off(&lost).unwrap();
    done(&format!("{lost}, which ran the operator, has lost its power"));
    // Each of the others by a provider of its own, as before.
    for (client, (_, host, _)) in std::iter::zip(&clients, PROVIDERS).skip(1) {
        client.run(&story, &format!("curl -sk -d email=jane.roe@example.org -o /dev/null https://{host}/")).unwrap();
    }
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
    held.continues(&story);
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
