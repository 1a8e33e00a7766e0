use serde_json::json;

use super::*;
use crate::metrics::Metrics;

fn now() -> Timestamp {
    "2026-11-23T10:00:00Z".parse().unwrap()
}

fn pod(change: serde_json::Value) -> Pod {
    let mut pod = json!({
        "metadata": {
            "name": "crm-5d4f8c7b9-x2x7q", "namespace": "crm", "uid": "1", "creationTimestamp": "2026-11-23T09:00:00Z",
            "labels": {"app": "crm", "pod-template-hash": "5d4f8c7b9", "landfall.dev/tenant": "broker-a"},
            "annotations": {"landfall.dev/categories": "EmailAddress, Name", "other.example.org/x": "y"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "crm-5d4f8c7b9", "uid": "2", "controller": true}]
        },
        "spec": {"containers": [], "serviceAccountName": "crm"},
        "status": {
            "phase": "Running", "podIP": "10.1.0.5", "podIPs": [{"ip": "10.1.0.5"}, {"ip": "2001:db8::5"}],
            "hostIP": "192.0.2.1", "startTime": "2026-11-23T09:00:05Z"
        }
    });
    merge(&mut pod, change);
    serde_json::from_value(pod).unwrap()
}

fn merge(into: &mut serde_json::Value, change: serde_json::Value) {
    match (into, change) {
        (serde_json::Value::Object(into), serde_json::Value::Object(change)) => {
            for (name, value) in change {
                merge(into.entry(name).or_insert(json!(null)), value);
            }
        }
        (into, change) => *into = change,
    }
}

fn named(change: serde_json::Value) -> (String, String) {
    let workload = address_holder(&pod(change), now()).unwrap().workload;
    (workload.kind, workload.name)
}

#[test]
fn a_pod_of_a_deployment_is_the_deployments() {
    let mut workload = Workload::new("crm", "Deployment", "crm");
    workload.pod = Some("crm-5d4f8c7b9-x2x7q".to_owned());
    workload.service_account = Some("crm".to_owned());
    workload.tenant = Some("broker-a".to_owned());
    workload.method = landfall_observation::WorkloadMethod::PodIp;
    for (name, value) in
        [("app", "crm"), ("landfall.dev/tenant", "broker-a"), ("landfall.dev/categories", "EmailAddress, Name")]
    {
        workload.labels.insert(name.to_owned(), value.to_owned());
    }
    let expected = AddressHolder {
        id: "1".to_owned(),
        addresses: vec!["10.1.0.5".parse().unwrap(), "2001:db8::5".parse().unwrap()],
        workload,
        is_node: false,
        from: "2026-11-23T09:00:05Z".parse().unwrap(),
        until: None,
    };
    assert_eq!(address_holder(&pod(json!({})), now()), Some(expected));
}

#[test]
fn an_owner_stands_for_its_pods() {
    let owner = |kind: &str, name: &str, labels: serde_json::Value| {
        let owners = json!([{"apiVersion": "v1", "kind": kind, "name": name, "uid": "2", "controller": true}]);
        named(json!({"metadata": {"ownerReferences": owners, "labels": labels}}))
    };
    let none = json!({"pod-template-hash": ""});
    for (found, kind, name) in [
        (owner("StatefulSet", "voice", none.clone()), "StatefulSet", "voice"),
        (owner("DaemonSet", "logs", none.clone()), "DaemonSet", "logs"),
        (owner("Job", "export-29000000", none.clone()), "CronJob", "export"),
        (owner("Job", "export-20260101", none.clone()), "Job", "export-20260101"),
        (owner("Job", "-29000000", none.clone()), "Job", "-29000000"),
        (owner("ReplicaSet", "bare", none.clone()), "ReplicaSet", "bare"),
        (owner("ReplicaSet", "crm-abc", json!({"pod-template-hash": "other"})), "ReplicaSet", "crm-abc"),
        (owner("ReplicaSet", "-abc", json!({"pod-template-hash": "abc"})), "ReplicaSet", "-abc"),
        (owner("Node", "node-eu", none), "Pod", "crm-5d4f8c7b9-x2x7q"),
        (named(json!({"metadata": {"ownerReferences": null}})), "Pod", "crm-5d4f8c7b9-x2x7q"),
    ] {
        assert_eq!(found, (kind.to_owned(), name.to_owned()));
    }
}

