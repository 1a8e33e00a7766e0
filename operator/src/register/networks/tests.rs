use landfall_api::ConditionStatus;
use serde_json::{Value, json};

use super::*;

fn node(name: &str, region: Option<&str>, pods: &[&str], addresses: &[(&str, &str)]) -> NodeNetworks {
    let labels: Value = region.map_or_else(|| json!({}), |region| json!({ REGION: region }));
    let addresses: Vec<_> = addresses.iter().map(|(kind, at)| json!({ "type": kind, "address": at })).collect();
    // With other fields of a Node.
    let object = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": { "name": name, "labels": labels },
        "spec": { "podCIDR": pods.first(), "podCIDRs": pods, "providerID": "somebody:///1" },
        "status": { "addresses": addresses, "images": [{ "names": ["a"], "sizeBytes": 1 }] },
    });
    serde_json::from_value(object).unwrap()
}

fn found() -> LookupResult {
    LookupResult {
        services: vec!["10.96.0.0/12".parse().unwrap()],
        api_server: vec!["192.0.2.1".parse().unwrap()],
        name_servers: vec!["10.96.0.10".parse().unwrap()],
        unread: BTreeSet::new(),
    }
}

fn two_regions() -> ClusterNetworks {
    let nodes = [
        node(
            "a",
            Some("eu-1"),
            &["10.244.0.0/24", "2001:db8:1::/64"],
            &[("InternalIP", "192.0.2.11"), ("Hostname", "a")],
        ),
        node("b", Some("eu-1"), &["10.244.1.0/24"], &[("InternalIP", "192.0.2.12"), ("ExternalIP", "198.51.100.12")]),
        node("c", Some("us-1"), &["10.244.2.0/24"], &[("InternalIP", "192.0.2.13"), ("InternalIP", "127.0.0.1")]),
    ];
    ClusterNetworks::from_nodes(nodes.iter(), &found())
}

fn declared(prefixes: &[&str]) -> Declared {
    prefixes.iter().map(|prefix| prefix.parse().unwrap()).collect()
}

