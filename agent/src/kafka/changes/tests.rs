//! States of a made-up cluster, one after the other.

use landfall_observation::Jurisdiction;

use super::*;
use crate::{
    kafka::inventory::Part,
    locate::{Locator, LocatorConfig},
};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/locations");
/// Addresses that the examples know: two of one region in Germany, and one of the United States.
const GERMANY: [&str; 2] = ["198.51.100.17", "198.51.100.18"];
const STATES: &str = "198.51.100.1";

struct Scene {
    tracker: ChangeTracker,
    locator: Locator,
    state: ClusterState,
    minute: i64,
}

impl Scene {
    fn new() -> Self {
        let locator = Locator::open(&LocatorConfig::from_dir(EXAMPLES.as_ref()).unwrap()).unwrap();
        let state = ClusterState {
            cluster_id: Some("k1".into()),
            brokers: vec![broker("b1.kafka.example", "a")],
            topics: [("orders".to_owned(), settings("604800000"))].into(),
            readers: [("billing".to_owned(), [reader(GERMANY[0])].into())].into(),
            permissions: Some([permission("User:billing")].into()),
            copies: [copy("mirror")].into(),
            ..ClusterState::default()
        };
        let mut scene = Self { tracker: ChangeTracker::default(), locator, state, minute: 0 };
        assert_eq!(scene.take(|_| {}), [], "the first state tells no change");
        scene
    }

    /// A minute later the cluster is like that.
    fn take(&mut self, change: impl FnOnce(&mut ClusterState)) -> Vec<Change> {
        change(&mut self.state);
        self.minute += 1;
        let now = jiff::Timestamp::from_second(60 * self.minute).unwrap();
        self.tracker.take(&self.state, &self.locator, now)
    }
}

fn broker(host: &str, rack: &str) -> BrokerAddress {
    BrokerAddress { id: 1, host: host.into(), port: 9092, rack: Some(rack.into()) }
}

fn settings(retention: &str) -> std::collections::BTreeMap<String, String> {
    [("retention.ms".to_owned(), retention.to_owned())].into()
}

fn reader(host: &str) -> (String, BTreeSet<String>) {
    (host.to_owned(), ["orders".to_owned()].into())
}

fn permission(principal: &str) -> ReadPermission {
    ReadPermission { principal: principal.into(), resource: "orders".into(), pattern: "LITERAL".into() }
}

fn copy(connector: &str) -> CopyTo {
    CopyTo { topic: "orders".into(), connector: connector.into() }
}

fn place(code: &str, network: &str) -> HostPlace {
    HostPlace {
        jurisdiction: Some(code.parse::<Jurisdiction>().unwrap()),
        network: Some(network.into()),
        rung: Some(landfall_observation::LocationMethod::CloudRange),
        prefix: None,
    }
}

fn kinds(changes: &[Change]) -> Vec<&'static str> {
    changes.iter().map(Change::kind).collect()
}

#[test]
fn a_reader_is_new_where_its_group_had_none_and_gone_after_ten_minutes() {
    let mut scene = Scene::new();
    let in_group = |state: &mut ClusterState, hosts: &[&str]| {
        state.readers.insert("billing".into(), hosts.iter().map(|host| reader(host)).collect());
    };
    assert_eq!(scene.take(|state| in_group(state, &GERMANY)), [], "the same network");
    let topics: BTreeSet<_> = ["orders".to_owned()].into();
    let appeared = scene.take(|state| in_group(state, &[GERMANY[1], STATES]));
    let at = place("US", "aws us-east-1");
    let expected = Change::ReaderAppeared { group: "billing".into(), topics: topics.clone(), place: at.clone() };
    assert_eq!(appeared, [expected]);
    assert_eq!(
        appeared[0].to_string(),
        "group billing has a reader in US (aws us-east-1) of orders, where it had none"
    );
    // It is restarted, and then gone for good.
    assert_eq!(scene.take(|state| in_group(state, &[GERMANY[1]])), []);
    assert_eq!(scene.take(|state| in_group(state, &[GERMANY[1], STATES])), []);
    for _ in 0..9 {
        assert_eq!(scene.take(|state| in_group(state, &[GERMANY[1]])), []);
    }
    let left = scene.take(|_| {});
    assert_eq!(left, [Change::ReaderLeft { group: "billing".into(), topics, place: at }]);
}

