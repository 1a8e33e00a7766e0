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
    Local::Topic(Topic { bus: bus.cloned(), cluster_id: "k1".to_owned(), topic: topic.to_owned() })
}

fn check(cases: Vec<(Observation, &str)>) {
    let Compiled { resolver, ruleset, .. } = compiled();
    let buses = ruleset.agreements.keys().map(|agreement| (bus("crm", "events"), agreement.clone()));
    let resolver = resolver.with_buses(buses.collect());
    for (index, (observation, expected)) in cases.into_iter().enumerate() {
        let answers = resolver.resolve(&observation);
        assert_eq!(answers.len(), 1);
        assert_eq!(words(&answers[0].counterpart), expected, "case {index}");
    }
}

#[test]
fn a_registered_host_beats_everything() {
    check(vec![
        (sni("api.acme.example"), "acme/api"),
        (sni("API.Acme.Example."), "acme/api"),
        (sni("x.api.acme.example"), "acme/api"),
        (sni("eu.api.acme.example"), "acme/eu"),
        (sni("x.y.eu.api.acme.example"), "acme/eu"),
        (sni("acme.example"), "unregistered acme.example"),
        (sni("api.acme.example.evil.example"), "unregistered evil.example"),
        (named(to("10.1.2.0/24"), "bolt.example", HostMethod::HttpHost), "bolt/web"),
        (named(to("198.51.100.3/32"), "bolt.example", HostMethod::Dns), "bolt/web"),
        (asn(sni("bolt.example"), &[64500]), "bolt/web"),
        (named(to("198.51.100.200/32"), "bolt.example", HostMethod::Sni), "bolt/web"),
    ]);
}

#[test]
fn several_names_are_one_recipient_only_if_all_are_of_one_entry() {
    let dns = HostMethod::Dns;
    let with = |given: &[(&str, HostMethod)]| names(to("198.51.100.3/32"), given);
    check(vec![
        (with(&[("a.api.acme.example", dns), ("api.acme.example", dns)]), "acme/api"),
        (with(&[("api.acme.example", dns), ("eu.api.acme.example", dns)]), "one of acme/api acme/eu"),
        (with(&[("api.acme.example", dns), ("x.tracker.example", dns)]), "one of acme/api tracker.example"),
        (with(&[("bolt.example", dns)]), "bolt/web"),
        // None of the names is registered: the address decides.
        (with(&[("x.tracker.example", dns), ("y.other.example", dns)]), "acme/eu"),
        (
            names(to("192.0.2.0/24"), &[("x.tracker.example", dns), ("y.tracker.example", dns)]),
            "unregistered tracker.example",
        ),
        (
            names(to("192.0.2.0/24"), &[("x.tracker.example", dns), ("y.other.example", dns)]),
            "one of other.example tracker.example",
        ),
        // The outer name of an encrypted ClientHello is that of the client-facing server.
        (names(to("192.0.2.0/24"), &[("api.acme.example", HostMethod::Sni)]), "unregistered 192.0.2.0/24"),
    ]);
}

#[test]
fn what_a_dns_conversation_asks_for_is_not_whom_it_asks() {
    let mut asks = names(port(to("192.0.2.0/24"), 53), &[("api.acme.example", HostMethod::Dns)]);
    asks.channel.protocol = Protocol::DNS;
    let mut one = named(asks.clone(), "api.acme.example", HostMethod::Dns);
    one.channel.transport = Transport::Udp;
    check(vec![(asks, "unregistered 192.0.2.0/24"), (one, "unregistered 192.0.2.0/24")]);
}

#[test]
fn without_a_registered_name_networks_speak_the_nearest_first() {
    check(vec![
        (to("10.1.2.0/24"), "own Own GmbH DE"),
        (to("10.9.2.0/24"), "own Hoster SE FR"),
        (to("2001:db8:a::/48"), "own Hoster SE FR"),
        (sni("x.unknown.example"), "unregistered unknown.example"),
        (named(to("10.1.2.0/24"), "x.unknown.example", HostMethod::Sni), "own Own GmbH DE"),
        (to("198.51.100.3/32"), "acme/eu"),
        (to("198.51.100.99/32"), "bolt/web"),
        (to("2001:db8:100::/48"), "acme/eu"),
        (to("198.50.0.0/16"), "unregistered 198.50.0.0/16"),
        (asn(to("192.0.2.0/24"), &[64500]), "acme/eu"),
        (asn(to("198.51.100.99/32"), &[64500]), "bolt/web"),
        (asn(to("192.0.2.0/24"), &[64501]), "bolt/web"),
        // Two entries have it, so it identifies neither.
        (asn(to("192.0.2.0/24"), &[64502]), "unregistered AS64502"),
        (asn(to("192.0.2.0/24"), &[64500, 64501]), "unregistered AS64500"),
        (asn(to("192.0.2.0/24"), &[64511]), "unregistered AS64511"),
        (to("192.0.2.77/32"), "unregistered 192.0.2.0/24"),
        (to("2001:db8:b:c::1/128"), "unregistered 2001:db8:b::/48"),
    ]);
}

