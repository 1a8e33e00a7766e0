//! Two nodes with pods: come up, run what they are given, leave nothing.

use std::{
    fs,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api, Client,
    api::{ListParams, LogParams, PostParams},
};
use landfall_tests::{
    cluster::{self, Cluster},
    story::NODES,
};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::traces::{Host, cgroups_of, processes_of};

const PATIENCE: Duration = Duration::from_mins(2);

#[tokio::test]
#[ignore = "cluster story: make e2e"]
async fn two_nodes_run_pods_that_reach_the_world_and_leave_no_trace() {
    let before = Host::look();
    let began = Instant::now();
    let Some(mut cluster) = cluster::or_skip(Cluster::start(&NODES).await) else { return };
    eprintln!("two nodes up in {:?}: {:?}", began.elapsed(), cluster.started());
    let client = cluster.client().await.unwrap();
    assert_eq!(regions(&client).await, NODES.map(|(name, region)| (name.to_owned(), region.to_owned())));

    let loading = Instant::now();
    cluster.load_image(&cluster::clients("localhost/clients:1").unwrap()).unwrap();
    eprintln!("image loaded in {:?}", loading.elapsed());
    let address = Ipv4Addr::new(198, 51, 100, 7);
    let server = cluster.add_server("provider", &[address]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("greeting"), "hello from afar\n").unwrap();
    let pages = folder.path().display().to_string();
    let _web = server.start("web", &["python3", "-m", "http.server", "-d", &pages, "80"]).unwrap();
    cluster.set_hosts(&[(address, "api.example.org")]).unwrap();

    for (node, _) in NODES {
        let running = Instant::now();
        let script = "until curl -sf http://api.example.org/greeting; do sleep 0.2; done
            token=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)
            curl -s --retry 20 --retry-delay 1 --retry-all-errors -o /dev/null -w '%{http_code}\\n' -H \"Authorization: Bearer $token\" \
              --cacert /var/run/secrets/kubernetes.io/serviceaccount/ca.crt https://kubernetes.default.svc.cluster.local/api/v1/nodes";
        let log = run_to_end(&client, &format!("client-on-{node}"), node, script).await;
        eprintln!("pod on {node} done in {:?}", running.elapsed());
        // The default service account may ask, and may not see nodes.
        assert_eq!(log, "hello from afar\n403\n");
    }
    let entries = cluster.audit().unwrap();
    assert!(
        entries
            .iter()
            .any(|entry| entry.is_of_namespace("default") && entry.is_forbidden() && entry.resource == "nodes")
    );
    let group = cluster.cgroup_of(cluster.node("node-eu").unwrap());
    assert!(group.join("kubepods").exists(), "{}", group.display());

    let (folder, cgroup) = (cluster.folder().to_owned(), cluster.cgroup().to_owned());
    let stopping = Instant::now();
    cluster.stop();
    eprintln!("down in {:?}", stopping.elapsed());
    assert_eq!(processes_of(&folder), Vec::<String>::new());
    assert_eq!(cgroups_of(&cgroup), Vec::<std::path::PathBuf>::new());
    assert!(!folder.exists());
    assert_eq!(Host::look(), before);
}

async fn regions(client: &Client) -> Vec<(String, String)> {
    let nodes: Api<Node> = Api::all(client.clone());
    let nodes = nodes.list(&ListParams::default()).await.unwrap();
    let region = |node: &Node| node.metadata.labels.as_ref().unwrap()["topology.kubernetes.io/region"].clone();
    nodes.iter().map(|node| (node.metadata.name.clone().unwrap(), region(node))).collect()
}

/// The log of a pod that runs a script.
async fn run_to_end(client: &Client, name: &str, node: &str, script: &str) -> String {
    let pods: Api<Pod> = Api::namespaced(client.clone(), "default");
    pods.create(&PostParams::default(), &pod(name, node, script)).await.unwrap();
    let began = Instant::now();
    loop {
        let status = pods.get(name).await.unwrap().status.unwrap();
        match status.phase.as_deref() {
            Some("Succeeded") => return pods.logs(name, &LogParams::default()).await.unwrap(),
            Some("Failed") => panic!("{name} failed: {}", pods.logs(name, &LogParams::default()).await.unwrap()),
            phase if began.elapsed() > PATIENCE => panic!("{name} is {phase:?}: {:?}", status.container_statuses),
            _ => sleep(Duration::from_millis(100)).await,
        }
    }
}

fn pod(name: &str, node: &str, script: &str) -> Pod {
    let object: Value = json!({
        "metadata": { "name": name },
        "spec": {
            "restartPolicy": "Never",
            "terminationGracePeriodSeconds": 1,
            "nodeName": node,
            "containers": [{
                "name": "client",
                "image": "localhost/clients:1",
                "imagePullPolicy": "Never",
                "command": ["sh", "-c", script],
            }],
        },
    });
    serde_json::from_value(object).unwrap()
}
