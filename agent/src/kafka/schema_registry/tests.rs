mod server;

use std::{collections::BTreeMap, sync::Mutex, time::Instant};

use serde_json::json;

use self::server::{Asked, Reply, Server};
use super::*;
use crate::kafka::schema::SchemaType;

const AVRO: &str = r#"{"type":"record","name":"Order","fields":[{"name":"email","type":"string"}]}"#;
const FIRST: &str = "/schemas/ids/1?deleted=true";

/// A clock that stands still until it is moved.
#[derive(Debug, Clone)]
struct Hand(Arc<Mutex<Instant>>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    fn move_by(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

impl Clock for Hand {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

fn client(settings: &Service) -> (SchemaRegistry, Hand) {
    let hand = Hand::new();
    let http = Http::new(settings, ACCEPT, MAX_ANSWER).unwrap();
    (SchemaRegistry::with(settings.url.clone(), Box::new(http), Box::new(hand.clone())), hand)
}

fn order() -> Reply {
    Reply::Json(200, json!({ "schema": AVRO }).to_string())
}

fn state(lookup: &Lookup<RegisteredSchema>) -> &'static str {
    match lookup {
        Ok(_) => "known",
        Err(NoSchema::NotFound) => "not found",
        Err(NoSchema::Unreachable) => "unavailable",
        Err(NoSchema::TooLarge) => "too large",
        Err(NoSchema::TooDeep) => "too deep",
        Err(NoSchema::Invalid) => "invalid",
    }
}

fn failures(registry: &SchemaRegistry) -> BTreeMap<&'static str, u64> {
    registry.counts().failures.into_iter().map(|(kind, count)| (kind.as_str(), count)).collect()
}

#[test]
fn a_schema_is_fetched_once_and_only_read() {
    let server = Server::start();
    server.on(FIRST, order());
    let (registry, hand) = client(&server.settings());
    for _ in 0..3 {
        assert!(registry.schema(&SchemaId::Id(1)).is_ok());
        hand.move_by(Duration::from_hours(24));
    }
    assert_eq!(server.asked(), [Asked { line: format!("GET {FIRST}"), authorization: None }]);
    let expected = RegistryCounts { requests: 1, hits: 2, ..RegistryCounts::default() };
    assert_eq!(registry.counts(), expected);
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let server = Server::start();
    server.on(FIRST, order());
    let pairs = [("basic.auth.user.info", "made-up-clerk:made-up-secret")];
    let (registry, _) = client(&server.settings().with_properties(pairs).unwrap());
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "known");
    let sent = server.asked()[0].authorization.clone().unwrap();
    assert_eq!(sent, "Basic bWFkZS11cC1jbGVyazptYWRlLXVwLXNlY3JldA==");
    let shown = format!("{registry:?} {registry:#?}");
    assert!(!shown.contains("made-up") && !shown.contains("bWFkZS11c"), "{shown}");
}

#[test]
fn a_redirect_is_not_followed() {
    let (server, other) = (Server::start(), Server::start());
    server.always(Some(Reply::Redirect(format!("{}{FIRST}", other.url()))));
    let (registry, _) = client(&server.settings());
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "unavailable");
    assert_eq!(failures(&registry), BTreeMap::from([("redirected", 1)]));
    assert_eq!(other.asked(), []);
}

#[test]
fn a_schema_that_is_registered_late_is_seen_after_a_while() {
    let server = Server::start();
    let (registry, hand) = client(&server.settings());
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "not found");
    server.on(FIRST, order());
    hand.move_by(Duration::from_secs(299));
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "not found");
    hand.move_by(Duration::from_secs(1));
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "known");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_dead_registry_costs_one_request_in_each_wait() {
    let server = Server::start();
    server.always(Some(Reply::Close));
    let (registry, hand) = client(&server.settings());
    let ask_all = || {
        for id in 1..=50 {
            assert_eq!(state(&registry.registered(&SchemaId::Id(id))), "unavailable");
        }
    };
    for (asked, wait) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        ask_all();
        assert_eq!(server.asked().len(), asked);
        hand.move_by(Duration::from_secs(wait));
    }
    assert_eq!(failures(&registry), BTreeMap::from([("network", 4)]));
    assert_eq!(registry.counts().held_back, 4 * 50 - 4);

    server.always(Some(order()));
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "known");
    assert_eq!(state(&registry.registered(&SchemaId::Id(2))), "known");
}

#[test]
fn what_is_known_stays_known_while_the_registry_is_down() {
    let server = Server::start();
    server.on(FIRST, order());
    let (registry, hand) = client(&server.settings());
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "known");
    server.always(Some(Reply::Close));
    assert_eq!(state(&registry.registered(&SchemaId::Id(2))), "unavailable");
    hand.move_by(Duration::from_hours(1));
    assert_eq!(state(&registry.registered(&SchemaId::Id(1))), "known");
}

