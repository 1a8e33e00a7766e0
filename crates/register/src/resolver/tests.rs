mod buses;
mod names;
mod networks;

use jiff::Timestamp;
use landfall_observation::{
    BusName, Channel, Confidence, Coverage, Direction, Endpoint, Handshake, HostMethod, Identity, Initiator,
    Inspection, LocationEvidence, LocationMethod, Name, Protocol, Topic, TopicRole, Transport, Window,
};

use super::*;
use crate::{Compiled, compile, load_text};

const REGISTER: &str = r#"
apiVersion: landfall.dev/v1alpha1
kind: ProcessingAgreement
metadata: { name: a, namespace: privacy }
spec:
  revision: "1"
  processor: { legalName: Own GmbH, seat: DE, zone: Europe/Berlin }
  scope: { categories: [{ category: "pd:Name", clause: L1 }] }
  ownNetworks:
    - { cidrs: [10.0.0.0/8], operator: Own GmbH, jurisdiction: DE }
    - { cidrs: [10.9.0.0/16, "2001:db8:a::/48"], operator: Hoster SE, jurisdiction: FR }
---
apiVersion: landfall.dev/v1alpha1
kind: TransferPolicy
metadata: { name: p, namespace: privacy }
spec:
  notPersonal:
    - { name: dns, cidrs: [10.0.0.53/32], ports: [53], reason: names }
    - { name: time, hosts: ["*.time.example"], ports: [123], reason: time, until: 2027-01-01T00:00:00Z }
    - { name: status, hosts: [status.api.acme.example], reason: status }
    - { name: mirror, cidrs: [198.51.100.128/25], reason: packages }
  accessPaths:
    - { name: ssh, ports: [22] }
    - { name: office, cidrs: [203.0.113.64/26] }
---
apiVersion: landfall.dev/v1alpha1
kind: MessageBus
metadata: { name: events, namespace: crm }
spec: { bootstrapServers: ["kafka:9092"], agreementRef: { namespace: privacy, name: a } }
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: acme }
spec:
  legalEntity: { value: { name: Acme, seat: US }, source: s, asOf: 2026-08-05 }
  endpoints:
    - name: api
      hosts: [api.acme.example, "*.api.acme.example"]
      topics: [orders]
      source: s
      asOf: 2026-08-05
      processing: { value: [US], source: s, asOf: 2026-08-05 }
    - name: eu
      hosts: [eu.api.acme.example, "*.eu.api.acme.example"]
      cidrs: [198.51.100.0/28, "2001:db8:100::/48"]
      asns: [64500]
      source: s
      asOf: 2026-08-05
      processing: { value: [DE], source: s, asOf: 2026-08-05 }
---
apiVersion: landfall.dev/v1alpha1
kind: Recipient
metadata: { name: bolt }
spec:
  legalEntity: { value: { name: Bolt, seat: DE }, source: s, asOf: 2026-08-05 }
  endpoints:
    - name: web
      hosts: [bolt.example]
      cidrs: [198.51.100.0/24]
      asns: [64501, 64502]
      source: s
      asOf: 2026-08-05
      processing: { value: [DE], source: s, asOf: 2026-08-05 }
    - name: shared
      hosts: [shared.bolt.example, api.acme.example]
      asns: [64502]
      source: s
      asOf: 2026-08-05
      processing: { value: [DE], source: s, asOf: 2026-08-05 }
"#;

fn compiled() -> Compiled {
    compile(&load_text("register.yaml", REGISTER).unwrap())
}

/// A TLS connection from a workload to 192.0.2.0/24, port 443, without a name.
fn to(address: &str) -> Observation {
    let start: Timestamp = "2026-11-23T07:00:00Z".parse().unwrap();
    Observation {
        identity: Identity { cluster: "c".to_owned(), agent: "a".to_owned(), epoch: 1, seq: 1 },
        window: Window { start, end: start },
        local: Local::Workload(Workload::new("crm", "Deployment", "sync")),
        remote: Endpoint::Address { address: address.parse().unwrap(), outside: Vec::new() },
        initiator: Initiator::Local,
        channel: Channel {
            transport: Transport::Tcp,
            port: 443,
            protocol: Protocol::TLS,
            host: None,
            host_method: HostMethod::None,
            names: Vec::new(),
            ech: false,
            tls: None,
        },
        location: Vec::new(),
        sent: Direction::default(),
        received: Direction::default(),
        inspection: Inspection::Opaque,
        reader: None,
        handshake: Handshake::Completed,
        coverage: Coverage::default(),
    }
}

