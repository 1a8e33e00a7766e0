//! The operator under the rights that the chart gives it, where they differ from the usual ones.

use std::{fs, path::Path, time::Duration};

use landfall_tests::{
    chart::NAMESPACE,
    cluster::{self, ControlPlane, Options},
    intake::{self, Intake},
    operator::Operator,
};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::{Value, json};

use super::{LEAST, helms, objects, text};

const READY: Duration = Duration::from_mins(1);
const AGENTS: &str = "landfall-agents";

/// What cert-manager puts into a Secret: a certificate for localhost, its key, and the authority that signed it.
fn issue(folder: &Path) -> String {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let authority = params.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let files = [("tls.crt", certificate.pem()), ("tls.key", key.serialize_pem()), ("ca.crt", authority.clone())];
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    authority
}

fn apply(plane: &ControlPlane, objects: &[Value]) {
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": objects });
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &list.to_string()).unwrap();
}

fn config_map(plane: &ControlPlane, namespace: &str, name: &str, key: &str) -> String {
    let path = format!("jsonpath={{.data.{}}}", key.replace('.', "\\."));
    plane.kubectl(&["get", "-n", namespace, "configmap", name, "--ignore-not-found", "-o", &path], "").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_of_another_namespace_deliver_under_the_certificate_of_somebody_else() {
    let Some([helm, _]) = helms() else { return };
    let Some(plane) = cluster::or_skip(ControlPlane::start(Options::default()).await) else { return };
    // Another test of this process may have set it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let definitions = helm.template("landfall-crds", &[], &[]).unwrap();
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &definitions).unwrap();
    plane.kubectl(&["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"], "").unwrap();
    plane.kubectl(&["create", "namespace", NAMESPACE], "").unwrap();
    let more = [
        "agent.namespace=landfall-agents",
        "certificates.mode=certManager",
        "certificates.certManager.issuerRef.name=internal",
    ];
    let mut all = objects(&helm.template("landfall", &[], &[&LEAST[..], &more].concat()).unwrap());
    // Nobody is here who would answer the request for a certificate.
    all.retain(|object| text(object, "/kind") != "Certificate" && text(object, "/kind") != "Pod");
    apply(&plane, &all);

    let kubeconfig = plane.service_account_kubeconfig(NAMESPACE, "landfall-operator").await.unwrap();
    let (folder, certificates) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let authority = issue(certificates.path());
    let account = format!("{AGENTS}/landfall-agent");
    let certificates = certificates.path().display().to_string();
    let flags = ["--certificates", &certificates, "--agent-account", &account, "--log-level", "warn,kube_client=off"];
    let operator = Operator::start(folder.path(), &kubeconfig, &[], &flags).unwrap();
    operator.await_ready(READY).unwrap();

    assert_eq!(intake::authority(&plane).unwrap(), authority);
    assert_eq!(config_map(&plane, AGENTS, "landfall-operator-ca", "ca.crt"), authority);
    let began = std::time::Instant::now();
    while config_map(&plane, AGENTS, "landfall-agent-configuration", "agent.json").is_empty() {
        assert!(began.elapsed() < READY, "no configuration is written for the agents");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(config_map(&plane, NAMESPACE, "landfall-agent-configuration", "agent.json"), "");

    let way = Intake::of(&operator, &authority).unwrap();
    let token = plane.token(AGENTS, "landfall-agent", Some("landfall-operator")).await.unwrap();
    // What it sends is read, because it is an agent.
    assert_eq!(way.deliver(&way.client(), &token, b"garbage", None).unwrap().0, 422);
    plane.kubectl(&["create", "-n", NAMESPACE, "serviceaccount", "landfall-agent"], "").unwrap();
    let stranger = plane.token(NAMESPACE, "landfall-agent", Some("landfall-operator")).await.unwrap();
    assert_eq!(way.deliver(&way.client(), &stranger, b"garbage", None).unwrap().0, 403);

    let secrets = plane.kubectl(&["get", "-A", "secrets", "-o", "name"], "").unwrap();
    assert_eq!(secrets, "");
    let user = format!("system:serviceaccount:{NAMESPACE}:landfall-operator");
    let audit = plane.audit().unwrap();
    let mut asked = audit.iter().filter(|entry| entry.user == user).peekable();
    assert!(asked.peek().is_some());
    let refused: Vec<_> = asked.filter(|entry| entry.is_forbidden()).map(|entry| entry.uri.clone()).collect();
    assert_eq!(refused, Vec::<String>::new());
}
