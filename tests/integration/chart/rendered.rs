//! What Helm 4 and Helm 3 make of the charts, without a cluster.

use std::{collections::BTreeSet, fs, path::Path};

use landfall_agent::links::InterfacePattern;
use landfall_tests::{
    chart::{self, tried_values},
    tool_or_skip,
};
use serde_json::{Value, json};

use super::{CHARTS, LEAST, helms, objects, text};
use crate::{rules, support::root};

#[test]
fn helm_4_and_3_find_no_fault_and_render_the_same_each_time() {
    let Some(helms) = helms() else { return };
    for chart in CHARTS {
        let folder = Path::new(chart::CHARTS).join(chart).display().to_string();
        for values in tried_values(chart).unwrap() {
            let mut texts = BTreeSet::new();
            for helm in &helms {
                let values_file = values.display().to_string();
                helm.run(&["lint", "--strict", &folder, "--values", &values_file, "--kube-version", "1.35.0"]).unwrap();
                for _ in 0..2 {
                    texts.insert(helm.template(chart, &[&values], &[]).unwrap());
                }
            }
            assert_eq!(texts.len(), 1, "{}: renders differ", values.display());
        }
    }
}

#[test]
fn a_packed_chart_renders_as_its_folder_does() {
    let Some(helms) = helms() else { return };
    let packed = tempfile::tempdir().unwrap();
    let destination = packed.path().display().to_string();
    for chart in CHARTS {
        let folder = Path::new(chart::CHARTS).join(chart).display().to_string();
        helms[0].run(&["package", &folder, "--destination", &destination]).unwrap();
        let package = packed.path().join(format!("{chart}-{}.tgz", env!("CARGO_PKG_VERSION"))).display().to_string();
        for (helm, values) in helms.iter().zip(tried_values(chart).unwrap()) {
            let [folder, package] = [chart, &package].map(|it| helm.template(it, &[&values], &[]).unwrap());
            assert!(folder == package, "{}", values.display());
        }
    }
}

#[test]
fn wrong_values_are_named() {
    let Some(helms) = helms() else { return };
    let cases = [
        ("cluster=", "cluster: expected the name of this cluster, such as --set cluster=production"),
        ("image.registry=", "image.registry: expected the registry that holds the images"),
        ("opertor.replicas=2", "additional properties 'opertor' not allowed"),
        ("cni=wavenet", "at '/cni': value must be one of 'auto', 'cilium'"),
        ("operator.replicas=two", "at '/operator/replicas': got string, want integer"),
        ("operator.ledger.size=lots", "at '/operator/ledger/size': 'lots' does not match pattern"),
        ("operator.refresh=5", "at '/operator/refresh': got number, want string"),
        ("agent.localNetworks={10.0.0.1}", "at '/agent/localNetworks/0': '10.0.0.1' does not match pattern"),
        ("busAgent.buses[0].namespace=crm", "at '/busAgent/buses/0': missing property 'secrets'"),
        ("agent.podSecurityContext.runAsUser=0", "at '/agent/podSecurityContext/runAsUser': minimum: got 0, want 1"),
        (
            "operator.replicas=2,operator.ledger.volume.hostPath.path=/x",
            "one volume cannot be that of several replicas",
        ),
        ("certificates.mode=certManager", "certificates.certManager.issuerRef: expected an issuer"),
        (
            "prometheusRule.enabled=true,prometheusRule.disabled.Foo=true",
            "prometheusRule.disabled: there is no alert Foo",
        ),
        (
            "metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=true",
            "everything is scraped twice; enable one",
        ),
    ];
    for helm in helms {
        for (wrong, expected) in cases {
            let said = helm.template("landfall", &[], &[LEAST[0], LEAST[1], wrong]).unwrap_err().to_string();
            assert!(said.contains(expected), "{wrong}: {said}");
        }
        let said = helm.template("landfall-legal-data", &[], &["exclude={adequacy-xx}"]).unwrap_err().to_string();
        assert!(said.contains("exclude: there is no instrument adequacy-xx"), "{said}");
    }
}

#[test]
fn agents_may_be_of_another_version_than_the_operator() {
    let Some([helm, _]) = helms() else { return };
    let earlier = ["image.tag=2.1.0", "agent.image.tag=2.0.3"];
    let all = objects(&helm.template("landfall", &[], &[&LEAST[..], &earlier].concat()).unwrap());
    let images = |kind: &str| {
        let spec = all.iter().find(|object| object["kind"] == kind).unwrap().pointer("/spec/template/spec").unwrap();
        let containers =
            ["initContainers", "containers"].into_iter().filter_map(|list| spec[list].as_array()).flatten();
        containers.map(|container| text(container, "/image").to_owned()).collect::<BTreeSet<_>>()
    };
    let image = |name: &str| BTreeSet::from([format!("registry.example.org/landfall-{name}")]);
    assert_eq!((images("StatefulSet"), images("DaemonSet")), (image("operator:2.1.0"), image("agent:2.0.3")));
}

#[test]
fn the_definitions_are_kept_unless_told_otherwise() {
    let Some([helm, _]) = helms() else { return };
    for (keep, expected) in [("keep=true", json!("keep")), ("keep=false", Value::Null)] {
        let kinds = objects(&helm.template("landfall-crds", &[], &[keep]).unwrap());
        assert_eq!(kinds.len(), landfall_api::MANIFESTS.len());
        for kind in kinds {
            assert_eq!(kind["metadata"]["annotations"]["helm.sh/resource-policy"], expected);
        }
    }
}

