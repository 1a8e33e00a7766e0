use landfall_observation::{OwnNetwork, WorkloadMethod};

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const SAMPLE: &str = r#"# Workloads of the sample.
- cidr: 192.0.2.0/28
  namespace: crm
  namespaceLabels: {landfall.dev/consent: legal}
  kind: Deployment
  name: crm
  labels:
    app: crm
    tier: "1"
  tenant: broker-a
- {cidr: 192.0.2.5, namespace: crm, kind: Job, name: export}
- cidr: "2001:db8:1::/64"
  namespace: voice
  kind: StatefulSet
  name: voice
"#;

fn sample() -> Workloads {
    Workloads::parse("workloads.yaml", SAMPLE.as_bytes()).unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn refusal(contents: &[u8]) -> String {
    Workloads::parse("w.yaml", contents).unwrap_err().to_string()
}

#[test]
fn a_workload_has_all_that_the_file_says() {
    let mut crm = Workload::new("crm", "Deployment", "crm");
    crm.namespace_labels = [("landfall.dev/consent".to_owned(), "legal".to_owned())].into();
    crm.labels = [("app".to_owned(), "crm".to_owned()), ("tier".to_owned(), "1".to_owned())].into();
    crm.tenant = Some("broker-a".to_owned());
    crm.method = WorkloadMethod::Address;
    assert_eq!(sample().attribute(address("192.0.2.1"), NOW), Some(Arc::new(crm)));
}

#[test]
fn the_longest_prefix_names_the_workload() {
    let workloads = sample();
    for (text, name) in [
        ("192.0.2.0", Some("crm")),
        ("192.0.2.4", Some("crm")),
        ("192.0.2.5", Some("export")),
        ("::ffff:192.0.2.5", Some("export")),
        ("192.0.2.15", Some("crm")),
        ("192.0.2.16", None),
        ("2001:db8:1::77", Some("voice")),
        ("2001:db8:2::77", None),
    ] {
        assert_eq!(
            workloads.attribute(address(text), NOW).as_ref().map(|workload| workload.name.as_str()),
            name,
            "{text}"
        );
    }
    assert_eq!(workloads.workload_of(address("192.0.2.16"), NOW, 0).as_ref(), &Workload::unattributed());
    assert_eq!(Workloads::default().workload_of(address("192.0.2.1"), NOW, 0).as_ref(), &Workload::unattributed());
}

#[test]
fn one_side_of_every_flow_is_local() {
    use LocalSide::{Initiator, Responder};
    let own = AgentConfiguration {
        own_networks: vec![OwnNetwork {
            cidrs: vec!["192.0.2.0/26".parse().unwrap()],
            operator: "Example GmbH".to_owned(),
            jurisdiction: "DE".parse().unwrap(),
        }],
        ..AgentConfiguration::default()
    };
    let nothing = AgentConfiguration::default();
    let (file, none) = (sample(), Workloads::default());
    for (workloads, own, initiator, responder, expected) in [
        // By the workloads file.
        (&file, &nothing, "192.0.2.1", "203.0.113.1", Initiator),
        (&file, &nothing, "203.0.113.1", "192.0.2.1", Responder),
        (&file, &nothing, "203.0.113.1", "2001:db8:1::1", Responder),
        (&file, &nothing, "192.0.2.5", "192.0.2.1", Initiator),
        (&file, &nothing, "192.0.2.1", "192.0.2.5", Initiator),
        // By own networks, which weigh less than a workload.
        (&file, &own, "203.0.113.1", "192.0.2.40", Responder),
        (&file, &own, "192.0.2.40", "192.0.2.1", Responder),
        (&file, &own, "192.0.2.1", "192.0.2.40", Initiator),
        (&none, &own, "203.0.113.1", "192.0.2.40", Responder),
        (&none, &own, "192.0.2.40", "192.0.2.41", Initiator),
        // By being private, only where no file says otherwise.
        (&none, &nothing, "203.0.113.1", "10.1.2.3", Responder),
        (&none, &nothing, "203.0.113.1", "172.16.0.1", Responder),
        (&none, &nothing, "203.0.113.1", "192.168.0.1", Responder),
        (&none, &nothing, "203.0.113.1", "127.0.0.1", Responder),
        (&none, &nothing, "203.0.113.1", "169.254.0.1", Responder),
        (&none, &nothing, "2001:db8::1", "fd00::1", Responder),
        (&none, &nothing, "2001:db8::1", "fe80::1", Responder),
        (&none, &nothing, "2001:db8::1", "::1", Responder),
        (&none, &nothing, "203.0.113.1", "::ffff:10.1.2.3", Responder),
        (&none, &nothing, "10.0.0.1", "10.0.0.2", Initiator),
        (&none, &own, "10.0.0.1", "192.0.2.40", Responder),
        (&file, &nothing, "203.0.113.1", "10.1.2.3", Initiator),
        // Neither.
        (&none, &nothing, "203.0.113.1", "198.51.100.1", Initiator),
        (&file, &own, "203.0.113.1", "198.51.100.1", Initiator),
    ] {
        let side = workloads.which_is_local(own, address(initiator), address(responder), NOW);
        assert_eq!(side, expected, "{workloads:?}: {initiator} to {responder}");
    }
}

#[test]
fn a_fault_names_file_line_field_and_what_was_expected() {
    let list = "expected a list with at least one workload {cidr, namespace, kind, name}";
    let text = "expected text of 1 to 253 bytes, in quotes where it looks like a number";
    let head = "- cidr: 192.0.2.0/28\n  namespace: crm\n  kind: Deployment\n";
    for (contents, expected) in [
        (String::new(), format!("w.yaml:1: document: {list}")),
        ("# nothing\n".to_owned(), format!("document: {list}")),
        ("[]".to_owned(), format!("w.yaml:1: document: {list}")),
        ("workloads: []".to_owned(), format!("w.yaml:1: document: {list}")),
        ("- crm".to_owned(), "w.yaml:1: [0]: expected a mapping with cidr, namespace, kind and name".to_owned()),
        (head.to_owned(), "w.yaml:1: [0].name: expected this field".to_owned()),
        ("- name: crm".to_owned(), "w.yaml:1: [0].cidr: expected this field".to_owned()),
        (
            format!("{head}  name: crm\n  image: crm"),
            "w.yaml:5: [0].image: expected one of cidr, namespace, namespaceLabels, kind, name, pod, labels, tenant"
                .to_owned(),
        ),
        (format!("{head}  name: 12"), format!("w.yaml:4: [0].name: {text}")),
        (format!("{head}  name: true"), format!("w.yaml:4: [0].name: {text}")),
        (format!("{head}  name: ''"), format!("w.yaml:4: [0].name: {text}")),
        (format!("{head}  name: [crm]"), format!("w.yaml:4: [0].name: {text}")),
        (
            format!("{head}  name: !tag crm"),
            "w.yaml:4: [0].name: expected a value without a tag (!) of its own".to_owned(),
        ),
        (format!("{head}  name: {}", "x".repeat(254)), format!("w.yaml:4: [0].name: {text}")),
        (
            format!("{head}  kind: Job\n"),
            "w.yaml:4: [0].kind: expected the key only once; it is already in line 3".to_owned(),
        ),
        (
            format!("{head}  labels: crm"),
            "w.yaml:4: [0].labels: expected a mapping of at most 256 labels from text to text".to_owned(),
        ),
        (
            format!("{head}  labels: {{a: 1}}"),
            "w.yaml:4: [0].labels.a: expected text of at most 253 bytes, in quotes where it looks like a number"
                .to_owned(),
        ),
        (
            format!("{head}  labels: {{a: b, a: c}}"),
            "w.yaml:4: [0].labels.a: expected the key only once; it is already in line 4".to_owned(),
        ),
        (
            "- cidr: 192.0.2.1/28".to_owned(),
            "w.yaml:1: [0].cidr: expected a prefix without host bits such as 192.0.2.0/28, or an address".to_owned(),
        ),
        ("- cidr: 192.0.2.0/33".to_owned(), "w.yaml:1: [0].cidr: expected a prefix".to_owned()),
        (
            format!("{head}  name: a\n- name: b\n  cidr: 192.0.2.0/28\n  namespace: crm\n  kind: Job\n"),
            "w.yaml:6: [1].cidr: expected a prefix that stands once; this one stands at line 1 too".to_owned(),
        ),
        (
            format!("{head}  name: a\n---\n- {{}}"),
            "document: expected the end of the file after one document".to_owned(),
        ),
        (format!("{head}  name: *crm"), "w.yaml:4: [0].name: expected YAML: ".to_owned()),
        (
            "- &a {cidr: 192.0.2.0, namespace: a, kind: b, name: c}\n- *a".to_owned(),
            "w.yaml:1: [0]: expected the value itself; anchors (&) and aliases (*) are not read".to_owned(),
        ),
        ("- cidr: [\n".to_owned(), "[0].cidr[0]: expected YAML: ".to_owned()),
        ("- {cidr: 192.0.2.0".to_owned(), "expected YAML: ".to_owned()),
        ("- ".repeat(50_000), "expected at most 64 levels".to_owned()),
        ("[".repeat(50_000), "w.yaml:1: document: expected YAML: recursion limit exceeded".to_owned()),
    ] {
        let found = refusal(contents.as_bytes());
        assert!(found.contains(&expected), "found {found:?}, expected {expected:?}");
    }
    assert_eq!(refusal(b"- cidr: a\n- \xff"), "w.yaml:2: document: expected UTF-8 text");
}

#[test]
fn a_file_that_does_not_read_is_named() {
    let dir = tempfile::TempDir::new().unwrap();
    let path = dir.path().join("workloads.yaml");
    let error = Workloads::from_yaml(&path).unwrap_err().to_string();
    assert!(error.ends_with("workloads.yaml"), "{error}");

    File::create(&path).unwrap().set_len(MAX_FILE_BYTES + 1).unwrap();
    assert!(matches!(Workloads::from_yaml(&path), Err(WorkloadsError::TooLarge { .. })));

    std::fs::write(&path, SAMPLE).unwrap();
    assert_eq!(format!("{:?}", Workloads::from_yaml(&path).unwrap()), "Workloads { prefixes: 3, node: false }");
}

#[test]
fn every_prefix_of_a_file_reads_or_is_refused_by_line() {
    let lines = SAMPLE.lines().count();
    for end in 0..SAMPLE.len() {
        match Workloads::parse("w.yaml", &SAMPLE.as_bytes()[..end]) {
            Ok(workloads) => assert!((1..=3).contains(&workloads.by_prefix.len()), "{end} bytes"),
            Err(WorkloadsError::Invalid { line, .. }) => assert!((1..=lines + 1).contains(&line), "{end} bytes"),
            Err(error) => panic!("{end} bytes: {error}"),
        }
    }
}

#[test]
fn in_a_cluster_pods_outweigh_their_node_and_that_the_networks() {
    use LocalSide::{Initiator, Responder};
    let tenant = |id: &str, text: &str, is_node| AddressHolder {
        id: id.to_owned(),
        addresses: vec![address(text)],
        workload: Workload::new("crm", "Deployment", id),
        is_node,
        from: NOW,
        until: None,
    };
    let directory = Arc::new(Directory::new(vec!["10.1.0.0/16".parse().unwrap()]));
    directory.apply(tenant("crm", "10.1.0.5", false), NOW);
    directory.apply(tenant("voice", "10.1.0.6", false), NOW);
    directory.apply(tenant("node", "192.0.2.1", true), NOW);
    let workloads = Workloads::from_directory(Arc::clone(&directory));
    let nothing = AgentConfiguration::default();
    for (initiator, responder, expected) in [
        ("10.1.0.5", "203.0.113.1", Initiator),
        ("203.0.113.1", "10.1.0.5", Responder),
        ("10.1.0.5", "10.1.0.6", Initiator),
        ("192.0.2.1", "10.1.0.5", Responder),
        ("10.1.0.5", "192.0.2.1", Initiator),
        ("203.0.113.1", "192.0.2.1", Responder),
        ("10.1.7.7", "10.1.0.5", Responder),
        ("10.1.7.7", "192.0.2.1", Responder),
        ("203.0.113.1", "10.1.7.7", Responder),
        // A private address outside of the networks is a stranger.
        ("203.0.113.1", "10.2.0.1", Initiator),
    ] {
        let side = workloads.which_is_local(&nothing, address(initiator), address(responder), NOW);
        assert_eq!(side, expected, "{initiator} to {responder}");
    }
    assert_eq!(workloads.workload_of(address("10.1.0.5"), NOW, 100).name, "crm");
    assert_eq!(directory.unattributed_bytes(), 0);
    assert_eq!(workloads.workload_of(address("10.1.7.7"), NOW, 100).as_ref(), &Workload::unattributed());
    assert_eq!(directory.unattributed_bytes(), 100);
    let stranger = address("203.0.113.1");
    assert!(workloads.is_awaited([stranger, address("10.1.7.7")], NOW, NOW));
    assert!(!workloads.is_awaited([stranger, address("10.1.0.5")], NOW, NOW));
    let unknown = Workloads::from_directory(Arc::default());
    let side = unknown.which_is_local(&nothing, stranger, address("10.2.0.1"), NOW);
    assert_eq!(side, Responder, "without networks a private address is ours");
}