#[test]
fn labels_are_bounded_and_ours_come_first() {
    let mut labels = serde_json::Map::new();
    for number in 0..60 {
        labels.insert(format!("a{number:02}"), json!("x"));
    }
    labels.insert("landfall.dev/zone".to_owned(), json!("z"));
    labels.insert("landfall.dev/categories".to_owned(), json!("Name"));
    let long = "x".repeat(1025);
    let annotations = json!({"landfall.dev/long": long, "landfall.dev/note": "n"});
    let pod = pod(json!({"metadata": {"labels": labels, "annotations": annotations}}));
    let sent = address_holder(&pod, now()).unwrap().workload.labels;
    assert_eq!(sent.len(), 32);
    assert_eq!(sent.get("landfall.dev/zone").map(String::as_str), Some("z"));
    assert_eq!(sent.get("landfall.dev/note").map(String::as_str), Some("n"));
    assert_eq!(sent.get("landfall.dev/categories").map(String::as_str), Some("EmailAddress, Name"), "the annotation");
    assert!(!sent.contains_key("landfall.dev/long") && !sent.contains_key("pod-template-hash"));
}

#[test]
fn a_pod_without_an_address_of_its_own_holds_none() {
    for change in [
        json!({"spec": {"hostNetwork": true}}),
        json!({"status": {"podIP": null, "podIPs": null}}),
        json!({"status": {"podIP": "nonsense", "podIPs": []}}),
        json!({"status": null}),
        json!({"metadata": {"uid": null}}),
    ] {
        assert_eq!(address_holder(&pod(change.clone()), now()), None, "{change}");
    }
}

#[test]
fn a_pod_that_has_ended_says_when() {
    let ended = |statuses: serde_json::Value| {
        address_holder(&pod(json!({"status": {"phase": "Succeeded", "containerStatuses": statuses}})), now())
            .unwrap()
            .until
    };
    let container = |finished: &str| {
        json!({"name": "c", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
               "state": {"terminated": {"exitCode": 0, "finishedAt": finished}}})
    };
    let statuses = json!([container("2026-11-23T09:10:00Z"), container("2026-11-23T09:30:00Z")]);
    assert_eq!(ended(statuses), Some("2026-11-23T09:30:00Z".parse().unwrap()));
    assert_eq!(ended(json!(null)), Some(now()));
}

#[test]
fn the_watch_fills_the_directory() {
    let metrics = Metrics::new().unwrap();
    let directory = Arc::new(Directory::default());
    let readiness = Readiness::waiting_for(&[PODS_NOT_LISTED]);
    let mut pods = Pods::new("node-eu".to_owned(), Arc::clone(&directory), metrics.pods.clone(), readiness.clone());
    let name = |text: &str, at: Timestamp| {
        let workloads = crate::attribution::Workloads::from_directory(Arc::clone(&directory));
        workloads.attribute(text.parse().unwrap(), at).map(|workload| format!("{}/{}", workload.kind, workload.name))
    };
    pods.take(Event::Init, now());
    pods.take(Event::InitApply(pod(json!({}))), now());
    assert_eq!((name("10.1.0.5", now()), readiness.is_ready()), (None, false));
    pods.take(Event::InitDone, now());
    assert!(readiness.is_ready());
    assert_eq!(name("10.1.0.5", now()).as_deref(), Some("Deployment/crm"));
    assert_eq!(name("192.0.2.1", now()).as_deref(), Some("Node/node-eu"));

    let agent = json!({"metadata": {"uid": "9"}, "spec": {"hostNetwork": true},
                       "status": {"podIP": "192.0.2.2", "podIPs": [], "hostIP": "192.0.2.2"}});
    pods.take(Event::Apply(pod(agent)), now());
    assert_eq!(name("192.0.2.2", now()).as_deref(), Some("Node/node-eu"));
    assert_eq!(metrics.pods.pods.get(), 1);

    let later = "2026-11-23T11:00:00Z".parse().unwrap();
    pods.take(Event::Delete(pod(json!({}))), now());
    assert_eq!(name("10.1.0.5", now()).as_deref(), Some("Deployment/crm"), "for a while");
    assert_eq!(name("10.1.0.5", later), None);
    assert_eq!(metrics.pods.pods.get(), 0);
    pods.take(Event::Init, later);
    pods.take(Event::InitDone, later);
    assert_eq!(name("192.0.2.2", later).as_deref(), Some("Node/node-eu"));
}
