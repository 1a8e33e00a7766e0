//! The charts at a real API server.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

use landfall_tests::{
    built,
    chart::{CHARTS as FOLDER, Helm, NAMESPACE, tried_values},
    cluster::{self, ControlPlane, Options},
};
use serde_json::{Value, json};

use super::{CHARTS, LEAST, helms, objects, text};

const PATIENCE: Duration = Duration::from_secs(30);

async fn control_plane(controllers: bool) -> Option<ControlPlane> {
    let options = Options { controllers, ..Options::default() };
    cluster::or_skip(ControlPlane::start(options).await)
}

/// Kinds of others that the charts have objects of, as their projects define them.
fn others(plane: &ControlPlane) -> PathBuf {
    plane.programs().folder().parent().unwrap().join("definitions")
}

fn namespace(plane: &ControlPlane, name: &str, level: &str) {
    let labels = json!({ "pod-security.kubernetes.io/enforce": level });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": labels } });
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &namespace.to_string()).unwrap();
}

#[tokio::test]
async fn the_api_server_takes_what_the_charts_render() {
    let (Some([helm, _]), Some(plane)) = (helms(), control_plane(false).await) else { return };
    let folder = others(&plane).display().to_string();
    plane.kubectl(&["apply", "--server-side", "-f", &folder], "").unwrap();
    let definitions = helm.template("landfall-crds", &[], &[]).unwrap();
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &definitions).unwrap();
    plane.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "").unwrap();
    for name in [NAMESPACE, "landfall-agents", "monitoring", "crm", "payroll"] {
        namespace(&plane, name, "privileged");
    }
    let mut wrong = Vec::new();
    for chart in CHARTS {
        for values in tried_values(chart).unwrap() {
            let rendered = helm.template(chart, &[&values], &[]).unwrap();
            // Nothing that a schema does not know, such as a misspelt field.
            let apply = ["apply", "--server-side", "--validate=strict", "--dry-run=server", "-f", "-"];
            if let Err(error) = plane.kubectl(&apply, &rendered) {
                wrong.push(format!("{}: {error}", values.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn only_agents_that_capture_do_not_meet_pod_security_restricted() {
    let (Some([helm, _]), Some(plane)) = (helms(), control_plane(false).await) else { return };
    namespace(&plane, NAMESPACE, "restricted");
    for account in ["landfall-operator", "landfall-agent", "landfall-bus-agent", "landfall-test"] {
        plane.kubectl(&["create", "-n", NAMESPACE, "serviceaccount", account], "").unwrap();
    }
    let more = ["busAgent.enabled=true"];
    let all = objects(&helm.template("landfall", &[], &[&LEAST[..], &more].concat()).unwrap());
    let ask = |kind: &str, name: &str| {
        let is_asked = |object: &&Value| object["kind"] == kind && text(object, "/metadata/name") == name;
        let object = all.iter().find(is_asked).unwrap();
        let spec = object.pointer("/spec/template/spec").unwrap_or(&object["spec"]);
        let mut spec = spec.clone();
        // The claim is for the StatefulSet to make.
        for claim in object.pointer("/spec/volumeClaimTemplates").and_then(Value::as_array).into_iter().flatten() {
            let volume = json!({ "name": claim["metadata"]["name"], "emptyDir": {} });
            match spec["volumes"].as_array_mut() {
                Some(volumes) => volumes.push(volume),
                None => spec["volumes"] = json!([volume]),
            }
        }
        let metadata = json!({ "name": "asked", "namespace": NAMESPACE });
        let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec });
        plane.kubectl(&["create", "--dry-run=server", "-f", "-"], &pod.to_string())
    };
    for (kind, name) in
        [("StatefulSet", "landfall-operator"), ("StatefulSet", "landfall-bus-agent"), ("Pod", "landfall-test")]
    {
        ask(kind, name).unwrap();
    }
    let refused = ask("DaemonSet", "landfall-agent").unwrap_err().to_string();
    assert!(refused.contains("violates PodSecurity \"restricted:latest\": host namespaces"), "{refused}");
}

/// `landfall-operator check`, as an administrator.
fn check(plane: &ControlPlane, more: &[&str]) -> (i32, String) {
    let mut command = Command::new(built("landfall-operator").unwrap());
    command.arg("check").args(more).arg("--kubeconfig").arg(plane.admin_kubeconfig().unwrap());
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test]
async fn a_check_names_missing_and_older_definitions_and_refused_pods() {
    let (Some([helm, _]), Some(plane)) = (helms(), control_plane(true).await) else { return };
    let (status, said) = check(&plane, &["--no-agents"]);
    assert_eq!(status, 1);
    assert!(said.contains("fault: CustomResourceDefinition transfers.landfall.dev is missing"), "{said}");
    assert!(said.contains("next: helm upgrade --install landfall-crds"), "{said}");

    let definitions = helm.template("landfall-crds", &[], &[]).unwrap();
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &definitions).unwrap();
    let remove =
        r#"[{"op":"remove","path":"/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/source"}]"#;
    plane.kubectl(&["patch", "crd", "transferbases.landfall.dev", "--type=json", "-p", remove], "").unwrap();
    let (_, said) = check(&plane, &["--no-agents"]);
    let older = "transferbases.landfall.dev is older than this program: it lacks .spec.source";
    assert!(said.contains(older) && !said.contains("landfall.dev is missing"), "{said}");
    plane.kubectl(&["apply", "--server-side", "--force-conflicts", "-f", "-"], &definitions).unwrap();

    // A node, so that the agents' controller makes a pod, which is refused here.
    let node = json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "node-1" } });
    plane.kubectl(&["create", "-f", "-"], &node.to_string()).unwrap();
    namespace(&plane, NAMESPACE, "restricted");
    let rendered =
        helm.template("landfall", &[], &[&LEAST[..], &["tests.enabled=false", "busAgent.enabled=true"]].concat());
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &rendered.unwrap()).unwrap();
    let began = Instant::now();
    let said = loop {
        let (status, said) = check(&plane, &[]);
        assert_eq!(status, 1, "{said}");
        if said.contains("refused: pods \"landfall-agent-") || began.elapsed() > PATIENCE {
            break said;
        }
        std::thread::sleep(Duration::from_millis(300));
    };
    let refused = "DaemonSet landfall-system/landfall-agent: 0 of 1 pods are ready; refused: pods \"landfall-agent-";
    assert!(said.contains(refused) && said.contains("violates PodSecurity"), "{said}");
    // No node takes pods, and nobody schedules here.
    assert!(
        said.contains("StatefulSet landfall-system/landfall-operator: 0 of 1 pods are ready; landfall-operator-0:"),
        "{said}"
    );
    assert!(said.contains("StatefulSet landfall-system/landfall-bus-agent: 0 of 1 pods are ready"), "{said}");
    let (status, said) = check(&plane, &["--namespace", "elsewhere"]);
    assert_eq!((status, said.contains("bus-agent")), (1, false), "it is installed where somebody wants it");
    assert!(said.contains("StatefulSet elsewhere/landfall-operator is missing"), "{said}");
}