#[test]
fn garbage_has_a_name() {
    let huge = usize::try_from(MAX_ANSWER).unwrap() + 1;
    let half = json!({ "schema": AVRO }).to_string();
    for (reply, name, expected) in [
        (Reply::Page("<!doctype html><title>Sign in</title>".to_owned()), "not-json", "unavailable"),
        (Reply::Json(200, half[..half.len() / 2].to_owned()), "not-json", "unavailable"),
        (Reply::Json(200, "{}".to_owned()), "form", "unavailable"),
        (Reply::Json(200, " ".repeat(huge)), "too-large", "too large"),
        (Reply::Json(200, json!({ "schema": "{" }).to_string()), "invalid", "invalid"),
        (Reply::Json(200, json!({ "schema": "", "schemaType": "XSD" }).to_string()), "invalid", "invalid"),
        (Reply::Json(500, r#"{"error_code": 50001}"#.to_owned()), "status", "unavailable"),
        (Reply::Json(401, r#"{"error_code": 401}"#.to_owned()), "unauthorized", "unavailable"),
        (Reply::Json(403, r#"{"error_code": 40301}"#.to_owned()), "forbidden", "unavailable"),
        (Reply::Json(404, "not here".to_owned()), "no-interface", "unavailable"),
        (Reply::Bytes(b"\x16\x03\x01\x02\x00 made up\r\n\r\n".to_vec()), "protocol", "unavailable"),
        (Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"sch".to_vec()), "network", "unavailable"),
        (Reply::Close, "network", "unavailable"),
    ] {
        let server = Server::start();
        server.always(Some(reply));
        let (registry, _) = client(&server.settings());
        assert_eq!(state(&registry.registered(&SchemaId::Id(1))), expected, "{name}");
        assert_eq!(failures(&registry), BTreeMap::from([(name, 1)]));
    }
}

#[test]
fn what_is_wrong_with_one_schema_holds_no_other_back() {
    let server = Server::start();
    server.on(FIRST, Reply::Json(403, r#"{"error_code": 40301}"#.to_owned()));
    server.on("/schemas/ids/2?deleted=true", Reply::Json(200, json!({ "schema": "{" }).to_string()));
    server.on("/schemas/ids/3?deleted=true", order());
    let (registry, _) = client(&server.settings());
    let ask = |id| state(&registry.registered(&SchemaId::Id(id)));
    assert_eq!([1, 2, 3, 1, 2, 3].map(ask), ["unavailable", "invalid", "known", "unavailable", "invalid", "known"]);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn ids_made_of_garbage_do_not_flood_a_registry() {
    let server = Server::start();
    let (registry, hand) = client(&server.settings());
    for id in 1..=1000 {
        let lookup = registry.registered(&SchemaId::Id(id));
        assert_eq!(state(&lookup), if id <= 100 { "not found" } else { "unavailable" }, "{id}");
    }
    assert_eq!(server.asked().len(), 100);
    hand.move_by(Duration::from_mins(1));
    assert_eq!(state(&registry.registered(&SchemaId::Id(500))), "not found");
}

#[test]
fn ids_of_another_kind_of_registry_cost_no_request() {
    let server = Server::start();
    let (registry, _) = client(&server.settings());
    for id in [SchemaId::Glue([7; 16]), SchemaId::GlobalId(7), SchemaId::ContentId(7)] {
        assert!(matches!(registry.schema(&id), Err(NoSchema::Unreachable)));
    }
    assert_eq!(server.asked(), []);
    assert_eq!(failures(&registry), BTreeMap::from([("other-registry", 3)]));
}

#[test]
fn a_guid_is_asked_for_in_its_written_form() {
    let server = Server::start();
    server.on("/schemas/guids/07070707-0707-0707-0707-070707070707", order());
    let (registry, _) = client(&server.settings());
    assert_eq!(state(&registry.registered(&SchemaId::Guid([7; 16]))), "known");
}

#[test]
fn the_latest_schema_of_a_subject_brings_tags_and_rules_and_is_looked_up_again() {
    let server = Server::start();
    let body = |version: u32, tag: &str| {
        let (metadata, rules) =
            (json!({ "tags": { "Order.email": [tag] } }), json!({ "domainRules": [{ "type": "ENCRYPT_PAYLOAD" }] }));
        let body = json!({ "subject": "orders-value", "id": 7, "version": version, "schema": AVRO, "metadata": metadata, "ruleSet": rules });
        Reply::Json(200, body.to_string())
    };
    let path = "/subjects/orders-value/versions/latest";
    server.on(path, body(1, "PII"));
    let (registry, hand) = client(&server.settings());
    let found = registry.latest("orders-value").ok().unwrap();
    assert_eq!((found.id, found.version, found.source.schema_type), (Some(7), Some(1), SchemaType::Avro));
    assert_eq!(found.contract.encryption, [EncryptionRule::Payload]);
    assert!(found.contract.tags["Order.email"].contains("PII"));
    server.on(path, body(2, "PUBLIC"));
    assert_eq!(registry.latest("orders-value").ok().unwrap().version, Some(1));
    hand.move_by(LATEST);
    assert_eq!(registry.latest("orders-value").ok().unwrap().version, Some(2));
    assert_eq!(state(&registry.latest("orders-key")), "not found");
}

#[test]
fn authorities_that_cannot_be_read_are_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("ca.crt");
    let url = "https://127.0.0.1:1".parse().unwrap();
    let settings = Service { authorities: Some(file.clone()), ..Service::new(url) };
    let refused = || SchemaRegistry::new(&settings).unwrap_err().to_string();
    assert!(refused().ends_with("ca.crt"), "{}", refused());
    std::fs::write(&file, "-----BEGIN CERTIFICATE-----\n").unwrap();
    assert!(refused().ends_with("ca.crt"), "{}", refused());
}