#[test]
fn what_cannot_be_seen_is_not_gone_and_is_not_new_when_it_can_be_seen_again() {
    let mut scene = Scene::new();
    let before = scene.state.clone();
    let limits = [(Part::Topics, "topics".to_owned()), (Part::Groups, "groups".to_owned())];
    for _ in 0..20 {
        let hidden = scene.take(|state| {
            *state = ClusterState { cluster_id: before.cluster_id.clone(), ..ClusterState::default() };
            state.limits = limits.clone().into();
            state.gaps = ["Connect does not answer".to_owned()].into();
        });
        assert_eq!(hidden, []);
    }
    let again = scene.take(|state| {
        *state = before.clone();
        state.topics.insert("payments".into(), settings("1"));
        state.readers.insert("audit".into(), [reader(STATES)].into());
        state.sinks = [copy("archive")].into();
    });
    assert_eq!(again, [], "what was hidden may have been there");
    // A group that may not be described.
    for _ in 0..20 {
        let hidden = scene.take(|state| {
            state.readers.remove("audit");
            state.unseen_groups = ["audit".to_owned()].into();
        });
        assert_eq!(hidden, []);
    }
    assert_eq!(
        scene.take(|state| {
            state.readers.insert("audit".into(), [reader(STATES), reader(GERMANY[0])].into());
            state.unseen_groups.clear();
        }),
        []
    );
}

#[test]
fn brokers_topics_settings_permissions_and_connectors_change() {
    let mut scene = Scene::new();
    let changes = scene.take(|state| {
        state.brokers = vec![broker(STATES, "b")];
        state.topics = [("orders".to_owned(), settings("-1")), ("payments".to_owned(), settings("1"))].into();
        state.permissions.as_mut().unwrap().insert(permission("User:audit"));
        state.copies = [copy("other")].into();
        state.sinks = [copy("archive")].into();
    });
    let expected = [
        Change::BrokerMoved {
            before: broker("b1.kafka.example", "a"),
            after: broker(STATES, "b"),
            place: place("US", "aws us-east-1"),
        },
        Change::SettingChanged {
            topic: "orders".into(),
            setting: "retention.ms".into(),
            before: "604800000".into(),
            after: "-1".into(),
        },
        Change::TopicAppeared { topic: "payments".into() },
        Change::ReadAllowed(permission("User:audit")),
        Change::CopyAppeared(copy("other")),
        Change::SinkAppeared(copy("archive")),
    ];
    assert_eq!(changes, expected);
    let gone = scene.take(|state| {
        state.topics.remove("payments");
        state.brokers.clear();
    });
    assert_eq!(gone, [Change::TopicGone { topic: "payments".into() }]);
    assert_eq!(scene.take(|state| state.brokers = vec![broker(STATES, "b")]), [], "it was down");
    let all = [kinds(&changes), kinds(&gone)].concat();
    assert!(all.iter().all(|kind| Change::KINDS.contains(kind)));
}

#[test]
fn another_cluster_is_compared_with_itself() {
    let mut scene = Scene::new();
    assert_eq!(
        scene.take(|state| {
            state.cluster_id = Some("k2".into());
            state.topics.clear();
        }),
        []
    );
    assert_eq!(
        kinds(&scene.take(|state| drop(state.topics.insert("orders".into(), settings("1"))))),
        ["topic_appeared"]
    );
}

#[test]
fn programs_read_a_change_as_one_object() {
    let change = Change::ReaderAppeared {
        group: "billing".into(),
        topics: ["orders".to_owned()].into(),
        place: place("US", "aws us-east-1"),
    };
    let expected = serde_json::json!({
        "change": "readerAppeared", "group": "billing", "topics": ["orders"],
        "place": { "jurisdiction": "US", "network": "aws us-east-1", "rung": "cloud-range" },
    });
    assert_eq!(serde_json::to_value(change).unwrap(), expected);
    let change = Change::BrokerAppeared { broker: broker("b1.kafka.example", "a"), place: HostPlace::default() };
    let place = serde_json::json!({ "jurisdiction": null, "network": null, "rung": null });
    let expected = serde_json::json!({
        "change": "brokerAppeared", "id": 1, "host": "b1.kafka.example", "port": 9092, "rack": "a", "place": place,
    });
    assert_eq!(serde_json::to_value(change).unwrap(), expected);
}