#[tokio::test]
async fn each_helm_installs_upgrades_rolls_back_and_leaves_what_is_to_be_kept() {
    let Some(helms) = helms() else { return };
    for helm in helms {
        let Some(plane) = control_plane(false).await else { return };
        let helm = helm.with_cluster(plane.admin_kubeconfig().unwrap(), plane.folder().to_owned());
        lives(&helm, &plane);
    }
}

fn lives(helm: &Helm, plane: &ControlPlane) {
    let chart = |name: &str| Path::new(FOLDER).join(name).display().to_string();
    let get = |what: &[&str]| plane.kubectl(&[&["get", "-n", NAMESPACE, "-o", "name"], what].concat(), "");
    let names = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let replicas = || {
        let path = ["get", "-n", NAMESPACE, "statefulset", "landfall-operator", "-o", "jsonpath={.spec.replicas}"];
        plane.kubectl(&path, "").unwrap()
    };
    let within = ["--namespace", NAMESPACE];
    let run = |arguments: &[&str]| helm.run(&[arguments, &within].concat());
    run(&["install", "landfall-crds", &chart("landfall-crds"), "--create-namespace"]).unwrap();
    plane.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "").unwrap();
    let set = LEAST.join(",");
    let said = run(&["install", "landfall", &chart("landfall"), "--set", &set]).unwrap();
    assert!(said.contains("helm -n landfall-system test landfall"), "{said}");
    run(&["install", "landfall-legal-data", &chart("landfall-legal-data")]).unwrap();
    let data = fs::read_dir(Path::new(FOLDER).join("landfall-legal-data/instruments")).unwrap().count();
    assert_eq!(names(get(&["transferbases", "-l", "landfall.dev/shipped"]).unwrap()).len(), data);

    run(&["upgrade", "landfall-crds", &chart("landfall-crds")]).unwrap();
    let more = format!("{set},operator.replicas=2,agent.enabled=false");
    run(&["upgrade", "landfall", &chart("landfall"), "--set", &more]).unwrap();
    assert_eq!((replicas(), names(get(&["daemonsets"]).unwrap())), ("2".to_owned(), vec![]));
    run(&["rollback", "landfall", "1"]).unwrap();
    let agents = "daemonset.apps/landfall-agent".to_owned();
    assert_eq!((replicas(), names(get(&["daemonsets"]).unwrap())), ("1".to_owned(), vec![agents]));

    for release in ["landfall-legal-data", "landfall", "landfall-crds"] {
        run(&["uninstall", release]).unwrap();
    }
    let kinds = names(plane.kubectl(&["get", "crd", "-o", "name"], "").unwrap());
    assert_eq!(kinds.len(), landfall_api::MANIFESTS.len());
    let all = "serviceaccounts,roles,rolebindings,services,statefulsets,daemonsets,networkpolicies,configmaps,secrets,poddisruptionbudgets";
    let left = names(get(&[all, "-l", "app.kubernetes.io/part-of=landfall"]).unwrap());
    let cluster = plane.kubectl(&["get", "clusterroles,clusterrolebindings,transferbases", "-o", "name"], "").unwrap();
    let left: Vec<_> =
        left.into_iter().chain(names(cluster).into_iter().filter(|it| it.contains("landfall"))).collect();
    assert_eq!(left, Vec::<String>::new());
}