#[test]
fn each_network_plugin_has_its_interfaces() {
    const AWS: &str = "eni*,vlan???????????";
    const OVN: &str = "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]???????????";
    let Some([helm, _]) = helms() else { return };
    let interfaces = |more: &[&str]| {
        let all = objects(&helm.template("landfall", &[], &[&LEAST, more].concat()).unwrap());
        let agents = all.iter().find(|object| object["kind"] == "DaemonSet").unwrap();
        let environment = agents.pointer("/spec/template/spec/containers/0/env").unwrap().as_array().unwrap();
        let variable = environment.iter().find(|variable| variable["name"] == "LANDFALL_INTERFACE").unwrap();
        text(variable, "/value").to_owned()
    };
    let auto = format!("veth*,cali*,lxc*,gke*,azv*,{AWS},{OVN}");
    for (cni, expected) in [
        ("cni=auto", auto.as_str()),
        ("cni=cilium", "lxc*"),
        ("cni=calico", "cali*"),
        ("cni=flannel", "veth*"),
        ("cni=aws-vpc", AWS),
        ("cni=gke", "gke*,veth*,lxc*"),
        ("cni=azure", "azv*,veth*,lxc*"),
        ("cni=kindnet", "veth*"),
        ("cni=ovn-kubernetes", OVN),
    ] {
        assert_eq!(interfaces(&[cni]), expected);
    }
    // As the plugins call the ends of pods, and what else nodes have.
    let patterns: Vec<InterfacePattern> =
        interfaces(&["cni=auto"]).split(',').map(|pattern| pattern.parse().unwrap()).collect();
    let selected = |name: &&str| patterns.iter().any(|pattern| pattern.matches(name));
    let of_pods =
        ["veth0a1b2c3d", "cali0123456789a", "lxc12ab34cd56ef", "eni0123456789a", "vlan14d01641e41", "8f3c0d5a1b2c3d4"];
    assert_eq!(of_pods.iter().filter(|name| !selected(name)).count(), 0);
    let others = ["eth0", "enp193s0f0np0v1", "eno1", "vlan.eth.1", "vlan100", "genev_sys_6081", "ovn-k8s-mp0", "lo"];
    assert_eq!(others.iter().filter(|name| selected(name)).count(), 0);
    assert_eq!(interfaces(&["agent.interfaces={br-*}", "agent.hostNetworkPods.enabled=true"]), "br-*,eth*,en*");
}

#[test]
fn prometheus_takes_the_rules_of_the_chart_and_their_templates_are_whole() {
    let (Some([helm, _]), Some(promtool)) = (helms(), tool_or_skip("promtool")) else { return };
    let values = root().join("charts/landfall/ci/monitoring-values.yaml");
    let all = objects(&helm.template("landfall", &[&values], &[]).unwrap());
    let rule = all.iter().find(|object| object["kind"] == "PrometheusRule").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rules.yaml");
    // YAML is a superset of JSON.
    fs::write(&file, rule["spec"].to_string()).unwrap();
    rules::run(&promtool, &["check", "rules", "--lint=all", "--lint-fatal"], &[file.to_str().unwrap().to_owned()]);

    let of = |groups: &Value| {
        let rules = groups.as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap().clone());
        rules.collect::<Vec<_>>()
    };
    let originals = of(&rules::document(&rules::read(rules::RULES))["groups"]);
    let originals: Vec<_> = originals.into_iter().filter(|rule| rule["alert"] != "LandfallExceptionEnded").collect();
    let rendered = of(&rule["spec"]["groups"]);
    assert_eq!(rendered.len(), originals.len());
    for (rendered, original) in rendered.iter().zip(&originals) {
        let said = |rule: &Value| (rule.pointer("/record").cloned(), rule.pointer("/expr").cloned());
        assert_eq!(said(rendered), said(original));
        let Some(alert) = original["alert"].as_str() else { continue };
        assert_eq!(rendered["labels"]["cluster"], "production", "{alert}");
        assert_eq!(rendered["annotations"]["summary"], original["annotations"]["summary"], "{alert}");
        let runbook = format!("https://wiki.example.org/landfall/docs/runbooks/{alert}.md");
        assert_eq!(rendered["annotations"]["runbook_url"], runbook.as_str());
        let next = text(rendered, "/annotations/description");
        // Agents may be in another namespace than the operator.
        assert!(!next.contains("landfall-agent") || next.contains(" -A "), "{next}");
    }
}

#[test]
fn each_dashboard_is_a_config_map_with_the_board_as_it_is() {
    let Some([helm, _]) = helms() else { return };
    let values = root().join("charts/landfall/ci/monitoring-values.yaml");
    let all = objects(&helm.template("landfall", &[&values], &[]).unwrap());
    let maps: Vec<_> = all.iter().filter(|it| text(it, "/metadata/name").starts_with("landfall-dashboard-")).collect();
    let mut boards = 0;
    for file in fs::read_dir(root().join("charts/landfall/dashboards")).into_iter().flatten() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_str().unwrap();
        if file.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        boards += 1;
        let named = |map: &&&Value| map["data"].get(name).is_some();
        let map = maps.iter().find(named).unwrap_or_else(|| panic!("no ConfigMap has {name}"));
        let said: Value = serde_json::from_str(map["data"][name].as_str().unwrap()).unwrap();
        assert_eq!(said, serde_json::from_str::<Value>(&fs::read_to_string(&file).unwrap()).unwrap(), "{name}");
        assert_eq!(map["metadata"]["labels"]["grafana_dashboard"], "1");
        assert!(map.to_string().len() < 1 << 20, "{name} is too large for a ConfigMap");
    }
    assert_eq!(maps.len(), boards);
}
