use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use landfall_agent::kafka::landing::{
    CopyOf, Destination, Evidence, Landing, TopicRelation,
    findings::{Finding, FindingKind},
};

use super::*;

fn landing(destination: Destination, evidence: &[Evidence]) -> Landing {
    let (first_seen, last_seen) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    Landing { destination, evidence: evidence.iter().copied().collect(), first_seen, last_seen }
}

fn landings() -> KafkaLandings {
    let settings = [
        ("connector.class", "org.apache.kafka.connect.file.FileStreamSinkConnector"),
        ("file", "/data/orders.txt"),
        ("topics", "orders"),
    ];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let broker =
        Destination::Broker { id: 1, host: "2001:db8::1".into(), port: 9092, rack: Some("eu-central-1a".into()) };
    let mirror = Destination::Mirror {
        cluster: Some("us".into()),
        servers: Some("kafka.us.example:9092".into()),
        topic: Some("eu.orders".into()),
        connector: "mirror".into(),
    };
    let orders = vec![
        landing(broker, &[Evidence::Metadata]),
        landing(
            Destination::Reader { group: "billing".into(), client_id: "client".into(), host: "192.0.2.7".into() },
            &[Evidence::GroupMembers],
        ),
        landing(Destination::AbsentReader { group: "old".into() }, &[Evidence::CommittedOffsets]),
        landing(mirror, &[Evidence::Connect]),
        landing(Destination::Sink { connector: "archive".into(), settings }, &[Evidence::Connect]),
        landing(Destination::RemoteStorage { manager: Some("example.Store".into()) }, &[Evidence::Settings]),
        landing(
            Destination::Topic { topic: "dead".into(), relation: TopicRelation::DeadLetters },
            &[Evidence::TopicNames, Evidence::Connect],
        ),
    ];
    let copy_of = Some(CopyOf { cluster: "asia".into(), topic: "people".into() });
    let topics = [
        ("asia.people".to_owned(), TopicLandings { copy_of, partitions: 1, landings: Vec::new() }),
        ("orders".to_owned(), TopicLandings { copy_of: None, partitions: 3, landings: orders }),
    ];
    let graph = LandingGraph {
        cluster_id: Some("LandfallLandfallLandfA".into()),
        topics: BTreeMap::from(topics),
        mirrored_from: ["asia".to_owned()].into(),
        mirrored_to: ["us".to_owned()].into(),
        gaps: vec!["the connectors of group x are not known".into()],
    };
    let kind = FindingKind::UnlimitedRetention { personal_data: None };
    let secrets = FindingKind::ConnectorSecrets {
        copied_to: ["us".to_owned()].into(),
        copied_from: None,
        read_by: ["curious".to_owned()].into(),
        sinks: BTreeSet::new(),
    };
    let findings =
        vec![Finding { topic: "connect-configs".into(), kind: secrets }, Finding { topic: "orders".into(), kind }];
    KafkaLandings { graph, judged: None, findings }
}

#[test]
fn each_landing_is_a_line_and_what_is_not_known_stands_below() {
    let mut table = KafkaLandingTable::default();
    table.push(&landings());
    let expected = "\
cluster LandfallLandfallLandfA: 2 topics; copied from asia; copied to us

TOPIC        LANDS AT        WHO OR WHERE                                               KNOWN FROM
asia.people  is a copy of    people of cluster asia                                     names
orders       broker          1 at [2001:db8::1]:9092 in eu-central-1a                   replicas
orders       reader          billing at 192.0.2.7 (client)                              group members
orders       absent reader   old, which has no member                                   committed offsets
orders       copy            us at kafka.us.example:9092 as eu.orders (connector mirror) connector
orders       sink            archive FileStreamSinkConnector file=/data/orders.txt      connector
orders       remote storage  Store                                                      settings
orders       dead letters    dead                                                       names, connector

finding: connect-configs holds configurations of connectors, with their passwords in clear, and is copied to us and is read by curious: leave it out there (topics.exclude), allow READ on it to workers of Connect alone, delete what was copied, and change the passwords
finding: orders keeps its messages for ever: set retention.ms to the time that they are needed for; `landfall kafka sample` shows whether they hold personal data

not known: the connectors of group x are not known";
    let words = |text: &str| text.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect();
    let (shown, expected): (Vec<Vec<String>>, _) = (words(&table.render(Screen::pipe(None))), words(expected));
    assert_eq!(shown, expected);
}

#[test]
fn in_json_findings_stand_beside_the_topics() {
    let json = serde_json::to_value(landings()).unwrap();
    let finding = serde_json::json!({ "topic": "orders", "finding": "unlimitedRetention" });
    assert_eq!(json["findings"][1], finding);
    assert_eq!(json["topics"]["orders"]["landings"][2]["kind"], "absentReader");
}