#[test]
fn of_a_truncated_address_the_declared_prefixes_within_are_named() {
    let outside = |mut observation: Observation, prefixes: &[&str]| {
        if let Endpoint::Address { outside, .. } = &mut observation.remote {
            outside.extend(prefixes.iter().map(|prefix| prefix.parse::<ipnet::IpNet>().unwrap()));
        }
        observation
    };
    let acme = "in 198.51.100.0/24: 198.51.100.0/28 acme/eu as of 2026-08-05, else bolt/web";
    check(vec![
        // If the surrounding prefix is registered, a declared mirror within it makes no difference.
        (to("198.51.100.0/24"), acme),
        // The agent already knew the prefix.
        (outside(to("198.51.100.0/24"), &["198.51.100.0/28"]), "bolt/web"),
        (outside(to("198.51.100.0/24"), &["198.51.100.0/27"]), "bolt/web"),
        (outside(to("198.51.100.0/24"), &["198.51.100.0/29"]), acme),
        // A full address and a registered host are unambiguous.
        (to("198.51.100.99/32"), "bolt/web"),
        (named(to("198.51.100.0/24"), "api.acme.example", HostMethod::Sni), "acme/api"),
        (named(to("198.51.100.0/24"), "x.unknown.example", HostMethod::Sni), acme),
        // An access path that some addresses of the prefix may use.
        (
            inbound(to("203.0.113.0/24"), 8443),
            "in 203.0.113.0/24: 203.0.113.64/26 access 203.0.113.0/24, else data subject",
        ),
        (inbound(outside(to("203.0.113.0/24"), &["203.0.113.64/26"]), 8443), "data subject"),
        // A declaration applies only to its port.
        (port(to("10.0.0.0/24"), 53), "own Own GmbH DE"),
    ]);
}

#[test]
fn a_stranger_beside_a_declared_prefix_may_be_in_it() {
    let text = REGISTER.replace("cidrs: [198.51.100.0/24]", "cidrs: [198.51.99.0/24]");
    let resolver = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let truncated = to("198.51.100.0/24");
    assert_eq!(
        words(&resolver.resolve(&truncated)[0].counterpart),
        "in 198.51.100.0/24: 198.51.100.0/28 acme/eu as of 2026-08-05, 198.51.100.128/25 not personal (packages), else \
         unregistered 198.51.100.0/24, else unregistered 198.51.100.0/24"
    );
    assert_eq!(resolver.stranger(&truncated), None);
}

