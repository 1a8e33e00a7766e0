//! What a cluster lacks that an installation needs: each time an error that says what to do, and doing it helps.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use landfall_tests::{
    built,
    chart::{CHARTS, Helm, NAMESPACE, present},
    cluster::{self, ControlPlane, Options},
    operator::Operator,
};

const LEAST: &str = "cluster=test,image.registry=registry.example.org";
const DEFINE: &str = "helm upgrade --install landfall-crds charts/landfall-crds";
const READY: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "cluster story: make e2e"]
async fn what_a_cluster_lacks_is_named_with_the_command_that_mends_it() {
    let options = Options { controllers: true, ..Options::default() };
    let Some(plane) = cluster::or_skip(ControlPlane::start(options).await) else { return };
    let helms = [4, 3].map(|version| {
        let helm = Helm::new(plane.programs(), version);
        helm.with_cluster(plane.admin_kubeconfig().unwrap(), plane.folder().to_owned())
    });
    for helm in &helms {
        kinds_of_others(helm);
        let said = refused(helm, &["install", "landfall-legal-data", &present("landfall-legal-data")]);
        assert!(said.contains(DEFINE), "{said}");
    }

    // The program can be installed first; it says what it waits for.
    let [helm, _] = helms;
    let said = run(&helm, &["install", "landfall", &present("landfall"), "--set", LEAST, "--create-namespace"]);
    assert!(
        said.contains("The kinds of landfall.dev are not defined in this cluster") && said.contains(DEFINE),
        "{said}"
    );
    let said = check(&plane);
    assert!(said.contains("CustomResourceDefinition transfers.landfall.dev is missing"), "{said}");
    assert!(said.contains(&format!("next: {DEFINE} --namespace {NAMESPACE}")), "{said}");
    let (folder, log) = (tempfile::tempdir().unwrap(), tempfile::NamedTempFile::new().unwrap());
    let kubeconfig = plane.service_account_kubeconfig(NAMESPACE, "landfall-operator").await.unwrap();
    let around = format!("exec \"$@\" >>{0} 2>&1", log.path().display());
    let operator = Operator::start(folder.path(), &kubeconfig, &["bash", "-c", &around, "bash"], &[]).unwrap();
    await_lines(log.path(), &["The kind is not defined in this cluster", " kind=Transfer ", DEFINE], 1);
    assert!(operator.await_ready(Duration::from_secs(1)).unwrap_err().contains("waiting for the register"));
    it_asks_less_and_less_often(log.path());

    // Those of an older version: one kind less, and one field.
    let older = older_definitions();
    run(&helm, &["install", "landfall-crds", &older.path().display().to_string()]);
    plane.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "").unwrap();
    let said = check(&plane);
    let lacks = "CustomResourceDefinition transfers.landfall.dev is older than this program: it lacks .spec.recipient";
    assert!(said.contains(lacks), "{said}");
    assert!(said.contains("CustomResourceDefinition transferpolicies.landfall.dev is missing"), "{said}");
    assert!(!said.contains("recipients.landfall.dev"), "{said}");
    assert!(operator.await_ready(Duration::from_secs(1)).is_err());

    // As it was told.
    run(&helm, &["upgrade", "--install", "landfall-crds", &present("landfall-crds")]);
    let said = check(&plane);
    assert!(!said.contains("CustomResourceDefinition"), "{said}");
    operator.await_ready(READY).unwrap();
    run(&helm, &["install", "landfall-legal-data", &present("landfall-legal-data")]);
}

/// Values that need somebody else's kinds, in a cluster without them.
fn kinds_of_others(helm: &Helm) {
    let needs = [
        (
            "metrics.podMonitor.enabled=true",
            "metrics.podMonitor.enabled",
            "PodMonitor",
            "install the Prometheus Operator",
        ),
        (
            "metrics.serviceMonitor.enabled=true",
            "metrics.serviceMonitor.enabled",
            "ServiceMonitor",
            "install the Prometheus Operator",
        ),
        ("prometheusRule.enabled=true", "prometheusRule.enabled", "PrometheusRule", "install the Prometheus Operator"),
        (
            "certificates.mode=certManager,certificates.certManager.issuerRef.name=internal",
            "certificates.mode",
            "Certificate",
            "install cert-manager",
        ),
    ];
    for (set, value, kind, next) in needs {
        let set = format!("{LEAST},{set}");
        let said = refused(helm, &["install", "landfall", &present("landfall"), "--set", &set]);
        let expected = format!("{value}: this cluster does not know the kind {kind} (");
        assert!(said.contains(&expected) && said.contains(next), "{said}");
    }
}

fn run(helm: &Helm, arguments: &[&str]) -> String {
    helm.run(&[arguments, &["--namespace", NAMESPACE]].concat()).unwrap()
}

/// What Helm says of what it does not do.
fn refused(helm: &Helm, arguments: &[&str]) -> String {
    helm.run(&[arguments, &["--namespace", NAMESPACE]].concat()).unwrap_err().to_string()
}

/// What `landfall-operator check` finds.
fn check(plane: &ControlPlane) -> String {
    let mut command = Command::new(built("landfall-operator").unwrap());
    command.args(["check", "--namespace", NAMESPACE]).env("KUBECONFIG", plane.admin_kubeconfig().unwrap());
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// The chart of the definitions without a kind and without a field.
fn older_definitions() -> tempfile::TempDir {
    let older = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(Path::new(CHARTS).join("landfall-crds/.")).arg(older.path()).status();
    assert!(copied.unwrap().success());
    let definitions = older.path().join("definitions");
    fs::remove_file(definitions.join("transferpolicies.yaml")).unwrap();
    let transfers = definitions.join("transfers.yaml");
    let text = fs::read_to_string(&transfers).unwrap();
    fs::write(transfers, without_field(&text, "recipient")).unwrap();
    older
}

/// The definition without the lines of a field of `spec`, wherever it is named there.
fn without_field(definition: &str, field: &str) -> String {
    let mut parsed: serde_json::Value = serde_saphyr::from_str(definition).unwrap();
    let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
    let spec = parsed.pointer_mut(spec).unwrap();
    spec["properties"].as_object_mut().unwrap().remove(field).unwrap();
    spec["required"].as_array_mut().unwrap().retain(|name| name != field);
    spec.as_object_mut().unwrap().remove("x-kubernetes-validations");
    // The chart puts its labels after the line `metadata:`. YAML is a superset of JSON.
    let metadata = parsed.as_object_mut().unwrap().remove("metadata").unwrap();
    let rest = parsed.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}\n"));
    format!("# Older\nmetadata:\n  name: {}\n", metadata["name"].as_str().unwrap()) + &rest.collect::<String>()
}

/// Half a second, one, two: a slow machine makes the waits longer, never shorter.
fn it_asks_less_and_less_often(log: &Path) {
    let lines = await_lines(log, &["The kind is not defined in this cluster", " kind=Transfer "], 4);
    let at = |line: &String| line.split(' ').next().unwrap().parse::<jiff::Timestamp>().unwrap();
    let wait = at(&lines[3]).duration_since(at(&lines[2]));
    assert!(wait.as_secs_f64() > 1.9, "{lines:#?}");
}

/// Waits for so many lines with all of these.
fn await_lines(log: &Path, parts: &[&str], count: usize) -> Vec<String> {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(log).unwrap();
        let lines = text.lines().filter(|line| parts.iter().all(|part| line.contains(part)));
        let lines: Vec<_> = lines.map(str::to_owned).collect();
        if lines.len() >= count {
            return lines;
        }
        assert!(began.elapsed() < READY, "{parts:?}: {text}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