fn named(mut observation: Observation, host: &str, method: HostMethod) -> Observation {
    observation.channel.host = Some(host.to_owned());
    observation.channel.host_method = method;
    observation
}

fn sni(host: &str) -> Observation {
    named(to("192.0.2.0/24"), host, HostMethod::Sni)
}

fn names(mut observation: Observation, names: &[(&str, HostMethod)]) -> Observation {
    observation.channel.names =
        names.iter().map(|(name, method)| Name { name: (*name).to_owned(), method: *method }).collect();
    observation
}

fn asn(mut observation: Observation, numbers: &[u32]) -> Observation {
    observation.location = numbers
        .iter()
        .map(|number| LocationEvidence {
            method: LocationMethod::Asn,
            jurisdiction: None,
            cloud: None,
            asn: Some(*number),
            operator: None,
            confidence: Confidence::Medium,
            dataset: "asn.mmdb".to_owned(),
            dataset_date: None,
        })
        .collect();
    observation
}

fn inbound(mut observation: Observation, port: u16) -> Observation {
    observation.initiator = Initiator::Remote;
    observation.channel.port = port;
    observation
}

fn port(mut observation: Observation, port: u16) -> Observation {
    observation.channel.port = port;
    observation
}

/// A counterpart in short form.
fn words(counterpart: &Counterpart) -> String {
    match counterpart {
        Counterpart::Registered { recipient, endpoint } => format!("{recipient}/{endpoint}"),
        Counterpart::Unregistered { label, remote_access: false } => format!("unregistered {label}"),
        Counterpart::Unregistered { label, remote_access: true } => format!("access {label}"),
        Counterpart::Ambiguous { candidates } => format!("one of {}", candidates.join(" ")),
        Counterpart::OwnNetwork { operator, jurisdiction } => format!("own {operator} {jurisdiction}"),
        Counterpart::DataSubject => "data subject".to_owned(),
        Counterpart::Other { unregistered, remote_access } => {
            format!("many, unregistered {unregistered}, access {remote_access}")
        }
        Counterpart::Truncated { address, candidates, otherwise } => {
            let inside = candidates.iter().map(|one| {
                let as_of = one.as_of.map(|date| format!(" as of {date}")).unwrap_or_default();
                format!("{} {}{as_of}", one.prefix, words(&one.stands_for))
            });
            format!("in {address}: {}, else {}", inside.collect::<Vec<_>>().join(", "), words(otherwise))
        }
        Counterpart::DeclaredNotPersonal { reason, until, otherwise } => {
            let until = until.map(|until| format!(" until {until}")).unwrap_or_default();
            format!("not personal ({reason}{until}), else {}", words(otherwise))
        }
    }
}

fn bus(namespace: &str, name: &str) -> BusName {
    BusName { namespace: namespace.to_owned(), name: name.to_owned() }
}

fn of_bus(bus: Option<&BusName>, topic: &str) -> Local {
    let (cluster_id, topic) = ("k1".to_owned(), topic.to_owned());
    Local::Topic(Topic { bus: bus.cloned(), cluster_id, topic, declared: std::collections::BTreeSet::new() })
}

fn check(cases: Vec<(Observation, &str)>) {
    let Compiled { resolver, .. } = compiled();
    for (index, (observation, expected)) in cases.into_iter().enumerate() {
        let answers = resolver.resolve(&observation);
        assert_eq!(answers.len(), 1);
        assert_eq!(words(&answers[0].counterpart), expected, "case {index}");
    }
}

#[test]
fn inbound_clients_are_data_subjects_unless_they_are_known_or_come_by_an_access_path() {
    check(vec![
        (inbound(to("192.0.2.0/24"), 443), "data subject"),
        (inbound(to("192.0.2.0/24"), 22), "access 192.0.2.0/24"),
        (inbound(asn(to("192.0.2.0/24"), &[64511]), 22), "access AS64511"),
        (inbound(to("203.0.113.70/32"), 8443), "access 203.0.113.0/24"),
        (inbound(to("203.0.113.7/32"), 8443), "data subject"),
        (inbound(to("198.51.100.3/32"), 22), "acme/eu"),
        (inbound(asn(to("192.0.2.0/24"), &[64500]), 443), "acme/eu"),
        (inbound(to("10.1.2.0/24"), 22), "own Own GmbH DE"),
        // The host that an inbound client names is one of the local party.
        (inbound(sni("api.acme.example"), 443), "data subject"),
        (inbound(names(to("192.0.2.0/24"), &[("bolt.example", HostMethod::Dns)]), 443), "data subject"),
        // A local port is no access path for outbound connections.
        (port(to("192.0.2.0/24"), 22), "unregistered 192.0.2.0/24"),
    ]);
}