#[test]
fn behind_a_proxy_the_address_says_nothing() {
    let proxied = |host, method| asn(named(to("10.1.2.0/24"), host, method), &[64500]);
    check(vec![
        (proxied("x.unknown.example", HostMethod::HttpConnect), "unregistered unknown.example"),
        (proxied("x.unknown.example", HostMethod::Socks), "unregistered unknown.example"),
        (proxied("eu.api.acme.example", HostMethod::Proxy), "acme/eu"),
        (proxied("198.51.100.3", HostMethod::HttpConnect), "acme/eu"),
        (proxied("[2001:db8:100::1]", HostMethod::Socks), "acme/eu"),
        (proxied("192.0.2.77", HostMethod::Socks), "unregistered 192.0.2.0/24"),
        (proxied("not a host", HostMethod::Proxy), "unregistered behind-proxy"),
        (proxied("x.unknown.example", HostMethod::Sni), "own Own GmbH DE"),
    ]);
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
fn the_prefix_of_all_addresses_is_many_remotes_whatever_holds_it() {
    let text = REGISTER
        .replace("cidrs: [10.0.0.0/8]", "cidrs: [0.0.0.0/0]")
        .replace("cidrs: [198.51.100.128/25]", "cidrs: [0.0.0.0/0]")
        .replace("cidrs: [198.51.100.0/24]", "cidrs: ['::/0']");
    let wide = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    assert_eq!(
        words(&wide.resolve(&to("198.18.0.0/24"))[0].counterpart),
        "not personal (packages), else own Own GmbH DE"
    );
    assert_eq!(words(&wide.resolve(&to("2001:db8:b::/48"))[0].counterpart), "bolt/web");
    let merged = |address| port(to(address), 0);
    for resolver in [&compiled().resolver, &wide] {
        for (observation, expected) in [
            (merged("0.0.0.0/0"), "many, unregistered true, access false"),
            (merged("::/0"), "many, unregistered true, access false"),
            // Clients are no recipients, and the port to which they connected is not known.
            (inbound(to("0.0.0.0/0"), 0), "many, unregistered false, access false"),
        ] {
            assert_eq!(words(&resolver.resolve(&observation)[0].counterpart), expected);
            assert_eq!(resolver.stranger(&observation), None);
        }
    }
    let text = REGISTER.replace("cidrs: [203.0.113.64/26]", "cidrs: ['::/0', 0.0.0.0/0]");
    let open = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let clients = open.resolve(&inbound(to("0.0.0.0/0"), 0));
    assert_eq!(words(&clients[0].counterpart), "many, unregistered true, access true");
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
fn hostile_hosts_are_no_names() {
    let long = format!("{}.example", "a".repeat(247));
    let labels = format!("{}example", "a.".repeat(124));
    let whole = "a".repeat(255);
    let hostile = [
        "",
        ".",
        "..",
        "api..acme.example",
        "api.acme.example..",
        "api.acme.example\u{0}",
        "\u{1b}[2J.example",
        "a b.example",
        "api.acme.example:443",
        "erika@api.acme.example",
        "*.api.acme.example",
        long.as_str(),
        labels.as_str(),
        whole.as_str(),
    ];
    check(hostile.iter().map(|host| (sni(host), "unregistered 192.0.2.0/24")).collect());
}

#[test]
fn topics_resolve_to_their_reader() {
    let reader = |topic: &str, role, host: Option<&str>| {
        let mut observation = to("192.0.2.0/24");
        observation.local = of_bus(Some(&bus("crm", "events")), topic);
        let client_host = host.map(str::to_owned);
        observation.remote = Endpoint::TopicParty { role, group: None, client_host };
        observation
    };
    check(vec![
        (reader("orders", TopicRole::Consumer, None), "acme/api"),
        (reader("orders", TopicRole::Producer, None), "unregistered topic-producer"),
        (reader("other", TopicRole::Consumer, None), "unregistered topic-consumer"),
        (reader("other", TopicRole::Connector, Some("bolt.example")), "bolt/web"),
        (reader("other", TopicRole::Consumer, Some("198.51.100.3")), "acme/eu"),
        (reader("orders", TopicRole::Other, None), "acme/api"),
        (reader("other", TopicRole::Other, None), "unregistered topic-party"),
    ]);
}

#[test]
fn a_topic_is_under_the_agreement_of_its_bus_and_of_no_other() {
    let agreement = |name: &str| {
        format!(
            "---\napiVersion: landfall.dev/v1alpha1\nkind: ProcessingAgreement\nmetadata: {{ name: {name}, namespace: privacy }}\n\
             spec:\n  revision: '1'\n  processor: {{ legalName: Own GmbH, seat: DE, zone: Europe/Berlin }}\n  \
             scope: {{ categories: [{{ category: 'pd:Name', clause: L1 }}] }}\n"
        )
    };
    let text = [agreement("a"), agreement("b")].concat();
    let of = |name: &str| AgreementId { namespace: "privacy".to_owned(), name: name.to_owned() };
    let bare = compile(&load_text("register.yaml", &text).unwrap()).resolver;
    let buses = [(bus("crm", "events"), of("b")), (bus("shop", "events"), of("a")), (bus("crm", "old"), of("gone"))];
    let knowing = bare.clone().with_buses(buses.into_iter().collect());
    let answers = |resolver: &Resolver, local: Local| -> Vec<String> {
        let observation = Observation { local, ..to("192.0.2.0/24") };
        // The consent of namespaces does not apply to topics.
        let resolved = resolver.resolve_consented(&observation, |workload, _| workload.namespace == "crm");
        resolved.into_iter().map(|resolved| resolved.agreement.name).collect()
    };
    let none = Vec::<String>::new();
    assert_eq!(answers(&knowing, of_bus(Some(&bus("crm", "events")), "orders")), ["b"]);
    assert_eq!(answers(&knowing, of_bus(Some(&bus("shop", "events")), "orders")), ["a"]);
    assert_eq!(answers(&knowing, of_bus(Some(&bus("crm", "old")), "orders")), none);
    assert_eq!(answers(&knowing, of_bus(Some(&bus("crm", "unknown")), "orders")), none);
    assert_eq!(answers(&knowing, of_bus(None, "orders")), none);
    assert_eq!(answers(&bare, of_bus(Some(&bus("crm", "events")), "orders")), none);
    let workload = |namespace: &str| Local::Workload(Workload::new(namespace, "Deployment", "sync"));
    assert_eq!(answers(&knowing, workload("crm")), ["a", "b"]);
    assert_eq!(answers(&knowing, workload("shop")), none);
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
