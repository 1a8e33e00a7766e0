//! What the chart lets its parts do.

use std::collections::{BTreeMap, BTreeSet};

use landfall_api::MANIFESTS;
use landfall_tests::chart::tried_values;
use serde_json::{Value, json};

use super::{LEAST, helms, objects, text};
use crate::support::root;

/// Verbs that change something.
const WRITES: [&str; 5] = ["create", "update", "patch", "delete", "deletecollection"];

/// Group, resource, verb and name that a rule grants.
type Right = (String, String, String, Option<String>);

fn rights(role: &Value) -> BTreeSet<Right> {
    let list = |rule: &Value, field: &str| -> Vec<String> {
        let items = rule[field].as_array().cloned().unwrap_or_default();
        items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    let mut all = BTreeSet::new();
    for rule in role["rules"].as_array().unwrap() {
        let names: Vec<_> = match &list(rule, "resourceNames")[..] {
            [] => vec![None],
            names => names.iter().cloned().map(Some).collect(),
        };
        for group in list(rule, "apiGroups") {
            for resource in list(rule, "resources") {
                for verb in list(rule, "verbs") {
                    all.extend(names.iter().map(|name| (group.clone(), resource.clone(), verb.clone(), name.clone())));
                }
            }
        }
    }
    all
}

#[test]
fn no_role_has_a_wildcard_and_secrets_are_named() {
    let Some([helm, _]) = helms() else { return };
    for values in tried_values("landfall").unwrap() {
        let all = objects(&helm.template("landfall", &[&values], &[]).unwrap());
        for role in all.iter().filter(|object| text(object, "/kind").ends_with("Role")) {
            let name = text(role, "/metadata/name");
            for (group, resource, verb, named) in rights(role) {
                assert!(
                    ![&group, &resource, &verb].iter().any(|part| part.contains('*')),
                    "{name}: {group}/{resource}"
                );
                assert!(!["escalate", "impersonate", "bind"].contains(&&*verb), "{name}: {verb}");
                assert!(resource != "secrets" || verb == "create" || named.is_some(), "{name}: {verb} {resource}");
                assert!(!resource.starts_with("pods/") && !resource.starts_with("nodes/"), "{name}: {resource}");
            }
        }
        for subject in all.iter().flat_map(|object| object["subjects"].as_array().cloned().unwrap_or_default()) {
            assert_eq!(subject["kind"], "ServiceAccount");
        }
    }
}

#[test]
fn people_read_every_kind_and_only_the_operator_writes_transfers() {
    let Some([helm, _]) = helms() else { return };
    let all = objects(&helm.template("landfall", &[], &LEAST).unwrap());
    let of = |name: &str| {
        let role = all.iter().find(|object| object["kind"] == "ClusterRole" && text(object, "/metadata/name") == name);
        let role = role.unwrap();
        (rights(role), role["metadata"]["labels"].clone())
    };
    let kinds = |rights: &BTreeSet<Right>, writes: bool| -> BTreeSet<String> {
        let fitting = rights.iter().filter(|(_, _, verb, _)| WRITES.contains(&&**verb) == writes);
        fitting.map(|(_, resource, _, _)| resource.clone()).collect()
    };
    let every: BTreeSet<_> = MANIFESTS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let roles = ["landfall-view", "landfall-edit", "landfall-admin"];
    for role in roles {
        let (granted, labels) = of(role);
        let aggregated = role.trim_start_matches("landfall-");
        assert_eq!(labels[format!("rbac.authorization.k8s.io/aggregate-to-{aggregated}")], "true");
        assert!(!kinds(&granted, true).contains("transfers"), "{role}");
    }
    let [view, edit, admin] = roles.map(|role| of(role).0);
    assert_eq!((kinds(&view, false), kinds(&view, true)), (every.clone(), BTreeSet::new()));
    let namespaced = ["incidents", "messagebuses", "processingagreements", "transferpolicies"];
    assert_eq!(kinds(&edit, true), namespaced.map(str::to_owned).into());
    assert_eq!(kinds(&admin, true), every.into_iter().filter(|kind| kind != "transfers").collect());
}

#[test]
fn the_agent_that_watches_buses_gets_the_named_secrets_and_nothing_else() {
    let Some([helm, _]) = helms() else { return };
    let values = root().join("charts/landfall/ci/bus-agent-values.yaml");
    let all = objects(&helm.template("landfall", &[&values], &[]).unwrap());
    let named = |kind: &'static str| {
        let fitting = move |it: &&Value| it["kind"] == kind && text(it, "/metadata/name") == "landfall-bus-agent";
        all.iter().filter(fitting)
    };
    let granted: BTreeMap<_, _> = named("Role").map(|role| (text(role, "/metadata/namespace"), rights(role))).collect();
    let get = |name: &str| (String::new(), "secrets".to_owned(), "get".to_owned(), Some(name.to_owned()));
    let expected = [
        ("crm", BTreeSet::from([get("events-authority"), get("events-reader")])),
        ("payroll", BTreeSet::from([get("bus")])),
    ];
    assert_eq!(granted, expected.into());
    let bound: Vec<_> = named("RoleBinding").map(|binding| text(binding, "/metadata/namespace")).collect();
    assert_eq!(bound, ["crm", "payroll"]);
    assert_eq!((named("ClusterRole").count(), named("ClusterRoleBinding").count()), (0, 0));

    let pods = named("StatefulSet").next().unwrap().pointer("/spec/template/spec").unwrap();
    assert_eq!(
        (&pods["hostNetwork"], &pods["hostPID"], &pods["initContainers"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert!(pods["volumes"].as_array().unwrap().iter().all(|volume| volume.get("hostPath").is_none()));
    let security = &pods["containers"][0]["securityContext"];
    assert_eq!(
        (&security["allowPrivilegeEscalation"], &security["capabilities"]),
        (&json!(false), &json!({ "drop": ["ALL"] }))
    );
    let operator =
        all.iter().find(|it| it["kind"] == "StatefulSet" && text(it, "/metadata/name") == "landfall-operator");
    let environment = operator.unwrap().pointer("/spec/template/spec/containers/0/env").unwrap().as_array().unwrap();
    let account = environment.iter().find(|it| it["name"] == "LANDFALL_BUS_AGENT_ACCOUNT").unwrap();
    assert_eq!(text(account, "/value"), "landfall-system/landfall-bus-agent");
}