#[test]
fn a_declaration_wraps_who_it_would_be_otherwise() {
    let server = port(to("10.0.0.53/32"), 53);
    let time = |host| port(sni(host), 123);
    check(vec![
        (server.clone(), "not personal (names), else own Own GmbH DE"),
        (port(server.clone(), 853), "own Own GmbH DE"),
        (port(to("10.0.0.54/32"), 53), "own Own GmbH DE"),
        (time("a.time.example"), "not personal (time until 2027-01-01T00:00:00Z), else unregistered time.example"),
        (time("time.example"), "unregistered time.example"),
        (sni("a.time.example"), "unregistered time.example"),
        (sni("status.api.acme.example"), "not personal (status), else acme/api"),
        (to("198.51.100.200/32"), "not personal (packages), else bolt/web"),
        // A declaration by address never hides a registered host.
        (named(to("198.51.100.200/32"), "api.acme.example", HostMethod::Sni), "acme/api"),
        (named(server, "api.acme.example", HostMethod::Sni), "acme/api"),
    ]);
}

#[test]
fn the_order_of_objects_decides_nothing() {
    let forwards = load_text("register.yaml", REGISTER).unwrap();
    let mut backwards = forwards.clone();
    backwards.recipients.reverse();
    backwards.policies.reverse();
    let (one, other) = (compile(&forwards), compile(&backwards));
    assert_eq!(one.ruleset, other.ruleset);
    assert_eq!(one.agent, other.agent);
    assert_eq!(one.warnings, other.warnings);
    let warnings: Vec<_> = one.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "Recipient bolt: endpoint shared: the host api.acme.example stands for acme/api already",
            "Recipient bolt: endpoint web: AS64502 stands for bolt/shared already",
        ]
    );
    let host = sni("api.acme.example");
    assert_eq!(one.resolver.resolve(&host), other.resolver.resolve(&host));
}

#[test]
fn an_agreement_answers_for_the_workloads_that_it_selects() {
    let agreement = |name: &str, selectors: &str| {
        format!(
            "---\napiVersion: landfall.dev/v1alpha1\nkind: ProcessingAgreement\nmetadata: {{ name: {name} }}\nspec:\n  \
             revision: '1'\n  processor: {{ legalName: Own GmbH, seat: DE, zone: Europe/Berlin }}\n  \
             scope: {{ categories: [{{ category: 'pd:Name', clause: L1 }}] }}\n{selectors}"
        )
    };
    let text = [
        agreement("all", ""),
        agreement("crm", "  namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: crm } }\n"),
        agreement("consent", "  namespaceSelector: { matchExpressions: [{ key: consent, operator: Exists }] }\n"),
        agreement("web", "  workloadSelector: { matchLabels: { tier: web } }\n"),
    ]
    .concat();
    let resolver = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let selected = |namespace: &str, label: Option<&str>, consent: bool| -> Vec<String> {
        let mut workload = Workload::new(namespace, "Deployment", "x");
        workload.labels.extend(label.map(|tier| ("tier".to_owned(), tier.to_owned())));
        workload.namespace_labels.extend(consent.then(|| ("consent".to_owned(), String::new())));
        let mut observation = to("192.0.2.0/24");
        observation.local = Local::Workload(workload);
        resolver.resolve(&observation).into_iter().map(|resolved| resolved.agreement.name).collect()
    };
    assert_eq!(selected("shop", None, false), ["all"]);
    assert_eq!(selected("crm", None, false), ["all", "crm"]);
    assert_eq!(selected("crm", Some("web"), true), ["all", "consent", "crm", "web"]);
    assert_eq!(selected("shop", Some("db"), true), ["all", "consent"]);

    let mut unattributed = to("192.0.2.0/24");
    unattributed.local = Local::Workload(Workload::unattributed());
    assert_eq!(resolver.resolve(&unattributed).len(), 4);
}