#[test]
fn undeclared_networks_become_text_to_add_with_blanks_for_unknown_facts() {
    let Proposal { condition, finding } = proposal::propose(&two_regions(), &Declared::default());
    assert_eq!(
        (condition.r#type, condition.status, condition.reason),
        ("OwnNetworksDeclared", ConditionStatus::False, "Undeclared")
    );
    let (_, text) = condition.message.split_once("\n\n").unwrap();
    assert_eq!(
        text,
        r#"spec:
  ownNetworks:
    - cidrs:
        - 10.96.0.0/12 # Services
        - 192.0.2.1/32 # API server
      operator: # the legal entity that runs them
      jurisdiction: # where they are, such as DE
    - cidrs:
        - 10.244.0.0/23 # pods
        - 192.0.2.11/32 # nodes
        - 192.0.2.12/32 # nodes
        - 198.51.100.12/32 # nodes
        - 2001:db8:1::/64 # pods
      operator: # the legal entity that runs them
      jurisdiction: # where they are, such as DE; nodes are labelled region "eu-1"
    - cidrs:
        - 10.244.2.0/24 # pods
        - 192.0.2.13/32 # nodes
      operator: # the legal entity that runs them
      jurisdiction: # where they are, such as DE; nodes are labelled region "us-1""#
    );
    assert_eq!(
        finding.as_deref(),
        Some(
            "networks of the cluster that the agreement does not declare: 10.96.0.0/12 (Services), 192.0.2.1/32 \
             (API server), 10.244.0.0/23 (pods), 192.0.2.11/32 (nodes) and 5 more"
        )
    );
}

/// The text cannot be applied by mistake while it has blanks.
#[test]
fn the_text_is_valid_once_its_blanks_are_filled() {
    let Proposal { condition, .. } = proposal::propose(&two_regions(), &Declared::default());
    let (_, text) = condition.message.split_once("\n\n").unwrap();
    let agreement = |networks: &str| {
        let networks = networks.strip_prefix("spec:\n").unwrap();
        format!(
            "apiVersion: landfall.dev/v1alpha1\nkind: ProcessingAgreement\nmetadata: {{ name: a, namespace: privacy }}\nspec:\n  \
             revision: \"1\"\n  processor: {{ legalName: Own GmbH, seat: DE, zone: Europe/Berlin }}\n  \
             scope: {{ categories: [{{ category: \"pd:Name\", clause: L1 }}] }}\n{networks}\n"
        )
    };
    assert!(landfall_register::load_text("agreement.yaml", &agreement(text)).is_err());
    let filled = text.replace("operator:", "operator: Own GmbH").replace("jurisdiction:", "jurisdiction: DE");
    let register = landfall_register::load_text("agreement.yaml", &agreement(&filled)).unwrap();
    let networks = register.agreements[0].spec.own_networks.iter().flat_map(|network| network.cidrs.clone());
    let Proposal { condition, finding } = proposal::propose(&two_regions(), &networks.collect());
    assert_eq!((condition.status, condition.reason, finding), (ConditionStatus::True, "Declared", None));
}

#[test]
fn declared_networks_are_not_proposed() {
    let wide = declared(&["10.0.0.0/9", "10.128.0.0/9", "192.0.2.0/24", "2001:db8::/32"]);
    let Proposal { condition, .. } = proposal::propose(&two_regions(), &wide);
    let (_, text) = condition.message.split_once("\n\n").unwrap();
    assert!(text.contains("- 198.51.100.12/32 # nodes") && text.matches(" # ").count() == 3, "{text}");
    // Nodes of one region: one entry is enough.
    let one = ClusterNetworks::from_nodes(
        [node("a", Some("eu-1"), &["10.244.0.0/24"], &[("InternalIP", "192.0.2.1")])].iter(),
        &found(),
    );
    let Proposal { condition, .. } = proposal::propose(&one, &Declared::default());
    assert_eq!(condition.message.matches("- cidrs:").count(), 1, "{}", condition.message);
    assert!(
        !condition.message.contains("API server") && !condition.message.contains("name server"),
        "{}",
        condition.message
    );
}

#[test]
fn unreadable_networks_are_reported_and_count_as_undeclared() {
    let everything = declared(&["0.0.0.0/0", "::/0"]);
    let Proposal { condition, finding } = proposal::propose(&ClusterNetworks::without_nodes(&found()), &everything);
    assert_eq!((condition.status, condition.reason, finding), (ConditionStatus::Unknown, "NotReadable", None));
    assert_eq!(
        condition.message,
        "cannot tell whether every network of the cluster is declared: Nodes cannot be listed (the operator needs list \
         and watch on nodes)"
    );
    let Proposal { condition, .. } = proposal::propose(&ClusterNetworks::without_nodes(&found()), &Declared::default());
    assert_eq!(condition.status, ConditionStatus::False);
    assert!(
        condition
            .message
            .ends_with("    # not known: Nodes cannot be listed (the operator needs list and watch on nodes)")
    );
    let without_pods =
        ClusterNetworks::from_nodes([node("a", None, &[], &[("InternalIP", "192.0.2.1")])].iter(), &found());
    let Proposal { condition, .. } = proposal::propose(&without_pods, &Declared::default());
    assert!(condition.message.contains("# not known: the networks of pods"), "{}", condition.message);
    let Proposal { condition, .. } = proposal::propose(&without_pods, &everything);
    assert_eq!(condition.status, ConditionStatus::True);
    assert!(condition.message.contains("the networks of pods are not known"), "{}", condition.message);
}

#[test]
fn the_message_of_a_large_cluster_is_bounded() {
    let nodes: Vec<_> = (0..5_000_u32)
        .map(|number| {
            let region = format!("{}{}", "r".repeat(50), number % 70);
            let pods = format!("2001:db8:{:x}::/64", number * 2);
            node(
                &format!("n{number}"),
                Some(&region),
                &[&pods],
                &[("InternalIP", &format!("2001:db8:ffff::{number:x}"))],
            )
        })
        .collect();
    let Proposal { condition, finding } =
        proposal::propose(&ClusterNetworks::from_nodes(nodes.iter(), &found()), &Declared::default());
    assert!(condition.message.len() < 8 << 10, "{}", condition.message.len());
    assert!(condition.message.contains(" more: kubectl get nodes -o wide"), "{}", condition.message);
    assert!(finding.unwrap().len() < 512);
}

#[test]
fn changes_of_nodes_update_the_proposal_every_few_minutes_at_most() {
    let (before, after) = (two_regions(), ClusterNetworks::from_nodes(std::iter::empty(), &found()));
    assert!(!after.supersedes(&before, MIN_INTERVAL.saturating_sub(Duration::from_secs(1))));
    assert!(after.supersedes(&before, MIN_INTERVAL));
    assert!(!before.supersedes(&before.clone(), MIN_INTERVAL));
    // Networks that could not be read before replace the proposal at once.
    assert!(before.supersedes(&ClusterNetworks::without_nodes(&found()), Duration::ZERO));
}
