//! Secrets at a real API server, with the rights that the chart grants.

use std::fs;

use landfall_tests::{
    chart::NAMESPACE,
    cluster::{self, ControlPlane, Options},
    kafka::{Broker, BrokerOptions, Listener, User, servers_or_skip},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{agent, log, positions, until, write};
use crate::chart::{LEAST, helms, objects, text};

const TOPIC: &str = "orders";
const PASSWORD: &str = "made-up-password";
/// What an agent needs at the brokers.
const ENTRIES: [(&str, &[&str]); 3] =
    [("Describe", &["--cluster"]), ("Read", &["--topic", TOPIC]), ("Describe", &["--group", "landfall"])];

/// The rights of the chart, for these Secrets.
fn grant(plane: &ControlPlane) -> Option<()> {
    let [helm, _] = helms()?;
    let values = ["busAgent.enabled=true", "busAgent.buses[0].namespace=crm"];
    let secrets = ["busAgent.buses[0].secrets={authority,reader}"];
    let all = objects(&helm.template("landfall", &[], &[&LEAST[..], &values, &secrets].concat()).unwrap());
    for namespace in [NAMESPACE, "crm"] {
        plane.kubectl(&["create", "namespace", namespace], "").unwrap();
    }
    let is_right = |object: &&Value| {
        ["ServiceAccount", "Role", "RoleBinding"].contains(&text(object, "/kind"))
            && text(object, "/metadata/name") == "landfall-bus-agent"
    };
    for object in all.iter().filter(is_right) {
        plane.kubectl(&["apply", "--server-side", "-f", "-"], &object.to_string()).unwrap();
    }
    Some(())
}

fn put(plane: &ControlPlane, name: &str, contents: &Value) {
    let metadata = json!({ "name": name, "namespace": "crm" });
    let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": contents });
    plane.kubectl(&["apply", "--server-side", "-f", "-"], &secret.to_string()).unwrap();
}

fn configure(folder: &TempDir, broker: &Broker) {
    let bus = |name: &str, secret: &str| {
        json!({
            "namespace": "crm",
            "name": name,
            "bootstrapServers": [broker.bootstrap()],
            "tls": { "caSecret": "authority" },
            "sasl": { "mechanism": "SCRAM-SHA-256", "credentialsSecret": secret },
            "topics": [{ "include": { "names": [TOPIC] } }],
        })
    };
    let buses = json!({ "buses": [bus("events", "reader"), bus("others", "unlisted")] });
    fs::write(folder.path().join("agent.json"), buses.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_awaited_and_read_anew_and_shown_nowhere() {
    let Some(servers) = servers_or_skip(550) else { return };
    let Some(plane) = cluster::or_skip(ControlPlane::start(Options { controllers: false, ..Options::default() }).await)
    else {
        return;
    };
    let Some(()) = grant(&plane) else { return };
    let folder = TempDir::new().unwrap();
    let options = BrokerOptions {
        listeners: vec![Listener::sasl_ssl()],
        users: vec![User::new("landfall", PASSWORD)],
        ..BrokerOptions::default()
    };
    let broker = Broker::start(&servers, folder.path(), options).unwrap();
    broker.create_topic(TOPIC, 1, &[]).unwrap();
    for (operation, resource) in ENTRIES {
        broker.allow("landfall", &[operation], resource).unwrap();
    }
    write(&broker, TOPIC, 1, 20);
    put(&plane, "authority", &json!({ "ca.crt": fs::read_to_string(broker.authority()).unwrap() }));
    put(&plane, "unlisted", &json!({ "username": "landfall", "password": PASSWORD }));
    configure(&folder, &broker);

    let kubeconfig = plane.service_account_kubeconfig(NAMESPACE, "landfall-bus-agent").await.unwrap();
    let agent = agent(&folder, "buses-0", &["--kubeconfig", kubeconfig.to_str().unwrap()]);
    until(&folder, "a missing Secret is named", || log(&folder).contains("Secret crm/reader does not exist"));
    until(&folder, "a Secret without a right is named", || log(&folder).contains("may not get Secret crm/unlisted"));
    put(&plane, "reader", &json!({ "username": "landfall" }));
    until(&folder, "a missing key is named", || log(&folder).contains("Secret crm/reader has no key password"));
    put(&plane, "reader", &json!({ "username": "landfall", "password": "another-password" }));
    until(&folder, "the login is refused", || log(&folder).contains("Authentication failed"));
    assert!(positions(&folder, TOPIC).is_empty());
    put(&plane, "reader", &json!({ "username": "landfall", "password": PASSWORD }));
    until(&folder, "it is read", || positions(&folder, TOPIC).values().sum::<i64>() == 20);

    drop(agent);
    let mut written = log(&folder);
    for file in fs::read_dir(folder.path().join("spool")).unwrap() {
        written += &String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap());
    }
    for secret in [PASSWORD, "another-password", "BEGIN CERTIFICATE"] {
        assert!(!written.contains(secret), "{secret}");
    }
}
